"""Checks for the exercises: each runs your function on cases of its own and says what is wrong with it.

A check prints its verdict and never raises, so that a notebook with unsolved exercises still runs to its end.
"""

import copy
import functools
import inspect
import itertools

import numpy as np


class Wrong(Exception):
    """What a check has found, in words for the learner; several findings go on lines of their own."""


def exercise(test):
    """Turn test(function), which raises Wrong when something is amiss, into a check that prints a verdict."""

    @functools.wraps(test)
    def check(function):
        name, more = getattr(function, "__name__", test.__name__), []
        try:
            test(_Guarded(function))
        except Wrong as wrong:
            verdict, *more = wrong.args
        except Exception as error:  # an answer so unusual that the test itself stumbled over it
            verdict = f"this check cannot read what came back ({type(error).__name__}: {error})"
        else:
            verdict = "right!"
        print(f"{name}: {' '.join(verdict.split())}")  # on one line, also where a message of numpy has more
        for finding in more:
            print(f"  - {finding}")

    return check


class _Guarded:
    """The learner's function; not solved, or an error inside it, becomes a verdict instead of a traceback."""

    def __init__(self, function):
        if not callable(function):
            raise Wrong("pass the function itself, without calling it: no brackets after its name")
        self.function = function

    def __call__(self, *arguments):
        copies = copy.deepcopy(arguments)
        try:
            answer = self.function(*copies)
            if inspect.isgenerator(answer):  # written with yield: it runs only when somebody asks for items
                answer = list(answer)
        except Exception as error:
            raise Wrong(f"your function stopped with {type(error).__name__}: {error}") from error
        if answer is ... or (answer is None and _is_stub(self.function)):
            raise Wrong("not solved yet; write your code in place of the ...")
        if answer is None:
            raise Wrong("it returned None; is there a return in front of your result?")
        for before, after in zip(arguments, copies, strict=True):
            if not _same(before, after):
                kind = "array" if isinstance(before, np.ndarray) else type(before).__name__
                raise Wrong(f"it changed the {kind} it was given; work on a copy or make a new {kind}")
        return answer


def _is_stub(function):
    """True while the body is still `...`."""
    try:
        return "\n    ..." in inspect.getsource(function)
    except (OSError, TypeError):
        return False


def _same(before, after):
    """False if an array, or a list or dict with whatever is in it, is no longer what it was."""
    if isinstance(before, np.ndarray):
        return np.array_equal(before, after)
    if isinstance(before, list | tuple):
        return len(before) == len(after) and all(map(_same, before, after))
    return before == after if isinstance(before, dict) else True


def _array(answer, name="the result"):
    """The answer as an array; Wrong, unless it holds numbers, real and finite ones."""
    if answer is None:
        raise Wrong(f"{name} is None where numbers were expected")
    try:
        array = np.asarray(answer)
    except ValueError:
        raise Wrong(f"{name} is a list whose parts differ in shape, so it is no array of numbers") from None
    if array.dtype.kind not in "biuf":
        words = {"c": "complex numbers", "U": "text", "S": "bytes"}
        found = words.get(array.dtype.kind, f"something else (dtype {array.dtype})")
        raise Wrong(f"{name} holds {found} where numbers were expected")
    if not np.isfinite(array).all():
        raise Wrong(f"{name} holds nan or inf; look for a division by zero or a number that grew too large")
    return array


def _number(answer, hint=""):
    """The answer as a Python number; Wrong, unless it is a single one."""
    array = _array(answer)
    if array.ndim:
        raise Wrong(f"shape {array.shape} where a single number was expected{hint}")
    return array.item()


def _shape(answer, expected, hint=""):
    """Wrong, unless the answer's shape is as expected."""
    found = np.shape(answer)
    if found != expected:
        raise Wrong(f"shape {found} where {expected} was expected{hint}")


def _close(answer, expected):
    """True if two results agree to rounding."""
    return np.allclose(np.asarray(answer, float), expected, rtol=1e-4, atol=1e-7)


# ---- 01 numpy quickstart ----------------------------------------------------------------------------------


@exercise
def to_unit(function):
    """to_unit(pixels uint8, any shape) -> float32 in 0..1, same shape."""
    pixels = np.array([[0, 51, 102], [153, 204, 255]], np.uint8)
    answer = _array(function(pixels))
    _shape(answer, (2, 3), ": keep the shape of the input")
    if answer.dtype.kind in "iu":
        raise Wrong(f"dtype {answer.dtype}, which has no decimals; convert with .astype(np.float32)")
    if _close(answer, pixels.astype(float)):
        raise Wrong("the values still run to 255; divide by 255")
    if _close(answer, pixels / 256):
        raise Wrong("255 became 0.996, not 1; the largest value of a uint8 is 255, not 256")
    if answer.dtype == np.float16:
        raise Wrong("dtype float16, which keeps only three digits; the exercise asks for float32")
    if not _close(answer, pixels / 255):
        raise Wrong(f"51 became {float(answer[0, 1]):.4f}; expected 51/255 = 0.2000")
    if answer.dtype != np.float32:
        raise Wrong(f"the values are right, the dtype is {answer.dtype}; the exercise asks for float32")


