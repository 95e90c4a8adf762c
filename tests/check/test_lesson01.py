"""The exercises of notebook 01: right answers in many styles, and the wrong ones that learners give."""

import numpy as np
import pytest
from learners import pairs, triples


def loop_over_labels(labels):
    rows = np.zeros((len(labels), 10))
    for row, label in enumerate(labels):
        rows[row, label] = 1
    return rows


def in_place(outputs, labels):
    outputs -= outputs.max()
    return (outputs.argmax(axis=1) == labels).mean()


RIGHT = {
    "to_unit": [
        lambda pixels: (pixels / 255).astype(np.float32),
        lambda pixels: np.float32(pixels) / np.float32(255),
    ],
    "accuracy": [
        lambda outputs, labels: np.mean([row.argmax() for row in outputs] == labels),
        lambda outputs, labels: float((np.argmax(outputs, 1) == labels).sum() / len(labels)),
    ],
    "one_hot": [
        lambda labels: np.eye(10)[labels],
        lambda labels: labels[:, None] == np.arange(10),
        loop_over_labels,
    ],
}  # fmt: skip

WRONG = {
    "to_unit": [
        (lambda p: p, "no decimals"),
        (lambda p: p // 255, "no decimals"),
        (lambda p: p.astype(np.float32), "divide by 255"),
        (lambda p: p.astype(np.float32) / 256, "the largest value of a uint8 is 255"),
        (lambda p: p / 255, "float64; the exercise asks for float32"),
        (lambda p: (p / 255).astype(np.float16), "float16"),
        (lambda p: (p / 255).astype(np.float32).ravel(), "shape (6,) where (2, 3) was expected"),
        (lambda p: 1 - p.astype(np.float32) / 255, "51 became 0.8000; expected 51/255 = 0.2000"),
    ],
    "accuracy": [
        (lambda o, y: o.argmax(axis=1) == y, "shape (8,) where a single number was expected; take the mean"),
        (lambda o, y: (o.argmax(axis=1) == y).sum(), "how many are right; the fraction is mean()"),
        (lambda o, y: (o.argmax(axis=1) != y).mean(), "you counted the wrong ones"),
        (lambda o, y: 100 * (o.argmax(axis=1) == y).mean(), "per cent"),
        (lambda o, y: (o.argmin(axis=1) == y).mean(), "the largest output in each row"),
        (lambda o, y: (o.argmax() == y).mean(), "argmax(axis=1)"),
        (in_place, "it changed the array it was given"),
        (lambda o, y: np.float64("nan"), "nan or inf"),
    ],
    "one_hot": [
        (lambda y: np.eye(10)[y].T, "shape (10, 4) where (4, 10) was expected"),
        (lambda y: np.eye(10)[y.astype(int) - 1], "the row of the label 3 has its 1 at place 2"),
        (lambda y: np.zeros((len(y), 10)), "one 1 and nine 0s"),
        (lambda y: np.full((len(y), 10), 0.1), "one 1 and nine 0s"),
        (lambda y: 10 * np.eye(10)[y], "one 1 and nine 0s"),
        (lambda y: np.eye(10)[y][0], "shape (10,) where (4, 10) was expected"),
        (lambda y: np.eye(10)[np.where(y == 9, 8, y)], "the row of the label 9 has its 1 at place 8"),
    ],
}  # fmt: skip


@pytest.mark.parametrize(("name", "function"), pairs(RIGHT))
def test_right_in_another_style(name, function, verdict):
    assert verdict(name, function) == "right!"


@pytest.mark.parametrize(("name", "function", "words"), triples(WRONG))
def test_mistake_is_named(name, function, words, verdict):
    assert words in verdict(name, function)
