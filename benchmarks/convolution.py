"""How long an epoch of a convolutional network takes: ``train`` beside PyTorch, the naive form, the products.

    python benchmarks/convolution.py                    8-16 and 16-32 filters (about ten minutes)
    python benchmarks/convolution.py --filters 8 16     one network only
    python benchmarks/convolution.py --memory           only the peak memory of a training

The work: one epoch of filters of 5 × 5, ReLU, 2 × 2 max-pooling, 128 hidden units, softmax, batches of 100,
SGD with momentum 0.9, float32, one thread. *Naive* is the form of notebook 10 (``ConvNetwork.gradients``:
patches side by side, fresh arrays at every step) with the same update. *Products* are the matrix products of
``train`` and nothing else, on one batch again and again.

The contestants take turns on 6,000 images; each figure is the median of its turns, as an epoch of 60,000.
PyTorch is optional (``pip install -e '.[benchmark]'``).
"""

import argparse
import resource
import sys

import numpy as np
from common import in_fresh_process, interleaved

from mnistlib import ConvNetwork, load_data, train

BATCH, HIDDEN, RATE, MOMENTUM, IMAGES = 100, 128, 0.03, 0.9, 6_000
OPTIONS = {"epochs": 1, "batch_size": BATCH, "learning_rate": RATE, "momentum": MOMENTUM, "progress": False}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--filters", type=int, nargs=2, action="append")
    parser.add_argument("--repeats", type=int, default=7)
    parser.add_argument("--memory", action="store_true", help="only the peak memory of a training")
    parser.add_argument("--child", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.child:
        for filters in options.filters or ([8, 16], [16, 32]):
            memory(tuple(filters)) if options.memory else race(tuple(filters), options.repeats)
        return
    for kind in [["--memory"]] if options.memory else [[], ["--memory"]]:
        in_fresh_process("--child", *sys.argv[1:], *kind)


def memory(filters):
    """The most memory that the process ever had: before, and after a training on all images."""
    digits = load_data()
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    train(ConvNetwork(filters, (HIDDEN,)), digits.train_images, digits.train_labels, **OPTIONS)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"{filters}: peak {peak:.0f} MB, {before:.0f} of them before the training", flush=True)


def race(filters, repeats):
    digits = load_data()
    images, labels = digits.train_images[:IMAGES], digits.train_labels[:IMAGES]
    network = ConvNetwork(filters, (HIDDEN,))
    contestants = {
        "train": lambda: train(network, images, labels, **OPTIONS),
        "naive": naive(filters, images, labels),
        "products": products(filters, len(images)),
    }
    try:
        contestants["PyTorch eager"] = pytorch(filters, images, labels)
    except ImportError:
        print("PyTorch is not installed")
    seconds = interleaved(contestants, repeats)
    print(f"\n{filters} filters, one thread: seconds for 60,000 images, and times that of train")
    for name, middle in seconds.items():
        print(f"  {name:14} {middle * 60_000 / IMAGES:6.2f} s  {middle / seconds['train']:5.2f}", flush=True)


def naive(filters, images, labels):
    network = ConvNetwork(filters, (HIDDEN,))
    velocity, rng = np.zeros_like(network.flat), np.random.default_rng(0)

    def epoch():
        for rows in np.array_split(rng.permutation(len(images)), len(images) // BATCH):
            _, gradients = network.gradients(images[rows], labels[rows])
            slopes = np.concatenate([array.ravel() for layer in gradients for array in layer])
            velocity[...] = MOMENTUM * velocity + np.float32(RATE) * slopes
            network.flat -= velocity

    return epoch


def products(filters, count):
    """The matrix products of ``train``: forward, the weights' slopes, and what is passed on below."""
    first, second = filters
    shapes = [  # (m, k) @ (k, n), for a batch
        (4 * first, 36, 144 * BATCH),
        (4 * second, 36 * first, 16 * BATCH),
        (BATCH, 16 * second, HIDDEN),
        (BATCH, HIDDEN, 10),
    ]
    arrays = []
    for m, k, n in shapes:
        operands = [np.ones(shape, np.float32) for shape in ((m, k), (k, n), (m, n))]
        arrays.append((*operands, *map(np.empty_like, operands)))

    def epoch():
        for _ in range(count // BATCH):
            for number, (a, b, c, da, db, dc) in enumerate(arrays):
                np.dot(a, b, out=dc)
                # In the dense layers a are the images and b the weights, in the others it is the reverse.
                # Nothing is passed on below the pixels.
                np.dot(c, b.T, out=da)
                if number:
                    np.dot(a.T, c, out=db)

    return epoch


def pytorch(filters, images, labels):
    import torch
    from torch import nn

    torch.set_num_threads(1)
    first, second = filters
    stages = [
        (nn.Conv2d(n_in, n, 5), nn.ReLU(), nn.MaxPool2d(2)) for n_in, n in ((1, first), (first, second))
    ]
    dense = nn.Flatten(), nn.Linear(16 * second, HIDDEN), nn.ReLU(), nn.Linear(HIDDEN, 10)
    model = nn.Sequential(*stages[0], *stages[1], *dense)
    optimiser = torch.optim.SGD(model.parameters(), lr=RATE, momentum=MOMENTUM)
    loss = nn.CrossEntropyLoss()
    x, y = torch.tensor(images), torch.tensor(labels).long()

    def epoch():
        for rows in torch.randperm(len(x)).split(BATCH):
            batch = x[rows].unsqueeze(1).float() / 255
            optimiser.zero_grad()
            loss(model(batch), y[rows]).backward()
            optimiser.step()

    return epoch


if __name__ == "__main__":
    main()
