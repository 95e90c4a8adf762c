"""Train the network of notebook 08 that reads more than 99.3 % of MNIST's test digits, and save it.

    python scripts/train_beyond99.py            train on all 60,000 images, save, score the test set once
    python scripts/train_beyond99.py --choose   the trials by which the recipe was chosen: trained on 50,000
                                                images, scored on the other 10,000 of the training set

Needs the real MNIST (see data/README.md). On one core it takes about eight minutes, with --choose twenty.
Writes mnistlib/pretrained/beyond-99.npz, with its weights rounded to float16.
"""

import time

from common import ROOT, train_or_choose

from mnistlib.augment import Distorter
from mnistlib.network import Network
from mnistlib.training import accuracy, linear_decay, train

PATH = ROOT / "mnistlib" / "pretrained" / "beyond-99.npz"
SIZES = (784, 800, 800, 10)
EPOCHS = 100
L2 = 1e-5
ROTATION = 10  # degrees at most; everything else of the distortion as Distorter has it


def recipe(images, labels, sizes=SIZES, epochs=EPOCHS, l2=L2, rotation=ROTATION):
    """Train a network by the recipe; returns it with its history."""
    network = Network(sizes, seed=1)
    history = train(
        network,
        images,
        labels,
        epochs=epochs,
        batch_size=100,
        learning_rate=linear_decay(0.1),
        l2=l2,
        augment=Distorter(rotation=rotation),
        seed=1,
    )
    return network, history


def choose(digits):
    """The candidates, scored on the last 10,000 training images."""
    for sizes, epochs, l2, rotation in (
        ((784, 800, 800, 10), 40, 0, 12),
        ((784, 800, 10), 80, 1e-5, 10),
        ((784, 500, 500, 300, 10), 80, 1e-5, 10),
        ((784, 800, 800, 10), 80, 1e-5, 10),
    ):
        start = time.perf_counter()
        network, _ = recipe(
            digits.train_images[:50_000], digits.train_labels[:50_000], sizes, epochs, l2, rotation
        )
        share = accuracy(network, digits.train_images[50_000:], digits.train_labels[50_000:])
        print(f"{network}, {epochs} epochs, l2 {l2}, rotation {rotation}: validation {share:.2%}", end="")
        print(f", {time.perf_counter() - start:.0f} s", flush=True)


def make(digits):
    start = time.perf_counter()
    network, history = recipe(digits.train_images, digits.train_labels)
    print(f"trained for {EPOCHS} epochs in {time.perf_counter() - start:.0f} s: {history}")
    network.save(PATH, dtype="float16")
    saved = Network.load(PATH)
    print(f"test accuracy {accuracy(network, digits.test_images, digits.test_labels):.2%} in float32,")
    print(f"              {accuracy(saved, digits.test_images, digits.test_labels):.2%} as saved")


if __name__ == "__main__":
    train_or_choose(__doc__, make, choose)
