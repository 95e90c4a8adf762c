"""Spoilers: the checks of the exercises of notebook 05, vectorised batching."""

import numpy as np

from mnistlib.check.verdict import Wrong, agrees, array_of, exercise


@exercise
def batch_gradients(function):
    """batch_gradients(x (N, n_in), delta (N, n_out)) -> their means, dW (n_in, n_out), db (n_out,)."""
    rng = np.random.default_rng(0)
    x, delta = rng.normal(size=(7, 5)), rng.normal(size=(7, 3))
    dW_right, db_right = x.T @ delta / 7, delta.mean(axis=0)
    answer = function(x, delta)
    if not isinstance(answer, tuple | list) or len(answer) != 2:
        raise Wrong("return two arrays: `return dW, db`")
    dW, db = array_of(answer[0], "dW"), array_of(answer[1], "db")
    if dW.shape == (3, 5):
        raise Wrong("dW has shape (3, 5) where (5, 3) was expected: it is the other way round, x.T @ delta")
    if dW.shape == (7, 5, 3):
        raise Wrong("dW has shape (7, 5, 3): one gradient for each image; take the mean over axis 0")
    if dW.shape != (5, 3):
        raise Wrong(f"dW has shape {dW.shape} where (5, 3) was expected, the shape of W")
    if db.shape == (7,):
        raise Wrong("db has shape (7,): you averaged over the units; the examples are axis 0")
    if db.shape != (3,):
        raise Wrong(f"db has shape {db.shape} where (3,) was expected, the shape of b")
    if agrees(dW, dW_right * 7) and agrees(db, db_right * 7):
        raise Wrong("these are sums; the mean is wanted: divide by the number of examples, len(x)")
    if not agrees(dW, dW_right):
        raise Wrong("dW is not the mean of the outer products; x.T @ delta adds them up, then divide by N")
    if not agrees(db, db_right):
        raise Wrong("dW is right, db is not: it is the mean of delta over the examples")


@exercise
def minibatches(function):
    """minibatches(n, batch_size, rng) -> a list of index arrays: each of 0..n−1 once, shuffled."""
    answer = function(10, 4, np.random.default_rng(0))
    if not isinstance(answer, list | tuple):
        raise Wrong(
            f"return a list, one array of indices for each batch; this is of type {type(answer).__name__}"
        )
    if not answer:
        raise Wrong("no batches came back")
    answer = [array_of(part, "a batch") for part in answer]
    if any(part.ndim != 1 for part in answer):
        raise Wrong("a batch must be an array of shape (batch_size,), with the indices of its images")
    together = np.concatenate(answer)
    if together.dtype.kind not in "iu":
        raise Wrong(f"dtype {together.dtype}: an index must be a whole number")
    if len(together) < 10 and [len(part) for part in answer] == [4, 4]:
        raise Wrong("the last two images are lost: the last batch may be smaller than the others")
    if sorted(together.tolist()) != list(range(10)):
        raise Wrong("every image must be used exactly once in an epoch: cut one permutation into pieces")
    if max(len(part) for part in answer) > 4:
        raise Wrong("a batch has more than batch_size images")
    if [len(part) for part in answer] != [4, 4, 2]:
        raise Wrong(f"sizes {[len(part) for part in answer]} where [4, 4, 2] was expected")
    if together.tolist() == list(range(10)):
        raise Wrong("the images come in their old order; shuffle with rng.permutation(n)")
    again = np.concatenate(function(10, 4, np.random.default_rng(0)))
    if again.tolist() != together.tolist():
        raise Wrong("the same seed gave another order; draw from the rng that is passed in")
