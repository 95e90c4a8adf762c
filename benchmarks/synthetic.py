"""What the project's own digits are worth: how well a network that learned from nothing else reads MNIST.

    python benchmarks/synthetic.py                    all figures (about two minutes on one core)
    python benchmarks/synthetic.py --sheet sheet.png  only a picture: our digits, and MNIST's beside

Needs MNIST where load_data("mnist") finds it. The network is 784-128-10 with ReLU and softmax, 12 epochs, the
mean of 3 seeds. Nothing was chosen by the MNIST test set: the generator was tuned on MNIST's training images
(data/README.md says how), whose figures are printed beside it.

If ../shared/pen-digits/pendigits-orig.tra is there (scripts/unipen.py says what it is), its strokes are drawn
with mnistlib.rasterise and read.

Asked for: MNIST's test digits read at least 92 % from 10,000 synthetic digits and 94 % from 30,000; the
bundled sample's own test digits 90 to 99 %; synthetic_digits(1000) under 0.3 s; rasterise under 2 ms for 100
points.
"""

import argparse
import statistics
import sys
from pathlib import Path

import numpy as np
from common import PENS, in_fresh_process, interleaved, print_load
from sample import contact_sheet
from unipen import read_unipen

from mnistlib.datasets import load_data
from mnistlib.network import Network
from mnistlib.pen import WIDTH, rasterise
from mnistlib.pen.synthetic import synthetic_digits
from mnistlib.training import accuracy, linear_decay, train

WIDTHS = (1.5, 2.0, WIDTH, 3.0, 3.5)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--sheet", type=Path, help="write this PNG instead")
    parser.add_argument("--child", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if not options.child:
        in_fresh_process("--child", *sys.argv[1:])
        return
    mnist = load_data("mnist")
    if options.sheet:
        write_sheet(options.sheet, mnist)
        return
    print_load()
    print_speed()
    networks = print_reading_mnist(mnist)
    if PENS.exists():
        print_reading_strokes(mnist, networks)
    else:
        print(f"\nno {PENS.name}: how pen strokes are read is left out")


def write_sheet(path, mnist):
    """Ours on the left, MNIST's training digits on the right, with a white line between."""
    from matplotlib.image import imsave

    ours = contact_sheet(*synthetic_digits(1_000, seed=1))
    theirs = contact_sheet(mnist.train_images[:2_000], mnist.train_labels[:2_000])
    sheet = np.hstack([ours, np.full((len(ours), 4), 255, np.uint8), theirs])
    imsave(path, sheet.repeat(2, axis=0).repeat(2, axis=1), cmap="gray")
    print(f"wrote {path}; it shows MNIST's digits: not for the repository")


def print_speed():
    scribble = np.random.default_rng(0).uniform(size=(10_000, 2))
    angle = np.linspace(0, 2 * np.pi, 100)
    circle = np.stack([np.cos(angle), np.sin(angle)], axis=1)
    tasks = {
        "synthetic_digits(1000)": lambda: synthetic_digits(1_000, seed=0),
        "rasterise, a circle of 100 points": lambda: rasterise([circle]),
        "rasterise, a scribble of 100 random points": lambda: rasterise([scribble[:100]]),
        "rasterise, a scribble of 10,000 random points": lambda: rasterise([scribble]),
    }
    for name, seconds in interleaved(tasks, 9).items():
        print(f"{name:<46} {seconds * 1000:7.2f} ms")


def print_reading_mnist(mnist):
    """Train on synthetic digits, print the shares read correctly; return the networks by training set."""
    fresh = synthetic_digits(10_000, seed=12)
    sets = {
        "10,000 synthetic digits": (*synthetic_digits(10_000, seed=11), *fresh),
        "30,000 synthetic digits": (*synthetic_digits(30_000, seed=13), *fresh),
        "the bundled sample": load_data("sample")[:4],
    }
    print(f"\n{'trained on':<26}{'MNIST training':>16}{'MNIST test':>12}{'fresh digits of its own kind':>30}")
    networks = {}
    for name, (images, labels, *own) in sets.items():
        networks[name] = learn(images, labels)
        exams = (mnist[:2], mnist[2:4], own)
        training, test, fresh = (mean_accuracy(networks[name], *exam) for exam in exams)
        print(f"{name:<26}{training:16.2%}{test:12.2%}{fresh:30.2%}")
    return networks


def print_reading_strokes(mnist, networks):
    labels, _, drawings = zip(*read_unipen(PENS), strict=True)
    networks = {"MNIST": learn(mnist.train_images, mnist.train_labels), **networks}
    heads = "".join(f"{f'pen {width}':>10}" for width in WIDTHS)
    print(f"\n{len(drawings):,} digits of 30 writers, drawn with rasterise\n{'trained on':<26}{heads}")
    images = [np.array([rasterise(drawing, width=width) for drawing in drawings]) for width in WIDTHS]
    for name, trained in networks.items():
        shares = "".join(f"{mean_accuracy(trained, drawn, np.array(labels)):10.2%}" for drawn in images)
        print(f"{name:<26}{shares}")
    ink = "".join(f"{drawn.mean() / 255:10.2%}" for drawn in images)
    print(f"{f'ink (MNIST: {mnist.train_images.mean() / 255:.2%})':<26}{ink}")


def learn(images, labels):
    """Three networks that have learned from these, each from a seed of its own."""
    networks = [Network([784, 128, 10], seed=seed) for seed in range(3)]
    options = {"epochs": 12, "batch_size": 100, "learning_rate": linear_decay(0.1), "progress": False}
    for seed, network in enumerate(networks):
        train(network, images, labels, seed=seed, **options)
    return networks


def mean_accuracy(networks, images, labels):
    return statistics.mean(accuracy(network, images, labels) for network in networks)


if __name__ == "__main__":
    main()