@exercise
def accuracy(function):
    """accuracy(outputs (N, 10), labels (N,)) -> fraction right."""
    outputs = np.random.default_rng(0).random((8, 10))
    labels = outputs.argmax(axis=1)
    labels[:2] = (labels[:2] + 1) % 10
    answer = _number(function(outputs, labels), "; take the mean of the mask")
    if _close(answer, 0.25):
        raise Wrong("you counted the wrong ones: 6 of 8 are right, so 0.75, not 0.25")
    if _close(answer, 6):
        raise Wrong("that is how many are right; the fraction is mean(), not sum()")
    if _close(answer, 75):
        raise Wrong("that is per cent; return a fraction between 0 and 1")
    if not _close(answer, 0.75):
        raise Wrong(
            f"6 of 8 are right, so 0.75 was expected, not {answer:.3g}; "
            "argmax(axis=1) looks for the largest output in each row"
        )


@exercise
def one_hot(function):
    """one_hot(labels (N,)) -> (N, 10) with a 1 at each label."""
    labels = np.array([3, 0, 9, 3], np.uint8)
    answer = _array(function(labels))
    if answer.shape == (10, 4):
        raise Wrong("shape (10, 4) where (4, 10) was expected; rows are examples: compare a column of labels")
    _shape(answer, (4, 10), ": one row for each label, one column for each digit")
    if not _close(np.sort(answer, axis=1), [0] * 9 + [1]):
        raise Wrong("each row must hold one 1 and nine 0s")
    for label, place in zip(labels, answer.argmax(axis=1), strict=True):
        if place != label:
            raise Wrong(f"the row of the label {label} has its 1 at place {place}; places count from 0")


# ---- 02 reading MNIST -------------------------------------------------------------------------------------


@exercise
def read_header(function):
    """read_header(data bytes of an IDX file) -> (type code, shape as a tuple)."""
    cases = [(0x08, (5,)), (0x08, (3, 28, 28)), (0x0D, (2, 300, 4, 1))]
    for code, shape in cases:
        header = bytes([0, 0, code, len(shape)]) + b"".join(n.to_bytes(4, "big") for n in shape)
        answer = function(header + bytes(7))
        if not isinstance(answer, tuple) or len(answer) != 2:
            raise Wrong("return two things: the type code and the shape, as `return code, shape`")
        if not isinstance(answer[0], int | np.integer) or answer[0] != code:
            raise Wrong(f"type code {answer[0]} where {code} was expected; it is the third byte, data[2]")
        found = tuple(_array(answer[1], "the shape").ravel().tolist())
        swapped = tuple(int.from_bytes(n.to_bytes(4, "big"), "little") for n in shape)
        if found == swapped:
            raise Wrong("the lengths are read with the small end first; IDX puts the big end first: '>'")
        if len(found) != len(shape):
            raise Wrong(
                f"{len(found)} lengths where {len(shape)} were expected; the fourth byte says how many axes"
            )
        if found != shape:
            raise Wrong(f"shape {found} where {shape} was expected; the lengths start at byte 4")
        if not isinstance(answer[1], tuple):
            raise Wrong("the lengths are right; return them as a tuple, tuple(…), as numpy's shapes are")


@exercise
def pixel_position(function):
    """pixel_position(image, row, column) -> the byte's position in the unpacked training images."""
    for image, row, column in ((0, 0, 0), (0, 0, 5), (0, 3, 0), (2, 0, 0), (59_999, 27, 27)):
        answer = _number(function(image, row, column))
        expected = 16 + image * 784 + row * 28 + column
        name = f"pixel ({row}, {column}) of image {image}"
        if answer == expected - 16:
            raise Wrong("you count from the first pixel; 16 bytes of header come before it")
        if answer == expected - 8:
            raise Wrong("the header of the images has 16 bytes: the magic number and three lengths")
        if row != column and answer == 16 + image * 784 + column * 28 + row:
            raise Wrong(f"{name}: row and column are swapped; the pixels of one row lie side by side")
        if answer != expected:
            raise Wrong(f"{name} is at byte {expected}, not {answer}")


