"""The exercises of notebook 05: right answers in many styles, and the wrong ones that learners give."""

import numpy as np
import pytest
from learners import pairs, triples


def batches_one_after_another(n, batch_size, rng):
    order = np.arange(n)
    rng.shuffle(order)
    for start in range(0, n, batch_size):
        yield order[start : start + batch_size]


def pieces(order, size):
    return [order[start : start + size] for start in range(0, len(order), size)]


RIGHT = {
    "batch_gradients": [
        lambda x, d: (np.mean([np.outer(*p) for p in zip(x, d, strict=True)], 0), d.mean(0)),
    ],
    "minibatches": [
        batches_one_after_another,
        lambda n, size, rng: np.split(rng.permutation(n), range(size, n, size)),
    ],
}  # fmt: skip

WRONG = {
    "batch_gradients": [
        (lambda x, d: x.T @ d / len(x), "return two arrays"),
        (lambda x, d: (d.T @ x / len(x), d.mean(axis=0)), "the other way round"),
        (lambda x, d: (x[:, :, None] * d[:, None], d), "take the mean over axis 0"),
        (lambda x, d: (x.T @ d / len(x), d.mean(axis=1)), "you averaged over the units"),
        (lambda x, d: (x.T @ d / len(x), d.mean()), "db has shape () where (3,) was expected"),
        (lambda x, d: (x.T @ d, d.sum(axis=0)), "divide by the number of examples"),
        (lambda x, d: (x.T @ d, d.mean(axis=0)), "dW is not the mean"),
        (lambda x, d: (x.T @ d / len(x), d.sum(axis=0)), "dW is right, db is not"),
        (lambda x, d: (np.outer(x[0], d[0]), d.mean(axis=0)), "dW is not the mean of the outer products"),
    ],
    "minibatches": [
        (lambda n, size, rng: pieces(np.arange(n), size), "shuffle with rng.permutation(n)"),
        (lambda n, size, rng: pieces(rng.permutation(n), size)[:-1], "the last two images are lost"),
        (lambda n, size, rng: pieces(rng.integers(0, n, n), size), "exactly once"),
        (lambda n, size, rng: [rng.permutation(n)], "a batch has more than batch_size images"),
        (lambda n, size, rng: pieces(rng.permutation(n), 3), "where [4, 4, 2] was expected"),
        (lambda n, size, rng: pieces(np.random.default_rng().permutation(n), size), "draw from the rng"),
        (lambda n, size, rng: list(rng.permutation(n)), "a batch must be an array"),
        (lambda n, size, rng: [], "no batches came back"),
        (lambda n, size, rng: pieces(rng.permutation(n) * 1.0, size), "an index must be a whole number"),
        (lambda n, size, rng: rng.permutation(8).reshape(2, 4), "this is of type ndarray"),
    ],
}  # fmt: skip


@pytest.mark.parametrize(("name", "function"), pairs(RIGHT))
def test_right_in_another_style(name, function, verdict):
    assert verdict(name, function) == "right!"


@pytest.mark.parametrize(("name", "function", "words"), triples(WRONG))
def test_mistake_is_named(name, function, words, verdict):
    assert words in verdict(name, function)
