"""Train the network of notebook 08 that reads more than 99.3 % of MNIST's test digits, and save it.

usage: python benchmarks/beyond99.py            train on all 60,000 images, save, score on the test set once
       python benchmarks/beyond99.py --choose   the trials by which the recipe was chosen: trained on 50,000
                                                images, scored on the other 10,000 of the training set

Needs the real MNIST (see data/README.md) and about five minutes on two cores, longer with --choose.
Writes mnistlib/pretrained/beyond-99.npz, with its weights rounded to float16.
"""

import argparse
import time
from pathlib import Path

from mnistlib.augment import Distorter
from mnistlib.datasets import load_data
from mnistlib.network import Network
from mnistlib.training import accuracy, linear_decay, train

PATH = Path(__file__).resolve().parents[1] / "mnistlib" / "pretrained" / "beyond-99.npz"
SIZES = (784, 800, 800, 10)
RATE = 0.1
EPOCHS = 40


def recipe(images, labels, sizes=SIZES, rate=RATE, epochs=EPOCHS, validation=None):
    """Train a network by the recipe; returns it with its history."""
    network = Network(sizes, seed=1)
    history = train(
        network,
        images,
        labels,
        epochs=epochs,
        batch_size=100,
        learning_rate=linear_decay(rate),
        augment=Distorter(),
        validation=validation,
        seed=1,
    )
    return network, history


def choose(digits):
    """Short trainings of some candidates, scored on the last 10,000 training images."""
    training = digits.train_images[:50_000], digits.train_labels[:50_000]
    validation = digits.train_images[50_000:], digits.train_labels[50_000:]
    for sizes, rate in (
        ((784, 800, 10), 0.1),
        ((784, 800, 800, 10), 0.05),
        ((784, 800, 800, 10), 0.1),
        ((784, 800, 800, 10), 0.2),
    ):
        network, history = recipe(*training, sizes, rate, epochs=10, validation=validation)
        print(
            f"{network}, rate {rate}, 10 epochs: validation {history.validation_accuracy[-1]:.2%}", flush=True
        )


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
    start = time.perf_counter()
    network, history = recipe(digits.train_images, digits.train_labels)
    print(f"trained for {EPOCHS} epochs in {time.perf_counter() - start:.0f} s: {history}")
    network.save(PATH, dtype="float16")
    saved = Network.load(PATH)
    print(f"test accuracy {accuracy(network, digits.test_images, digits.test_labels):.2%} in float32,")
    print(f"              {accuracy(saved, digits.test_images, digits.test_labels):.2%} as saved")


if __name__ == "__main__":
    main()
