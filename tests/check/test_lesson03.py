"""The exercises of notebook 03: right answers in many styles, and the wrong ones that learners give."""

import itertools

import numpy as np
import pytest
from learners import pairs, triples


def sigmoid(z):
    return 1 / (1 + np.exp(-z))


def chain(x, layers, bend=sigmoid, last_bend=sigmoid, biases=True):
    """The forward pass with one thing changed."""
    for k, (W, b) in enumerate(layers):
        x = x @ W + b if biases else x @ W
        x = last_bend(x) if k == len(layers) - 1 else bend(x)
    return x


RIGHT = {
    "count_parameters": [
        lambda sizes: np.dot(sizes[:-1], sizes[1:]) + sum(sizes[1:]),
    ],
    "relu": [
        lambda z: np.maximum(0, z),
        lambda z: np.where(z > 0, z, 0),
    ],
    "forward": [
    ],
}  # fmt: skip

WRONG = {
    "count_parameters": [
        (lambda s: sum(m * n for m, n in itertools.pairwise(s)), "has a bias, too"),
        (lambda s: sum(m * n for m, n in itertools.pairwise(s)) + sum(s), "the inputs have no biases"),
        (lambda s: sum(s), "for (2, 3) expected 9, not 5"),
        (lambda s: s[0] * s[1] + s[1], "for (784, 20, 16, 10) expected 16,206, not 15700"),
    ],
    "relu": [
        (np.abs, "a negative number becomes 0"),
        (lambda z: z > 0, "a positive number stays what it is"),
        (lambda z: np.minimum(z, 0), "ReLU keeps the positive ones"),
        (lambda z: np.max(z), "np.maximum compares one by one"),
        (lambda z: z[z > 0], "shape (2,) where (2, 3) was expected"),
        (lambda z: np.maximum(z, 1), "expected [0. 0. 3.]"),
        (lambda z: np.multiply(z, z > 0, out=z), "it changed the array it was given"),
    ],
    "forward": [
        (lambda x, layers: sigmoid(x @ layers[0][0] + layers[0][1]), "the first layer's result"),
        (lambda x, layers: chain(x, layers, biases=False), "the biases are missing"),
        (lambda x, layers: chain(x, layers, last_bend=lambda z: z), "the last layer has its sigmoid, too"),
        (lambda x, layers: chain(x, layers, bend=np.abs), "each layer is sigmoid(a @ W + b)"),
        (lambda x, layers: chain(x, layers, last_bend=lambda z: z * np.nan), "nan or inf"),
        (lambda x, layers: chain(x, layers)[None], "shape (1, 4) where (4,) was expected"),
        (lambda x, layers: chain(x, layers[::-1]), "your function stopped with ValueError"),
        (lambda x, layers: layers.reverse() or chain(x, layers[::-1]), "it changed the list it was given"),
    ],
}  # fmt: skip


@pytest.mark.parametrize(("name", "function"), pairs(RIGHT))
def test_right_in_another_style(name, function, verdict):
    assert verdict(name, function) == "right!"


@pytest.mark.parametrize(("name", "function", "words"), triples(WRONG))
def test_mistake_is_named(name, function, words, verdict):
    assert words in verdict(name, function)
