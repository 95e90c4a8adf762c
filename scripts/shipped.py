"""What the scripts share that train the networks in mnistlib/pretrained."""

import argparse

from mnistlib.datasets import load_data
from mnistlib.network import PRETRAINED, Network
from mnistlib.training import accuracy


def train_or_choose(description, train, choose):
    """The command line of a script whose recipe was chosen by trials.

    Calls train(digits), or choose(training set, validation set), which are pairs (images, labels).
    """
    parser = argparse.ArgumentParser(
        description=description, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--choose", action="store_true", help="only the trials on the validation split")
    chosen, digits = parser.parse_args().choose, load_data("mnist")
    images, labels = digits.train_images, digits.train_labels
    if chosen:
        choose((images[:50_000], labels[:50_000]), (images[50_000:], labels[50_000:]))
    else:
        train(digits)


def ship(network, name, digits):
    """Write a network that comes with the course; return it as it is read again, rounded to float16."""
    path = PRETRAINED / f"{name}.npz"
    network.save(path, dtype="float16")
    saved = Network.load(path)
    print(f"wrote {path}, {path.stat().st_size / 1e6:.2f} MB")
    print(f"test accuracy {accuracy(saved, digits.test_images, digits.test_labels):.2%} as saved")
    return saved
