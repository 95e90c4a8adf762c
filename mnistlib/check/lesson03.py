"""Spoilers: the checks of the exercises of notebook 03, random network."""

import functools
import itertools
from operator import eq

import numpy as np

from mnistlib.check.verdict import Wrong, agrees, array_of, exercise, expect, expect_shape, number_of


@exercise
def count_parameters(function):
    """count_parameters(sizes) -> the number of weights and biases."""
    rng = np.random.default_rng(0)
    drawn = [tuple(rng.integers(1, 50, layers).tolist()) for layers in (2, 3, 5, 6)]
    for sizes in ((2, 3), (784, 20, 16, 10), (5, 4, 3, 2, 2), *drawn):
        answer = number_of(function(sizes))
        right, mistakes = _parameters(sizes)
        expect(answer, right, mistakes, f"for {sizes} expected {right:,}, not {answer:,}", eq)


def _parameters(sizes):
    w, layers = sum(m * n for m, n in itertools.pairwise(sizes)), len(sizes) - 1
    return w + sum(sizes[1:]), [
        (w, f"for {sizes} you count {w:,} weights; each neuron after the inputs has a bias, too"),
        (w + sum(sizes), "the inputs have no biases; count those of the other layers only"),
        (
            w + sum(sizes[:-1]),
            "you count a bias for each input of a layer (sizes[:-1]); "
            "its neurons have them, one each (sizes[1:])",
        ),
        (w + layers, "you count one bias for each layer; each neuron of the layer has its own"),
        (
            (sizes[0] + 1) * sizes[1],
            f"for {sizes} you count the first layer only; is the return inside the loop?",
        ),
    ]


@exercise
def relu(function):
    """relu(z) -> max(z, 0) for each element, any shape."""
    rng = np.random.default_rng(1)
    z = np.array([[-2.0, 0.0, 3.0], [0.5, -0.1, -7.0]])
    shapes = (7,), (4, 5), (2, 3, 4), ()
    for case in (z, *(rng.normal(0, 10, shape) for shape in shapes)):
        z = np.asarray(case)
        single = "a single number; np.max looks for the largest of all, np.maximum compares one by one"
        answer = expect_shape(function(z), z.shape, ": one result for each element", [((), single)])
        _judge_relu(answer.astype(float), z)


def _judge_relu(answer, z):
    right = np.maximum(z, 0)
    below, largest = np.where(z > 0, z, np.minimum(answer, 0)), answer.max()
    mistakes = [
        (np.abs(z), "−2 became 2; a negative number becomes 0"),
        (z > 0, "3 became 1; a positive number stays what it is"),
        (np.minimum(z, 0), "you kept the negative numbers; ReLU keeps the positive ones"),
        (np.clip(z, 0, 1), "3 became 1; a positive number stays what it is, also above 1"),
        (sigmoid(z), "that is the sigmoid; ReLU is 0 below 0 and leaves the rest as it is"),
        (z, "nothing changed; a negative number becomes 0"),
        (below, "the positive numbers are right; a negative number becomes exactly 0"),
        (np.clip(z, 0, largest), f"the largest result is {largest:g}; ReLU has no upper limit"),
    ]
    i = np.abs(answer - right).argmax()
    otherwise = f"{z.flat[i]:.3g} became {answer.flat[i]:.3g}; expected {right.flat[i]:.3g}"
    if z.ndim == 2:
        otherwise = f"for {z[0]} expected {right[0]}, not {answer[0]}"
    expect(answer, right, mistakes, otherwise)


@exercise
def forward(function):
    """forward(x, layers) -> the outputs (n_out,) of a network of sigmoid layers, layers = [(W, b), …]."""
    rng = np.random.default_rng(0)
    # Here x fits into both layers; elsewhere numpy's error would hide that each layer gets it
    x, layers = random_network((5, 5, 4), rng)
    if agrees(array_of(function(x, layers)), feed(x, layers[-1:])):
        raise Wrong("the last layer got the picture again; each layer's result feeds the next")
    for sizes in ((6, 5, 4), (6, 4), (3, 5, 2, 4), (7, 6, 5, 4, 3)):
        x, layers = random_network(sizes, rng)
        _judge_outputs(array_of(function(x, layers)), x, layers)


def random_network(sizes, rng):
    """An input x (sizes[0],), and layers [(W, b), …] of such sizes."""
    layers = [(rng.normal(size=(m, n)), rng.normal(size=n)) for m, n in itertools.pairwise(sizes)]
    return rng.normal(size=sizes[0]), layers


def _judge_outputs(answer, x, layers):
    """Wrong, unless the answer is what the layers make of x; what else it may be is tried one by one."""
    count, right = len(layers), feed(x, layers)
    for k in range(1, count):
        if agrees(answer, feed(x, layers[:k])):
            raise Wrong(
                f"shape {answer.shape}: that is the first layer's result; each layer's result feeds the next"
                if k == 1
                else f"that is the result of {k} layers of {count}; a network may have any number of them"
            )
    hint = f": one output for each neuron of the last layer (it has {count} layers)"
    expect_shape(answer, right.shape, hint)
    changed, same = functools.partial(feed, x, layers), np.positive
    mistakes = [
        (feed(x, [(W, 0 * b) for W, b in layers]), "the biases are missing: a @ W + b"),
        (changed(last=same), "the last layer has its sigmoid, too"),
        (changed(bend=same), "only the last layer has a sigmoid; each layer has one"),
        (changed(bend=same, last=same), "no layer has its sigmoid: sigmoid(a @ W + b)"),
        (changed(outside=True), "the bias belongs inside: sigmoid(a @ W + b), not sigmoid(a @ W) + b"),
        (changed(bend=_relu, last=_relu), "that is ReLU; these layers have sigmoids"),
        (changed(bend=_relu), "the hidden layers have ReLU; here each has a sigmoid"),
        (sigmoid(right), "the outputs have gone through the sigmoid once more"),
        (feed(x, [(W, -b) for W, b in layers]), "the minus belongs to the whole sum: np.exp(-(a @ W + b))"),
        (feed(x, [(-W, -b) for W, b in layers]), "your sigmoid falls and should rise: 1 / (1 + np.exp(-z))"),
    ]
    otherwise = "the shape is right, the numbers are not; each layer is sigmoid(a @ W + b)"
    expect(answer, right, mistakes, otherwise)


def sigmoid(z):
    return 1 / (1 + np.exp(-z))


def _relu(z):
    return np.maximum(z, 0)


def feed(x, layers, bend=sigmoid, last=sigmoid, outside=False):
    """What the layers make of x, with something changed."""
    for k, (W, b) in enumerate(layers):
        f = last if k == len(layers) - 1 else bend
        x = f(x @ W) + b if outside else f(x @ W + b)
    return x
