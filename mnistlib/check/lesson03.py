"""Spoilers: the checks of the exercises of notebook 03, random network."""

import itertools

import numpy as np

from mnistlib.check.verdict import Wrong, agrees, array_of, exercise, expect_shape, number_of


@exercise
def count_parameters(function):
    """count_parameters(sizes) -> the number of weights and biases."""
    for sizes in ((2, 3), (784, 20, 16, 10), (5, 4, 3, 2, 2)):
        answer = number_of(function(sizes))
        weights = sum(m * n for m, n in itertools.pairwise(sizes))
        if answer == weights:
            raise Wrong(
                f"for {sizes} you count {weights:,} weights; each unit after the inputs has a bias, too"
            )
        if answer == weights + sum(sizes):
            raise Wrong("the inputs have no biases; count those of the other layers only")
        if answer != weights + sum(sizes[1:]):
            raise Wrong(f"for {sizes} expected {weights + sum(sizes[1:]):,}, not {answer}")


@exercise
def relu(function):
    """relu(z) -> max(z, 0) for each element, any shape."""
    z = np.array([[-2.0, 0.0, 3.0], [0.5, -0.1, -7.0]])
    answer = array_of(function(z))
    if answer.shape == ():
        raise Wrong("a single number; np.max looks for the largest of all, np.maximum compares one by one")
    expect_shape(answer, (2, 3), ": one result for each element")
    if agrees(answer, np.abs(z)):
        raise Wrong("−2 became 2; a negative number becomes 0")
    if agrees(answer, z > 0):
        raise Wrong("3 became 1; a positive number stays what it is")
    if agrees(answer, np.minimum(z, 0)):
        raise Wrong("you kept the negative numbers; ReLU keeps the positive ones")
    if not agrees(answer, np.maximum(z, 0)):
        raise Wrong(f"for {z[0]} expected {np.maximum(z[0], 0)}, not {answer[0]}")


@exercise
def forward(function):
    """forward(x, layers) -> the outputs (n_out,) of a network of sigmoid layers, layers = [(W, b), …]."""
    rng = np.random.default_rng(0)
    layers = [(rng.normal(size=(6, 5)), rng.normal(size=5)), (rng.normal(size=(5, 4)), rng.normal(size=4))]
    x = rng.normal(size=6)

    def run(last=True, biases=True):
        a = x
        for k, (W, b) in enumerate(layers):
            a = a @ W + (b if biases else 0)
            if last or k == 0:
                a = 1 / (1 + np.exp(-a))
        return a

    answer = array_of(function(x, layers))
    if answer.shape == (5,):
        raise Wrong("shape (5,): that is the first layer's result; each layer's result feeds the next")
    expect_shape(answer, (4,), ": one output for each unit of the last layer")
    if agrees(answer, run(biases=False)):
        raise Wrong("the biases are missing: a @ W + b")
    if agrees(answer, run(last=False)):
        raise Wrong("the last layer has its sigmoid, too")
    if not agrees(answer, run()):
        raise Wrong("the shape is right, the numbers are not; each layer is sigmoid(a @ W + b)")
