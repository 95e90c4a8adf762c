"""Spoilers: the checks of the exercises of notebook 04, naive backpropagation."""

import numpy as np

from mnistlib.check.verdict import Wrong, agrees, array_of, exercise, expect_shape, number_of


@exercise
def numerical_slope(function):
    """numerical_slope(f, x, h) -> the central difference (f(x + h) − f(x − h)) / 2h."""
    for f, x, slope in ((np.sin, 0.3, np.cos(0.3)), (np.exp, 1.0, np.e), (np.square, -2.0, -4.0)):
        h = 1e-4
        answer = number_of(function(f, x, h))
        if np.isclose(answer, slope, rtol=1e-6):
            continue
        if np.isclose(answer, -slope, rtol=1e-6):
            raise Wrong("the right size but the wrong sign: the value at x + h comes first")
        if np.isclose(answer, 2 * slope, rtol=1e-6):
            raise Wrong("twice too large: from x − h to x + h it is 2h, so divide by 2 * h")
        if np.isclose(answer, slope * h**2, rtol=1e-4, atol=0):
            raise Wrong("you multiplied by h: write (f(x + h) - f(x - h)) / (2 * h), with its brackets")
        if np.isclose(answer, slope, rtol=1e-3):
            raise Wrong("close, but it is the one-sided difference; step to both sides of x")
        raise Wrong(f"at x = {x} expected {slope:.4f}, not {answer:.4f}")


@exercise
def output_gradients(function):
    """output_gradients(x (n_in,), a (n_out,), y (n_out,)) -> (dW, db) of a sigmoid layer, ½ Σ (a − y)²."""
    rng = np.random.default_rng(0)
    x, a, y = rng.random(6), rng.random(4), np.array([0.0, 0.0, 1.0, 0.0])
    delta = (a - y) * a * (1 - a)
    answer = function(x, a, y)
    if not isinstance(answer, tuple | list) or len(answer) != 2:
        raise Wrong("return two arrays: `return dW, db`")
    dW, db = array_of(answer[0], "dW"), array_of(answer[1], "db")
    if dW.shape == (4, 6):
        raise Wrong("dW has shape (4, 6) where (6, 4) was expected; as W it is (n_in, n_out): np.outer(x, δ)")
    if dW.shape != (6, 4):
        raise Wrong(
            f"dW has shape {dW.shape} where (6, 4) was expected: this is the outer product of x and δ"
        )
    if db.shape != (4,):
        raise Wrong(f"db has shape {db.shape} where (4,) was expected; it has no x in it")
    if agrees(db, -delta):
        raise Wrong("the right size but the wrong sign: the error is a − y")
    if agrees(db, a - y):
        raise Wrong("the slope of the sigmoid is missing: multiply the error by a * (1 - a)")
    if agrees(db, (a - y) ** 2 * a * (1 - a)):
        raise Wrong("the derivative of ½ (a − y)² is a − y, without the square")
    if not agrees(db, delta):
        raise Wrong("db is not δ = (a − y) · a · (1 − a)")
    if not agrees(dW, np.outer(x, delta)):
        raise Wrong("db is right, dW is not: dW[i, j] = x[i] * δ[j]")


@exercise
def relu_slope(function):
    """relu_slope(z) -> 1 where z > 0, else 0."""
    z = np.array([-3.0, -0.2, 0.4, 5.0])
    answer = array_of(function(z))
    expect_shape(answer, (4,), ": one slope for each element")
    if agrees(answer, np.maximum(z, 0)):
        raise Wrong("that is ReLU itself; its slope is 1 where it rises and 0 where it is flat")
    if agrees(answer, [1, 1, 0, 0]):
        raise Wrong("the wrong way round: ReLU is flat on the negative side")
    if agrees(answer, np.ones(4)):
        raise Wrong("1 everywhere; left of 0 the slope is 0. Did you test something that is never negative?")
    if not agrees(answer, [0, 0, 1, 1]):
        raise Wrong(f"for z = {z} expected [0 0 1 1], not {answer}")
