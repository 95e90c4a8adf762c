"""The exercises of notebook 01: right answers in many styles, and the wrong ones that learners give."""

from decimal import Decimal
from fractions import Fraction

import numpy as np


def grey_28_rows(pixels):
    result = np.zeros(pixels.shape, np.float32)
    for row in range(28):
        for column in range(28):
            result[row, column] = pixels[row, column] / 255
    return result


def grey_of_tables(pixels):
    rows, columns = pixels.shape
    return np.float32([[pixels[row, column] / 255 for column in range(columns)] for row in range(rows)])


def filled(place, number=lambda labels, i: 1, rows=len):
    """A learner's loop that writes a number into a table of zeros, row after row."""

    def table_of(labels):
        table = np.zeros((len(labels), 10))
        for i in range(rows(labels)):
            table[place(labels, i)] = number(labels, i)
        return table

    return table_of


RIGHT = {
    "to_unit": [
        lambda pixels: pixels.astype(">f4") / np.array(255, ">f4"),
        lambda pixels: np.float32([pixel / 255 for pixel in pixels.flat]).reshape(pixels.shape),
    ],
    "accuracy": [
        lambda outputs, labels: Fraction(int((outputs.argmax(1) == labels).sum()), len(labels)),
        lambda outputs, labels: Decimal(float((outputs.argmax(1) == labels).mean())),
        lambda outputs, labels: (outputs.argmax(1) == labels).mean(keepdims=True),
    ],
    "one_hot": [
        lambda labels: labels[:, None] == np.arange(10),
        lambda labels: np.frompyfunc(lambda label: np.eye(10)[label], 1, 1)(labels),
    ],
}  # fmt: skip

WRONG = {
    "to_unit": [
        (lambda p: p, "no decimals"),
        (lambda p: p.astype(np.float32), "divide by 255"),
        (lambda p: p.astype(np.float32) / 256, "the largest value of a uint8 is 255"),
        (lambda p: p / 255, "float64; the exercise asks for float32"),
        (lambda p: (p / 255).astype(np.float16), "float16"),
        (lambda p: (p / 255).astype(np.float32).ravel(), "shape (6,) where (2, 3) was expected"),
        (lambda p: 1 - p.astype(np.float32) / 255, "51 became 0.8000; expected 51/255 = 0.2000"),
        (lambda p: (p / p.max()).astype(np.float32), "divided by the largest pixel of the picture"),
        (lambda p: np.float32((p - p.min()) / (p.max() - p.min())), "to 0–1; only divide by 255"),
        (lambda p: (p / 255).round().astype(np.float32), "51 became 0.0000"),
        (grey_28_rows, "hint: not every array here has shape (28, 28)"),
        (grey_of_tables, "hint: not every array here has shape (28, 28)"),
        (lambda p: p.astype(np.float32) / np.ones(28), "hint: two shapes do not fit"),
        (lambda p: np.divide(p, 255, out=p), "hint: an array keeps its dtype"),
    ],
    "accuracy": [
        (lambda o, y: o.argmax(axis=1) == y, "shape (8,) where a single number was expected; take the mean"),
        (lambda o, y: (o.argmax(axis=1) == y).sum(), "how many are right; the fraction is mean()"),
        (lambda o, y: (o.argmax(axis=1) != y).mean(), "you counted the wrong ones"),
        (lambda o, y: 100 * (o.argmax(axis=1) == y).mean(), "per cent"),
        (lambda o, y: (o.argmax() == y).mean(), "argmax(axis=1)"),
        (lambda o, y: (o.argmax(axis=1) == y).sum() / 10, "you divide by 10, the number of digits"),
        (lambda o, y: (o.argmax(axis=1) == y).sum() / 8, "you divide by 8, whatever"),
        (lambda o, y: (o.argmax(axis=1) + 1 == y).mean(), "you count the places from 1"),
        (lambda o, y: (o.argmax(axis=1, keepdims=True) == y).mean(), "a column with a row, as in Idea 6"),
        (lambda o, y: round((o.argmax(axis=1) == y).mean()), "you rounded the fraction to 0 or 1"),
        (lambda o, y: round((o.argmax(axis=1) == y).mean(), 3), "return it with all its digits"),
        (lambda o, y: (o.argmax(axis=1) == y).all(), "take the mean, not all() or int()"),
        (lambda o, y: np.isin(o.argmax(axis=1), y).mean(), "you ask whether the answer stands anywhere"),
        (lambda o, y: o.argmax(axis=1) in y, "`in` and any() ask whether one of them fits"),
        (lambda o, y: 0.75, "7 of 20 are right, so 0.35 was expected, not 0.75"),
        (lambda o, y: (o == y).mean(), "two shapes do not fit"),
        (lambda o, y: np.float64("nan"), "nan or inf"),
    ],
    "one_hot": [
        (lambda y: np.eye(10)[y].T, "shape (10, 4) where (4, 10) was expected"),
        (lambda y: np.eye(10)[y.astype(int) - 1], "the row of the label 3 has its 1 at place 2"),
        (lambda y: np.zeros((len(y), 10)), "one 1 and nine 0s"),
        (lambda y: np.full((len(y), 10), 0.1), "one 1 and nine 0s"),
        (lambda y: np.eye(10)[np.where(y == 9, 8, y)], "the row of the label 9 has its 1 at place 8"),
        (lambda y: np.eye(y.max() + 1)[y], "there are ten digits, also where some do not occur"),
        (lambda y: y.reshape(4, 1) == np.arange(10), "hint: reshape keeps every element"),
        (lambda y: y, "shape (4,) where (4, 10) was expected"),
        (lambda y: y[:, None] != np.arange(10), "one 1 and nine 0s"),
        (lambda y: y[:, None] == np.arange(1, 11), "one 1 and nine 0s"),
        (lambda y: np.eye(4, 10), "the row of the label 3 has its 1 at place 0"),
        (filled(lambda y, i: (i, y)), "all rows are alike"),
        (filled(lambda y, i: (i, y[i]), rows=lambda y: 1), "is the return inside the loop?"),
        (filled(lambda y, i: (i, y[i]), lambda y, i: y[i]), "row 0, label 3, holds [0.0, 0.0, 0.0, 3.0"),
        (filled(lambda y, i: y[i]), "hint: a label was taken for a row, and there are only 4"),
        (filled(lambda y, i: (i, y[i]), rows=lambda y: 10), "hint: an index is larger than the axis is long"),
    ],
}  # fmt: skip
