"""The exercises of notebook 07: right answers in many styles, and the wrong ones that learners give."""

import numpy as np
import pytest
from learners import pairs, triples


def one_hot(labels):
    return np.eye(10)[labels]


def softmax(z):
    e = np.exp(z - z.max(axis=1, keepdims=True))
    return e / e.sum(axis=1, keepdims=True)


def error_times_p(p, y):
    return (p - y) * p * (1 - p) / len(p)


def counts(labels, predicted):
    return np.array([[((labels == a) & (predicted == b)).sum() for b in range(10)] for a in range(10)])


RIGHT = {
    "softmax": [
        lambda z: softmax(z + 3),
    ],
    "output_delta": [
        lambda z, y: softmax(z) / len(z) - one_hot(y) / len(y),
    ],
    "with_l2": [
        lambda dW, W, l2: (dW / l2 + W) * l2,
    ],
    "confusion_matrix": [
        counts,
    ],
}  # fmt: skip

WRONG = {
    "softmax": [
        (lambda z: np.exp(z) / np.exp(z).sum(), "each row should: sum(axis=1, keepdims=True)"),
        (lambda z: np.exp(z) / np.exp(z).sum(axis=0), "the columns add up to 1"),
        (lambda z: np.exp(z) / np.exp(z).sum(axis=1, keepdims=True), "subtract each row's largest score"),
        (lambda z: softmax(np.clip(z, -20, 20)), "right for small scores, wrong for large ones"),
        (lambda z: np.exp(z) / np.exp(z).sum(axis=1), "your function stopped with ValueError"),
        (lambda z: np.exp(z), "the first row adds up to"),
        (lambda z: softmax(z)[0], "shape (10,) where (4, 10) was expected"),
    ],
    "output_delta": [
        (lambda z, y: (one_hot(y) - softmax(z)) / len(z), "the right size but the wrong sign"),
        (lambda z, y: softmax(z) - one_hot(y), "for the mean, divide by the number of examples"),
        (lambda z, y: (softmax(z) - one_hot(y)) / 10, "not by the number of digits"),
        (lambda z, y: error_times_p(softmax(z), one_hot(y)), "no p · (1 − p)"),
        (lambda z, y: softmax(z) / len(z), "the 1 of the right digit is not subtracted yet"),
        (lambda z, y: (z - one_hot(y)) / len(z), "with p = softmax(z)"),
        (lambda z, y: (softmax(z) - one_hot(y)).mean(axis=0), "a slope for every score"),
    ],
    "with_l2": [
        (lambda dW, W, l2: dW + l2 * dW, "belongs to the weights, not to the gradient"),
        (lambda dW, W, l2: dW * l2, "belongs to the weights, not to the gradient"),
        (lambda dW, W, l2: dW - l2 * W, "the wrong sign"),
        (lambda dW, W, l2: dW + 2 * l2 * W, "twice too much"),
        (lambda dW, W, l2: dW + l2 / 2 * W**2, "its slope is wanted"),
        (lambda dW, W, l2: dW + l2 / 2 * (W**2).sum(), "expected dW + l2 * W"),
        (lambda dW, W, l2: np.add(dW, l2 * W, out=dW), "it changed the array"),
    ],
    "confusion_matrix": [
        (lambda y, said: counts(said, y), "rows and columns are swapped"),
        (lambda y, said: counts(y, said) > 0, "counted once"),
        (lambda y, said: counts(y, said) / len(y), "these are fractions"),
        (lambda y, said: counts(y, said) * (1 - np.eye(10)), "3 examples counted, there are 6"),
        (lambda y, said: counts(y, np.where(said == 7, 8, said)), "row 1, column 7 is 0"),
        (lambda y, said: (y == said).mean(), "a row and a column for each digit"),
    ],
}  # fmt: skip


@pytest.mark.parametrize(("name", "function"), pairs(RIGHT))
def test_right_in_another_style(name, function, verdict):
    assert verdict(name, function) == "right!"


@pytest.mark.parametrize(("name", "function", "words"), triples(WRONG))
def test_mistake_is_named(name, function, words, verdict):
    assert words in verdict(name, function)
