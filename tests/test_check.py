"""mnistlib.check: right answers pass, and a wrong one is told what is wrong with it."""

import inspect
import itertools
import linecache
import struct

import numpy as np
import pytest
from course import PAGES, exercises, with_helpers

from mnistlib import check

CHECKS = {
    name: function
    for name, function in vars(check).items()
    if not name.startswith("_") and hasattr(function, "__wrapped__") and function.__module__ == check.__name__
}
EXERCISES = [exercise for path in PAGES for exercise in exercises(path)]
STUBS = [exercise for exercise in EXERCISES if "def " in exercise.stub]  # not the bug hunt, which has code


def run(source, name="<a cell>"):
    """The names that a cell defines. Its source can be looked up afterwards, as in Jupyter."""
    linecache.cache[name] = (len(source), None, source.splitlines(keepends=True), name)
    names = {"np": np, "struct": struct, "check": check}
    exec(compile(source, name, "exec"), names)
    return names


def solution(check_name):
    """The learner's function as the notebook's folded solution has it."""
    for exercise in EXERCISES:
        if exercise.check == check_name and exercise.solution:
            code = with_helpers(exercise.solution, exercise.helpers)
            return run(code, f"<solution of {check_name}>")[exercise.function]
    pytest.fail(f"no notebook has a folded solution for check.{check_name}")


@pytest.fixture
def verdict(capsys):
    """Function of a check's name and a learner's function: what is printed, without the name, on one line."""

    def ask(check_name, function):
        capsys.readouterr()
        assert CHECKS[check_name](function) is None
        printed = capsys.readouterr()
        assert printed.err == ""
        first, *findings = printed.out.splitlines()
        assert all(finding.startswith("  - ") for finding in findings)
        assert not findings or check_name == "bug_hunt"
        return "".join([first.split(": ", 1)[1], *findings])

    return ask


# ---- right answers, and cells left alone ------------------------------------------------------------------


@pytest.mark.parametrize("name", CHECKS)
def test_folded_solution_is_right(name, verdict):
    assert verdict(name, solution(name)) == "right!"


@pytest.mark.parametrize("exercise", STUBS, ids=lambda e: f"{e.notebook[:2]}-{e.check}")
def test_cell_left_alone_is_told_so_and_runs(exercise, capsys):
    run(exercise.stub, f"<stub of {exercise.check}>")
    said = capsys.readouterr().out
    assert said == f"{exercise.function}: not solved yet; write your code in place of the ...\n"


def loop_over_labels(labels):
    rows = np.zeros((len(labels), 10))
    for row, label in enumerate(labels):
        rows[row, label] = 1
    return rows


def header_by_from_bytes(data):
    shape = tuple(int.from_bytes(data[4 + 4 * i : 8 + 4 * i], "big") for i in range(data[3]))
    return data[2], shape


def batches_one_after_another(n, batch_size, rng):
    order = np.arange(n)
    rng.shuffle(order)
    for start in range(0, n, batch_size):
        yield order[start : start + batch_size]


def one_hot(labels):
    return np.eye(10)[labels]


def softmax(z):
    e = np.exp(z - z.max(axis=1, keepdims=True))
    return e / e.sum(axis=1, keepdims=True)


def error_times_p(p, y):
    return (p - y) * p * (1 - p) / len(p)


def counts(labels, predicted):
    return np.array([[((labels == a) & (predicted == b)).sum() for b in range(10)] for a in range(10)])


def first_rise(losses):
    return next((i for i in range(1, len(losses)) if losses[i] > losses[i - 1]), len(losses))


def moved(image, dx, dy):
    padded = np.pad(image, 9)
    return padded[9 - dy : 37 - dy, 9 - dx : 37 - dx]


def mean_place(image):
    places = np.indices(image.shape)
    return (places * image.astype(float)).sum(axis=(1, 2)) / image.sum(dtype=float)


def waiting(losses, patience):
    best, waited = 0, 0
    for epoch, loss in enumerate(losses):
        waited += 1
        if loss < losses[best] or epoch == 0:
            best, waited = epoch, 0
        if waited == patience:
            return np.int64(best)
    return best