@exercise
def label_counts(function):
    """label_counts(labels (N,)) -> (10,) how often each digit occurs."""
    labels = np.array([1, 1, 1, 0, 7, 7], np.uint8)
    answer = _array(function(labels))
    if answer.shape == (8,):
        raise Wrong("shape (8,): there is no 9 among the labels, but its place must be there, with a 0")
    _shape(answer, (10,), ": one count for each digit from 0 to 9")
    if _close(answer.sum(), 1):
        raise Wrong("these are fractions; return how often each digit occurs")
    if not _close(answer, [1, 3, 0, 0, 0, 0, 0, 2, 0, 0]):
        raise Wrong(f"for the labels 1 1 1 0 7 7 expected [1 3 0 0 0 0 0 2 0 0], not {answer}")


# ---- 03 random network ------------------------------------------------------------------------------------


@exercise
def count_parameters(function):
    """count_parameters(sizes) -> the number of weights and biases."""
    for sizes in ((2, 3), (784, 20, 16, 10), (5, 4, 3, 2, 2)):
        answer = _number(function(sizes))
        weights = sum(m * n for m, n in itertools.pairwise(sizes))
        if answer == weights:
            raise Wrong(
                f"for {sizes} you count {weights:,} weights; each unit after the inputs has a bias, too"
            )
        if answer == weights + sum(sizes):
            raise Wrong("the inputs have no biases; count those of the other layers only")
        if answer != weights + sum(sizes[1:]):
            raise Wrong(f"for {sizes} expected {weights + sum(sizes[1:]):,}, not {answer}")


@exercise
def relu(function):
    """relu(z) -> max(z, 0) for each element, any shape."""
    z = np.array([[-2.0, 0.0, 3.0], [0.5, -0.1, -7.0]])
    answer = _array(function(z))
    if answer.shape == ():
        raise Wrong("a single number; np.max looks for the largest of all, np.maximum compares one by one")
    _shape(answer, (2, 3), ": one result for each element")
    if _close(answer, np.abs(z)):
        raise Wrong("−2 became 2; a negative number becomes 0")
    if _close(answer, z > 0):
        raise Wrong("3 became 1; a positive number stays what it is")
    if _close(answer, np.minimum(z, 0)):
        raise Wrong("you kept the negative numbers; ReLU keeps the positive ones")
    if not _close(answer, np.maximum(z, 0)):
        raise Wrong(f"for {z[0]} expected {np.maximum(z[0], 0)}, not {answer[0]}")


@exercise
def forward(function):
    """forward(x, layers) -> the outputs (n_out,) of a network of sigmoid layers, layers = [(W, b), …]."""
    rng = np.random.default_rng(0)
    layers = [(rng.normal(size=(6, 5)), rng.normal(size=5)), (rng.normal(size=(5, 4)), rng.normal(size=4))]
    x = rng.normal(size=6)

    def run(last=True, biases=True):
        a = x
        for k, (W, b) in enumerate(layers):
            a = a @ W + (b if biases else 0)
            if last or k == 0:
                a = 1 / (1 + np.exp(-a))
        return a

    answer = _array(function(x, layers))
    if answer.shape == (5,):
        raise Wrong("shape (5,): that is the first layer's result; each layer's result feeds the next")
    _shape(answer, (4,), ": one output for each unit of the last layer")
    if _close(answer, run(biases=False)):
        raise Wrong("the biases are missing: a @ W + b")
    if _close(answer, run(last=False)):
        raise Wrong("the last layer has its sigmoid, too")
    if not _close(answer, run()):
        raise Wrong("the shape is right, the numbers are not; each layer is sigmoid(a @ W + b)")


# ---- 04 naive backpropagation -----------------------------------------------------------------------------


@exercise
def numerical_slope(function):
    """numerical_slope(f, x, h) -> the central difference (f(x + h) − f(x − h)) / 2h."""
    for f, x, slope in ((np.sin, 0.3, np.cos(0.3)), (np.exp, 1.0, np.e), (np.square, -2.0, -4.0)):
        h = 1e-4
        answer = _number(function(f, x, h))
        if np.isclose(answer, slope, rtol=1e-6):
            continue
        if np.isclose(answer, -slope, rtol=1e-6):
            raise Wrong("the right size but the wrong sign: the value at x + h comes first")
        if np.isclose(answer, 2 * slope, rtol=1e-6):
            raise Wrong("twice too large: from x − h to x + h it is 2h, so divide by 2 * h")
        if np.isclose(answer, slope * h**2, rtol=1e-4, atol=0):
            raise Wrong("you multiplied by h: write (f(x + h) - f(x - h)) / (2 * h), with its brackets")
        if np.isclose(answer, slope, rtol=1e-3):
            raise Wrong("close, but it is the one-sided difference; step to both sides of x")
        raise Wrong(f"at x = {x} expected {slope:.4f}, not {answer:.4f}")


