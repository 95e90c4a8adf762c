"""Train the convolutional network of notebook 10 that reads 99.5 % of MNIST's test digits, and save it.

    python scripts/train_convolution.py            train on all 60,000 images, save, score the test set once
    python scripts/train_convolution.py --choose   the trials by which the recipe was chosen: trained on
                                                   50,000 images, scored on the other 10,000

Needs the real MNIST (see data/README.md). On one core of its own it takes about 40 minutes. After every epoch
the network is kept in a file beside the result, and a run that was ended goes on from there. Writes
mnistlib/pretrained/convolution.npz, with its weights rounded to float16.
"""

import functools

import numpy as np
from common import ROOT, train_or_choose

from mnistlib.augment import Distorter
from mnistlib.convolution import ConvNetwork
from mnistlib.network import Network
from mnistlib.training import accuracy, train

PATH = ROOT / "mnistlib" / "pretrained" / "convolution.npz"
MILD = Distorter(rotation=8, scaling=0.08, shear=0.08, shift=1, elastic=0.9)
RECIPE = {"epochs": 80, "batch_size": 100, "learning_rate": 0.05, "augment": MILD}
L2 = 2e-5


def train_by(recipe, images, labels, state=None):
    """Train a network by a recipe and return it. Its learning rate falls to 0 in a straight line.

    state: a path; the network is kept after every epoch in a file beside it, with the epoch's number in its
    name, and the training goes on from there. Every epoch is a training of its own with a seed of its own, so
    nothing is missing in such a file but the velocity, which is worth about ten batches.
    """
    network, done = ConvNetwork((32, 64), (256,), seed=1), 0
    if state is not None:
        for path in sorted(state.parent.glob(f"{state.name}.*.npz")):
            network, done = Network.load(path), int(path.suffixes[-2][1:])
    for epoch in range(done, recipe["epochs"]):
        rate = functools.partial(falling, recipe, epoch)
        options = recipe | {"epochs": 1, "learning_rate": rate, "l2": L2, "seed": epoch, "progress": False}
        history = train(network, images, labels, **options)
        print(f"epoch {epoch + 1}: {history}, {history.seconds[0]:.0f} s", flush=True)
        if state is not None:
            network.save(state.with_name(f"{state.name}.{epoch + 1:03}.npz"))
            state.with_name(f"{state.name}.{epoch:03}.npz").unlink(missing_ok=True)
    return network


def falling(recipe, epoch, progress):
    """The learning rate in an epoch; progress: from 0 to 1 within it."""
    return recipe["learning_rate"] * (1 - (epoch + progress) / recipe["epochs"])


def choose(digits):
    """The candidates, scored on the last 10,000 training images."""
    stronger = Distorter(rotation=10, scaling=0.1, shear=0.1, shift=1.5, elastic=1.1)
    for recipe in (
        RECIPE | {"epochs": 11},
        {"epochs": 11, "batch_size": 50, "learning_rate": 0.03, "augment": stronger},
    ):
        network = train_by(recipe, digits.train_images[:50_000], digits.train_labels[:50_000])
        images, labels = digits.train_images[50_000:], digits.train_labels[50_000:]
        print(f"{recipe}: {accuracy(network, images, labels):.2%}, loss {network.loss(images, labels):.4f}")


def make(digits):
    state = PATH.with_name("unfinished")
    network = train_by(RECIPE, digits.train_images, digits.train_labels, state)
    network.save(PATH, dtype="float16")
    saved = Network.load(PATH)
    print(f"test accuracy {accuracy(saved, digits.test_images, digits.test_labels):.2%} as saved")
    for shift in (2, 4, 6):
        moved = np.pad(digits.test_images, ((0, 0), (0, 0), (shift, 0)))[:, :, :28]
        print(f"shifted by {shift} pixels {accuracy(saved, moved, digits.test_labels):.2%}")


if __name__ == "__main__":
    train_or_choose(__doc__, make, choose)
