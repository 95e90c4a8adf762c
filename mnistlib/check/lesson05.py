"""Spoilers: the checks of the exercises of notebook 05, vectorised batching."""

import numpy as np

from mnistlib.check.verdict import Wrong, agrees, array_of, exercise, name_mistake

NOT_THE_EXAMPLES = "you averaged over the units; the examples are axis 0"


@exercise
def batch_gradients(function):
    """batch_gradients(x (N, n_in), delta (N, n_out)) -> their means, dW (n_in, n_out), db (n_out,)."""
    rng = np.random.default_rng(5)
    cases = [
        (rng.normal(size=(n, i)), rng.normal(size=(n, j))) for n, i, j in ((7, 5, 3), (4, 6, 2), (3, 3, 3))
    ]
    answers = [_slopes(function(x, delta), x, delta) for x, delta in cases]

    def dW_is(formula):
        return all(agrees(dW, formula(*case)) for (dW, _), case in zip(answers, cases, strict=True))

    def db_is(formula):
        return all(agrees(db, formula(*case)) for (_, db), case in zip(answers, cases, strict=True))

    right_dW, right_db = (
        dW_is(lambda x, delta: x.T @ delta / len(x)),
        db_is(lambda x, delta: delta.mean(axis=0)),
    )
    if right_dW and right_db:
        return
    sum_dW, sum_db = dW_is(lambda x, delta: x.T @ delta), db_is(lambda x, delta: delta.sum(axis=0))
    if sum_dW and sum_db:
        raise Wrong("these are sums; the mean is wanted: divide by the number of examples, len(x)")
    if sum_dW:
        raise Wrong("dW is a sum over the examples, not the mean: divide x.T @ delta by len(x)")
    name_mistake(DW, dW_is)
    if not right_dW:
        raise Wrong("dW is not the mean of the outer products; x.T @ delta adds them up, then divide by N")
    if sum_db:
        raise Wrong("dW is right, db is not: it is a sum; take the mean over the examples")
    for formula, words in DB:
        if db_is(formula):
            raise Wrong(f"dW is right, db is not: {words}")
    raise Wrong("dW is right, db is not: it is the mean of delta over the examples, delta.mean(axis=0)")


# What somebody may have returned as dW, and as db
DW = (
    (lambda x, delta: x.T @ delta / x.shape[1], "dW is divided by the number of inputs; N is len(x)"),
    (lambda x, delta: x.T @ delta / delta.shape[1], "dW is divided by the number of units; N is len(x)"),
    (lambda x, delta: x.T @ delta / delta.size, "dW is divided by the size of delta; N is len(x)"),
    (lambda x, delta: x.T @ delta / x.size, "dW is divided by the size of x; N is len(x)"),
    (lambda x, delta: -x.T @ delta / len(x), "dW has the wrong sign; the step downhill comes later"),
    (
        lambda x, delta: np.outer(x.mean(axis=0), delta.mean(axis=0)),
        "dW is the outer product of the means; wanted is the mean of the outer products",
    ),
    (
        lambda x, delta: np.outer(x.sum(axis=0), delta.sum(axis=0)),
        "dW is the outer product of the sums; wanted is the mean of the outer products",
    ),
    (lambda x, delta: np.outer(x[0], delta[0]), "dW is that of the first example alone"),
    (lambda x, delta: np.outer(x[-1], delta[-1]), "dW is that of the last example alone; add them up"),
    (lambda x, delta: x.T @ delta / len(x) ** 2, "dW is divided by N twice"),
)
DB = (
    (lambda x, delta: delta[0], "it is that of the first example alone"),
    (lambda x, delta: delta[-1], "it is that of the last example alone"),
    (lambda x, delta: delta.mean(axis=1)[: delta.shape[1]], NOT_THE_EXAMPLES),
    (lambda x, delta: -delta.mean(axis=0), "the wrong sign"),
    (lambda x, delta: np.ones(delta.shape[1]), "the slope with respect to a bias is delta, not 1"),
    (lambda x, delta: np.zeros(delta.shape[1]), "biases learn, too; their slope is delta"),
    (
        lambda x, delta: np.full(delta.shape[1], delta.mean()),
        "it is one mean over everything, filled in for all",
    ),
)


def _slopes(answer, x, delta):
    """The answer as arrays dW and db of the right shapes; Wrong otherwise, with the reason."""
    (n, n_in), n_out = x.shape, delta.shape[1]
    if not isinstance(answer, tuple | list) or len(answer) != 2:
        raise Wrong("return two arrays: `return dW, db`")
    dW, db = array_of(answer[0], "dW"), array_of(answer[1], "db")
    if dW.shape == (n_out,) and db.shape == (n_in, n_out):
        raise Wrong("in the wrong order: dW first, then db")
    if dW.shape == (n_out, n_in) and n_in != n_out:
        raise Wrong(
            f"dW has shape {dW.shape} where {n_in, n_out} was expected: the other way round, x.T @ delta"
        )
    if dW.shape == (n, n_in, n_out):
        raise Wrong(f"dW has shape {dW.shape}: one gradient for each image; take the mean over axis 0")
    if dW.shape != (n_in, n_out):
        raise Wrong(f"dW has shape {dW.shape} where {n_in, n_out} was expected, the shape of W")
    if db.shape == (1, n_out):
        raise Wrong(f"db has shape {db.shape}, which `b -= …` refuses; expected ({n_out},), the shape of b")
    if db.shape == (n, n_out):
        raise Wrong(f"db has shape {db.shape}: one for each image; take the mean over axis 0")
    if db.shape == (n,) and n != n_out:
        raise Wrong(f"db has shape {db.shape}: {NOT_THE_EXAMPLES}")
    if db.shape != (n_out,):
        raise Wrong(f"db has shape {db.shape} where ({n_out},) was expected, the shape of b")
    return dW, db


