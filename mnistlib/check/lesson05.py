"""Spoilers: the checks of the exercises of notebook 05, vectorised batching."""

from operator import eq

import numpy as np

from mnistlib.check.verdict import Wrong, array_of, exercise, expect, judge, parts_of

DB_ALONE = "dW is right, db is not"
BACK_ALONE = "dW and db are right, what goes back is not"
NOT_THE_EXAMPLES = "you averaged over the units; the examples are axis 0"


@exercise
def batch_gradients(function):
    """batch_gradients(x (N, n_in), W (n_in, n_out), delta (N, n_out)) -> dW, db, what goes back (N, n_in)."""
    rng = np.random.default_rng(5)
    cases = [
        [rng.normal(size=shape) for shape in ((n, i), (i, j), (n, j))]
        for n, i, j in ((7, 5, 3), (4, 6, 2), (3, 3, 3))
    ]
    answers = [_slopes(function(*case), *case) for case in cases]
    judge([answer[:2] for answer in answers], cases, _both)
    weights, biases, errors = zip(*answers, strict=True)
    if judge(weights, cases, _weights):
        raise Wrong("dW is not the mean of the outer products; x.T @ delta adds them up, then divide by N")
    if judge(biases, cases, _biases):
        raise Wrong(f"{DB_ALONE}: it is the mean of delta over the examples, delta.mean(axis=0)")
    if judge(errors, cases, _errors):
        raise Wrong(f"{BACK_ALONE}: delta @ W.T, for each example its deltas times the rows of W")


def _both(x, W, delta):
    dW, db = x.T @ delta, delta.sum(axis=0)
    words = "these are sums; the mean is wanted: divide by the number of examples, len(x)"
    return (dW / len(x), db / len(x)), [((dW, db), words)]


def _errors(x, W, delta):
    """What goes back, and what somebody may have returned in its place."""
    back = delta @ W.T
    mistakes = [
        (-back, "the wrong sign"),
        (back / len(x), "it is no mean: each example has its own, so don't divide it"),
        (back * x * (1 - x), "the slope of the sigmoid is not asked for here; delta @ W.T alone"),
        (x, "that is x, which came forward; delta goes back through W"),
        (x @ W @ W.T, "that is made of x; delta goes back through W"),
    ]
    return back, [(given, f"{BACK_ALONE}: {words}") for given, words in mistakes]


def _weights(x, W, delta):
    """dW, and what somebody may have returned in its place."""
    dW, n = x.T @ delta, len(x)
    of_means = "wanted is the mean of the outer products"
    return dW / n, [
        (dW, "dW is a sum over the examples, not the mean: divide x.T @ delta by len(x)"),
        (dW / x.shape[1], "dW is divided by the number of inputs; N is len(x)"),
        (dW / delta.shape[1], "dW is divided by the number of units; N is len(x)"),
        (dW / delta.size, "dW is divided by the size of delta; N is len(x)"),
        (dW / x.size, "dW is divided by the size of x; N is len(x)"),
        (-dW / n, "dW has the wrong sign; the step downhill comes later"),
        (np.outer(x.mean(axis=0), delta.mean(axis=0)), f"dW is the outer product of the means; {of_means}"),
        (np.outer(x.sum(axis=0), delta.sum(axis=0)), f"dW is the outer product of the sums; {of_means}"),
        (np.outer(x[0], delta[0]), "dW is that of the first example alone"),
        (np.outer(x[-1], delta[-1]), "dW is that of the last example alone; add them up"),
        (dW / n**2, "dW is divided by N twice"),
    ]


def _biases(x, W, delta):
    """db, and what somebody may have returned in its place."""
    db, ones = delta.mean(axis=0), np.ones(delta.shape[1])
    mistakes = [
        (len(x) * db, "it is a sum; take the mean over the examples"),
        (delta[0], "it is that of the first example alone"),
        (delta[-1], "it is that of the last example alone"),
        (delta.mean(axis=1)[: len(ones)], NOT_THE_EXAMPLES),
        (-db, "the wrong sign"),
        (ones, "the slope with respect to a bias is delta, not 1"),
        (0 * ones, "biases learn, too; their slope is delta"),
        (delta.mean() * ones, "it is one mean over everything, filled in for all"),
    ]
    return db, [(given, f"{DB_ALONE}: {words}") for given, words in mistakes]


