"""The exercises of notebook 05: right answers in many styles, and the wrong ones that learners give."""

import numpy as np


def but(**others):
    """A right answer but for the parts that are named."""

    def answer(x, W, d):
        right = {"dW": x.T @ d / len(x), "db": d.mean(axis=0), "back": d @ W.T}
        return tuple((right | {name: other(x, W, d) for name, other in others.items()}).values())

    return answer


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
        (lambda x, W, d: (x.T @ d / len(x), d.mean(axis=0)), "return three arrays"),
        (lambda x, W, d: (d.mean(axis=0), x.T @ d / len(x), d @ W.T), "in the wrong order"),
        (but(dW=lambda x, W, d: d.T @ x / len(x)), "the other way round, x.T @ delta"),
        (but(dW=lambda x, W, d: x[:, :, None] * d[:, None]), "take the mean over axis 0"),
        (but(dW=lambda x, W, d: x.T @ d), "dW is a sum over the examples"),
        (but(dW=lambda x, W, d: x.T @ d / x.shape[1]), "by the number of inputs"),
        (but(dW=lambda x, W, d: x.T @ d / d.shape[1]), "by the number of units"),
        (but(dW=lambda x, W, d: x.T @ d / d.size), "by the size of delta"),
        (but(dW=lambda x, W, d: x.T @ d / x.size), "by the size of x"),
        (but(dW=lambda x, W, d: -x.T @ d / len(x)), "dW has the wrong sign"),
        (but(dW=lambda x, W, d: np.outer(x.mean(0), d.mean(0))), "the outer product of the means"),
        (but(dW=lambda x, W, d: np.outer(x.sum(0), d.sum(0))), "the outer product of the sums"),
        (but(dW=lambda x, W, d: np.outer(x[0], d[0])), "the first example alone"),
        (but(dW=lambda x, W, d: np.outer(x[-1], d[-1])), "the last example alone"),
        (but(dW=lambda x, W, d: x.T @ d / len(x) ** 2), "divided by N twice"),
        (but(dW=lambda x, W, d: x.T @ d / len(x) + 1), "dW is not the mean of the outer products"),
        (but(dW=lambda x, W, d: d), "the shape of W"),
        (lambda x, W, d: (x.T @ d, d.sum(axis=0), d @ W.T), "these are sums"),
        (but(db=lambda x, W, d: d.sum(axis=0)), "db is not: it is a sum"),
        (but(db=lambda x, W, d: d.mean(axis=1)), "you averaged over the units"),
        (but(db=lambda x, W, d: d), "one for each image"),
        (but(db=lambda x, W, d: d.mean(axis=0, keepdims=True)), "which `b -= …` refuses"),
        (but(db=lambda x, W, d: d.mean()), "db has shape () where (3,) was expected"),
        (but(db=lambda x, W, d: d[0]), "the first example alone"),
        (but(db=lambda x, W, d: -d.mean(axis=0)), "db is not: the wrong sign"),
        (but(db=lambda x, W, d: np.ones(d.shape[1])), "is delta, not 1"),
        (but(db=lambda x, W, d: np.zeros(d.shape[1])), "biases learn, too"),
        (but(db=lambda x, W, d: np.full(d.shape[1], d.mean())), "one mean over everything"),
        (but(db=lambda x, W, d: d.mean(axis=0) / 2), "delta.mean(axis=0)"),
        (but(back=lambda x, W, d: d @ W), "whether one must be turned by .T"),
        (but(back=lambda x, W, d: W @ d.T), "delta stands on the left"),
        (but(back=lambda x, W, d: W @ d.mean(axis=0)), "no sum or mean over the batch"),
        (but(back=lambda x, W, d: d), "a number for each input"),
        (but(back=lambda x, W, d: np.zeros(5)[:3]), "the shape of x"),
        (but(back=lambda x, W, d: -d @ W.T), "what goes back is not: the wrong sign"),
        (but(back=lambda x, W, d: d @ W.T / len(x)), "each example has its own, so don't divide it"),
        (but(back=lambda x, W, d: d @ W.T * x * (1 - x)), "the slope of the sigmoid is not asked for"),
        (but(back=lambda x, W, d: x), "that is x, which came forward"),
        (but(back=lambda x, W, d: x @ W @ W.T), "that is made of x"),
        (but(back=lambda x, W, d: 2 * d @ W.T), "for each example its deltas times the rows of W"),
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
        (lambda n, size, rng: pieces(rng.shuffle(np.arange(n)), size), "rng.permutation(n) returns"),
        (lambda n, size, rng: pieces(rng.permutation(n) * 1.0, size), "an index must be a whole number"),
        (lambda n, size, rng: rng.permutation(8).reshape(2, 4), "this is of type ndarray"),
        (lambda n, size, rng: rng.permutation(n).reshape(-1, size), "30 is no multiple of 8"),
        (lambda n, size, rng: np.split(rng.permutation(n), -(-n // size)), "30 is no multiple of 8"),
        (lambda n, size, rng: rng.permutation(n + 1).reshape(n), "hint: reshape keeps every element"),
        (lambda n, size, rng: pieces(rng.permutation(n), size)[0].tolist(), "a batch must be an array"),
    ],
}  # fmt: skip
