"""Spoilers: the checks of the exercises of notebook 03, random network."""

import itertools

import numpy as np

from mnistlib.check.verdict import Wrong, agrees, array_of, exercise, expect_shape, number_of


@exercise
def count_parameters(function):
    """count_parameters(sizes) -> the number of weights and biases."""
    rng = np.random.default_rng(0)
    drawn = [tuple(rng.integers(1, 50, layers).tolist()) for layers in (2, 3, 5, 6)]
    for sizes in ((2, 3), (784, 20, 16, 10), (5, 4, 3, 2, 2), *drawn):
        answer = number_of(function(sizes))
        weights, biases = sum(m * n for m, n in itertools.pairwise(sizes)), sum(sizes[1:])
        if answer == weights + biases:
            continue
        if answer == weights:
            raise Wrong(
                f"for {sizes} you count {weights:,} weights; each neuron after the inputs has a bias, too"
            )
        if answer == weights + sum(sizes):
            raise Wrong("the inputs have no biases; count those of the other layers only")
        if answer == weights + sum(sizes[:-1]):
            raise Wrong(
                "you count a bias for each input of a layer (sizes[:-1]); "
                "its neurons have them, one each (sizes[1:])"
            )
        if answer == weights + len(sizes) - 1:
            raise Wrong("you count one bias for each layer; each neuron of the layer has its own")
        if answer == (sizes[0] + 1) * sizes[1]:
            raise Wrong(f"for {sizes} you count the first layer only; is the return inside the loop?")
        raise Wrong(f"for {sizes} expected {weights + biases:,}, not {answer:,}")


@exercise
def relu(function):
    """relu(z) -> max(z, 0) for each element, any shape."""
    rng = np.random.default_rng(1)
    z = np.array([[-2.0, 0.0, 3.0], [0.5, -0.1, -7.0]])
    shapes = (7,), (4, 5), (2, 3, 4), ()
    for case in (z, *(rng.normal(0, 10, shape) for shape in shapes)):
        _judge_relu(array_of(function(np.asarray(case))), np.asarray(case))


def _judge_relu(answer, z):
    if answer.shape == () != z.shape:
        raise Wrong("a single number; np.max looks for the largest of all, np.maximum compares one by one")
    expect_shape(answer, z.shape, ": one result for each element")
    if agrees(answer, np.maximum(z, 0)):
        return
    if agrees(answer, np.abs(z)):
        raise Wrong("−2 became 2; a negative number becomes 0")
    if agrees(answer, z > 0):
        raise Wrong("3 became 1; a positive number stays what it is")
    if agrees(answer, np.minimum(z, 0)):
        raise Wrong("you kept the negative numbers; ReLU keeps the positive ones")
    if agrees(answer, np.clip(z, 0, 1)):
        raise Wrong("3 became 1; a positive number stays what it is, also above 1")
    if agrees(answer, 1 / (1 + np.exp(-z))):
        raise Wrong("that is the sigmoid; ReLU is 0 below 0 and leaves the rest as it is")
    if agrees(answer, z):
        raise Wrong("nothing changed; a negative number becomes 0")
    if agrees(np.maximum(answer, 0), np.maximum(z, 0)):
        raise Wrong("the positive numbers are right; a negative number becomes exactly 0")
    if agrees(answer, np.clip(z, 0, answer.max())):
        raise Wrong(f"the largest result is {answer.max():g}; ReLU has no upper limit")
    i = int(np.argmax(np.abs(answer - np.maximum(z, 0))))
    raise Wrong(
        f"for {z[0]} expected {np.maximum(z[0], 0)}, not {answer[0]}"
        if z.ndim == 2
        else f"{z.flat[i]:.3g} became {answer.flat[i]:.3g}; expected {max(z.flat[i], 0):.3g}"
    )


@exercise
def forward(function):
    """forward(x, layers) -> the outputs (n_out,) of a network of sigmoid layers, layers = [(W, b), …]."""
    rng = np.random.default_rng(0)
    _judge_feeding(function, rng)
    for sizes in ((6, 5, 4), (6, 4), (3, 5, 2, 4), (7, 6, 5, 4, 3)):
        x, layers = _network(sizes, rng)
        _judge_outputs(array_of(function(x, layers)), x, layers)


def _network(sizes, rng):
    layers = [(rng.normal(size=(m, n)), rng.normal(size=n)) for m, n in itertools.pairwise(sizes)]
    return rng.normal(size=sizes[0]), layers


def _judge_feeding(function, rng):
    """Wrong, if each layer gets x. Here x fits into both; elsewhere numpy's error would hide the reason.

    Nothing else is judged: a square W hides what the other sizes show.
    """
    x, layers = _network((5, 5, 4), rng)
    answer = array_of(function(x, layers))
    if answer.shape == (4,) and agrees(answer, _run(x, layers[-1:])):
        raise Wrong("the last layer got the picture again; each layer's result feeds the next")


def _judge_outputs(answer, x, layers):
    """Wrong, unless the answer is what the layers make of x; what else it may be is tried one by one."""
    count, outputs = len(layers), layers[-1][1].shape
    steps = [_run(x, layers[: k + 1]) for k in range(count)]
    for k, step in enumerate(steps[:-1]):
        if answer.shape == step.shape and agrees(answer, step):
            first = "the first layer's" if k == 0 else f"the result of {k + 1} layers"
            raise Wrong(
                f"shape {answer.shape}: that is {first} result; each layer's result feeds the next"
                if k == 0
                else f"that is {first} of {count}; a network may have any number of them"
            )
    expect_shape(answer, outputs, f": one output for each neuron of the last layer (it has {count} layers)")
    if agrees(answer, steps[-1]):
        return
    for words, changed in (
        ("the biases are missing: a @ W + b", _run(x, layers, biases=False)),
        ("the last layer has its sigmoid, too", _run(x, layers, last=_same)),
        ("only the last layer has a sigmoid; each layer has one", _run(x, layers, bend=_same)),
        ("no layer has its sigmoid: sigmoid(a @ W + b)", _run(x, layers, bend=_same, last=_same)),
        (
            "the bias belongs inside: sigmoid(a @ W + b), not sigmoid(a @ W) + b",
            _run(x, layers, outside=True),
        ),
        ("that is ReLU; these layers have sigmoids", _run(x, layers, bend=_relu, last=_relu)),
        ("the hidden layers have ReLU; here each has a sigmoid", _run(x, layers, bend=_relu)),
        ("the outputs have gone through the sigmoid once more", _sigmoid(steps[-1])),
        (
            "the minus belongs to the whole sum: np.exp(-(a @ W + b))",
            _run(x, [(W, -b) for W, b in layers]),
        ),
        (
            "your sigmoid falls where it should rise: 1 / (1 + np.exp(-z))",
            _run(x, [(-W, -b) for W, b in layers]),
        ),
    ):
        if agrees(answer, changed):
            raise Wrong(words)
    raise Wrong("the shape is right, the numbers are not; each layer is sigmoid(a @ W + b)")


def _sigmoid(z):
    return 1 / (1 + np.exp(-z))


def _relu(z):
    return np.maximum(z, 0)


def _same(z):
    return z


def _run(x, layers, bend=_sigmoid, last=_sigmoid, biases=True, outside=False):
    """What the layers make of x, with something changed."""
    for k, (W, b) in enumerate(layers):
        f = last if k == len(layers) - 1 else bend
        x = f(x @ W) + b if outside else f(x @ W + biases * b)
    return x