@exercise
def output_gradients(function):
    """output_gradients(x (n_in,), a (n_out,), y (n_out,)) -> (dW, db) of a sigmoid layer, ½ Σ (a − y)²."""
    rng = np.random.default_rng(0)
    x, a, y = rng.random(6), rng.random(4), np.array([0.0, 0.0, 1.0, 0.0])
    delta = (a - y) * a * (1 - a)
    answer = function(x, a, y)
    if not isinstance(answer, tuple | list) or len(answer) != 2:
        raise Wrong("return two arrays: `return dW, db`")
    dW, db = _array(answer[0], "dW"), _array(answer[1], "db")
    if dW.shape == (4, 6):
        raise Wrong("dW has shape (4, 6) where (6, 4) was expected; as W it is (n_in, n_out): np.outer(x, δ)")
    if dW.shape != (6, 4):
        raise Wrong(
            f"dW has shape {dW.shape} where (6, 4) was expected: this is the outer product of x and δ"
        )
    if db.shape != (4,):
        raise Wrong(f"db has shape {db.shape} where (4,) was expected; it has no x in it")
    if _close(db, -delta):
        raise Wrong("the right size but the wrong sign: the error is a − y")
    if _close(db, a - y):
        raise Wrong("the slope of the sigmoid is missing: multiply the error by a * (1 - a)")
    if _close(db, (a - y) ** 2 * a * (1 - a)):
        raise Wrong("the derivative of ½ (a − y)² is a − y, without the square")
    if not _close(db, delta):
        raise Wrong("db is not δ = (a − y) · a · (1 − a)")
    if not _close(dW, np.outer(x, delta)):
        raise Wrong("db is right, dW is not: dW[i, j] = x[i] * δ[j]")


@exercise
def relu_slope(function):
    """relu_slope(z) -> 1 where z > 0, else 0."""
    z = np.array([-3.0, -0.2, 0.4, 5.0])
    answer = _array(function(z))
    _shape(answer, (4,), ": one slope for each element")
    if _close(answer, np.maximum(z, 0)):
        raise Wrong("that is ReLU itself; its slope is 1 where it rises and 0 where it is flat")
    if _close(answer, [1, 1, 0, 0]):
        raise Wrong("the wrong way round: ReLU is flat on the negative side")
    if _close(answer, np.ones(4)):
        raise Wrong("1 everywhere; left of 0 the slope is 0. Did you test something that is never negative?")
    if not _close(answer, [0, 0, 1, 1]):
        raise Wrong(f"for z = {z} expected [0 0 1 1], not {answer}")


# ---- 05 vectorised batching -------------------------------------------------------------------------------


@exercise
def batch_gradients(function):
    """batch_gradients(x (N, n_in), delta (N, n_out)) -> their means, dW (n_in, n_out), db (n_out,)."""
    rng = np.random.default_rng(0)
    x, delta = rng.normal(size=(7, 5)), rng.normal(size=(7, 3))
    dW_right, db_right = x.T @ delta / 7, delta.mean(axis=0)
    answer = function(x, delta)
    if not isinstance(answer, tuple | list) or len(answer) != 2:
        raise Wrong("return two arrays: `return dW, db`")
    dW, db = _array(answer[0], "dW"), _array(answer[1], "db")
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
    if _close(dW, dW_right * 7) and _close(db, db_right * 7):
        raise Wrong("these are sums; the mean is wanted: divide by the number of examples, len(x)")
    if not _close(dW, dW_right):
        raise Wrong("dW is not the mean of the outer products; x.T @ delta adds them up, then divide by N")
    if not _close(db, db_right):
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
    answer = [_array(part, "a batch") for part in answer]
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


# ---- 06 architecture tuning -------------------------------------------------------------------------------


@exercise
def split(function):
    """split(images, labels, n) -> training images, training labels, and the last n as validation."""
    labels = np.arange(10)
    images = np.arange(10).reshape(10, 1, 1) * np.ones((1, 2, 2), int)
    answer = function(images, labels, 3)
    if not isinstance(answer, tuple | list) or len(answer) != 4:
        raise Wrong(
            "return four arrays: training images, training labels, validation images, validation labels"
        )
    train_x, train_y, valid_x, valid_y = map(_array, answer, map("array {} of 4".format, range(1, 5)))
    if 0 in (train_x.ndim, train_y.ndim, valid_x.ndim, valid_y.ndim):
        raise Wrong("one of the four is a single number, not an array")
    if len(train_x) != len(train_y) or len(valid_x) != len(valid_y):
        raise Wrong("a set has more images than labels, or fewer; the order of the four matters")
    for x, y in ((train_x, train_y), (valid_x, valid_y)):
        _shape(x, (len(x), 2, 2), ": the images keep their shape, and come before their labels")
        _shape(y, (len(y),), ": one label for each image")
    if len(train_x) == 3:
        raise Wrong("the two sets are the wrong way round: 3 for validation, the other 7 for training")
    if set(train_y) & set(valid_y):
        raise Wrong("some images are in both sets: then the validation tells you nothing")
    if (len(train_x), len(valid_x)) != (7, 3):
        raise Wrong(f"{len(train_x)} and {len(valid_x)} images where 7 and 3 were expected")
    if (train_x[:, 0, 0] != train_y).any() or (valid_x[:, 0, 0] != valid_y).any():
        raise Wrong("images and labels no longer belong together")
    if valid_y.tolist() != [7, 8, 9]:
        raise Wrong("take the last n for validation")


