"""The exercises of notebook 03: right answers in many styles, and the wrong ones that learners give."""

import functools
import itertools

import numpy as np


def sigmoid(z):
    return 1 / (1 + np.exp(-z))


def chain(x, layers, bend=sigmoid, last_bend=sigmoid, biases=True):
    """The forward pass with one thing changed."""
    for k, (W, b) in enumerate(layers):
        x = x @ W + b if biases else x @ W
        x = last_bend(x) if k == len(layers) - 1 else bend(x)
    return x


def relu(z):
    return np.maximum(z, 0)


def exactly_two(x, layers):
    (W1, b1), (W2, b2) = layers
    return sigmoid(sigmoid(x @ W1 + b1) @ W2 + b2)


def minus_on_the_product(x, layers):
    return functools.reduce(lambda a, layer: 1 / (1 + np.exp(-a @ layer[0] + layer[1])), layers, x)


def bias_outside(x, layers):
    for W, b in layers:
        x = sigmoid(x @ W) + b
    return x


RIGHT = {
    "relu": [lambda z: z * (z > 0)],  # −0 where z is negative
    "forward": [chain],
}  # fmt: skip

WRONG = {
    "count_parameters": [
        (lambda s: sum(m * n for m, n in itertools.pairwise(s)), "has a bias, too"),
        (lambda s: sum(m * n for m, n in itertools.pairwise(s)) + sum(s), "the inputs have no biases"),
        (lambda s: sum(m * n + m for m, n in itertools.pairwise(s)), "a bias for each input of a layer"),
        (lambda s: sum(m * n + 1 for m, n in itertools.pairwise(s)), "one bias for each layer"),
        (lambda s: sum(s), "for (2, 3) expected 9, not 5"),
        (lambda s: s[0] * s[1] + s[1], "is the return inside the loop?"),
        (lambda s: s[0] * s[-1] + s[-1], "for (784, 20, 16, 10) expected 16,206, not 7,850"),
        (lambda s: [m * n + n for m, n in itertools.pairwise(s)], "shape (3,) where a single number"),
        (lambda s: sum(s[k] * s[k + 1] + s[k + 1] for k in range(len(s))), "out of range"),
    ],
    "relu": [
        (np.abs, "a negative number becomes 0"),
        (lambda z: z > 0, "a positive number stays what it is"),
        (lambda z: np.minimum(z, 0), "ReLU keeps the positive ones"),
        (lambda z: np.max(z), "np.maximum compares one by one"),
        (lambda z: z if z > 0 else 0, "hint: an if, and, or, max asks one question"),
        (lambda z: z[z > 0], "shape (2,) where (2, 3) was expected"),
        (lambda z: np.maximum(z, 1), "expected [0. 0. 3.]"),
        (lambda z: np.clip(z, 0, 1), "also above 1"),
        (lambda z: np.clip(z, 0, 6), "ReLU has no upper limit"),
        (lambda z: np.where(z > 0, z, 0.01 * z), "a negative number becomes exactly 0"),
        (sigmoid, "that is the sigmoid"),
        (lambda z: z, "nothing changed"),
    ],
    "forward": [
        (lambda x, layers: sigmoid(x @ layers[0][0] + layers[0][1]), "the first layer's result"),
        (lambda x, layers: chain(x, layers, biases=False), "the biases are missing"),
        (lambda x, layers: chain(x, layers, last_bend=lambda z: z), "the last layer has its sigmoid, too"),
        (lambda x, layers: chain(x, layers, bend=np.abs), "each layer is sigmoid(a @ W + b)"),
        (lambda x, layers: layers.reverse() or chain(x, layers[::-1]), "it changed the list it was given"),
        (lambda x, layers: chain(x, layers, lambda z: z, lambda z: z), "no layer has its sigmoid"),
        (lambda x, layers: chain(x, layers, bend=lambda z: z), "only the last layer has a sigmoid"),
        (lambda x, layers: chain(x, layers, relu, relu), "that is ReLU"),
        (lambda x, layers: chain(x, layers, relu), "the hidden layers have ReLU"),
        (lambda x, layers: sigmoid(chain(x, layers)), "the sigmoid once more"),
        (lambda x, layers: chain(x, [(W.T, b) for W, b in layers]), "an @ needs the columns"),
        (bias_outside, "the bias belongs inside"),
        (lambda x, layers: chain(x, layers[-1:]), "the last layer got the picture again"),
        (minus_on_the_product, "the minus belongs to the whole sum"),
        (lambda x, layers: chain(x, layers, lambda z: sigmoid(-z), lambda z: sigmoid(-z)), "should rise"),
        (exactly_two, "not enough values to unpack"),
        (lambda x, layers: chain(x, layers[:2]), "that is the result of 2 layers of 3"),
        (lambda x, layers: chain(x, layers).argmax(), "shape () where (4,) was expected"),
    ],
}  # fmt: skip
