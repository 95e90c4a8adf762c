"""Spoilers: the check of the bug hunt."""

import itertools

import numpy as np

from mnistlib.check.lesson07 import stable_softmax
from mnistlib.check.verdict import Wrong, agrees, array_of, exercise, expect_shape


@exercise
def bug_hunt(function):
    """bug_hunt(x (N, n_in), labels (N,), layers [(W, b), …], l2) -> [(dW, db), …], the slopes of the loss.

    The loss is that of notebook 07: ReLU, softmax, mean cross-entropy, and l2/2 Σ W². What is wrong is named
    by its symptom. Faults are told apart by switching L2 off and on, and by looking at one layer at a time.
    """
    rng = np.random.default_rng(0)
    layers = [(rng.normal(size=(m, n)), rng.normal(size=n)) for m, n in itertools.pairwise((6, 5, 4, 3))]
    x, labels = rng.normal(size=(7, 6)), np.array([0, 2, 1, 1, 0, 2, 0])
    right = _backpropagation(x, labels, layers, lambda a: a > 0)
    found = _slopes(function(x, labels, layers, 0.0), layers)
    with_price = _slopes(function(x, labels, layers, 0.5), layers)

    _last_weights(found[-1][0], right[-1][0], len(x))
    symptoms = [
        _bias_symptom(found, right, layers, len(x)),
        _hidden_symptom(found, right, x, labels, layers),
        _price_symptom(found, with_price, layers),
    ]
    left = [symptom for symptom in symptoms if symptom]
    if left:
        raise Wrong("1 fault is left" if len(left) == 1 else f"{len(left)} faults are left", *left)


def _backpropagation(x, labels, layers, slope):
    """The gradient without L2; slope(a): by what delta is multiplied on its way back through activations."""
    activations = [x]
    for W, b in layers[:-1]:
        activations.append(np.maximum(activations[-1] @ W + b, 0))
    W, b = layers[-1]
    delta = (stable_softmax(activations[-1] @ W + b) - np.eye(len(b))[labels]) / len(x)  # (N, n_out)
    slopes = []
    for (W, _), a in zip(reversed(layers), reversed(activations), strict=True):
        slopes.insert(0, (a.T @ delta, delta.sum(axis=0)))
        delta = (delta @ W.T) * slope(a)
    return slopes


def _slopes(answer, layers):
    """The learner's [(dW, db), …] as arrays; Wrong, unless there is a pair for each layer and dW fits W."""
    if not isinstance(answer, tuple | list) or len(answer) != len(layers):
        raise Wrong(f"return a list with a pair (dW, db) for each of the {len(layers)} layers")
    pairs = []
    for pair, (W, _) in zip(answer, layers, strict=True):
        if not isinstance(pair, tuple | list) or len(pair) != 2:
            raise Wrong("return a pair (dW, db) for each layer")
        dW, db = array_of(pair[0], "a dW"), array_of(pair[1], "a db")
        expect_shape(dW, W.shape, ": slopes of weights have the shape of W")
        pairs.append((dW, db))
    return pairs


def _last_weights(dW, right, n):
    """Wrong, if the last layer's dW, which none of the faults touches, is not what it was."""
    if agrees(dW, right):
        return
    if agrees(dW, -right):
        raise Wrong("this was right before: the last layer's dW has the right size but the wrong sign now")
    if agrees(dW, right * n):
        raise Wrong("this was right before: the last layer's dW is a sum over the examples now, not a mean")
    raise Wrong(
        "this was right before: with L2 off, even the last layer's dW differs from the measured slopes"
    )


def _bias_symptom(found, right, layers, n):
    for (_, db), (_, b) in zip(found, layers, strict=True):
        if db.shape == ():
            return f"the slopes of a layer's {len(b)} biases are a single number, so that all move alike"
        if db.shape != b.shape:
            return f"the slopes of a layer's {len(b)} biases have shape {db.shape}, not {b.shape}"
    if agrees(found[-1][1] * n, right[-1][1]):
        return f"the slopes of the biases are too small, by the number of examples ({n} here)"
    # A layer whose weights' slopes are right got the right delta, so that its biases have no excuse.
    for number, ((dW, db), (right_dW, right_db)) in enumerate(zip(found, right, strict=True), 1):
        if agrees(dW, right_dW) and not agrees(db, right_db):
            return f"in layer {number} dW is right, but the slopes of the biases are not the measured ones"
    return None


def _hidden_symptom(found, right, x, labels, layers):
    """About the layers before the last: what the error is multiplied by on its way back through ReLU."""

    def same(other):
        return all(agrees(dW, other_dW) for (dW, _), (other_dW, _) in zip(found, other, strict=True))

    if same(right):
        return None
    others = [
        (lambda a: 1, "although ReLU put out 0 there, some error flows back through neurons that are off"),
        (lambda a: a <= 0, "errors flow back through the neurons that are off, and not through the others"),
        (lambda a: a * (1 - a), "they are multiplied by a slope that belongs to the sigmoid, not to ReLU"),
        (lambda a: a, "where ReLU is on, its slope is 1, and not what it put out"),
        (lambda a: 0, "nothing flows back any more; they are all 0"),
    ]
    where = "without L2 the last layer's dW is right, and those before it are not"
    for slope, symptom in others:
        if same(_backpropagation(x, labels, layers, slope)):
            return f"{where}: {symptom}"
    return where


def _price_symptom(found, with_price, layers, l2=0.5):
    """What switching L2 on changes must be l2 times the weights, and nothing for the biases."""
    extra = [after - before for (after, _), (before, _) in zip(with_price, found, strict=True)]

    def is_times(factor, arrays):
        return all(agrees(e, factor * array) for e, array in zip(extra, arrays, strict=True))

    weights, slopes = [W for W, _ in layers], [dW for dW, _ in found]
    for (_, before), (_, after) in zip(found, with_price, strict=True):
        if before.shape == after.shape and not agrees(after, before):
            return "switching L2 on changes the slopes of the biases, which go free"
    if is_times(l2, weights):
        return None
    if is_times(0, weights):
        return "switching L2 on changes nothing any more: large weights have no price at all"
    if is_times(l2, slopes):
        return "switching L2 on changes the slopes, but a large weight pays no more than a small one"
    if is_times(-l2, weights):
        return "switching L2 on rewards large weights: the wrong sign"
    if is_times(2 * l2, weights):
        return "switching L2 on costs twice too much: the ½ in ½ λ W² cancels the 2 of its slope"
    if any(agrees(e, l2 * W) for e, W in zip(extra, weights, strict=True)):
        return "switching L2 on is right in one layer, but not in all of them"
    return "switching L2 on changes the slopes by something else than λ W"
