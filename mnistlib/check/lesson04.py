"""Spoilers: the checks of the exercises of notebook 04, naive backpropagation."""

import itertools

import numpy as np

from mnistlib.check.verdict import Wrong, agrees, array_of, exercise, expect_shape, name_mistake, number_of


def _sigmoid(z):
    return 1 / (1 + np.exp(-z))


# What somebody may have written in place of the central difference, and what is wrong with that
SLOPES = (
    (lambda f, x, h: (f(x - h) - f(x + h)) / (2 * h), "the wrong sign: the value at x + h comes first"),
    (
        lambda f, x, h: (f(x + h) - f(x - h)) / h,
        "twice too large: from x − h to x + h it is 2h, so divide by 2 * h",
    ),
    (
        lambda f, x, h: (f(x + h) - f(x - h)) / 2 * h,
        "you multiplied by h: write (f(x + h) - f(x - h)) / (2 * h), with its brackets",
    ),
    (
        lambda f, x, h: f(x + h) - f(x - h) / (2 * h),
        "only the second value was divided: put the difference into brackets",
    ),
    (lambda f, x, h: f(x + h) - f(x - h), "that is the change; divide it by 2 * h"),
    (lambda f, x, h: (f(x + h) - f(x)) / h, "the one-sided difference: step to both sides of x"),
    (lambda f, x, h: (f(x) - f(x - h)) / h, "the one-sided difference: step to both sides of x"),
    (
        lambda f, x, h: (f(x + h) - f(x)) / (2 * h),
        "from x to x + h it is h, not 2h; start at x − h",
    ),
    (
        lambda f, x, h: (f(x + h / 2) - f(x - h / 2)) / h,
        "you stepped by half of h to each side; the exercise asks for h",
    ),
    (
        lambda f, x, h: (f(x + h) + f(x - h)) / (2 * h),
        "the two values were added; a change is a difference",
    ),
    (
        lambda f, x, h: (f(x + 1e-5) - f(x - 1e-5)) / 2e-5,
        "a slope, but not with the h that is passed in; did you write a number in its place?",
    ),
)


@exercise
def numerical_slope(function):
    """numerical_slope(f, x, h) -> the central difference (f(x + h) − f(x − h)) / 2h."""
    rng = np.random.default_rng(4)
    cases = []
    for _ in range(4):  # curved functions and wide steps, so that no two formulas agree
        coefficients = rng.uniform(1, 3, 4)
        cases.append((np.poly1d(coefficients), rng.uniform(0.5, 2), rng.uniform(0.2, 0.6)))
    answers = [number_of(function(*case)) for case in cases]

    def is_(formula):
        return all(
            np.isclose(answer, formula(*case), rtol=1e-6) for answer, case in zip(answers, cases, strict=True)
        )

    def right(f, x, h):
        return (f(x + h) - f(x - h)) / (2 * h)

    if is_(right):
        return
    name_mistake(SLOPES, is_)
    f, x, h = cases[0]
    at = f"with f({x:.2f} + {h:.2f}) = {f(x + h):.3f} and f({x:.2f} - {h:.2f}) = {f(x - h):.3f}"
    raise Wrong(f"{at} expected {right(f, x, h):.3f}, not {answers[0]:.3f}")


DELTAS = (
    (lambda W, delta, a: W @ delta, "the slope of the sigmoid is missing: multiply by a * (1 - a)"),
    (lambda W, delta, a: (W @ delta) * a, "half of the sigmoid's slope is missing: a * (1 - a)"),
    (lambda W, delta, a: (W @ delta) * (1 - a), "half of the sigmoid's slope is missing: a * (1 - a)"),
    (lambda W, delta, a: (W @ delta) * a * 1 - a, "1 − a needs brackets: * comes before −"),
    (lambda W, delta, a: -(W @ delta) * a * (1 - a), "the right size but the wrong sign"),
    (
        lambda W, delta, a: (W @ delta) * _sigmoid(a) * (1 - _sigmoid(a)),
        "a has been through the sigmoid already: its slope is a * (1 - a), without another sigmoid",
    ),
    (
        lambda W, delta, a: W @ delta / len(delta) * a * (1 - a),
        "that is a mean over the lines; the cost gets all the pushes, so add them up",
    ),
    (
        lambda W, delta, a: W.sum(axis=1) * a * (1 - a),
        "delta has not been used: each weight is multiplied by the delta where its line goes",
    ),
    (
        lambda W, delta, a: delta.sum() * a * (1 - a),
        "W has not been used: each delta is multiplied by the weight of its line",
    ),
    (lambda W, delta, a: a * (1 - a), "that is the sigmoid's slope alone; W @ delta is missing"),
    (
        lambda W, delta, a: W @ (delta * delta) * a * (1 - a),
        "delta was multiplied in twice; it has the slope of its own layer in it already",
    ),
)


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
        answer = array_of(function(W, delta, a))
        if answer.shape == W.shape and W.ndim != 1:
            raise Wrong(
                f"shape {W.shape}, a number for each line; add up the lines that leave a neuron: W @ delta"
            )
        expect_shape(answer, (len(a),), ": a delta for each hidden neuron")
        answers.append(answer)

    def is_(formula):
        return all(agrees(answer, formula(*case)) for answer, case in zip(answers, cases, strict=True))

    if is_(lambda W, delta, a: (W @ delta) * a * (1 - a)):
        return
    name_mistake(DELTAS, is_)
    W, delta, a = cases[-1]  # a square table, on which both orders work
    if agrees(answers[-1], (delta @ W) * a * (1 - a)):
        raise Wrong("where W is square you add up its columns; backward, delta meets the rows: W @ delta")
    raise Wrong("the shape is right, the numbers are not: (W @ delta) · a · (1 − a)")


