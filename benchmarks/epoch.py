"""How long an epoch takes: ``train`` beside the loop of the notebooks, PyTorch, and the bare matrix products.

    python benchmarks/epoch.py                            everything, one thread and two (some ten minutes)
    python benchmarks/epoch.py --threads 1 --batches 100  less
    PYTHONPATH=folder python benchmarks/epoch.py          the mnistlib of another checkout: before and after

The networks are 784-128-10, and 8 and 16 filters of 5 × 5 with 128 hidden units: ReLU, softmax, SGD with
momentum 0.9, float32, all images in random order. The *textbook* loop is that of notebooks 07 and 10:
``Network.gradients``, and fresh arrays at every step. *Products* are the matrix products of ``train`` and
nothing else, on one batch again and again, which stays in the processor's cache: no training is faster.

The contestants take turns, so that a busy moment hits all alike, and each goes on training its own network.
Each figure is the median of seven turns. PyTorch is optional (``pip install -e '.[benchmark]'``).
"""

import argparse
import os
import statistics
import subprocess
import sys
import time

import numpy as np
from threadpoolctl import threadpool_info

from mnistlib import ConvNetwork, Network, load_data, train
from mnistlib.plumbing.threads import THREAD_VARIABLES

RATE, MOMENTUM = 0.03, 0.9
FORCED = ("OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE")  # these can halve numpy's speed, and not PyTorch's
FOR_FILTERS = 8_000  # images, since an epoch of theirs takes long; the figures are for 60,000
TURNS, REST = 7, 0.3  # how many, and seconds before each: the threads of the one before spin for a moment


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--threads", type=int, nargs="+", default=[1, 2])
    parser.add_argument("--batches", type=int, nargs="+", default=[32, 100, 1000])
    parser.add_argument("--child", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.child:
        print(*(f"{blas['internal_api']} {blas.get('architecture', '')}" for blas in threadpool_info()))
        images, labels = load_data()[:2]
        for batch in options.batches:
            race(Network((784, 128, 10)), images, labels, batch)
            race(ConvNetwork((8, 16), (128,)), images[:FOR_FILTERS], labels[:FOR_FILTERS], batch)
        return
    for threads in options.threads:  # numpy reads their number when it is imported
        print(f"\n==== {threads} thread(s); load average before: {os.getloadavg()[0]:.2f}", flush=True)
        environment = {name: value for name, value in os.environ.items() if name not in FORCED}
        environment |= dict.fromkeys(THREAD_VARIABLES, str(threads))
        subprocess.run([sys.executable, *sys.argv, "--child"], env=environment, check=True)


def race(network, images, labels, batch):
    """Let the contestants take turns; print seconds for 60,000 images, and how many times those of train."""
    options = {"learning_rate": RATE, "momentum": MOMENTUM, "progress": False}
    contestants = {
        "train": lambda: train(network, images, labels, epochs=1, batch_size=batch, **options),
        "textbook loop": textbook(network.copy(), images, labels, batch),
        "products": products(network, len(images), batch),
    }
    try:
        contestants["PyTorch"] = pytorch(network, images, labels, batch)
    except ImportError:
        print("PyTorch is not installed")
    seconds = {name: [] for name in contestants}
    for _ in range(1 + TURNS):
        for name, epoch in contestants.items():
            time.sleep(REST)
            start = time.perf_counter()
            epoch()
            seconds[name].append(time.perf_counter() - start)
    medians = {name: statistics.median(taken[1:]) for name, taken in seconds.items()}  # the first warms up
    print(f"\n{network}, batches of {batch}")
    for name, middle in medians.items():
        seconds, ratio = middle * 60_000 / len(images), middle / medians["train"]
        print(f"  {name:14}{seconds:7.2f} s{ratio:8.2f}", flush=True)


def textbook(network, images, labels, batch):
    velocities = [(np.zeros_like(W), np.zeros_like(b)) for W, b in network.parameters]
    rng = np.random.default_rng(0)

    def epoch():
        for rows in np.array_split(rng.permutation(len(images)), len(images) // batch):
            _, gradients = network.gradients(images[rows], labels[rows])
            for layer in zip(network.parameters, gradients, velocities, strict=True):
                for parameter, gradient, velocity in zip(*layer, strict=True):
                    velocity *= MOMENTUM
                    velocity += gradient
                    parameter -= RATE * velocity

    return epoch


def products(network, count, batch):
    """For each layer: forward, the weights' slopes, and (above the pixels) what is passed on below."""
    shapes, channels = [], 1  # (m, k) @ (k, n): a layer's weights by a batch of its inputs
    for filters, places in zip(getattr(network, "filters", ()), (12 * 12, 4 * 4), strict=False):
        shapes.append((4 * filters, 36 * channels, places * batch))  # all four of a pooling block at once
        channels = filters
    shapes += [(W.shape[1], W.shape[0], batch) for W, _ in network.dense]
    layers = []
    for m, k, n in shapes:
        arrays = [np.ones(shape, np.float32) for shape in ((m, k), (k, n), (m, n))]
        layers.append((*arrays, *map(np.empty_like, arrays)))

    def epoch():
        for _ in range(count // batch):
            for number, (weights, inputs, delta, slopes, below, outputs) in enumerate(layers):
                np.dot(weights, inputs, out=outputs)
                np.dot(delta, inputs.T, out=slopes)
                if number:
                    np.dot(weights.T, delta, out=below)

    return epoch


def pytorch(network, images, labels, batch):
    import torch
    from torch import nn

    modules, channels = [], 1
    for filters in getattr(network, "filters", ()):
        modules += [nn.Conv2d(channels, filters, network.size), nn.ReLU(), nn.MaxPool2d(2)]
        channels = filters
    modules.append(nn.Flatten())
    for W, _ in network.dense:
        modules += [nn.Linear(*W.shape), nn.ReLU()]
    model = nn.Sequential(*modules[:-1])  # the last layer's scores go into the loss
    optimiser = torch.optim.SGD(model.parameters(), lr=RATE, momentum=MOMENTUM)
    x, y = torch.tensor(images), torch.tensor(labels).long()

    def epoch():
        for rows in torch.randperm(len(x)).split(batch):
            optimiser.zero_grad()
            nn.functional.cross_entropy(model(x[rows].unsqueeze(1).float() / 255), y[rows]).backward()
            optimiser.step()

    return epoch


if __name__ == "__main__":
    main()
