"""Train the network that mnistlib ships, and judge it: how mnistlib/pretrained/digits.npz was made.

    python scripts/train_digits.py                 train it, write it, judge it (one core, some minutes)
    python scripts/train_digits.py --judge         judge the file that is there
    python scripts/train_digits.py --mnist-only    the same recipe without the pens, to compare; no file

It needs MNIST, and the file pendigits-orig.tra of the UCI collection "Pen-Based Recognition of Handwritten
Digits" (CC BY 4.0, https://archive.ics.uci.edu/dataset/81), by default in ../shared/pen-digits.

Trained on: all 60,000 training digits of MNIST, and the digits of 24 of the 30 writers of pendigits-orig.tra,
each drawn with several pens; all distorted anew in every epoch. Judged on: MNIST's 10,000 test digits, and
the digits of the 6 other writers, drawn with the pad's pen. Nothing was chosen by those two: the recipe was
found by training on fewer of the training digits (writers 1 to 18) and scoring the rest.
"""

import argparse
from pathlib import Path

import numpy as np
from shipped import ship
from unipen import PENS, read_unipen

from mnistlib.augment import Distorter
from mnistlib.datasets import load_data
from mnistlib.network import Network, pretrained
from mnistlib.pen import rasterise
from mnistlib.training import accuracy, linear_decay, train

HELD_OUT = range(25, 31)  # writers, 1 to 30
WIDTHS = (1.6, 2.2, 2.8, 3.4, 4.0)  # pixels; every digit of the pens is drawn once with each
RECIPE = {"epochs": 50, "batch_size": 100, "learning_rate": linear_decay(0.05), "l2": 1e-6, "seed": 1}
DISTORTER = Distorter(rotation=10, scaling=0.15, shear=0.15, shift=1, elastic=0.9)


def drawn(digits, *pens):
    """Images (n, 28, 28) uint8 and labels (n,) of digits, drawn once with each pen (options of rasterise)."""
    images = np.array([rasterise(digit.strokes, **pen) for pen in pens for digit in digits])
    return images, np.array([digit.label for digit in digits] * len(pens), np.uint8)


def make(mnist, pens):
    """Train a network on MNIST's training digits and on recorded digits (none: MNIST alone)."""
    images, labels = mnist.train_images, mnist.train_labels
    if pens:
        pen_images, pen_labels = drawn(pens, *({"width": width} for width in WIDTHS))
        images, labels = np.concatenate([images, pen_images]), np.concatenate([labels, pen_labels])
    network = Network((784, 400, 400, 10), seed=1)
    train(network, images, labels, augment=DISTORTER, **RECIPE)
    return network


def judge(network, mnist, pens):
    """Print what the network reads of MNIST's test digits and of recorded digits that it has not seen."""
    images, labels = drawn(pens, {})
    print(f"MNIST test digits read: {accuracy(network, mnist.test_images, mnist.test_labels):.2%}")
    predicted = network.predict(images)
    writers = np.array([digit.writer for digit in pens])
    known = np.unique(writers)
    print(f"{len(pens):,} digits of {len(known)} writers it never saw: {np.mean(predicted == labels):.2%}")
    for writer in known:
        print(f"  writer {writer}: {np.mean((predicted == labels)[writers == writer]):.1%}", end="")
    table = np.zeros((10, 10), int)
    np.add.at(table, (labels, predicted), 1)
    print(f"\nrows: written, columns: read\n{table}")
    print(f"1 read as 7: {table[1, 7]} of {table[1].sum()}, 7 read as 1: {table[7, 1]} of {table[7].sum()}")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--pens", type=Path, default=PENS, help="pendigits-orig.tra")
    parser.add_argument("--judge", action="store_true", help="train nothing")
    parser.add_argument("--mnist-only", action="store_true", help="leave the pens out of the training")
    options = parser.parse_args()
    mnist, pens = load_data("mnist"), read_unipen(options.pens)
    held_out = [digit for digit in pens if digit.writer in HELD_OUT]
    if options.judge:
        judge(pretrained(), mnist, held_out)
    elif options.mnist_only:
        network = make(mnist, [])
        judge(network, mnist, held_out)
        judge(network, mnist, pens)
    else:
        known = [digit for digit in pens if digit.writer not in HELD_OUT]
        judge(ship(make(mnist, known), "digits", mnist), mnist, held_out)  # judged as it is shipped, rounded


if __name__ == "__main__":
    main()