@exercise
def choose(function):
    """choose(runs) -> the number of the run to keep; a run is {"training": …, "validation": …, "test": …}."""
    runs = [
        {"training": 0.95, "validation": 0.94, "test": 0.96},
        {"training": 0.97, "validation": 0.96, "test": 0.95},
        {"training": 1.00, "validation": 0.95, "test": 0.94},
        {"training": 0.90, "validation": 0.89, "test": 0.90},
    ]
    answer = function(runs)
    if isinstance(answer, dict):
        raise Wrong("return the run's number, not the run itself")
    answer = _number(answer)
    if answer == 0:
        raise Wrong("you chose by the test set; then it can no longer tell how good the choice is")
    if answer == 2:
        raise Wrong("you chose by the training set; a network that learnt it by heart wins there")
    if answer == 3:
        raise Wrong("that is the worst; look for the largest accuracy, not the smallest")
    if answer != 1:
        raise Wrong(f"expected 1, the number of the run with the best validation accuracy, not {answer!r}")


# ---- 07 softmax and cross-entropy -------------------------------------------------------------------------


def _softmax(z):
    e = np.exp(z - z.max(axis=1, keepdims=True))
    return e / e.sum(axis=1, keepdims=True)


@exercise
def softmax(function):
    """softmax(z (N, n)) -> probabilities (N, n), also for large scores."""
    z = np.random.default_rng(0).normal(0, 2, (4, 10))
    answer = _array(function(z))
    _shape(answer, (4, 10), ": one row of probabilities for each row of scores")
    if _close(answer, np.exp(z) / np.exp(z).sum()):
        raise Wrong("all numbers together add up to 1; each row should: sum(axis=1, keepdims=True)")
    if _close(answer.sum(axis=0), 1):
        raise Wrong("the columns add up to 1; the rows should: examples are rows, so axis=1")
    if not _close(answer, _softmax(z)):
        raise Wrong(f"the first row adds up to {answer[0].sum():.3f}; exp of each score over their sum")
    with np.errstate(all="ignore"):
        large = np.asarray(function(np.array([[5000.0, 4999.0], [-5000.0, -5000.0]])))
    if not np.isfinite(large).all():
        raise Wrong("right for small scores, nan for 5000; subtract each row's largest score before exp")
    if not _close(large, [[0.73105858, 0.26894142], [0.5, 0.5]]):
        raise Wrong("right for small scores, wrong for large ones; subtract the largest of each row")


@exercise
def output_delta(function):
    """output_delta(z (N, 10), labels (N,)) -> slope of the mean cross-entropy, (N, 10)."""
    rng = np.random.default_rng(0)
    z, labels = rng.normal(0, 2, (5, 10)), np.array([3, 0, 9, 3, 1])
    p, y = _softmax(z), np.eye(10)[labels]
    answer = _array(function(z, labels))
    _shape(answer, (5, 10), ": a slope for every score")
    if _close(answer, (y - p) / 5):
        raise Wrong("the right size but the wrong sign: p − y")
    if _close(answer, p - y):
        raise Wrong("this is the slope of the sum; for the mean, divide by the number of examples, len(z)")
    if _close(answer, (p - y) / 10):
        raise Wrong("divide by the number of examples, not by the number of digits")
    if _close(answer, (p - y) * p * (1 - p) / 5):
        raise Wrong("no p · (1 − p): in the softmax with cross-entropy it cancels, which is their point")
    if _close(answer, p / 5):
        raise Wrong("the 1 of the right digit is not subtracted yet")
    if not _close(answer, (p - y) / 5):
        raise Wrong("expected (p − y) / N with p = softmax(z) and y the one-hot labels")


@exercise
def with_l2(function):
    """with_l2(dW, W, l2) -> the gradient of the loss plus l2/2 Σ W²."""
    rng = np.random.default_rng(0)
    dW, W = rng.normal(size=(4, 3)), rng.normal(size=(4, 3))
    answer = _array(function(dW, W, 0.1))
    _shape(answer, (4, 3), ": a slope for every weight")
    if _close(answer, dW * 1.1) or _close(answer, dW * 0.1):
        raise Wrong("the factor belongs to the weights, not to the gradient: l2 * W")
    if _close(answer, dW - 0.1 * W):
        raise Wrong("the wrong sign: large weights cost more, so the slope grows with W")
    if _close(answer, dW + 0.2 * W):
        raise Wrong("twice too much: the ½ in ½ λ W² cancels the 2 of its slope")
    if _close(answer, dW + 0.05 * W**2) or _close(answer, dW + 0.1 * W**2):
        raise Wrong("that adds the price; its slope is wanted: λ W, without the square")
    if not _close(answer, dW + 0.1 * W):
        raise Wrong("expected dW + l2 * W")


