"""Spoilers: the checks of the exercises of notebook 04, naive backpropagation."""

from operator import eq

import numpy as np

from mnistlib.check.lesson03 import feed, random_network, sigmoid
from mnistlib.check.verdict import Wrong, exercise, expect, expect_shape, judge, number_of, parts_of


@exercise
def numerical_slope(function):
    """numerical_slope(f, x, h) -> the central difference (f(x + h) − f(x − h)) / 2h."""
    rng = np.random.default_rng(4)
    cases = []
    for _ in range(4):  # curved functions and wide steps, so that no two formulas agree
        coefficients = rng.uniform(1, 3, 4)
        cases.append((np.poly1d(coefficients), rng.uniform(0.5, 2), rng.uniform(0.2, 0.6)))
    answers = [number_of(function(*case)) for case in cases]
    for (f, x, h), answer, right in judge(answers, cases, _differences, _is_close):
        at = f"with f({x:.2f} + {h:.2f}) = {f(x + h):.3f} and f({x:.2f} - {h:.2f}) = {f(x - h):.3f}"
        raise Wrong(f"{at} expected {right:.3f}, not {answer:.3f}")


def _is_close(answer, slope):
    return np.isclose(answer, slope, rtol=1e-6)


def _differences(f, x, h):
    """The central difference, and what somebody may have written in its place."""
    up, here, down = f(x + h), f(x), f(x - h)
    change, tiny = up - down, f(x + 1e-5) - f(x - 1e-5)
    one_sided = "the one-sided difference: step to both sides of x"
    return change / (2 * h), [
        (-change / (2 * h), "the wrong sign: the value at x + h comes first"),
        (change / h, "twice too large: from x − h to x + h it is 2h, so divide by 2 * h"),
        (change / 2 * h, "you multiplied by h: write (f(x + h) - f(x - h)) / (2 * h), with its brackets"),
        (up - down / (2 * h), "only the second value was divided: put the difference into brackets"),
        (change, "that is the change; divide it by 2 * h"),
        ((up - here) / h, one_sided),
        ((here - down) / h, one_sided),
        ((up - here) / (2 * h), "from x to x + h it is h, not 2h; start at x − h"),
        ((f(x + h / 2) - f(x - h / 2)) / h, "you stepped by half of h to each side; the exercise asks for h"),
        ((up + down) / (2 * h), "the two values were added; a change is a difference"),
        (tiny / 2e-5, "a slope, but not with the h that is passed in; did you write a number in its place?"),
    ]


@exercise
def hidden_delta(function):
    """hidden_delta(W (n, m), delta (m,), a (n,)) -> (n,), the delta of the layer that put out a."""
    rng = np.random.default_rng(4)
    cases = [
        (rng.normal(size=(n, m)), rng.normal(size=m), rng.uniform(0.1, 0.9, n))
        for n, m in ((5, 3), (2, 6), (4, 4))
    ]
    answers = []
    for W, delta, a in cases:
        lines = f"shape {W.shape}, a number for each line; add up the lines that leave a neuron: W @ delta"
        answer = function(W, delta, a)
        answers.append(expect_shape(answer, a.shape, ": a delta for each hidden neuron", [(W.shape, lines)]))
    if judge(answers, cases, _deltas):
        raise Wrong("the shape is right, the numbers are not: (W @ delta) · a · (1 − a)")


def _deltas(W, delta, a):
    slope, back, m = _slope(a), W @ delta, len(delta)
    half = "half of the sigmoid's slope is missing: a * (1 - a)"
    columns = delta @ W if len(a) == m else back  # both orders work where W is square
    return back * slope, [
        (back, "the slope of the sigmoid is missing: multiply by a * (1 - a)"),
        (back * a, half),
        (back * (1 - a), half),
        (back * a * 1 - a, "1 − a needs brackets: * comes before −"),
        (-back * slope, "the right size but the wrong sign"),
        (
            back * _slope(sigmoid(a)),
            "a has been through the sigmoid already: its slope is a * (1 - a), without another sigmoid",
        ),
        (back / m * slope, "that is a mean over the lines; the cost gets all the pushes, so add them up"),
        (W.sum(axis=1) * slope, "delta has not been used: each weight is multiplied by its line's delta"),
        (delta.sum() * slope, "W has not been used: each delta is multiplied by the weight of its line"),
        (slope, "that is the sigmoid's slope alone; W @ delta is missing"),
        (W @ (delta * delta) * slope, "delta comes in twice; it has its own layer's slope in it already"),
        (columns * slope, "where W is square you add up columns; backward, delta meets rows: W @ delta"),
    ]


@exercise
def gradients(function):
    """gradients(x (n_in,), y (n_out,), layers [(W, b), …]) -> [(dW, db), …] of one image's ½ Σ (a − y)²."""
    rng = np.random.default_rng(4)
    cases = []
    for sizes in ((5, 4, 3), (6, 3), (4, 5, 3, 2), (3, 3, 3)):
        x, layers = random_network(sizes, rng)
        cases.append((x, np.eye(sizes[-1])[0], layers))
    answers = [_pairs(function(x, y, layers), layers) for x, y, layers in cases]
    for _, answer, right in judge(answers, cases, _ways_back):
        _judge_layers(answer, right)


