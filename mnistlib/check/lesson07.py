"""Spoilers: the checks of the exercises of notebook 07, softmax and cross-entropy."""

import numpy as np

from mnistlib.check.verdict import Wrong, agrees, exercise, expect, expect_shape


def stable_softmax(z):
    e = np.exp(z - z.max(axis=1, keepdims=True))
    return e / e.sum(axis=1, keepdims=True)


@exercise
def softmax(function):
    """softmax(z (N, n)) -> probabilities (N, n), also for large scores."""
    rng = np.random.default_rng(7)
    for shape in ((4, 10), (3, 2), (1, 5)):
        z = rng.normal(0, 2, shape)
        hint = ": one row of probabilities for each row of scores"
        _judge_softmax(expect_shape(function(z), shape, hint), z)
    _large_scores(function)


def _judge_softmax(answer, z):
    e, p = np.exp(z), stable_softmax(z)
    mistakes = [
        (e, "exp of each score is there; now divide each row by its sum"),
        (np.exp(z - z.max(axis=1, keepdims=True)), "the division by each row's sum is missing"),
        (e / e.sum(), "all numbers together add up to 1; each row should: sum(axis=1, keepdims=True)"),
        (e / e.sum(axis=0), "the columns add up to 1; the rows should: examples are rows, so axis=1"),
        (z / z.sum(axis=1, keepdims=True), "e to the power of each score is missing: np.exp(z)"),
        (z / z.max(axis=1, keepdims=True), "scores over the largest: e to the power of each is missing"),
        (z / z.max(), "scores over the largest: e to the power of each is missing: np.exp(z)"),
        (1 / (1 + np.exp(-z)), "that is the sigmoid of each score; the softmax looks at the whole row"),
        (np.log(p), "that is the logarithm of the probabilities"),
        (np.eye(z.shape[1])[z.argmax(axis=1)], "a 1 for the largest and 0 for the rest: too hard a max"),
        (stable_softmax(-z), "the smallest score got the largest probability: a wrong sign"),
        (2**z / (2**z).sum(axis=1, keepdims=True), "powers of 2; the softmax takes powers of e: np.exp"),
    ]
    otherwise = f"the first row adds up to {answer[0].sum():.3f}; exp of each score over their sum"
    if agrees(answer.sum(axis=1), np.ones(len(z))):
        otherwise = "the rows add up to 1, but are not e to the power of each score, over the row's sum"
    if np.abs(answer - p).max() < 0.051:
        otherwise = "nearly: the third digit differs; don't round"
    expect(answer, p, mistakes, otherwise)


def _large_scores(function):
    """Wrong, unless large scores are taken: alone, beside a row of small ones, and far apart in a row."""
    cases = (
        (
            [[5000, 4999]],
            "right for small scores, nan for 5000; subtract each row's largest score before exp",
        ),
        (
            [[5000, 4999], [-5000, -5000]],
            "nan in a row of small scores beside a row of large ones; subtract the largest of each row: "
            "max(axis=1, keepdims=True), not that of the whole table",
        ),
        ([[5000, -5000]], "nan for the scores 5000 and −5000; subtract the largest of the row, nothing else"),
    )
    for scores, words in cases:
        z = np.array(scores, float)
        with np.errstate(all="ignore"):
            answer = np.asarray(function(z), float)
        if not np.isfinite(answer).all():
            raise Wrong(words)
        if not agrees(answer, stable_softmax(z)):
            raise Wrong("right for small scores, wrong for large ones; subtract the largest of each row")


@exercise
def output_delta(function):
    """output_delta(z (N, 10), labels (N,)) -> slope of the mean cross-entropy, (N, 10)."""
    rng = np.random.default_rng(70)
    for n in (10, 4, 1):  # with ten examples, labels that are not one-hot are no error of shapes
        z, labels = rng.normal(0, 2, (n, 10)), rng.integers(0, 10, n).astype(np.uint8)
        answer = expect_shape(function(z, labels), (n, 10), ": a slope for every score")
        p, y = stable_softmax(z), np.eye(10)[labels]
        otherwise = "expected (p − y) / N with p = softmax(z) and y the one-hot labels"
        expect(answer, (p - y) / n, _wrong_deltas(z, labels, p, y), otherwise)