def _slopes(answer, x, W, delta):
    """The answer as arrays dW, db and back of the right shapes; Wrong otherwise, with the reason."""
    (n, n_in), n_out = x.shape, delta.shape[1]
    words = "return three arrays: dW, db, and what goes back"
    dW, db, back = parts_of(answer, ("dW", "db", "what goes back"), words)
    if dW.shape == (n_out,) and db.shape == (n_in, n_out):
        raise Wrong("in the wrong order: dW first, then db")
    where = f"dW has shape {dW.shape}"
    expected = f"{where} where {n_in, n_out} was expected"
    mistakes = [
        ((n_out, n_in), f"{expected}: the other way round, x.T @ delta"),
        ((n, n_in, n_out), f"{where}: one gradient for each image; take the mean over axis 0"),
    ]
    expect(dW.shape, (n_in, n_out), mistakes, f"{expected}, the shape of W", eq)
    where = f"db has shape {db.shape}"
    mistakes = [
        ((1, n_out), f"{where}, which `b -= …` refuses; expected ({n_out},), the shape of b"),
        ((n, n_out), f"{where}: one for each image; take the mean over axis 0"),
        ((n,), f"{where}: {NOT_THE_EXAMPLES}"),
    ]
    expect(db.shape, (n_out,), mistakes, f"{where} where ({n_out},) was expected, the shape of b", eq)
    where = f"what goes back has shape {back.shape}"
    mistakes = [
        ((n_in, n), f"{where}: the other way round; rows are examples, so delta stands on the left"),
        ((n_in,), f"{where}: each example has its own; no sum or mean over the batch"),
        ((n, n_out), f"{where}, that of delta; behind W there is a number for each input: delta @ W.T"),
    ]
    expect(back.shape, (n, n_in), mistakes, f"{where} where {n, n_in} was expected, the shape of x", eq)
    return dW, db, back


@exercise
def minibatches(function):
    """minibatches(n, batch_size, rng) -> a list of index arrays: each of 0..n−1 once, shuffled."""
    orders = []
    once = "every image must be used exactly once in an epoch: cut one permutation of range(n) into pieces"
    for n, size, seed in ((30, 8, 5), (30, 8, 50), (24, 6, 5), (9, 20, 5), (40, 1, 5)):
        # What stops those who insist on batches that are all as long
        hint = f"{n} is no multiple of {size}: the last batch is smaller than the others, so cut slices"
        errors = (f"cannot reshape array of size {n} ", "equal division")
        function.hints = dict.fromkeys(errors, hint) if n % size else {}
        batches = _batches(function(n, size, np.random.default_rng(seed)))
        order = np.concatenate(batches).tolist()
        _judge_order(batches, order, n)
        _judge_sizes([len(batch) for batch in batches], n, size)
        mistakes = [(list(range(1, n + 1)), f"the indices run from 1 to {n}; count from 0")]
        expect(sorted(order), list(range(n)), mistakes, once, eq)
        orders.append(order)
    again = np.concatenate(_batches(function(30, 8, np.random.default_rng(5)))).tolist()
    if again != orders[0]:
        raise Wrong("the same seed gave another order; draw from the rng that is passed in")
    if orders[0] == orders[1]:
        raise Wrong("two generators gave one order: draw from the rng passed in, not from one of your own")


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
    mistakes = [
        (expected[:-1], f"{asked} the last {expected[-1]} are lost: the last batch may be smaller"),
        ([*expected, 0], f"{asked} the last batch is empty; where must the loop stop?"),
    ]
    otherwise = f"sizes {sizes} where {expected} was expected"
    if max(sizes) > size:
        otherwise = f"{asked} a batch has {max(sizes)} images, more than batch_size"
    if len(sizes) == size and max(sizes) - min(sizes) <= 1:
        words = "batch_size says how long a batch is, not how many there are"
        otherwise = f"{asked} you made {size} batches; {words}"
    expect(sizes, expected, mistakes, otherwise, eq)


def _judge_order(batches, order, n):
    """Wrong, if the images have not been shuffled, or only within or among the batches, or anew for each."""
    twice = [index for index in range(n) if order.count(index) > 1]
    never = [index for index in range(n) if index not in order]
    first, second = [*batches, []][:2]
    if len(first) > 1 and np.array_equal(first[1:], second[: len(first) - 1]):
        raise Wrong("the slices overlap: each begins one number later; let range go in steps of batch_size")
    if twice and never:
        raise Wrong(f"image {twice[0]} comes twice in an epoch, {never[0]} never; shuffle once, then cut")
    if order == list(range(n)):
        raise Wrong("the images come in their old order; shuffle with rng.permutation(n)")
    runs = [len(batch) and np.ptp(batch) == len(batch) - 1 for batch in batches]
    if sorted(order) == list(range(n)) and 1 < len(batches) < n and all(runs):
        raise Wrong("neighbours stay together: each batch is a run of images; shuffle all before you cut")
