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
import os
import statistics
import subprocess
import sys
import time

KERNEL_SETTINGS = ("OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE")  # they can halve numpy's speed
THREAD_SETTINGS = ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS")
BATCH, HIDDEN, RATE, MOMENTUM, IMAGES = 100, 128, 0.03, 0.9, 6_000


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
    environment = {name: value for name, value in os.environ.items() if name not in KERNEL_SETTINGS}
    environment |= dict.fromkeys(THREAD_SETTINGS, "1")
    for kind in [["--memory"]] if options.memory else [[], ["--memory"]]:
        command = [sys.executable, __file__, "--child", *sys.argv[1:], *kind]
        subprocess.run(command, env=environment, check=True)


def memory(filters):
    """The most memory that the process ever had: before, and after a training on all images."""
    import resource

    from mnistlib import ConvNetwork, load_data, train

    digits = load_data()
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    options = {"epochs": 1, "batch_size": BATCH, "learning_rate": RATE, "progress": False}
    train(ConvNetwork(filters, (HIDDEN,)), digits.train_images, digits.train_labels, **options)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"{filters}: peak {peak:.0f} MB, {before:.0f} of them before the training", flush=True)


def race(filters, repeats):
    from mnistlib import load_data

    digits = load_data()
    images, labels = digits.train_images[:IMAGES], digits.train_labels[:IMAGES]
    contestants = {
        "train": ours(filters, images, labels),
        "naive": naive(filters, images, labels),
        "products": products(filters, len(images)),
    }
    try:
        contestants["PyTorch eager"] = pytorch(filters, images, labels)
    except ImportError:
        print("PyTorch is not installed")
    seconds = {name: [] for name in contestants}
    for turn in range(repeats + 1):
        for name, epoch in contestants.items():
            start = time.perf_counter()
            epoch()
            if turn:  # the first is for warming up
                seconds[name].append((time.perf_counter() - start) * 60_000 / len(images))
    print(
        f"\n{filters[0]}-{filters[1]} filters, one thread: seconds for 60,000 images, and times that of train"
    )
    base = statistics.median(seconds["train"])
    for name, values in seconds.items():
        middle = statistics.median(values)
        print(f"  {name:14} {middle:6.2f} s  {middle / base:5.2f}   ({min(values):.2f} to {max(values):.2f})")
    if "PyTorch eager" in seconds:
        ratios = [a / b for a, b in zip(seconds["train"], seconds["PyTorch eager"], strict=True)]
        print(f"  train / PyTorch eager, turn by turn: median {statistics.median(ratios):.2f}", flush=True)


def ours(filters, images, labels):
    from mnistlib import ConvNetwork, train

    network = ConvNetwork(filters, (HIDDEN,))
    options = {"epochs": 1, "batch_size": BATCH, "learning_rate": RATE, "momentum": MOMENTUM}
    return lambda: train(network, images, labels, progress=False, **options)


def naive(filters, images, labels):
    import numpy as np

    from mnistlib import ConvNetwork

    network = ConvNetwork(filters, (HIDDEN,))
    velocities = [(np.zeros_like(W), np.zeros_like(b)) for W, b in network.parameters]
    rng = np.random.default_rng(0)

    def epoch():
        for rows in np.array_split(rng.permutation(len(images)), len(images) // BATCH):
            _, gradients = network.gradients(images[rows], labels[rows])
            for pair, velocity, slopes in zip(network.parameters, velocities, gradients, strict=True):
                for w, v, slope in zip(pair, velocity, slopes, strict=True):
                    v *= MOMENTUM
                    v += np.float32(RATE) * slope
                    w -= v

    return epoch


def products(filters, count):
    """The matrix products of ``train``: forward, the weights' slopes, and what is passed on below."""
    import numpy as np

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
    model = nn.Sequential(
        nn.Conv2d(1, first, 5),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Conv2d(first, second, 5),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Flatten(),
        nn.Linear(16 * second, HIDDEN),
        nn.ReLU(),
        nn.Linear(HIDDEN, 10),
    )
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