@exercise
def confusion_matrix(function):
    """confusion_matrix(labels (N,), predicted (N,)) -> counts (10, 10)."""
    labels, predicted = np.array([4, 4, 4, 9, 0, 1]), np.array([9, 9, 4, 9, 0, 7])
    answer = _array(function(labels, predicted))
    _shape(answer, (10, 10), ": a row and a column for each digit")
    right = np.zeros((10, 10))
    for label, said in zip(labels, predicted, strict=True):
        right[label, said] += 1
    if _close(answer, right.T):
        raise Wrong("rows and columns are swapped: the row is what it was, the column what was said")
    if _close(answer, right > 0):
        raise Wrong("4 was read as 9 twice, but counted once; counts[a, b] += 1 ignores repeated pairs")
    if _close(answer.sum(), 1):
        raise Wrong("these are fractions; count instead")
    if not _close(answer.sum(), 6):
        raise Wrong(f"{answer.sum():g} examples counted, there are 6; one count for each example")
    if not _close(answer, right):
        a, b = np.argwhere(answer != right)[0]
        raise Wrong(f"row {a}, column {b} is {answer[a, b]:g}; a {a} was read as {b} {right[a, b]:g} times")


# ---- the bug hunt -----------------------------------------------------------------------------------------


@exercise
def bug_hunt(function):
    """bug_hunt(x (N, n_in), labels (N,), layers [(W, b), …], l2) -> [(dW, db), …], the slopes of the loss.

    The loss is that of notebook 07: ReLU, softmax, mean cross-entropy, and l2/2 Σ W². What is wrong is named
    by its symptom. Faults are told apart by switching L2 off and on, and by looking at one layer at a time.
    """
    rng = np.random.default_rng(0)
    layers = [(rng.normal(size=(m, n)), rng.normal(size=n)) for m, n in itertools.pairwise((6, 5, 4, 3))]
    x, labels = rng.normal(size=(7, 6)), np.array([0, 2, 1, 1, 0, 2, 0])
    right = _backpropagation(x, labels, layers, lambda a: a > 0)
    found = _slopes(function(x, labels, layers, 0.0), layers)
    with_price = _slopes(function(x, labels, layers, 0.5), layers)

    _last_weights(found[-1][0], right[-1][0], len(x))
    symptoms = [
        _bias_symptom(found, right, layers, len(x)),
        _hidden_symptom(found, right, x, labels, layers),
        _price_symptom(found, with_price, layers),
    ]
    left = [symptom for symptom in symptoms if symptom]
    if left:
        raise Wrong("1 fault is left" if len(left) == 1 else f"{len(left)} faults are left", *left)


def _backpropagation(x, labels, layers, slope):
    """The gradient without L2; slope(a): by what delta is multiplied on its way back through activations."""
    activations = [x]
    for W, b in layers[:-1]:
        activations.append(np.maximum(activations[-1] @ W + b, 0))
    W, b = layers[-1]
    delta = (_softmax(activations[-1] @ W + b) - np.eye(len(b))[labels]) / len(x)  # (N, n_out)
    slopes = []
    for (W, _), a in zip(reversed(layers), reversed(activations), strict=True):
        slopes.insert(0, (a.T @ delta, delta.sum(axis=0)))
        delta = (delta @ W.T) * slope(a)
    return slopes


def _slopes(answer, layers):
    """The learner's [(dW, db), …] as arrays; Wrong, unless there is a pair for each layer and dW fits W."""
    if not isinstance(answer, tuple | list) or len(answer) != len(layers):
        raise Wrong(f"return a list with a pair (dW, db) for each of the {len(layers)} layers")
    pairs = []
    for pair, (W, _) in zip(answer, layers, strict=True):
        if not isinstance(pair, tuple | list) or len(pair) != 2:
            raise Wrong("return a pair (dW, db) for each layer")
        dW, db = _array(pair[0], "a dW"), _array(pair[1], "a db")
        _shape(dW, W.shape, ": slopes of weights have the shape of W")
        pairs.append((dW, db))
    return pairs


def _last_weights(dW, right, n):
    """Wrong, if the last layer's dW, which none of the faults touches, is not what it was."""
    if _close(dW, right):
        return
    if _close(dW, -right):
        raise Wrong("this was right before: the last layer's dW has the right size but the wrong sign now")
    if _close(dW, right * n):
        raise Wrong("this was right before: the last layer's dW is a sum over the examples now, not a mean")
    raise Wrong(
        "this was right before: with L2 off, even the last layer's dW differs from the measured slopes"
    )


