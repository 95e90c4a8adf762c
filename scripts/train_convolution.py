"""Train the convolutional network of notebook 10 that reads 99.6 % of MNIST's test digits, and save it.

    python scripts/train_convolution.py            train on all 60,000 images, save, score the test set once
    python scripts/train_convolution.py --choose   the trials by which the recipe was chosen: trained on
                                                   50,000 images, scored on the other 10,000

Needs the real MNIST (see data/README.md). On one core of its own it takes about an hour. After each of the
first 80 epochs the network is kept in a file beside the result, and a run that was ended goes on from there.
Writes mnistlib/pretrained/convolution.npz, with its weights rounded to float16.
"""

import numpy as np
from shipped import ship, train_or_choose

from mnistlib.augment import Distorter
from mnistlib.convolution import ConvNetwork
from mnistlib.network import PRETRAINED, Network
from mnistlib.training import accuracy, linear_decay, train

STATE = PRETRAINED / "unfinished"
MILD = {"rotation": 8, "scaling": 0.08, "shear": 0.08, "elastic": 0.9}
RECIPE = {"epochs": 80, "batch_size": 100, "learning_rate": 0.05, "augment": Distorter(**MILD, shift=1)}
AVERAGED = {"epochs": 55, "batch_size": 100, "learning_rate": 0.02, "augment": Distorter(**MILD, shift=2)}


def train_epoch(network, images, labels, number, **options):
    """One epoch, as a training of its own whose seed is the epoch's number."""
    options |= {"epochs": 1, "l2": 2e-5, "seed": number, "progress": False}
    history = train(network, images, labels, **options)
    print(f"epoch {number + 1}: {history}, {history.seconds[0]:.0f} s", flush=True)


def train_by(recipe, images, labels, state=None):
    """Train a network by a recipe and return it. Its learning rate falls to 0 in a straight line.

    state: a path; the network is kept after every epoch in a file beside it, with the epoch's number in its
    name, and the training goes on from there. Nothing is missing in such a file but the velocity, which is
    worth about ten batches.
    """
    network, done, epochs = ConvNetwork((32, 64), (256,), seed=1), 0, recipe["epochs"]
    if state is not None:
        for path in sorted(state.parent.glob(f"{state.name}.*.npz")):
            network, done = Network.load(path), int(path.suffixes[-2][1:])
    for epoch in range(done, epochs):
        start, end = (recipe["learning_rate"] * (1 - n / epochs) for n in (epoch, epoch + 1))
        train_epoch(network, images, labels, epoch, **recipe | {"learning_rate": linear_decay(start, end)})
        if state is not None:
            network.save(state.with_name(f"{state.name}.{epoch + 1:03}.npz"))
            state.with_name(f"{state.name}.{epoch:03}.npz").unlink(missing_ok=True)
    return network


def average(network, recipe, images, labels, warm_up=5):
    """Train on at one learning rate, and return a network whose weights are the mean over the epochs.

    Each epoch ends somewhere else on the rim of the same valley; the mean lies nearer to its middle
    (stochastic weight averaging: Izmailov et al. 2018, https://arxiv.org/abs/1803.05407). The first epochs,
    which only lead to that rim, don't count.
    """
    mean = network.copy()
    for epoch in range(recipe["epochs"]):
        train_epoch(network, images, labels, 1000 + epoch, **recipe)
        mean.flat[:] += (network.flat - mean.flat) / max(epoch + 1 - warm_up, 1)
    return mean


def choose(training, validation):
    """The candidates, scored on the last 10,000 training images."""
    stronger = Distorter(rotation=10, scaling=0.1, shear=0.1, shift=1.5, elastic=1.1)
    for options in ({}, {"batch_size": 50, "learning_rate": 0.03, "augment": stronger}):
        recipe = RECIPE | {"epochs": 11} | options
        network = train_by(recipe, *training)
        print(f"{recipe}: {accuracy(network, *validation):.2%}, loss {network.loss(*validation):.4f}")


def make(digits):
    network = train_by(RECIPE, digits.train_images, digits.train_labels, STATE)
    network = average(network, AVERAGED, digits.train_images, digits.train_labels)
    saved = ship(network, "convolution", digits)
    room = np.pad(digits.test_images, ((0, 0), (6, 6), (6, 6)))
    for right, down in ((2, 0), (4, 0), (6, 0), (-4, 0), (0, 4), (0, -4)):
        moved = room[:, 6 - down : 34 - down, 6 - right : 34 - right]
        print(f"moved by {right} to the right, {down} down: {accuracy(saved, moved, digits.test_labels):.2%}")


if __name__ == "__main__":
    train_or_choose(__doc__, make, choose)