def _wrong_deltas(z, labels, p, y):
    n, digits = len(z), labels.astype(float)
    one_hot = "labels are digits, 0 to 9; subtract them one-hot, a 1 at the label's place: np.eye(10)[labels]"
    summed = [
        ((p - y) * p * (1 - p), "no p · (1 − p): beside the cross-entropy the softmax cancels it"),
        (p, "the 1 of the right digit is not subtracted yet"),
        (z - y, "these are the scores; their softmax is wanted, p − y with p = softmax(z)"),
        (  # what p[:, labels] -= 1 leaves
            p - y.max(axis=0),
            "p[:, labels] takes whole columns; p[np.arange(N), labels] takes one number of each row",
        ),
        (p - digits[:, None], one_hot),
        (p - (digits if n == 10 else digits[:, None]), one_hot),
    ]
    return [
        ((y - p) / n, "the right size but the wrong sign: p − y"),
        (y - p, "the wrong sign, p − y; and divide by the number of examples"),
        (p - y, "this is the slope of the sum; for the mean, divide by the number of examples, len(z)"),
        ((p - y) / z.size, "divide by the number of examples only, not by the number of digits, too"),
        ((p - y) / 10, "divide by the number of examples, not by the number of digits"),
        ((p - y) * y / n, "only the right digit's score has a slope here; the nine others have one, too"),
        (-y / p / n, "that is the slope with respect to p; with respect to the scores it is p − y"),
        ((p - y) ** 2 / n, "no square: the slope is p − y itself"),
        *summed,
        *((wrong / n, words) for wrong, words in summed),
    ]


@exercise
def with_l2(function):
    """with_l2(dW, W, l2) -> the gradient of the loss plus l2/2 Σ W²."""
    rng = np.random.default_rng(700)
    for shape, l2 in (((4, 3), 0.1), ((2, 5), 0.7), ((6, 1), 0.03)):
        dW, W = rng.normal(size=shape), rng.normal(size=shape)
        answer = expect_shape(function(dW, W, l2), shape, ": a slope for every weight")
        expect(answer, dW + l2 * W, _wrong_prices(dW, W, l2), "expected dW + l2 * W")


def _wrong_prices(dW, W, l2):
    price = "that adds the price; its slope is wanted: λ W, without the square"
    return [
        (dW, "l2 changes nothing yet: add the slope of the price, l2 * W"),
        (l2 * W, "that is the slope of the price alone; dW belongs to it"),
        (dW * (1 + l2), "the factor belongs to the weights, not to the gradient: l2 * W"),
        (dW * l2, "the factor belongs to the weights, not to the gradient: l2 * W"),
        (dW - l2 * W, "the wrong sign: large weights cost more, so the slope grows with W"),
        (dW + 2 * l2 * W, "twice too much: the ½ in ½ λ W² cancels the 2 of its slope"),
        (dW + l2 / 2 * W, "half of it: the slope of W² is 2 W, and the ½ in ½ λ W² has cancelled that 2"),
        (dW + l2 / 2 * W**2, price),
        (dW + l2 * W**2, price),
        (dW + l2 / 2 * (W**2).sum(), f"{price}; and each weight pays for itself, without a sum"),
        (dW + l2 * (W**2).sum(), f"{price}; and each weight pays for itself, without a sum"),
        (dW + l2 * W.sum(), "each weight's slope has its own weight in it: no sum"),
        (dW + l2 * np.abs(W), "without abs: a negative weight is pulled up, towards 0"),
        (dW + l2 * np.sign(W), "that is the slope of a price on |W|; here the price is on W²"),
        (dW + l2 * W / len(W), "no division: dW is a mean already, and the price is added once"),
        (dW + l2 * W / W.size, "no division: the price is a sum over the weights, not a mean"),
        (dW + W, "the factor l2 is missing"),
        (dW + l2, "the weights are missing: l2 * W"),
    ]


@exercise
def confusion_matrix(function):
    """confusion_matrix(labels (N,), predicted (N,)) -> counts (10, 10)."""
    rng = np.random.default_rng(7000)
    for n, most in ((40, 10), (12, 8)):  # the second without any 8 and 9
        labels, predicted = rng.integers(0, most, (2, n)).astype(np.uint8)
        predicted[: n // 2] = labels[: n // 2]
        labels[-3:], predicted[-3:] = 4, 7  # one mistake three times
        hint = ": a row and a column for each digit, also for one that never occurs"
        right = np.zeros((10, 10))
        np.add.at(right, (labels, predicted), 1)
        _judge_counts(expect_shape(function(labels, predicted), (10, 10), hint), right)


def _judge_counts(answer, right):
    rows = np.maximum(right.sum(axis=1, keepdims=True), 1)
    diagonal = np.diag(np.diag(right))
    mistakes = [
        (right.T, "rows and columns are swapped: the row is what it was, the column what was said"),
        (right > 0, "4 was read as 7 three times, but counted once; counts[a, b] += 1 ignores repeats"),
        (right / right.sum(), "these are fractions; count instead"),
        (right / rows, "these are fractions; count instead"),
        (right - diagonal, "the right answers are missing: they stand on the diagonal"),
        (diagonal, "only the right answers are counted; the mistakes belong beside the diagonal"),
        (right + right.T, "each pair is counted twice, as (a, b) and as (b, a)"),
        (right + 1, "one too many everywhere: start from zeros, not ones"),
    ]
    a, b = divmod(np.argmax(answer != right), 10)
    otherwise = f"row {a}, column {b} is {answer[a, b]:g}; a {a} was read as {b} {right[a, b]:g} times"
    if not agrees(answer.sum(), right.sum()):
        otherwise = f"{answer.sum():g} examples counted, there are {right.sum():g}; one count for each"
    expect(answer, right, mistakes, otherwise)