def _way_back(x, y, layers, *, end=None, bend=None, outer=np.outer, carry=None):
    """The slopes of sigmoid layers, with one thing changed: [(dW, db), …]."""
    activations = [x]
    for W, b in layers:
        activations.append(_sigmoid(activations[-1] @ W + b))
    a = activations[-1]
    delta = end(a, y) if end else (a - y) * a * (1 - a)
    slopes = []
    for (W, _), a in zip(layers[::-1], activations[-2::-1], strict=True):
        slopes.insert(0, (outer(a, delta), delta))
        back = carry(W, delta) if carry else W @ delta
        delta = back * (bend(a) if bend else a * (1 - a))
    return slopes


GRADIENTS = (
    ({"end": lambda a, y: (y - a) * a * (1 - a)}, "the right size but the wrong sign: the error is a − y"),
    (
        {"end": lambda a, y: a - y},
        "the last delta lacks the slope of the sigmoid: multiply the error by a * (1 - a)",
    ),
    (
        {"end": lambda a, y: a - y, "bend": lambda a: 1},
        "the slope of the sigmoid is missing in all layers: multiply by a * (1 - a)",
    ),
    (
        {"end": lambda a, y: 2 * (a - y) * a * (1 - a)},
        "twice too large: the ½ of the cost cancels the 2, so that the error is a − y",
    ),
    (
        {"end": lambda a, y: (a - y) ** 2 * a * (1 - a)},
        "the slope of ½ (a − y)² is a − y, without the square",
    ),
    ({"end": lambda a, y: a * (1 - a)}, "y has not been used: the last delta starts with the error, a − y"),
    (
        {"bend": lambda a: 1},
        "the last layer is right, those before it lack the slope of the sigmoid: a * (1 - a) again",
    ),
    (
        {"bend": lambda a: a},
        "the last layer is right; on the way back delta is multiplied by a, which should be a * (1 - a)",
    ),
    (
        {"bend": lambda a: _sigmoid(a) * (1 - _sigmoid(a))},
        "the last layer is right; on the way back the sigmoid was applied once more: a has it already",
    ),
    (
        {"outer": lambda a, delta: np.ones_like(a)[:, None] * delta},
        "the outer product is missing: dW[i, j] = a[i] * δ[j], with the a that the layer got",
    ),
    (
        {"carry": lambda W, delta: W.sum(axis=1)},
        "the last layer is right; on the way back delta was lost: W @ delta",
    ),
)


@exercise
def gradients(function):
    """gradients(x (n_in,), y (n_out,), layers [(W, b), …]) -> [(dW, db), …] of one image's ½ Σ (a − y)²."""
    rng = np.random.default_rng(4)
    cases = []
    for sizes in ((5, 4, 3), (6, 3), (4, 5, 3, 2), (3, 3, 3)):
        layers = [(rng.normal(size=(m, n)), rng.normal(size=n)) for m, n in itertools.pairwise(sizes)]
        cases.append((rng.random(sizes[0]), np.eye(sizes[-1])[0], layers))
    answers = [_pairs(function(x, y, layers), layers) for x, y, layers in cases]

    def is_(**changes):
        return all(
            _agree(answer, _way_back(*case, **changes)) for answer, case in zip(answers, cases, strict=True)
        )

    if is_():
        return
    name_mistake(GRADIENTS, lambda changes: is_(**changes))
    for (x, y, layers), answer in zip(cases, answers, strict=True):
        _judge_layers(answer, _way_back(x, y, layers))