def _ways_back(x, y, layers):
    """The slopes of sigmoid layers, ((dW, db), …), and what they are with something changed."""
    activations = [feed(x, layers[:k]) for k in range(len(layers) + 1)]
    outputs, ones = activations[-1], np.ones_like
    error, back = outputs - y, "the last layer is right; on the way back"

    def way(error=error, end=_slope, bend=_slope, outer=np.outer, carry=np.matmul):
        slopes, delta = [], error * end(outputs)
        for (W, _), a in zip(layers[::-1], activations[-2::-1], strict=True):
            slopes.insert(0, (outer(a, delta), delta))
            delta = carry(W, delta) * bend(a)
        return tuple(slopes)

    return way(), [
        (way(-error), "the right size but the wrong sign: the error is a − y"),
        (way(end=ones), "the last delta lacks the slope of the sigmoid: multiply the error by a * (1 - a)"),
        (way(end=ones, bend=ones), "the sigmoid's slope is missing in all layers: multiply by a * (1 - a)"),
        (way(2 * error), "twice too large: the ½ of the cost cancels the 2, so that the error is a − y"),
        (way(error**2), "the slope of ½ (a − y)² is a − y, without the square"),
        (way(1), "y has not been used: the last delta starts with the error, a − y"),
        (way(bend=ones), "the last layer is right, those before it lack the sigmoid's slope: a * (1 - a)"),
        (way(bend=np.positive), f"{back} delta is multiplied by a, which should be a * (1 - a)"),
        (way(bend=lambda a: _slope(sigmoid(a))), f"{back} the sigmoid came once more: a has it already"),
        (
            way(outer=lambda a, delta: np.tile(delta, (len(a), 1))),
            "the outer product is missing: dW[i, j] = a[i] * δ[j], with the a that the layer got",
        ),
        (way(carry=lambda W, delta: W.sum(axis=1)), f"{back} delta was lost: W @ delta"),
    ]


def _slope(a):
    """The slope of the sigmoid that put out a."""
    return a * (1 - a)


def _pairs(answer, layers):
    """The answer as pairs of arrays; Wrong, unless there is one for each layer, of its shapes."""
    count = len(layers)
    if not isinstance(answer, tuple | list) or len(answer) != count:
        many = f", not {len(answer)}" if isinstance(answer, tuple | list) else ""
        raise Wrong(f"for a network of {count} layers, return a list of {count} pairs (dW, db){many}")
    words = "return a pair (dW, db) for each layer: the slopes of weights, and those of biases"
    found = tuple(parts_of(pair, ("a dW", "a db"), words) for pair in answer)
    shapes = [(dW.shape, db.shape) for dW, db in found]
    expected = [(W.shape, b.shape) for W, b in layers]
    if shapes != expected and shapes == expected[::-1]:
        raise Wrong("the last layer comes first in your list; the first layer's slopes belong there")
    for number, (of_slopes, (W, b)) in enumerate(zip(shapes, expected, strict=True), 1):
        dW, db = of_slopes
        turned = f"dW of layer {number} has shape {dW}, W has {W}: np.outer(a, delta)"
        otherwise = f"layer {number} of {count}: dW and db have shapes {dW} and {db}, W and b {W} and {b}"
        expect(of_slopes, (W, b), [((W[::-1], b), turned)], otherwise, eq)
    return found


def _judge_layers(answer, right):
    """Wrong, in words about the last layer that is not right, where the way back begins."""
    count = len(right)
    for number in range(count, 0, -1):
        (dW, db), (right_dW, right_db) = answer[number - 1], right[number - 1]
        where = f"in a network of {count} layer{'s' * (count > 1)}, layer {number}"
        mistakes = [
            ((right_dW, db), f"{where}: dW is right, db is not: the biases' slopes are delta itself"),
            (
                (dW, right_db),
                f"{where}: db is right, dW is not: np.outer(a, delta), with the a that the layer got",
            ),
        ]
        otherwise = f"{where}: its delta should be (W @ delta) · a · (1 − a), W of layer {number + 1}"
        if number == count:
            otherwise = f"{where}: its delta should be (a − y) · a · (1 − a), with the outputs a"
        expect((dW, db), (right_dW, right_db), mistakes, otherwise)


@exercise
def relu_slope(function):
    """relu_slope(z float array, any shape) -> 1 where z > 0, else 0, of the same shape."""
    rng = np.random.default_rng(4)
    signs = np.array([1, -1])
    cases = [
        (signs[rng.integers(0, 2, shape)] * rng.uniform(0.02, 9, shape),)
        for shape in ((9,), (3, 4), (2, 3, 2))
    ]
    cases.append((np.array([-0.001, 0.001, -0.2, 0.2, -0.6, 0.6, -40.0, 40.0]),))
    answers = [expect_shape(function(z), z.shape, ": one slope for each element") for (z,) in cases]
    for (z,), answer, right in judge(answers, cases, _relu_slopes):
        place = np.abs(answer - right).argmax()
        found = float(answer.flat[place])
        raise Wrong(f"at z = {z.flat[place]:.3f} the slope is {right.flat[place]:.0f}, not {found:.3g}")


def _relu_slopes(z):
    on = 1.0 * (z > 0)
    return on, [
        (np.maximum(z, 0), "that is ReLU itself; its slope is 1 where it rises and 0 where it is flat"),
        (z < 0, "the wrong way round: ReLU is flat on the negative side"),
        (np.ones_like(z), "1 everywhere; left of 0 it is 0. Did you test something that is never negative?"),
        (np.zeros_like(z), "0 everywhere; right of 0 ReLU rises as z does: slope 1"),
        (np.sign(z), "left of 0 the slope is 0, not −1: ReLU is flat there"),
        (_slope(sigmoid(z)), "that is the slope of the sigmoid"),
        (z > 1, "the bend is at 0, not at 1"),
        (np.where(z > 0, 1, 0.01), "0.01 left of 0 belongs to a “leaky” ReLU; ours is flat there"),
        ((z > 0) & (z < 6), "0 again for large z: ReLU has no upper end"),
        (z * on / np.abs(z).max(), "ReLU, scaled down; its slope is 1 or 0, never between"),
    ]
