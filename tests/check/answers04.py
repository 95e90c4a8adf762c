"""The exercises of notebook 04: right answers in many styles, and the wrong ones that learners give."""

import numpy as np


def sigmoid(z):
    return 1 / (1 + np.exp(-z))


def forward(x, layers):
    activations = [x]
    for W, b in layers:
        activations.append(sigmoid(activations[-1] @ W + b))
    return activations


def way_back(x, y, layers, error=lambda a, y: a - y, end=lambda a: a * (1 - a), bend=lambda a: a * (1 - a),
             outer=np.outer, carry=lambda W, delta: W @ delta):  # fmt: skip
    """A learner's gradient, with one thing changed."""
    activations = forward(x, layers)
    delta = error(activations[-1], y) * end(activations[-1])
    slopes = []
    for k in reversed(range(len(layers))):
        slopes.insert(0, (outer(activations[k], delta), delta))
        delta = carry(layers[k][0], delta) * bend(activations[k])
    return slopes


def changed(**changes):
    return lambda x, y, layers: way_back(x, y, layers, **changes)


def two_layers_only(x, y, layers):
    right = way_back(x, y, layers)
    return [(0 * dW, 0 * db) for dW, db in right[:-2]] + right[-2:]


def next_inputs(x, y, layers):
    """dW with what the layer put out, not with what it got: fits where all layers are equally wide."""
    outputs = forward(x, layers)[1:]
    return [(np.outer(a, db), db) for a, (_, db) in zip(outputs, way_back(x, y, layers), strict=True)]


RIGHT = {
    "numerical_slope": [
        lambda f, x, h: np.diff(f(np.array([x - h, x + h]))) / (2 * h),  # f takes arrays as well
        lambda f, x, h: ((f(x + h) - f(x)) / h + (f(x) - f(x - h)) / h) / 2,
    ],
    "gradients": [
        way_back,
        lambda x, y, layers: [list(pair) for pair in way_back(x, y, layers)],
    ],
    "relu_slope": [
        lambda z: z > 0,
        lambda z: np.maximum(z, 0) / z,  # which is nan at 0, where there is no slope
    ],
}  # fmt: skip