def _pairs(answer, layers):
    """The answer as pairs of arrays; Wrong, unless there is one for each layer, of its shapes."""
    count = len(layers)
    if not isinstance(answer, tuple | list) or len(answer) != count:
        many = f", not {len(answer)}" if isinstance(answer, tuple | list) else ""
        raise Wrong(f"for a network of {count} layers, return a list of {count} pairs (dW, db){many}")
    found = []
    for pair in answer:
        if not isinstance(pair, tuple | list) or len(pair) != 2:
            raise Wrong("return a pair (dW, db) for each layer: the slopes of weights, and those of biases")
        found.append((array_of(pair[0], "a dW"), array_of(pair[1], "a db")))
    shapes = [(dW.shape, db.shape) for dW, db in found]
    expected = [(W.shape, b.shape) for W, b in layers]
    if shapes == expected:
        return found
    if shapes == expected[::-1]:
        raise Wrong("the last layer comes first in your list; the first layer's slopes belong there")
    for number, (one, other) in enumerate(zip(shapes, expected, strict=True), 1):
        if one == (other[0][::-1], other[1]):
            raise Wrong(f"dW of layer {number} has shape {one[0]}, W has {other[0]}: np.outer(a, delta)")
        if one != other:
            raise Wrong(
                f"layer {number} of {count}: dW and db have shapes {one[0]} and {one[1]}, "
                f"W and b have {other[0]} and {other[1]}"
            )
    return found


def _agree(answer, expected):
    return all(
        agrees(one, other)
        for pair, ours in zip(answer, expected, strict=True)
        for one, other in zip(pair, ours, strict=True)
    )


def _judge_layers(answer, right):
    """Wrong, unless all layers are right; it names the last one that is not, where the way back begins."""
    count = len(right)
    square = len({dW.shape for dW, _ in right}) == 1  # then the order can't be seen by the shapes
    if square and count > 1 and _agree(answer[::-1], right):
        raise Wrong("the last layer comes first in your list; the first layer's slopes belong there")
    for number in reversed(range(count)):
        (dW, db), (right_dW, right_db) = answer[number], right[number]
        if agrees(dW, right_dW) and agrees(db, right_db):
            continue
        where = f"in a network of {count} layer{'s' * (count > 1)}, layer {number + 1}"
        if agrees(dW, right_dW):
            raise Wrong(f"{where}: dW is right, db is not: the biases' slopes are delta itself")
        if agrees(db, right_db):
            raise Wrong(f"{where}: db is right, dW is not: np.outer(a, delta), with the a that the layer got")
        if dW.shape == dW.T.shape and agrees(dW, right_dW.T):
            raise Wrong(f"{where}: dW lies on its side: np.outer(a, delta), with a first")
        if number + 1 == count:
            raise Wrong(f"{where}: its delta should be (a − y) · a · (1 − a), with the outputs a")
        raise Wrong(
            f"{where}: its delta should be (W @ delta) · a · (1 − a), with the W of layer {number + 2}"
        )


RELU_SLOPES = (
    (lambda z: np.maximum(z, 0), "that is ReLU itself; its slope is 1 where it rises and 0 where it is flat"),
    (lambda z: z < 0, "the wrong way round: ReLU is flat on the negative side"),
    (
        np.ones_like,
        "1 everywhere; left of 0 the slope is 0. Did you test something that is never negative?",
    ),
    (np.zeros_like, "0 everywhere; right of 0 ReLU rises as z does: slope 1"),
    (np.sign, "left of 0 the slope is 0, not −1: ReLU is flat there"),
    (lambda z: _sigmoid(z) * (1 - _sigmoid(z)), "that is the slope of the sigmoid"),
    (lambda z: z > 1, "the bend is at 0, not at 1"),
    (lambda z: np.where(z > 0, 1, 0.01), "0.01 left of 0 belongs to a “leaky” ReLU; ours is flat there"),
    (lambda z: (z > 0) & (z < 6), "0 again for large z: ReLU has no upper end"),
    (
        lambda z: np.where(z > 0, z, 0) / np.abs(z).max(),
        "ReLU, scaled down; its slope is 1 or 0, never between",
    ),
)


@exercise
def relu_slope(function):
    """relu_slope(z float array, any shape) -> 1 where z > 0, else 0, of the same shape."""
    rng = np.random.default_rng(4)
    signs = np.array([1, -1])
    cases = [
        signs[rng.integers(0, 2, shape)] * rng.uniform(0.02, 9, shape) for shape in ((9,), (3, 4), (2, 3, 2))
    ]
    cases.append(np.array([-0.001, 0.001, -0.2, 0.2, -0.6, 0.6, -40.0, 40.0]))
    answers = []
    for z in cases:
        answer = array_of(function(z))
        expect_shape(answer, z.shape, ": one slope for each element")
        answers.append(answer)

    def is_(formula):
        return all(agrees(answer, formula(z)) for answer, z in zip(answers, cases, strict=True))

    if is_(lambda z: z > 0):
        return
    name_mistake(RELU_SLOPES, is_)
    for answer, z in zip(answers, cases, strict=True):
        for slope, element in zip(answer.ravel(), z.ravel(), strict=True):
            if not agrees(slope, element > 0):
                raise Wrong(f"at z = {element:.3f} the slope is {int(element > 0)}, not {float(slope):.3g}")
