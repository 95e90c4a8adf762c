"""The exercises of notebook 07: right answers in many styles, and the wrong ones that learners give."""

import numpy as np


def one_hot(labels):
    return np.eye(10)[labels]


def softmax(z):
    e = np.exp(z - z.max(axis=1, keepdims=True))
    return e / e.sum(axis=1, keepdims=True)


def error(z, y):
    return softmax(z) - one_hot(y)


def times_slope(p, y):
    return (p - y) * p * (1 - p) / len(p)


def counts(labels, predicted):
    return np.array([[((labels == a) & (predicted == b)).sum() for b in range(10)] for a in range(10)])


def counts_of_those_that_occur(labels, predicted):
    most = max(labels.max(), predicted.max()) + 1
    return counts(labels, predicted)[:most, :most]


RIGHT = {
    "softmax": [lambda z: softmax(z + 3)],
    "output_delta": [lambda z, y: error(z.astype(np.float32), y) / len(z)],
    "confusion_matrix": [counts],
}  # fmt: skip

WRONG = {
    "softmax": [
        (lambda z: np.exp(z) / np.exp(z).sum(), "each row should: sum(axis=1, keepdims=True)"),
        (lambda z: np.exp(z) / np.exp(z).sum(axis=0), "the columns add up to 1"),
        (lambda z: np.exp(z) / np.exp(z).sum(axis=1, keepdims=True), "subtract each row's largest score"),
        (lambda z: softmax(np.clip(z, -20, 20)), "right for small scores, wrong for large ones"),
        (lambda z: np.exp(z), "now divide each row by its sum"),
        (lambda z: np.exp(z - z.max(axis=1, keepdims=True)), "the division by each row's sum is missing"),
        (lambda z: np.exp(z - z.max()) / np.exp(z - z.max()).sum(axis=1, keepdims=True), "of each row"),
        (lambda z: z / z.max(), "e to the power of each is missing"),
        (lambda z: z / z.sum(axis=1, keepdims=True), "e to the power of each score is missing"),
        (lambda z: 1 / (1 + np.exp(-z)), "that is the sigmoid"),
        (lambda z: softmax(-z), "a wrong sign"),
        (lambda z: softmax(z).round(2), "don't round"),
        (lambda z: np.log(softmax(z)), "that is the logarithm"),
        (lambda z: np.abs(z) / np.abs(z).sum(axis=1, keepdims=True), "the rows add up to 1, but"),
        (lambda z: 2 * softmax(z), "the first row adds up to 2.000"),
        (lambda z: softmax(z)[0], "shape (10,) where (4, 10) was expected"),
    ],
    "output_delta": [
        (lambda z, y: -error(z, y) / len(z), "the right size but the wrong sign"),
        (error, "for the mean, divide by the number of examples"),
        (lambda z, y: error(z, y) / 10, "not by the number of digits"),
        (lambda z, y: error(z, y) / z.size, "not by the number of digits, too"),
        (lambda z, y: times_slope(softmax(z), one_hot(y)), "no p · (1 − p)"),
        (lambda z, y: softmax(z) / len(z), "the 1 of the right digit is not subtracted yet"),
        (lambda z, y: (z - one_hot(y)) / len(z), "with p = softmax(z)"),
        (lambda z, y: softmax(z) - y, "subtract them one-hot"),
        (lambda z, y: error(z, y) * one_hot(y) / len(z), "only the right digit's score has a slope here"),
        (lambda z, y: -one_hot(y) / softmax(z) / len(z), "the slope with respect to p"),
        (lambda z, y: error(z, y) ** 2 / len(z), "no square"),
        (lambda z, y: (softmax(z) - one_hot(y).max(axis=0)) / len(z), "takes whole columns"),
        (lambda z, y: error(z, y).mean(axis=0), "a slope for every score"),
        (lambda z, y: 3 * error(z, y), "expected (p − y) / N"),
    ],
    "with_l2": [
        (lambda dW, W, l2: dW + l2 * dW, "belongs to the weights, not to the gradient"),
        (lambda dW, W, l2: dW - l2 * W, "the wrong sign"),
        (lambda dW, W, l2: dW + 2 * l2 * W, "twice too much"),
        (lambda dW, W, l2: dW + 0.5 * l2 * W, "half of it: the slope of W² is 2 W"),
        (lambda dW, W, l2: dW + l2 / 2 * W**2, "its slope is wanted"),
        (lambda dW, W, l2: dW + l2 / 2 * (W**2).sum(), "each weight pays for itself"),
        (lambda dW, W, l2: dW + l2 * np.abs(W), "without abs"),
        (lambda dW, W, l2: dW + l2 * np.sign(W), "a price on |W|"),
        (lambda dW, W, l2: dW + l2 * W / len(W), "dW is a mean already"),
        (lambda dW, W, l2: l2 * W, "the slope of the price alone"),
        (lambda dW, W, l2: dW, "l2 changes nothing yet"),
        (lambda dW, W, l2: dW + 0.1 * W, "expected dW + l2 * W"),
    ],
    "confusion_matrix": [
        (lambda y, said: counts(said, y), "rows and columns are swapped"),
        (lambda y, said: counts(y, said) > 0, "counted once"),
        (lambda y, said: counts(y, said) / counts(y, said).sum(1).clip(1)[:, None], "these are fractions"),
        (lambda y, said: counts(y, said) * (1 - np.eye(10)), "they stand on the diagonal"),
        (lambda y, said: counts(y, said) * np.eye(10), "only the right answers"),
        (lambda y, said: counts(y, said) + counts(said, y), "counted twice"),
        (lambda y, said: counts(y, said) + 1, "start from zeros"),
        (lambda y, said: counts(y[1:], said[1:]), "39 examples counted, there are 40"),
        (lambda y, said: counts(y, np.where(said == 7, 8, said)), "column 7 is 0"),
        (counts_of_those_that_occur, "also for one that never occurs"),
    ],
}  # fmt: skip
