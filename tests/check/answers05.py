"""The exercises of notebook 05: right answers in many styles, and the wrong ones that learners give."""

import numpy as np


def with_right_dW(db):
    return lambda x, delta: (x.T @ delta / len(x), db(x, delta))


def with_right_db(dW):
    return lambda x, delta: (dW(x, delta), delta.mean(axis=0))


def pieces(order, size):
    return [order[start : start + size] for start in range(0, len(order), size)]


def as_objects(n, size, rng):
    cut = pieces(rng.permutation(n), size)
    answer = np.empty(len(cut), object)
    answer[:] = cut
    return answer


RIGHT = {
    "minibatches": [
        lambda n, size, rng: np.split(rng.random(n).argsort(), range(size, n, size)),
        lambda n, size, rng: map(tuple, pieces(rng.choice(n, n, replace=False), size)),
        lambda n, size, rng: tuple(pieces(rng.permutation(n).astype(np.uint8), size)),
        as_objects,
    ],
}  # fmt: skip

WRONG = {
    "batch_gradients": [
        (lambda x, d: x.T @ d / len(x), "return two arrays"),
        (lambda x, d: (d.mean(axis=0), x.T @ d / len(x)), "in the wrong order"),
        (with_right_db(lambda x, d: d.T @ x / len(x)), "the other way round, x.T @ delta"),
        (with_right_db(lambda x, d: x[:, :, None] * d[:, None]), "take the mean over axis 0"),
        (with_right_db(lambda x, d: x.T @ d), "dW is a sum over the examples"),
        (with_right_db(lambda x, d: x.T @ d / x.shape[1]), "by the number of inputs"),
        (with_right_db(lambda x, d: x.T @ d / d.shape[1]), "by the number of units"),
        (with_right_db(lambda x, d: x.T @ d / d.size), "by the size of delta"),
        (with_right_db(lambda x, d: x.T @ d / x.size), "by the size of x"),
        (with_right_db(lambda x, d: -x.T @ d / len(x)), "dW has the wrong sign"),
        (with_right_db(lambda x, d: np.outer(x.mean(0), d.mean(0))), "the outer product of the means"),
        (with_right_db(lambda x, d: np.outer(x.sum(0), d.sum(0))), "the outer product of the sums"),
        (with_right_db(lambda x, d: np.outer(x[0], d[0])), "the first example alone"),
        (with_right_db(lambda x, d: np.outer(x[-1], d[-1])), "the last example alone"),
        (with_right_db(lambda x, d: x.T @ d / len(x) ** 2), "divided by N twice"),
        (with_right_db(lambda x, d: x.T @ d / len(x) + 1), "dW is not the mean of the outer products"),
        (with_right_db(lambda x, d: d), "the shape of W"),
        (lambda x, d: (x.T @ d, d.sum(axis=0)), "these are sums"),
        (with_right_dW(lambda x, d: d.sum(axis=0)), "db is not: it is a sum"),
        (with_right_dW(lambda x, d: d.mean(axis=1)), "you averaged over the units"),
        (with_right_dW(lambda x, d: d), "one for each image"),
        (with_right_dW(lambda x, d: d.mean(axis=0, keepdims=True)), "which `b -= …` refuses"),
        (with_right_dW(lambda x, d: d.mean()), "db has shape () where (3,) was expected"),
        (with_right_dW(lambda x, d: d[0]), "the first example alone"),
        (with_right_dW(lambda x, d: -d.mean(axis=0)), "db is not: the wrong sign"),
        (with_right_dW(lambda x, d: np.ones(d.shape[1])), "is delta, not 1"),
        (with_right_dW(lambda x, d: np.zeros(d.shape[1])), "biases learn, too"),
        (with_right_dW(lambda x, d: np.full(d.shape[1], d.mean())), "one mean over everything"),
        (with_right_dW(lambda x, d: d.mean(axis=0) / 2), "delta.mean(axis=0)"),
    ],
    "minibatches": [
        (lambda n, size, rng: pieces(np.arange(n), size), "shuffle with rng.permutation(n)"),
        (lambda n, size, rng: pieces(rng.permutation(n), size)[:-1], "the last 6 are lost"),
        (lambda n, size, rng: [*pieces(rng.permutation(n), size), []], "the last batch is empty"),
        (lambda n, size, rng: np.array_split(rng.permutation(n), size), "you made 8 batches"),
        (lambda n, size, rng: pieces(rng.integers(0, n, n), size), "comes twice in an epoch"),
        (lambda n, size, rng: [np.arange(n)[s : s + size] for s in range(n // size)], "slices overlap"),
        (lambda n, size, rng: pieces(rng.permutation(n) + 1, size), "count from 0"),
        (lambda n, size, rng: [rng.permutation(n)], "a batch has 30 images, more than batch_size"),
        (lambda n, size, rng: pieces(rng.permutation(n), size - 1), "where [8, 8, 8, 6] was expected"),
        (lambda n, size, rng: pieces(np.random.default_rng().permutation(n), size), "the same seed gave"),
        (lambda n, size, rng: pieces(np.random.default_rng(5).permutation(n), size), "one of your own"),
        (lambda n, size, rng: map(rng.permutation, pieces(np.arange(n), size)), "neighbours stay together"),
        (lambda n, size, rng: [], "no batches came back"),
        (lambda n, size, rng: pieces(rng.permutation(n) * 1.0, size), "an index must be a whole number"),
        (lambda n, size, rng: rng.permutation(8).reshape(2, 4), "this is of type ndarray"),
        (lambda n, size, rng: rng.permutation(n).reshape(-1, size), "30 is no multiple of 8"),
        (lambda n, size, rng: np.split(rng.permutation(n), -(-n // size)), "30 is no multiple of 8"),
        (lambda n, size, rng: rng.permutation(n + 1).reshape(n), "hint: reshape keeps every element"),
        (lambda n, size, rng: pieces(rng.permutation(n), size)[0].tolist(), "a batch must be an array"),
    ],
}  # fmt: skip
