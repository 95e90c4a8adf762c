"""Spoilers: the checks of the exercises of notebook 07, softmax and cross-entropy."""

import numpy as np

from mnistlib.check.verdict import Wrong, agrees, array_of, exercise, expect_shape


def stable_softmax(z):
    e = np.exp(z - z.max(axis=1, keepdims=True))
    return e / e.sum(axis=1, keepdims=True)


@exercise
def softmax(function):
    """softmax(z (N, n)) -> probabilities (N, n), also for large scores."""
    z = np.random.default_rng(0).normal(0, 2, (4, 10))
    answer = array_of(function(z))
    expect_shape(answer, (4, 10), ": one row of probabilities for each row of scores")
    if agrees(answer, np.exp(z) / np.exp(z).sum()):
        raise Wrong("all numbers together add up to 1; each row should: sum(axis=1, keepdims=True)")
    if agrees(answer.sum(axis=0), 1):
        raise Wrong("the columns add up to 1; the rows should: examples are rows, so axis=1")
    if not agrees(answer, stable_softmax(z)):
        raise Wrong(f"the first row adds up to {answer[0].sum():.3f}; exp of each score over their sum")
    with np.errstate(all="ignore"):
        large = np.asarray(function(np.array([[5000.0, 4999.0], [-5000.0, -5000.0]])))
    if not np.isfinite(large).all():
        raise Wrong("right for small scores, nan for 5000; subtract each row's largest score before exp")
    if not agrees(large, [[0.73105858, 0.26894142], [0.5, 0.5]]):
        raise Wrong("right for small scores, wrong for large ones; subtract the largest of each row")


@exercise
def output_delta(function):
    """output_delta(z (N, 10), labels (N,)) -> slope of the mean cross-entropy, (N, 10)."""
    rng = np.random.default_rng(0)
    z, labels = rng.normal(0, 2, (5, 10)), np.array([3, 0, 9, 3, 1])
    p, y = stable_softmax(z), np.eye(10)[labels]
    answer = array_of(function(z, labels))
    expect_shape(answer, (5, 10), ": a slope for every score")
    if agrees(answer, (y - p) / 5):
        raise Wrong("the right size but the wrong sign: p − y")
    if agrees(answer, p - y):
        raise Wrong("this is the slope of the sum; for the mean, divide by the number of examples, len(z)")
    if agrees(answer, (p - y) / 10):
        raise Wrong("divide by the number of examples, not by the number of digits")
    if agrees(answer, (p - y) * p * (1 - p) / 5):
        raise Wrong("no p · (1 − p): in the softmax with cross-entropy it cancels, which is their point")
    if agrees(answer, p / 5):
        raise Wrong("the 1 of the right digit is not subtracted yet")
    if not agrees(answer, (p - y) / 5):
        raise Wrong("expected (p − y) / N with p = softmax(z) and y the one-hot labels")


@exercise
def with_l2(function):
    """with_l2(dW, W, l2) -> the gradient of the loss plus l2/2 Σ W²."""
    rng = np.random.default_rng(0)
    dW, W = rng.normal(size=(4, 3)), rng.normal(size=(4, 3))
    answer = array_of(function(dW, W, 0.1))
    expect_shape(answer, (4, 3), ": a slope for every weight")
    if agrees(answer, dW * 1.1) or agrees(answer, dW * 0.1):
        raise Wrong("the factor belongs to the weights, not to the gradient: l2 * W")
    if agrees(answer, dW - 0.1 * W):
        raise Wrong("the wrong sign: large weights cost more, so the slope grows with W")
    if agrees(answer, dW + 0.2 * W):
        raise Wrong("twice too much: the ½ in ½ λ W² cancels the 2 of its slope")
    if agrees(answer, dW + 0.05 * W**2) or agrees(answer, dW + 0.1 * W**2):
        raise Wrong("that adds the price; its slope is wanted: λ W, without the square")
    if not agrees(answer, dW + 0.1 * W):
        raise Wrong("expected dW + l2 * W")


@exercise
def confusion_matrix(function):
    """confusion_matrix(labels (N,), predicted (N,)) -> counts (10, 10)."""
    labels, predicted = np.array([4, 4, 4, 9, 0, 1]), np.array([9, 9, 4, 9, 0, 7])
    answer = array_of(function(labels, predicted))
    expect_shape(answer, (10, 10), ": a row and a column for each digit")
    right = np.zeros((10, 10))
    for label, said in zip(labels, predicted, strict=True):
        right[label, said] += 1
    if agrees(answer, right.T):
        raise Wrong("rows and columns are swapped: the row is what it was, the column what was said")
    if agrees(answer, right > 0):
        raise Wrong("4 was read as 9 twice, but counted once; counts[a, b] += 1 ignores repeated pairs")
    if agrees(answer.sum(), 1):
        raise Wrong("these are fractions; count instead")
    if not agrees(answer.sum(), 6):
        raise Wrong(f"{answer.sum():g} examples counted, there are 6; one count for each example")
    if not agrees(answer, right):
        a, b = np.argwhere(answer != right)[0]
        raise Wrong(f"row {a}, column {b} is {answer[a, b]:g}; a {a} was read as {b} {right[a, b]:g} times")