def _bias_symptom(found, right, layers, n):
    for (_, db), (_, b) in zip(found, layers, strict=True):
        if db.shape == ():
            return f"the slopes of a layer's {len(b)} biases are a single number, so that all move alike"
        if db.shape != b.shape:
            return f"the slopes of a layer's {len(b)} biases have shape {db.shape}, not {b.shape}"
    if _close(found[-1][1] * n, right[-1][1]):
        return f"the slopes of the biases are too small, by the number of examples ({n} here)"
    # A layer whose weights' slopes are right got the right delta, so that its biases have no excuse.
    for number, ((dW, db), (right_dW, right_db)) in enumerate(zip(found, right, strict=True), 1):
        if _close(dW, right_dW) and not _close(db, right_db):
            return f"in layer {number} dW is right, but the slopes of the biases are not the measured ones"
    return None


def _hidden_symptom(found, right, x, labels, layers):
    """About the layers before the last: what the error is multiplied by on its way back through ReLU."""

    def agrees(other):
        return all(_close(dW, other_dW) for (dW, _), (other_dW, _) in zip(found, other, strict=True))

    if agrees(right):
        return None
    others = [
        (lambda a: 1, "although ReLU put out 0 there, some error flows back through neurons that are off"),
        (lambda a: a <= 0, "errors flow back through the neurons that are off, and not through the others"),
        (lambda a: a * (1 - a), "they are multiplied by a slope that belongs to the sigmoid, not to ReLU"),
        (lambda a: a, "where ReLU is on, its slope is 1, and not what it put out"),
        (lambda a: 0, "nothing flows back any more; they are all 0"),
    ]
    where = "without L2 the last layer's dW is right, and those before it are not"
    for slope, symptom in others:
        if agrees(_backpropagation(x, labels, layers, slope)):
            return f"{where}: {symptom}"
    return where


def _price_symptom(found, with_price, layers, l2=0.5):
    """What switching L2 on changes must be l2 times the weights, and nothing for the biases."""
    extra = [after - before for (after, _), (before, _) in zip(with_price, found, strict=True)]

    def is_times(factor, arrays):
        return all(_close(e, factor * array) for e, array in zip(extra, arrays, strict=True))

    weights, slopes = [W for W, _ in layers], [dW for dW, _ in found]
    for (_, before), (_, after) in zip(found, with_price, strict=True):
        if before.shape == after.shape and not _close(after, before):
            return "switching L2 on changes the slopes of the biases, which go free"
    if is_times(l2, weights):
        return None
    if is_times(0, weights):
        return "switching L2 on changes nothing any more: large weights have no price at all"
    if is_times(l2, slopes):
        return "switching L2 on changes the slopes, but a large weight pays no more than a small one"
    if is_times(-l2, weights):
        return "switching L2 on rewards large weights: the wrong sign"
    if is_times(2 * l2, weights):
        return "switching L2 on costs twice too much: the ½ in ½ λ W² cancels the 2 of its slope"
    if any(_close(e, l2 * W) for e, W in zip(extra, weights, strict=True)):
        return "switching L2 on is right in one layer, but not in all of them"
    return "switching L2 on changes the slopes by something else than λ W"


# ---- 08 beyond 99 % ---------------------------------------------------------------------------------------


@exercise
def momentum_step(function):
    """momentum_step(w, v, gradient, learning_rate, momentum) -> new w, new v."""
    w, v, gradient = np.array([1.0, 2.0]), np.array([0.5, -0.5]), np.array([3.0, 1.0])
    answer = function(w, v, gradient, 0.2, 0.9)
    if not isinstance(answer, tuple | list) or len(answer) != 2:
        raise Wrong("return two arrays: `return w, v`")
    new_w, new_v = _array(answer[0], "w"), _array(answer[1], "v")
    _shape(new_w, (2,), ": w keeps its shape")
    _shape(new_v, (2,), ": v has the shape of w")
    right_v = 0.9 * v + 0.2 * gradient
    if _close(new_w, right_v) and _close(new_v, w - right_v):
        raise Wrong("right, but in the wrong order: w first, then v")
    if _close(new_v, 0.9 * v - 0.2 * gradient):
        raise Wrong("v has the wrong sign: it adds the gradient, and w subtracts v")
    if _close(new_v, 0.9 * v + gradient):
        raise Wrong("the learning rate is missing in front of the gradient")
    if _close(new_v, v + 0.2 * gradient):
        raise Wrong("v keeps only a share of itself: momentum * v")
    if _close(new_v, 0.9 * v + 0.1 * gradient) or _close(new_v, 0.9 * v + 0.1 * 0.2 * gradient):
        raise Wrong("the gradient counts fully, not 1 − momentum of it, in this form of momentum")
    if not _close(new_v, right_v):
        raise Wrong("expected v = momentum * v + learning_rate * gradient")
    if _close(new_w, w + right_v):
        raise Wrong("w climbs: subtract v")
    if _close(new_w, w - v):
        raise Wrong("w moved by the old velocity; use the new one")
    if not _close(new_w, w - right_v):
        raise Wrong("v is right; expected w − v for w")