WRONG = {
    "numerical_slope": [
        (lambda f, x, h: (f(x - h) - f(x + h)) / (2 * h), "the wrong sign"),
        (lambda f, x, h: (f(x + h) - f(x - h)) / h, "divide by 2 * h"),
        (lambda f, x, h: (f(x + h) - f(x - h)) / 2 * h, "with its brackets"),
        (lambda f, x, h: (f(x + h) - f(x)) / h, "the one-sided difference"),
        (lambda f, x, h: (f(x) - f(x - h)) / h, "the one-sided difference"),
        (lambda f, x, h: (f(x + h) - f(x)) / (2 * h), "it is h, not 2h"),
        (lambda f, x, h: f(x + h) - f(x - h) / (2 * h), "put the difference into brackets"),
        (lambda f, x, h: f(x + h) - f(x - h), "divide it by 2 * h"),
        (lambda f, x, h: (f(x + h) + f(x - h)) / (2 * h), "a change is a difference"),
        (lambda f, x, h: (f(x + h / 2) - f(x - h / 2)) / h, "half of h to each side"),
        (lambda f, x, h: (f(x + 1e-6) - f(x - 1e-6)) / 2e-6, "not with the h that is passed in"),
        (lambda f, x, h: 0.0, "not 0.000"),
        (lambda f, x, h: (f(x + h), f(x - h)), "a single number was expected"),
    ],
    "hidden_delta": [
        (lambda W, delta, a: W @ delta, "the slope of the sigmoid is missing"),
        (lambda W, delta, a: (W @ delta) * a, "half of the sigmoid's slope is missing"),
        (lambda W, delta, a: (W @ delta) * (1 - a), "half of the sigmoid's slope is missing"),
        (lambda W, delta, a: -(W @ delta) * a * (1 - a), "the wrong sign"),
        (lambda W, delta, a: (W @ delta) * sigmoid(a) * (1 - sigmoid(a)), "without another sigmoid"),
        (lambda W, delta, a: (W * delta).mean(axis=1) * a * (1 - a), "that is a mean over the lines"),
        (lambda W, delta, a: W.sum(axis=1) * a * (1 - a), "delta has not been used"),
        (lambda W, delta, a: sum(delta) * a * (1 - a), "W has not been used"),
        (lambda W, delta, a: a * (1 - a), "W @ delta is missing"),
        (lambda W, delta, a: (W @ delta) * a * 1 - a, "1 − a needs brackets"),
        (lambda W, delta, a: (W @ delta) * a * (1 - a) + 0.1, "the numbers are not"),
        (lambda W, delta, a: (W @ delta**2) * a * (1 - a), "delta comes in twice"),
        (lambda W, delta, a: W * delta, "add up the lines that leave a neuron"),
        (lambda W, delta, a: (W.T @ delta) * a * (1 - a), "look at the order of the two"),
        (
            lambda W, delta, a: ((delta @ W) if len(a) == len(delta) else (W @ delta)) * a * (1 - a),
            "delta meets rows",
        ),
        (lambda W, delta, a: (W * delta).sum() * (a * (1 - a))[:1], "a delta for each hidden neuron"),
    ],
    "gradients": [
        (changed(error=lambda a, y: y - a), "the wrong sign: the error is a − y"),
        (changed(end=lambda a: 1), "the last delta lacks the slope of the sigmoid"),
        (changed(end=lambda a: 1, bend=lambda a: 1), "missing in all layers"),
        (changed(bend=lambda a: 1), "those before it lack the sigmoid's slope"),
        (changed(bend=lambda a: a), "multiplied by a, which should be a * (1 - a)"),
        (changed(bend=lambda a: sigmoid(a) * (1 - sigmoid(a))), "the sigmoid came once more"),
        (changed(error=lambda a, y: 2 * (a - y)), "twice too large"),
        (changed(error=lambda a, y: (a - y) ** 2), "without the square"),
        (changed(error=lambda a, y: 1), "y has not been used"),
        (changed(outer=lambda a, d: np.ones((len(a), 1)) * d), "the outer product is missing"),
        (changed(outer=lambda a, d: np.outer(d, a)), "dW of layer 1 has shape (4, 5), W has (5, 4)"),
        (changed(carry=lambda W, d: W.sum(axis=1)), "delta was lost"),
        (changed(carry=lambda W, d: W.T @ d), "look at the order of the two"),
        (changed(carry=lambda W, d: (W.T if W.shape[0] == W.shape[1] else W) @ d), "W of layer 2"),
        (changed(end=lambda a: a), "its delta should be (a − y) · a · (1 − a)"),
        (lambda x, y, layers: way_back(x, y, layers)[::-1], "the last layer comes first"),
        (lambda x, y, layers: [dW for dW, _ in way_back(x, y, layers)], "return a pair (dW, db)"),
        (lambda x, y, layers: way_back(x, y, layers)[-1:], "a list of 2 pairs (dW, db), not 1"),
        (two_layers_only, "in a network of 3 layers, layer 1"),
        (lambda x, y, layers: [(-dW, db) for dW, db in way_back(x, y, layers)], "db is right, dW is not"),
        (lambda x, y, layers: [(dW, 0 * db) for dW, db in way_back(x, y, layers)], "db is not: the biases'"),
        (next_inputs, "dW and db have shapes"),
    ],
    "relu_slope": [
        (lambda z: np.maximum(z, 0), "that is ReLU itself"),
        (lambda z: z < 0, "the wrong way round"),
        (lambda z: np.maximum(z, 0) >= 0, "1 everywhere"),
        (lambda z: np.maximum(z, 0) * 0, "0 everywhere"),
        (np.sign, "the slope is 0, not −1"),
        (lambda z: sigmoid(z) * (1 - sigmoid(z)), "the slope of the sigmoid"),
        (lambda z: z > 1, "the bend is at 0, not at 1"),
        (lambda z: np.where(z > 0, 1, 0.01), "leaky"),
        (lambda z: (z > 0) & (z < 6), "no upper end"),
        (lambda z: z > 0.3, "the slope is 1, not 0"),
        (lambda z: z > -0.01, "at z = -0.001 the slope is 0, not 1"),
        (lambda z: (z > 0).mean(), "shape () where (9,) was expected"),
    ],
}  # fmt: skip
