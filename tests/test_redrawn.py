"""Test digits, redrawn small and off-centre on a large sheet: what the pad's preprocessing is worth.

The images are turned back into pen strokes, so that they go through the pad as a learner's drawing would.
"""

import os
from pathlib import Path

import numpy as np
import pytest

from mnistlib.datasets import read_folder
from mnistlib.shipped import pretrained
from mnistlib.sketchpad import SketchPad

ROOT = Path(__file__).resolve().parents[1]
COUNT = 500
SHEET = 280  # units along one side of the pad
# The sample's digits are bent more wildly, and thinning costs more of what tells them apart.
LEAST = {"MNIST": 0.93, "sample": 0.80}
UNITS = 3.5  # units of the sheet for each pixel of the digit; 10 would fill the sheet


def mnist_folder():
    for folder in (os.environ.get("MNIST_DATA_DIR"), ROOT / "data" / "mnist"):
        if folder and any((ROOT / folder).glob("t10k-images-idx3-ubyte*")):
            return ROOT / folder
    return None


@pytest.fixture(params=["sample", pytest.param("mnist", marks=pytest.mark.mnist)])
def digits(request):
    folder = ROOT / "data" / "sample" if request.param == "sample" else mnist_folder()
    if folder is None:
        pytest.skip("needs the real MNIST files in data/mnist or in MNIST_DATA_DIR")
    return read_folder(folder)


def neighbours(ink):
    """The eight neighbours of every pixel, clockwise from the one above: (8, N, rows, columns)."""
    p = np.pad(ink, ((0, 0), (1, 1), (1, 1)))
    rows, columns = ink.shape[1:]
    steps = ((0, 1), (0, 2), (1, 2), (2, 2), (2, 1), (2, 0), (1, 0), (0, 0))
    return np.stack([p[:, r : r + rows, c : c + columns] for r, c in steps])


def thinned(ink):
    """Lines one pixel wide where the ink was: Zhang and Suen 1984, "A fast parallel algorithm for thinning
    digital patterns", Communications of the ACM 27. ink: (N, rows, columns) of bool.
    """
    ink = ink.copy()
    while True:
        before = ink.copy()
        for first in (True, False):
            around = neighbours(ink)
            count = around.sum(axis=0)
            changes = (~around & np.roll(around, -1, axis=0)).sum(axis=0)
            up, right, down, left = around[0], around[2], around[4], around[6]
            if first:
                rim = ~(up & right & down) & ~(right & down & left)
            else:
                rim = ~(up & right & left) & ~(up & down & left)
            ink &= ~((count >= 2) & (count <= 6) & (changes == 1) & rim)
        if np.array_equal(before, ink):
            return ink


def strokes_of(line, scale, corner):
    """One thinned digit (28, 28) as strokes: each pixel is joined to its neighbours right and below."""
    place = {(r, c): np.array([c, r]) * scale + corner for r, c in np.argwhere(line)}
    strokes = [[point, point] for point in place.values()]
    for (r, c), point in place.items():
        for other in ((r, c + 1), (r + 1, c - 1), (r + 1, c), (r + 1, c + 1)):
            if other in place:
                strokes.append([point, place[other]])
    return [np.array(stroke) for stroke in strokes]


def test_small_digits_in_a_corner_are_read_only_with_box_and_centring(digits):
    images, labels = digits.test_images[:COUNT], digits.test_labels[:COUNT]
    lines = thinned(images > 100)
    rng = np.random.default_rng(0)
    corners = rng.uniform(0, SHEET - 28 * UNITS, (COUNT, 2))
    pad = SketchPad(pretrained())
    read = {}
    for prepared in (True, False):
        pad.box = pad.centre = prepared
        answers = []
        for line, corner in zip(lines, corners, strict=True):
            pad.strokes = strokes_of(line, UNITS, corner)
            answers.append(pad.probabilities.argmax())
        read[prepared] = np.mean(answers == labels)
    print(f"{digits.name}: {read[True]:.1%} with box and centring, {read[False]:.1%} without")
    assert read[True] >= LEAST[digits.name]
    assert read[False] < 0.40