@exercise
def best_epoch(function):
    """best_epoch(losses, patience) -> the epoch to keep, counted from 0."""
    cases = [
        ([0.5, 0.4, 0.3], 2, 2, "a loss that falls to the end is best at the end"),
        (
            [0.5, 0.3, 0.4, 0.35, 0.2],
            2,
            1,
            "after two epochs without a new lowest loss the training had ended",
        ),
        ([0.5, 0.3, 0.4, 0.2, 0.3], 2, 3, "one bad epoch is not two: a patience of 2 waits"),
        ([0.5, 0.6, 0.7, 0.1], 3, 3, "with a patience of 3 the fourth epoch is still reached"),
    ]
    for losses, patience, right, reason in cases:
        answer = _number(function(losses, patience))
        if isinstance(answer, float) and not answer.is_integer():
            raise Wrong("return the number of the epoch, not its loss")
        if answer == right + 1 and right + 1 == len(losses):
            raise Wrong("epochs count from 0")
        if answer != right:
            raise Wrong(f"for {losses} and patience {patience} expected {right}, not {answer}: {reason}")


@exercise
def shift(function):
    """shift(image (28, 28), dx, dy) -> moved right and down, with paper coming in."""
    image = np.zeros((28, 28), np.uint8)
    image[3, 25], image[10, 10] = 200, 90
    for dx, dy in ((2, 1), (-3, 4), (5, -6), (0, 0)):
        right = np.zeros_like(image)
        for row, column in ((3, 25), (10, 10)):
            if 0 <= row + dy < 28 and 0 <= column + dx < 28:
                right[row + dy, column + dx] = image[row, column]
        answer = _array(function(image, dx, dy))
        _shape(answer, (28, 28), ": the image keeps its size")
        if _close(answer, right):
            continue
        if _close(answer, np.roll(image, (dy, dx), (0, 1))):
            raise Wrong("the ink that left on one side came back on the other; np.roll does that")
        if answer[10 + dx, 10 + dy] == 90:
            raise Wrong("rows and columns are swapped: dx moves along the columns, axis 1")
        if answer[10 - dy, 10 - dx] == 90:
            raise Wrong("it moved the other way: dx to the right, dy down")
        raise Wrong(f"for dx = {dx}, dy = {dy} the pixel (10, 10) should be at ({10 + dy}, {10 + dx})")


# ---- 09 draw a digit --------------------------------------------------------------------------------------


@exercise
def centre_of_mass(function):
    """centre_of_mass(image (28, 28) uint8) -> mean row and mean column of the ink."""
    image = np.zeros((28, 28), np.uint8)
    image[4, 6], image[10, 20], image[10, 22] = 100, 200, 100
    answer = _array(function(image))
    if answer.shape != (2,):
        raise Wrong("return two numbers: `return row, column`")
    if _close(answer, (17, 8.5)):
        raise Wrong("rows and columns are swapped: the row first")
    if _close(answer, (8, 16)):
        raise Wrong("every pixel with ink counts alike; weight each by its brightness")
    if _close(answer, (9.5, 18)):
        raise Wrong("one too large: rows and columns count from 0")
    if _close(answer, (7, 14)):
        raise Wrong("that is the middle of the box around the ink, not its centre of mass")
    if not _close(answer, (8.5, 17)):
        raise Wrong("expected (8.5, 17.0) here; uint8 sums can run over: convert to float first")


@exercise
def ink_on_dark(function):
    """ink_on_dark(image (28, 28) uint8) -> the image with ink 255 on 0, inverted only where needed."""
    dark = np.zeros((28, 28), np.uint8)
    dark[5:20, 13:16] = 250
    right_way, inverted = _array(function(dark)), _array(function(255 - dark))
    _shape(inverted, (28, 28), ": the image keeps its size")
    if np.array_equal(inverted, 255 - dark):
        raise Wrong("dark ink on white paper came back unchanged; 255 - image turns it round")
    if (inverted.astype(float) < 0).any():
        raise Wrong("negative numbers: the opposite of 255 is 0, so 255 - image, not -image")
    if not np.array_equal(inverted, dark):
        raise Wrong("dark ink on white paper should become 255 - image")
    if not np.array_equal(right_way, dark):
        raise Wrong("an image that was right already was changed; look first whether most of it is bright")