@exercise
def minibatches(function):
    """minibatches(n, batch_size, rng) -> a list of index arrays: each of 0..n−1 once, shuffled."""
    orders = []
    for n, size, seed in ((30, 8, 5), (30, 8, 50), (24, 6, 5), (9, 20, 5), (40, 1, 5)):
        batches = _batches(_cut(function, n, size, seed))
        order = np.concatenate(batches).tolist()
        _judge_runs(batches, order, n)
        _judge_drawing(order, n)
        _judge_sizes([len(batch) for batch in batches], n, size)
        _judge_all_there(order, n)
        orders.append(order)
    again = np.concatenate(_batches(function(30, 8, np.random.default_rng(5)))).tolist()
    if again != orders[0]:
        raise Wrong("the same seed gave another order; draw from the rng that is passed in")
    if orders[0] == orders[1]:
        raise Wrong(
            "two generators gave one order: draw from the rng that is passed in, not from one of your own"
        )


def _cut(function, n, size, seed):
    """What the function returns; Wrong in words of its own, if it insists on batches that are all as long."""
    try:
        return function(n, size, np.random.default_rng(seed))
    except Wrong as wrong:
        error = str(wrong.__cause__)
        if n % size and (f"cannot reshape array of size {n} " in error or "equal division" in error):
            raise Wrong(
                f"{n} is no multiple of {size}: the last batch is smaller than the others, so cut slices"
            ) from None
        raise


def _batches(answer):
    """The answer as a list of arrays of whole numbers; Wrong otherwise, with the reason."""
    if isinstance(answer, np.ndarray) and answer.dtype == object:
        answer = list(answer)
    if not isinstance(answer, list | tuple):
        raise Wrong(
            f"return a list, one array of indices for each batch; this is of type {type(answer).__name__}"
        )
    if not answer:
        raise Wrong("no batches came back")
    batches = [array_of(part, "a batch") for part in answer]
    if any(part.ndim != 1 for part in batches):
        raise Wrong("a batch must be an array of shape (batch_size,), with the indices of its images")
    for part in batches:
        if part.size and part.dtype.kind not in "iu":
            raise Wrong(f"dtype {part.dtype}: an index must be a whole number")
    return batches


def _judge_sizes(sizes, n, size):
    rest = n % size
    expected = [size] * (n // size) + [rest] * (rest > 0)
    asked = f"of {n} images in batches of {size}"
    if sizes == expected:
        return
    if rest and sizes == expected[:-1]:
        raise Wrong(f"{asked} the last {rest} are lost: the last batch may be smaller than the others")
    if sizes == [*expected, 0]:
        raise Wrong(f"{asked} the last batch is empty; where must the loop stop?")
    if len(sizes) == size and max(sizes) - min(sizes) <= 1:
        raise Wrong(
            f"{asked} you made {size} batches; batch_size says how long a batch is, not how many there are"
        )
    if max(sizes) > size:
        raise Wrong(f"{asked} a batch has {max(sizes)} images, more than batch_size")
    raise Wrong(f"sizes {sizes} where {expected} was expected")


def _judge_runs(batches, order, n):
    """Wrong, if the images are all there, but have not been shuffled, or only within or among the batches."""
    if sorted(order) != list(range(n)):
        return
    if order == list(range(n)):
        raise Wrong("the images come in their old order; shuffle with rng.permutation(n)")
    runs = [len(batch) and np.ptp(batch) == len(batch) - 1 for batch in batches]
    if 1 < len(batches) < n and all(runs):
        raise Wrong(
            "neighbours stay together: each batch holds a run of images; shuffle all of them before you cut"
        )


def _judge_drawing(order, n):
    """Wrong, if some image of 0..n−1 comes twice and others never, as when each batch is drawn afresh."""
    twice = [index for index in range(n) if order.count(index) > 1]
    never = [index for index in range(n) if index not in order]
    if twice and never:
        raise Wrong(
            f"image {twice[0]} comes twice in an epoch, and image {never[0]} never; shuffle once, then cut"
        )


def _judge_all_there(order, n):
    """Wrong, unless each image comes exactly once."""
    if sorted(order) == list(range(1, n + 1)):
        raise Wrong(f"the indices run from 1 to {n}; count from 0")
    if sorted(order) != list(range(n)):
        raise Wrong(
            "every image must be used exactly once in an epoch: cut one permutation of range(n) into pieces"
        )
