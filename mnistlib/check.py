"""Checks for the exercises: each runs your function on cases of its own and says what is wrong with it.

A check prints one line and never raises, so that a notebook with unsolved exercises still runs to its end.
"""

import functools
import inspect
import itertools

import numpy as np


class Wrong(Exception):
    """What a check has found, in words for the learner."""


def exercise(test):
    """Turn test(function), which raises Wrong when something is amiss, into a check that prints a verdict."""

    @functools.wraps(test)
    def check(function):
        name = getattr(function, "__name__", str(function))
        try:
            test(_Guarded(function))
        except Wrong as wrong:
            print(f"{name}: {wrong}")
        else:
            print(f"{name}: right!")

    return check


class _Guarded:
    """The learner's function; not solved, or an error inside it, becomes a verdict instead of a traceback."""

    def __init__(self, function):
        if not callable(function):
            raise Wrong("pass the function itself, without calling it: no brackets after its name")
        self.function = function

    def __call__(self, *arguments):
        copies = [a.copy() if isinstance(a, np.ndarray) else a for a in arguments]
        try:
            answer = self.function(*copies)
        except Exception as error:
            raise Wrong(f"your function stopped with {type(error).__name__}: {error}") from error
        if answer is None and _is_stub(self.function):
            raise Wrong("not solved yet; write your code in place of the ...")
        if answer is None:
            raise Wrong("it returned None; is there a return in front of your result?")
        for before, after in zip(arguments, copies, strict=True):
            if isinstance(before, np.ndarray) and not np.array_equal(before, after):
                raise Wrong("it changed the array it was given; work on a copy or make a new array")
        return answer


def _is_stub(function):
    """True while the body is still `...`."""
    try:
        return "\n    ..." in inspect.getsource(function)
    except (OSError, TypeError):
        return False


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
    answer = np.asarray(function(pixels))
    _shape(answer, (2, 3), ": keep the shape of the input")
    if answer.dtype.kind in "iu":
        raise Wrong(f"dtype {answer.dtype}, which has no decimals; convert with .astype(np.float32)")
    if _close(answer, pixels.astype(float)):
        raise Wrong("the values still run to 255; divide by 255")
    if _close(answer, pixels / 256):
        raise Wrong("255 became 0.996, not 1; the largest value of a uint8 is 255, not 256")
    if not _close(answer, pixels / 255):
        raise Wrong(f"51 became {answer[0, 1]:.4f}; expected 51/255 = 0.2000")
    if answer.dtype != np.float32:
        raise Wrong(f"the values are right, the dtype is {answer.dtype}; the exercise asks for float32")


@exercise
def accuracy(function):
    """accuracy(outputs (N, 10), labels (N,)) -> fraction right."""
    outputs = np.random.default_rng(0).random((8, 10))
    labels = outputs.argmax(axis=1)
    labels[:2] = (labels[:2] + 1) % 10
    answer = function(outputs, labels)
    if np.ndim(answer) != 0:
        raise Wrong(f"shape {np.shape(answer)} where a single number was expected; take the mean of the mask")
    if _close(answer, 0.25):
        raise Wrong("you counted the wrong ones: 6 of 8 are right, so 0.75, not 0.25")
    if _close(answer, 6):
        raise Wrong("that is how many are right; the fraction is mean(), not sum()")
    if _close(answer, 75):
        raise Wrong("that is per cent; return a fraction between 0 and 1")
    if not _close(answer, 0.75):
        raise Wrong(
            f"6 of 8 are right, so 0.75 was expected, not {float(answer):.3g}; "
            "argmax(axis=1) looks for the largest output in each row"
        )


@exercise
def one_hot(function):
    """one_hot(labels (N,)) -> (N, 10) with a 1 at each label."""
    labels = np.array([3, 0, 9, 3], np.uint8)
    answer = np.asarray(function(labels))
    if answer.shape == (10, 4):
        raise Wrong("shape (10, 4) where (4, 10) was expected; rows are examples: compare a column of labels")
    _shape(answer, (4, 10), ": one row for each label, one column for each digit")
    if not _close(answer.sum(axis=1), 1):
        raise Wrong("each row must hold one 1 and nine 0s")
    if not _close(answer, np.eye(10)[labels]):
        raise Wrong(f"the row of the label 3 has its 1 at place {answer[0].argmax()}; places count from 0")


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
        if answer[0] != code:
            raise Wrong(f"type code {answer[0]} where {code} was expected; it is the third byte, data[2]")
        found = tuple(int(n) for n in np.atleast_1d(answer[1]))
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
        answer = function(image, row, column)
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
    answer = np.asarray(function(labels))
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
        answer = function(sizes)
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
    answer = np.asarray(function(z))
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

    answer = np.asarray(function(x, layers))
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
        answer = function(f, x, h)
        if np.isclose(answer, slope, rtol=1e-6):
            continue
        if np.isclose(answer, -slope, rtol=1e-6):
            raise Wrong("the right size but the wrong sign: the value at x + h comes first")
        if np.isclose(answer, 2 * slope, rtol=1e-6):
            raise Wrong("twice too large: from x − h to x + h it is 2h, so divide by 2 * h")
        if np.isclose(answer, slope * h**2, rtol=1e-4):
            raise Wrong("you multiplied by h: write (f(x + h) - f(x - h)) / (2 * h), with its brackets")
        if np.isclose(answer, slope, rtol=1e-3):
            raise Wrong("close, but it is the one-sided difference; step to both sides of x")
        raise Wrong(f"at x = {x} expected {slope:.4f}, not {float(answer):.4f}")


@exercise
def output_gradients(function):
    """output_gradients(x (n_in,), a (n_out,), y (n_out,)) -> (dW, db) of a sigmoid layer, ½ Σ (a − y)²."""
    rng = np.random.default_rng(0)
    x, a, y = rng.random(6), rng.random(4), np.array([0.0, 0.0, 1.0, 0.0])
    delta = (a - y) * a * (1 - a)
    answer = function(x, a, y)
    if not isinstance(answer, tuple | list) or len(answer) != 2:
        raise Wrong("return two arrays: `return dW, db`")
    dW, db = map(np.asarray, answer)
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
    answer = np.asarray(function(z))
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
    dW, db = map(np.asarray, answer)
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
    answer = [np.asarray(part) for part in function(10, 4, np.random.default_rng(0))]
    if not answer:
        raise Wrong("no batches came back")
    together = np.concatenate(answer)
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
    train_x, train_y, valid_x, valid_y = map(np.asarray, answer)
    if len(train_x) != len(train_y) or len(valid_x) != len(valid_y):
        raise Wrong("a set has more images than labels, or fewer; the order of the four matters")
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
    if answer == 0:
        raise Wrong("you chose by the test set; then it can no longer tell how good the choice is")
    if answer == 2:
        raise Wrong("you chose by the training set; a network that learnt it by heart wins there")
    if answer == 3:
        raise Wrong("that is the worst; look for the largest accuracy, not the smallest")
    if isinstance(answer, dict):
        raise Wrong("return the run's number, not the run itself")
    if answer != 1:
        raise Wrong(f"expected 1, the number of the run with the best validation accuracy, not {answer!r}")