OTHER_WAYS = [
    ("to_unit", lambda pixels: (pixels / 255).astype(np.float32)),
    ("to_unit", lambda pixels: np.float32(pixels) / np.float32(255)),
    ("accuracy", lambda outputs, labels: np.mean([row.argmax() for row in outputs] == labels)),
    ("accuracy", lambda outputs, labels: float((np.argmax(outputs, 1) == labels).sum() / len(labels))),
    ("one_hot", lambda labels: np.eye(10)[labels]),
    ("one_hot", lambda labels: labels[:, None] == np.arange(10)),
    ("one_hot", loop_over_labels),
    ("read_header", header_by_from_bytes),
    ("read_header", lambda data: (data[2], tuple(np.frombuffer(data, ">u4", data[3], 4)))),
    ("pixel_position", lambda image, row, column: np.int64(16) + (image * 28 + row) * 28 + column),
    ("label_counts", lambda labels: [(labels == digit).sum() for digit in range(10)]),
    ("count_parameters", lambda sizes: np.dot(sizes[:-1], sizes[1:]) + sum(sizes[1:])),
    ("relu", lambda z: np.maximum(0, z)),
    ("relu", lambda z: np.where(z > 0, z, 0)),
    ("numerical_slope", lambda f, x, h: f(x + h) / (2 * h) - f(x - h) / (2 * h)),
    ("output_gradients", lambda x, a, y: [x[:, None] * ((a - y) * a * (1 - a)), (a - y) * (a - a**2)]),
    ("relu_slope", lambda z: z > 0),
    ("batch_gradients", lambda x, d: (np.mean([np.outer(*p) for p in zip(x, d, strict=True)], 0), d.mean(0))),
    ("minibatches", batches_one_after_another),
    ("minibatches", lambda n, size, rng: np.split(rng.permutation(n), range(size, n, size))),
    ("split", lambda x, y, n: [x[: len(x) - n], y[: len(y) - n], x[len(x) - n :], y[len(y) - n :]]),
    ("softmax", lambda z: softmax(z + 3)),
    ("output_delta", lambda z, y: softmax(z) / len(z) - one_hot(y) / len(y)),
    ("with_l2", lambda dW, W, l2: (dW / l2 + W) * l2),
    ("confusion_matrix", counts),
    ("momentum_step", lambda w, v, g, rate, m: [w - (m * v + rate * g), m * v + rate * g]),
    ("best_epoch", waiting),
    ("shift", moved),
    ("centre_of_mass", lambda image: tuple(mean_place(image))),
    ("ink_on_dark", lambda image: np.where(np.median(image) > 128, 255 - image, image)),
    ("choose", lambda runs: max(range(len(runs)), key=lambda i: runs[i]["validation"])),
]  # fmt: skip


@pytest.mark.parametrize(("name", "function"), OTHER_WAYS)
def test_other_right_ways_are_right(name, function, verdict):
    assert verdict(name, function) == "right!"


# ---- typical mistakes -------------------------------------------------------------------------------------


def sigmoid(z):
    return 1 / (1 + np.exp(-z))


def chain(x, layers, bend=sigmoid, last_bend=sigmoid, biases=True):
    """The forward pass with one thing changed."""
    for k, (W, b) in enumerate(layers):
        x = x @ W + b if biases else x @ W
        x = last_bend(x) if k == len(layers) - 1 else bend(x)
    return x


def little_end_first(data):
    return data[2], struct.unpack("<" + "I" * data[3], data[4 : 4 + 4 * data[3]])


def error_times_slope(x, a, y, sign=1):
    delta = sign * (a - y) * a * (1 - a)
    return np.outer(x, delta), delta


def pieces(order, size):
    return [order[start : start + size] for start in range(0, len(order), size)]


def slopes_of(x, labels, layers, l2):
    """The right answer to the bug hunt."""
    return hunted()(x, labels, layers, l2)


def in_place(outputs, labels):
    outputs -= outputs.max()
    return (outputs.argmax(axis=1) == labels).mean()


