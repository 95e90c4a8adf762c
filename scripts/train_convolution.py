"""Train the convolutional network of notebook 10 that reads 99.6 % of MNIST's test digits, and save it.

    python scripts/train_convolution.py            train on all 60,000 images, save, score the test set once
    python scripts/train_convolution.py --choose   the trials by which the recipe was chosen: trained on
                                                   50,000 images, scored on the other 10,000

Needs the real MNIST (see data/README.md). On one core of its own it takes about 40 minutes. After every epoch
the network is kept in a file beside the result, and a run that was ended goes on from there. Writes
mnistlib/pretrained/convolution.npz, with its weights rounded to float16.
"""

import argparse
import time
from pathlib import Path

import numpy as np

from mnistlib.augment import Distorter
from mnistlib.convolution import ConvNetwork
from mnistlib.datasets import load_data
from mnistlib.network import Network
from mnistlib.training import accuracy, train

PATH = Path(__file__).resolve().parents[1] / "mnistlib" / "pretrained" / "convolution.npz"
RECIPE = {
    "filters": (32, 64),
    "hidden": (256,),
    "epochs": 80,
    "batch_size": 100,
    "learning_rate": 0.05,  # falls to 0 in a straight line
    "l2": 2e-5,
    "distorter": Distorter(rotation=8, scaling=0.08, shear=0.08, shift=1, elastic=0.9),
}


def recipe(images, labels, *, filters, hidden, epochs, batch_size, learning_rate, l2, distorter, state=None):
    """Train a network by the recipe; returns it with its last epoch's history.

    state: a file that holds the network after every epoch and from which the training goes on; its epoch's
    number is added to the name. Every epoch is a training of its own with a seed of its own, so that nothing
    is missing in the file but the velocity, which is worth about ten batches.
    """
    network, done, history = ConvNetwork(filters, hidden, seed=1), 0, None
    if state is not None:
        for path in sorted(state.parent.glob(f"{state.name}.*.npz")):
            network, done = Network.load(path), int(path.suffixes[-2][1:])
    for epoch in range(done, epochs):
        begin = time.perf_counter()
        history = train(
            network,
            images,
            labels,
            epochs=1,
            batch_size=batch_size,
            learning_rate=lambda progress, epoch=epoch: learning_rate * (1 - (epoch + progress) / epochs),
            l2=l2,
            augment=distorter,
            seed=epoch,
            progress=False,
        )
        print(f"epoch {epoch + 1}: {history}, {time.perf_counter() - begin:.0f} s", flush=True)
        if state is not None:
            network.save(state.with_name(f"{state.name}.{epoch + 1:03}.npz"))
            state.with_name(f"{state.name}.{epoch:03}.npz").unlink(missing_ok=True)
    return network, history


def choose(digits):
    """The candidates, scored on the last 10,000 training images."""
    mild = Distorter(rotation=8, scaling=0.08, shear=0.08, shift=1, elastic=0.9)
    for change in ({}, {"batch_size": 100, "learning_rate": 0.05, "distorter": mild}):
        options = RECIPE | {"epochs": 11} | change
        network, _ = recipe(digits.train_images[:50_000], digits.train_labels[:50_000], **options)
        images, labels = digits.train_images[50_000:], digits.train_labels[50_000:]
        print(f"{options}: {accuracy(network, images, labels):.2%}, loss {network.loss(images, labels):.4f}")


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--choose", action="store_true", help="only the trials on the validation split")
    arguments = parser.parse_args()
    digits = load_data("mnist")
    if arguments.choose:
        choose(digits)
        return
    network, _ = recipe(
        digits.train_images, digits.train_labels, **RECIPE, state=PATH.with_name("unfinished")
    )
    network.save(PATH, dtype="float16")
    saved = Network.load(PATH)
    print(f"test accuracy {accuracy(saved, digits.test_images, digits.test_labels):.2%} as saved")
    for shift in (2, 4, 6):
        moved = np.roll(digits.test_images, shift, axis=2)
        print(f"shifted by {shift} pixels {accuracy(saved, moved, digits.test_labels):.2%}")


if __name__ == "__main__":
    main()