MISTAKES = {
    "to_unit": [
        (lambda p: p, "no decimals"),
        (lambda p: p // 255, "no decimals"),
        (lambda p: p.astype(np.float32), "divide by 255"),
        (lambda p: p.astype(np.float32) / 256, "the largest value of a uint8 is 255"),
        (lambda p: p / 255, "float64; the exercise asks for float32"),
        (lambda p: (p / 255).astype(np.float16), "float16"),
        (lambda p: (p / 255).astype(np.float32).ravel(), "shape (6,) where (2, 3) was expected"),
        (lambda p: 1 - p.astype(np.float32) / 255, "51 became 0.8000; expected 51/255 = 0.2000"),
    ],
    "accuracy": [
        (lambda o, y: o.argmax(axis=1) == y, "shape (8,) where a single number was expected; take the mean"),
        (lambda o, y: (o.argmax(axis=1) == y).sum(), "how many are right; the fraction is mean()"),
        (lambda o, y: (o.argmax(axis=1) != y).mean(), "you counted the wrong ones"),
        (lambda o, y: 100 * (o.argmax(axis=1) == y).mean(), "per cent"),
        (lambda o, y: (o.argmin(axis=1) == y).mean(), "the largest output in each row"),
        (lambda o, y: (o.argmax() == y).mean(), "argmax(axis=1)"),
        (in_place, "it changed the array it was given"),
        (lambda o, y: np.float64("nan"), "nan or inf"),
    ],
    "one_hot": [
        (lambda y: np.eye(10)[y].T, "shape (10, 4) where (4, 10) was expected"),
        (lambda y: np.eye(10)[y.astype(int) - 1], "the row of the label 3 has its 1 at place 2"),
        (lambda y: np.zeros((len(y), 10)), "one 1 and nine 0s"),
        (lambda y: np.full((len(y), 10), 0.1), "one 1 and nine 0s"),
        (lambda y: 10 * np.eye(10)[y], "one 1 and nine 0s"),
        (lambda y: np.eye(10)[y][0], "shape (10,) where (4, 10) was expected"),
        (lambda y: np.eye(10)[np.where(y == 9, 8, y)], "the row of the label 9 has its 1 at place 8"),
    ],
    "read_header": [
        (lambda data: header_by_from_bytes(data)[1], "return two things"),
        (lambda data: list(header_by_from_bytes(data)), "return two things"),
        (little_end_first, "the small end first"),
        (lambda data: (data[3], header_by_from_bytes(data)[1]), "it is the third byte"),
        (lambda data: (data[2:3], header_by_from_bytes(data)[1]), r"type code b'\x08' where 8 was expected"),
        (lambda data: (data[2], struct.unpack(">II", data[4:12])), "the fourth byte says how many axes"),
        (lambda data: (data[2], list(header_by_from_bytes(data)[1])), "return them as a tuple"),
        (lambda data: (data[2], struct.unpack_from(">" + "I" * data[3], data)), "start at byte 4"),
    ],
    "pixel_position": [
        (lambda i, r, c: 784 * i + 28 * r + c, "16 bytes of header"),
        (lambda i, r, c: 8 + 784 * i + 28 * r + c, "the header of the images has 16 bytes"),
        (lambda i, r, c: 16 + 784 * i + 28 * c + r, "row and column are swapped"),
        (lambda i, r, c: 16 + 28 * i + 28 * r + c, "pixel (0, 0) of image 2 is at byte 1584, not 72"),
        (lambda i, r, c: (i, 16 + 28 * r + c), "shape (2,) where a single number was expected"),
    ],
    "label_counts": [
        (np.bincount, "there is no 9 among the labels"),
        (lambda y: np.bincount(y, minlength=10) / len(y), "these are fractions"),
        (lambda y: np.unique(y, return_counts=True)[1], "shape (3,) where (10,) was expected"),
        (lambda y: np.arange(10), "expected [1 3 0 0 0 0 0 2 0 0]"),
        (lambda y: dict(enumerate(np.bincount(y))), "numbers were expected"),
    ],
    "count_parameters": [
        (lambda s: sum(m * n for m, n in itertools.pairwise(s)), "has a bias, too"),
        (lambda s: sum(m * n for m, n in itertools.pairwise(s)) + sum(s), "the inputs have no biases"),
        (lambda s: sum(s), "for (2, 3) expected 9, not 5"),
        (lambda s: s[0] * s[1] + s[1], "for (784, 20, 16, 10) expected 16,206, not 15700"),
    ],
    "relu": [
        (np.abs, "a negative number becomes 0"),
        (lambda z: z > 0, "a positive number stays what it is"),
        (lambda z: np.minimum(z, 0), "ReLU keeps the positive ones"),
        (lambda z: np.max(z), "np.maximum compares one by one"),
        (lambda z: z[z > 0], "shape (2,) where (2, 3) was expected"),
        (lambda z: np.maximum(z, 1), "expected [0. 0. 3.]"),
        (lambda z: np.multiply(z, z > 0, out=z), "it changed the array it was given"),
    ],
    "forward": [
        (lambda x, layers: sigmoid(x @ layers[0][0] + layers[0][1]), "the first layer's result"),
        (lambda x, layers: chain(x, layers, biases=False), "the biases are missing"),
        (lambda x, layers: chain(x, layers, last_bend=lambda z: z), "the last layer has its sigmoid, too"),
        (lambda x, layers: chain(x, layers, bend=np.abs), "each layer is sigmoid(a @ W + b)"),
        (lambda x, layers: chain(x, layers, last_bend=lambda z: z * np.nan), "nan or inf"),
        (lambda x, layers: chain(x, layers)[None], "shape (1, 4) where (4,) was expected"),
        (lambda x, layers: chain(x, layers[::-1]), "your function stopped with ValueError"),
        (lambda x, layers: layers.reverse() or chain(x, layers[::-1]), "it changed the list it was given"),
    ],
    "numerical_slope": [
        (lambda f, x, h: (f(x - h) - f(x + h)) / (2 * h), "the right size but the wrong sign"),
        (lambda f, x, h: (f(x + h) - f(x - h)) / h, "divide by 2 * h"),
        (lambda f, x, h: (f(x + h) - f(x - h)) / 2 * h, "with its brackets"),
        (lambda f, x, h: (f(x + h) - f(x)) / h, "the one-sided difference"),
        (lambda f, x, h: f(x + h) - f(x - h) / 2 * h, "at x = 0.3 expected 0.9553"),
        (lambda f, x, h: 0.0, "at x = 0.3 expected 0.9553, not 0.0000"),
    ],
    "output_gradients": [
        (lambda x, a, y: error_times_slope(x, a, y)[0], "return two arrays"),
        (lambda x, a, y: (error_times_slope(x, a, y)[0].T, error_times_slope(x, a, y)[1]), "shape (4, 6)"),
        (lambda x, a, y: (error_times_slope(x, a, y)[1],) * 2, "this is the outer product of x and δ"),
        (lambda x, a, y: error_times_slope(x, a, y, sign=-1), "the right size but the wrong sign"),
        (lambda x, a, y: (np.outer(x, a - y), a - y), "the slope of the sigmoid is missing"),
        (lambda x, a, y: error_times_slope(x, a, a - (a - y) ** 2), "without the square"),
        (lambda x, a, y: (error_times_slope(x, a, y)[0],) * 2, "db has shape (6, 4) where (4,) was expected"),
        (lambda x, a, y: (np.outer(x, a - y), error_times_slope(x, a, y)[1]), "db is right, dW is not"),
        (lambda x, a, y: (np.outer(x, a), a), "db is not δ"),
    ],
    "relu_slope": [
        (lambda z: np.maximum(z, 0), "that is ReLU itself"),
        (lambda z: z < 0, "the wrong way round"),
        (lambda z: np.maximum(z, 0) >= 0, "1 everywhere"),
        (lambda z: (z > 0).mean(), "shape () where (4,) was expected"),
        (np.sign, "expected [0 0 1 1]"),
    ],
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
    "split": [
        (lambda x, y, n: (x[:-n], x[-n:]), "return four arrays"),
        (lambda x, y, n: (x[:-n], x[-n:], y[:-n], y[-n:]), "the order of the four matters"),
        (lambda x, y, n: (x[-n:], y[-n:], x[:-n], y[:-n]), "the wrong way round"),
        (lambda x, y, n: (x, y, x[-n:], y[-n:]), "in both sets"),
        (lambda x, y, n: (x[n:], y[n:], x[:n], y[:n]), "take the last n"),
        (lambda x, y, n: (x[:-n], y[n:][::-1], x[-n:], y[:n]), "no longer belong together"),
        (lambda x, y, n: (x[:5], y[:5], x[5:], y[5:]), "5 and 5 images where 7 and 3 were expected"),
        (lambda x, y, n: (y[:-n], x[:-n], y[-n:], x[-n:]), "come before their labels"),
        (lambda x, y, n: (x[:-n].reshape(7, 4), y[:-n], x[-n:], y[-n:]), "the images keep their shape"),
    ],
    "choose": [
        (lambda runs: int(np.argmax([run["test"] for run in runs])), "you chose by the test set"),
        (lambda runs: int(np.argmax([run["training"] for run in runs])), "you chose by the training set"),
        (lambda runs: int(np.argmin([run["validation"] for run in runs])), "that is the worst"),
        (lambda runs: max(runs, key=lambda run: run["validation"]), "the run's number, not the run itself"),
        (lambda runs: max(run["validation"] for run in runs), "not 0.96"),
        (lambda runs: runs.sort(key=lambda run: -run["validation"]) or 0, "it changed the list it was given"),
    ],
    "softmax": [
        (lambda z: np.exp(z) / np.exp(z).sum(), "each row should: sum(axis=1, keepdims=True)"),
        (lambda z: np.exp(z) / np.exp(z).sum(axis=0), "the columns add up to 1"),
        (lambda z: np.exp(z) / np.exp(z).sum(axis=1, keepdims=True), "subtract each row's largest score"),
        (lambda z: softmax(np.clip(z, -20, 20)), "right for small scores, wrong for large ones"),
        (lambda z: np.exp(z) / np.exp(z).sum(axis=1), "your function stopped with ValueError"),
        (lambda z: np.exp(z), "the first row adds up to"),
        (lambda z: softmax(z)[0], "shape (10,) where (4, 10) was expected"),
    ],
    "output_delta": [
        (lambda z, y: (one_hot(y) - softmax(z)) / len(z), "the right size but the wrong sign"),
        (lambda z, y: softmax(z) - one_hot(y), "for the mean, divide by the number of examples"),
        (lambda z, y: (softmax(z) - one_hot(y)) / 10, "not by the number of digits"),
        (lambda z, y: error_times_p(softmax(z), one_hot(y)), "no p · (1 − p)"),
        (lambda z, y: softmax(z) / len(z), "the 1 of the right digit is not subtracted yet"),
        (lambda z, y: (z - one_hot(y)) / len(z), "with p = softmax(z)"),
        (lambda z, y: (softmax(z) - one_hot(y)).mean(axis=0), "a slope for every score"),
    ],
    "with_l2": [
        (lambda dW, W, l2: dW + l2 * dW, "belongs to the weights, not to the gradient"),
        (lambda dW, W, l2: dW * l2, "belongs to the weights, not to the gradient"),
        (lambda dW, W, l2: dW - l2 * W, "the wrong sign"),
        (lambda dW, W, l2: dW + 2 * l2 * W, "twice too much"),
        (lambda dW, W, l2: dW + l2 / 2 * W**2, "its slope is wanted"),
        (lambda dW, W, l2: dW + l2 / 2 * (W**2).sum(), "expected dW + l2 * W"),
        (lambda dW, W, l2: np.add(dW, l2 * W, out=dW), "it changed the array"),
    ],
    "confusion_matrix": [
        (lambda y, said: counts(said, y), "rows and columns are swapped"),
        (lambda y, said: counts(y, said) > 0, "counted once"),
        (lambda y, said: counts(y, said) / len(y), "these are fractions"),
        (lambda y, said: counts(y, said) * (1 - np.eye(10)), "3 examples counted, there are 6"),
        (lambda y, said: counts(y, np.where(said == 7, 8, said)), "row 1, column 7 is 0"),
        (lambda y, said: (y == said).mean(), "a row and a column for each digit"),
    ],
    "bug_hunt": [
        (lambda *inputs: slopes_of(*inputs)[0], "a pair (dW, db) for each of the 3 layers"),
        (lambda *inputs: [dW for dW, db in slopes_of(*inputs)], "return a pair (dW, db) for each layer"),
        (lambda *inputs: [(dW.T, db) for dW, db in slopes_of(*inputs)], "have the shape of W"),
        (lambda *inputs: [(-dW, -db) for dW, db in slopes_of(*inputs)], "the wrong sign now"),
        (lambda *inputs: [(7 * dW, 7 * db) for dW, db in slopes_of(*inputs)], "a sum over the examples now"),
        (lambda *inputs: [(dW + 1, db) for dW, db in slopes_of(*inputs)], "even the last layer's dW differs"),
        (lambda *inputs: [(dW, db[None]) for dW, db in slopes_of(*inputs)], "have shape (1, 5), not (5,)"),
    ],
    "momentum_step": [
        (lambda w, v, g, rate, m: (m * v + rate * g, w - m * v - rate * g), "w first, then v"),
        (lambda w, v, g, rate, m: (w + m * v - rate * g, m * v - rate * g), "v has the wrong sign"),
        (lambda w, v, g, rate, m: (w - rate * (m * v + g), m * v + g), "the learning rate is missing"),
        (lambda w, v, g, rate, m: (w - v - rate * g, v + rate * g), "v keeps only a share of itself"),
        (lambda w, v, g, rate, m: (w - m * v - (1 - m) * g, m * v + (1 - m) * g), "counts fully"),
        (lambda w, v, g, rate, m: (w - rate * g, rate * g), "expected v = momentum * v"),
        (lambda w, v, g, rate, m: (w + m * v + rate * g, m * v + rate * g), "w climbs"),
        (lambda w, v, g, rate, m: (w - v, m * v + rate * g), "use the new one"),
        (lambda w, v, g, rate, m: (w - rate * g, m * v + rate * g), "expected w − v for w"),
        (lambda w, v, g, rate, m: w - m * v - rate * g, "return two arrays"),
        (lambda w, v, g, rate, m: (w - rate * g, 0), "v has the shape of w"),
    ],
    "best_epoch": [
        (lambda losses, patience: int(np.argmin(losses)), "the training had ended"),
        (lambda losses, patience: min(losses), "not its loss"),
        (lambda losses, patience: int(np.argmin(losses)) + 1, "epochs count from 0"),
        (lambda losses, patience: first_rise(losses) - 1, "a patience of 2 waits"),
        (lambda losses, patience: losses[:1], "a single number was expected"),
    ],
    "shift": [
        (lambda image, dx, dy: np.roll(image, (dy, dx), (0, 1)), "np.roll does that"),
        (lambda image, dx, dy: moved(image, dy, dx), "rows and columns are swapped"),
        (lambda image, dx, dy: moved(image, -dx, -dy), "it moved the other way"),
        (lambda image, dx, dy: image, "the pixel (10, 10) should be at (11, 12)"),
        (lambda image, dx, dy: np.pad(image, abs(dx)), "the image keeps its size"),
    ],
    "centre_of_mass": [
        (lambda image: mean_place(image)[::-1], "the row first"),
        (lambda image: mean_place(image > 0), "weight each by its brightness"),
        (lambda image: mean_place(image) + 1, "count from 0"),
        (lambda image: (7.0, 14.0), "the middle of the box"),
        (lambda image: mean_place(image)[0], "return two numbers"),
        (lambda image: (13.5, 13.5), "expected (8.5, 17.0)"),
    ],
    "ink_on_dark": [
        (lambda image: image, "came back unchanged"),
        (lambda image: 255 - image, "an image that was right already was changed"),
        (lambda image: -image.astype(int), "not -image"),
        (lambda image: image / 255 if image.mean() < 128 else 1 - image / 255, "should become 255 - image"),
        (lambda image: (255 - image).ravel(), "the image keeps its size"),
    ],
}  # fmt: skip


@pytest.mark.parametrize(
    ("name", "function", "words"),
    [(name, *mistake) for name, mistakes in MISTAKES.items() for mistake in mistakes],
)
def test_typical_mistake_is_named(name, function, words, verdict):
    assert words in verdict(name, function)


def test_every_check_is_tested_and_used():
    assert CHECKS.keys() == MISTAKES.keys(), "each check needs its typical mistakes here"
    assert min(map(len, MISTAKES.values())) >= 3
    assert CHECKS.keys() == {exercise.check for exercise in EXERCISES}


# ---- the bug hunt -----------------------------------------------------------------------------------------

# What the page has, and what belongs there
FAULTS = {
    "back": ("delta[a < 0] = 0", "delta[a <= 0] = 0"),
    "price": ("dW + l2 * dW", "dW + l2 * W"),
    "biases": ("db = delta.sum()", "db = delta.sum(axis=0)"),
}
SYMPTOMS = {
    "back": "some error flows back through neurons that are off",
    "price": "a large weight pays no more than a small one",
    "biases": "biases are a single number, so that all move alike",
}


def hunted(**repairs):
    """The page's `gradients` with all three faults mended, or with one line as `repairs` has it.

    repairs: for a fault of FAULTS the code that somebody wrote there; None leaves the fault in.
    """
    (page,) = [exercise for exercise in EXERCISES if exercise.check == "bug_hunt"]
    code = page.helpers["gradients"].replace("for (W, _), a", "for (W, b), a")
    for fault, (faulty, right) in FAULTS.items():
        assert code.count(faulty) == 1, f"the page has changed: {faulty}"
        repair = repairs.get(fault, right)
        code = code.replace(faulty, faulty if repair is None else repair)
    return run(with_helpers(code, page.helpers), f"<hunt {code}>")["gradients"]


def test_hunt_ends_where_all_three_are_mended(verdict):
    assert verdict("bug_hunt", hunted()) == "right!"


@pytest.mark.parametrize("count", [1, 2, 3])
def test_hunt_names_exactly_the_symptoms_of_the_faults_that_are_left(count, verdict):
    for left in itertools.combinations(FAULTS, count):
        said = verdict("bug_hunt", hunted(**dict.fromkeys(left)))
        assert said.startswith("1 fault is left  - " if count == 1 else f"{count} faults are left  - ")
        assert said.count("  - ") == count
        assert [fault for fault in SYMPTOMS if SYMPTOMS[fault] in said] == [f for f in SYMPTOMS if f in left]
        for faulty, right in FAULTS.values():  # as a teacher would: not the line
            assert faulty not in said
            assert right not in said


REPAIRS = [
    ("back", "delta[a >= 0] = 0", "nothing flows back any more"),
    ("back", "delta[a > 0] = 0", "through the neurons that are off, and not through the others"),
    ("back", "delta = delta * a * (1 - a)", "belongs to the sigmoid"),
    ("back", "delta = delta * a", "its slope is 1, and not what it put out"),
    ("back", "delta[delta < 0] = 0", "those before it are not"),
    ("back", "pass", "through neurons that are off"),
    ("price", "dW + 0", "no price at all"),
    ("price", "dW - l2 * W", "rewards large weights"),
    ("price", "dW + 2 * l2 * W", "twice too much"),
    ("price", "dW + l2 * W**2", "by something else than λ W"),
    ("price", "dW + l2 * W / len(x)", "by something else than λ W"),
    ("price", "dW + l2 * W * (a is not x)", "right in one layer, but not in all"),
    ("price", "dW + 0.001 * W", "this was right before"),
    ("biases", "db = delta.mean(axis=0)", "too small, by the number of examples (7 here)"),
    ("biases", "db = delta.sum(axis=1)", "have shape (7,), not (5,)"),
    ("biases", "db = delta.sum(axis=0, keepdims=True)", "have shape (1, 5), not (5,)"),
    ("biases", "db = delta.sum(axis=0) * len(x)", "the slopes of the biases are not the measured ones"),
    ("biases", "db = delta.sum(axis=0) + l2 * b", "the biases, which go free"),
    ("biases", "db = np.full(len(b), delta.sum())", "the slopes of the biases are not the measured ones"),
    (
        "biases",
        "db = delta.sum(axis=0) * (2 if a is x else 1)",
        "in layer 1 dW is right, but the slopes of the biases are not",
    ),
]


@pytest.mark.parametrize(("fault", "repair", "words"), REPAIRS, ids=[repair for _, repair, _ in REPAIRS])
def test_wrong_repair_of_the_hunt_is_named(fault, repair, words, verdict):
    said = verdict("bug_hunt", hunted(**{fault: repair}))
    assert words in said
    if "was right before" not in said:
        assert said.startswith("1 fault is left  - ")


def test_hunted_program_trains_and_would_have_failed_the_gradient_check():
    """Of the page as it is: the faults are there, and each by itself is one that measured slopes see."""
    rng = np.random.default_rng(0)
    layers = [(rng.normal(size=(6, 5)), rng.normal(size=5)), (rng.normal(size=(5, 3)), rng.normal(size=3))]
    x, labels = rng.normal(size=(8, 6)), rng.integers(0, 3, 8)
    (page,) = [exercise for exercise in EXERCISES if exercise.check == "bug_hunt"]
    loss = run(with_helpers(page.helpers["loss"], page.helpers))["loss"]

    def difference(gradients):
        worst = 0
        for pair, slopes in zip(layers, gradients(x, labels, layers, 0.1), strict=True):
            for array, slope in zip(pair, slopes, strict=True):
                for place in np.ndindex(array.shape):
                    kept, ends = array[place], []
                    for h in (1e-5, -1e-5):
                        array[place] = kept + h
                        ends.append(loss(x, labels, layers, 0.1))
                    array[place] = kept
                    found = np.broadcast_to(slope, array.shape)[place]
                    worst = max(worst, abs((ends[0] - ends[1]) / 2e-5 - found))
        return worst

    assert difference(hunted()) < 1e-8
    for fault in FAULTS:
        assert difference(hunted(**{fault: None})) > 1e-3


# ---- whatever a learner hands in --------------------------------------------------------------------------


@pytest.mark.parametrize("name", CHECKS)
def test_error_in_the_function_becomes_a_verdict(name, verdict):
    def divide(*arguments):
        return 1 / 0

    assert verdict(name, divide) == "your function stopped with ZeroDivisionError: division by zero"


@pytest.mark.parametrize("name", CHECKS)
def test_wrong_parameters_become_a_verdict(name, verdict):
    assert "your function stopped with TypeError" in verdict(name, lambda: 0)


@pytest.mark.parametrize("name", CHECKS)
def test_forgotten_return_is_told(name, verdict):
    solved = solution(name)

    def no_return(*arguments):
        solved(*arguments)

    assert verdict(name, no_return) == "it returned None; is there a return in front of your result?"


@pytest.mark.parametrize("name", CHECKS)
def test_returned_dots_are_not_solved_yet(name, verdict):
    assert "not solved yet" in verdict(name, lambda *arguments: ...)


@pytest.mark.parametrize("name", CHECKS)
def test_result_in_place_of_the_function(name, capsys):
    CHECKS[name](np.zeros((28, 28)))
    assert capsys.readouterr().out.startswith(f"{name}: pass the function itself, without calling it")


def spoil(argument):
    """Change an array or a list as a careless function does; True if there was anything to change."""
    if isinstance(argument, np.ndarray):
        argument[...] = 7
        return True
    if isinstance(argument, list):
        return all([spoil(part) for part in argument])
    if isinstance(argument, tuple):
        return any([spoil(part) for part in argument])
    if isinstance(argument, dict):
        return bool([argument.update(dict.fromkeys(argument, 7))])
    return False


@pytest.mark.parametrize("name", CHECKS)
def test_changed_input_is_told(name, verdict):
    solved = solution(name)
    spoilt = []

    def careless(*arguments):
        answer = solved(*(np.copy(a) if isinstance(a, np.ndarray) else a for a in arguments))
        spoilt.extend([spoil(argument) for argument in arguments])
        return answer

    said = verdict(name, careless)
    if any(spoilt):
        assert "it changed the" in said
    else:  # numbers, bytes or tuples of numbers, which nobody can change
        assert said == "right!"


def test_stop_button_stops(capsys):
    def endless(pixels):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        check.to_unit(endless)


class Unreadable:
    """Something that even numpy cannot look at."""

    def __array__(self, dtype=None, copy=None):
        raise RuntimeError("two\nlines")


ODD = {
    "text": "seven",
    "empty text": "",
    "bytes": b"\x08",
    "complex": 1j,
    "nan": np.nan,
    "infinity": np.inf,
    "huge": 10**400,
    "empty list": [],
    "empty tuple": (),
    "list in list": [[]],
    "uneven": [1, [2, 3]],
    "dict": {"a": 1},
    "set": {1, 2},
    "object": object(),
    "function": len,
    "generator": (n for n in "ab"),
    "pair of None": (None, None),
    "pair of texts": ("a", "b"),
    "pair of nan": (np.nan, np.nan),
    "pair of uneven": ([1, [2]], [1, [2]]),
    "four None": (None,) * 4,
    "four numbers": (1, 2, 3, 4),
    "four texts": tuple("abcd"),
    "ten None": [None] * 10,
    "five axes": np.zeros((1, 2, 1, 2, 1)),
    "no elements": np.zeros((0, 10)),
    "text array": np.array(["a", "b"]),
    "objects": np.array([None, 1, "x"], object),
    "dates": np.array(["2024-01-01"], "datetime64[D]"),
    "record": np.zeros(3, [("a", int)]),
}


@pytest.mark.parametrize("name", CHECKS)
@pytest.mark.parametrize("answer", ODD.values(), ids=ODD)
def test_odd_answer_gets_a_verdict_in_words(name, answer, verdict):
    said = verdict(name, lambda *arguments: answer)
    assert said != "right!"
    assert "this check cannot read" not in said


BENDS = {
    "None": lambda part: None,
    "text": lambda part: np.array(part).astype(str),
    "complex": lambda part: np.array(part) + 1j,
    "nan": lambda part: np.array(part) * np.nan,
    "objects": lambda part: np.full(np.shape(part), None),
    "axis more": lambda part: np.array(part)[..., None],
    "empty": lambda part: np.array(part).ravel()[:0],
    "nested": lambda part: [part, [part]],
}


@pytest.mark.parametrize("bend", BENDS.values(), ids=BENDS)
@pytest.mark.parametrize("name", CHECKS)
def test_right_answer_with_one_part_bent(name, bend, verdict):
    """The right answer, of which one array or number is replaced by something of the wrong kind."""
    solved = solution(name)
    parts = 4 if name == "split" else 3 if name == "minibatches" else 2
    for broken in range(parts):

        def almost(*arguments, broken=broken):
            answer = solved(*arguments)
            if not isinstance(answer, tuple | list):
                return bend(answer)
            kind = type(answer)
            return kind(bend(part) if k == broken else part for k, part in enumerate(answer))

        said = verdict(name, almost)
        assert said != "right!"
        assert "this check cannot read" not in said


@pytest.mark.parametrize("bend", BENDS.values(), ids=BENDS)
@pytest.mark.parametrize("place", [0, 1], ids=["dW", "db"])
def test_right_slopes_with_one_array_bent(place, bend, verdict):
    def almost(*inputs):
        pairs = [list(pair) for pair in slopes_of(*inputs)]
        pairs[1][place] = bend(pairs[1][place])
        return pairs

    said = verdict("bug_hunt", almost)
    assert said != "right!"
    assert "this check cannot read" not in said
    assert "your function stopped" not in said


@pytest.mark.parametrize("name", CHECKS)
def test_nothing_makes_a_check_raise(name, verdict):
    assert verdict(name, lambda *arguments: Unreadable()) != "right!"
    assert verdict(name, lambda *arguments: (Unreadable(),) * 2) != "right!"


def test_every_check_says_what_the_function_is_given():
    for name, function in CHECKS.items():
        assert inspect.getdoc(function).startswith(f"{name}("), name
