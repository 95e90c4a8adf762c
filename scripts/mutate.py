"""Test the tests: put one classic fault after another into a copy of mnistlib; the tests must notice each.

For each fault, first the tests that stand nearest to it run, then, if they notice nothing, all unit tests.
What fails there may fail for a reason of its own. So it counts only if it fails once more with the fault,
alone, and passes without it. Prints which test caught which fault; the exit status is 1 if one survives: then
a test is missing. Takes five to ten minutes on one processor, needs no MNIST, and never writes into the
checkout. (It needs POSIX: Linux, macOS or WSL.)

The method is known as mutation testing (DeMillo, Lipton and Sayward 1978, "Hints on test data selection: Help
for the practicing programmer"). Tools for it make thousands of small changes by themselves; here are only the
faults that people make who write a network for the first time, and a few that would harm a learner's files.
"""

import argparse
import contextlib
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parent.parent
NOT_COPIED = shutil.ignore_patterns(
    ".git", ".venv", ".*cache*", ".hypothesis", "__pycache__", "mnist", "mine"
)
LONGEST = 300  # seconds for the nearest tests; a fault that makes these hang counts as noticed
LONGEST_ALL = 1500  # seconds for all tests; so slow a run tells nothing
NO_END = "no end"
EVERYTHING = ["tests", "--ignore=tests/browser", "--ignore=tests/test_mutations.py"]


class Fault(NamedTuple):
    """A change of one place in one file. `old` must occur in it exactly once."""

    name: str
    file: str  # in mnistlib
    old: str
    new: str
    tests: str  # the files that ought to notice, "network training" for test_network.py and test_training.py


FAULTS = [
    # ---- the network ----
    Fault(
        "ReLU's derivative is always 1: >= on values that are never negative",
        "network.py",
        "return (a > 0).astype(a.dtype)",
        "return (a >= 0).astype(a.dtype)",
        "network",
    ),
    Fault(
        "sigmoid's slope takes a for z",
        "network.py",
        "return a * (1.0 - a)\n",
        "return sigmoid(a) * (1.0 - sigmoid(a))\n",
        "network",
    ),
    Fault(
        "softmax unstabilised",
        "network.py",
        "e = np.exp(z - z.max(axis=-1, keepdims=True))",
        "e = np.exp(z)",
        "network",
    ),
    Fault(
        "softmax along the wrong axis",
        "network.py",
        "return e / e.sum(axis=-1, keepdims=True)",
        "return e / e.sum(axis=0, keepdims=True)",
        "network",
    ),
    Fault(
        "sigmoid unstabilised",
        "network.py",
        "    e = np.exp(-np.abs(z))\n    return np.where(z >= 0, 1.0, e) / (1.0 + e)",
        "    return 1.0 / (1.0 + np.exp(-z))",
        "network",
    ),
    Fault(
        "log-loss with the wrong sign",
        "network.py",
        "return log_sum - shifted[np.arange(len(z)), labels]",
        "return shifted[np.arange(len(z)), labels] - log_sum",
        "network",
    ),
    Fault(
        "gradient of the batch summed, not averaged",
        "network.py",
        "        delta /= n  # the loss is a mean\n",
        "",
        "network",
    ),
    Fault(
        "outer product of the means instead of the mean of the outer products",
        "network.py",
        "dW = x.T @ delta + l2 * W",
        "dW = x.mean(axis=0)[:, None] * delta.sum(axis=0) + l2 * W",
        "network",
    ),
    Fault(
        "missing transpose: W reshaped until it fits",
        "network.py",
        "delta = (delta @ W.T) * self._slope(x)",
        "delta = (delta @ W.reshape(W.shape[::-1])) * self._slope(x)",
        "network",
    ),
    Fault(
        "biases penalised by L2",
        "network.py",
        "        for (W, _), x in zip(reversed(parameters), reversed(layers), strict=True):\n"
        "            dW = x.T @ delta + l2 * W  # (n_in, N) @ (N, n_out) sums over the examples\n"
        "            db = delta.sum(axis=0)  # (n_out,)\n",
        "        for (W, b), x in zip(reversed(parameters), reversed(layers), strict=True):\n"
        "            dW = x.T @ delta + l2 * W\n"
        "            db = delta.sum(axis=0) + l2 * b\n",
        "network",
    ),
    Fault(
        "L2's loss without its half",
        "network.py",
        "return 0.5 * l2 * sum(",
        "return l2 * sum(",
        "network",
    ),
    Fault(
        "pixels not scaled to 0..1",
        "network.py",
        "return np.divide(rows, 255.0, dtype=self.dtype)",
        "return rows.astype(self.dtype)",
        "network",
    ),
    Fault(
        "all weights start at zero",
        "network.py",
        "W[...] = rng.standard_normal(W.shape) * math.sqrt(variance)",
        "W[...] = 0",
        "network",
    ),
    Fault(
        "initial weights: the variance taken for the standard deviation",
        "network.py",
        "* math.sqrt(variance)",
        "* variance",
        "network",
    ),
    Fault(
        "a copy that shares its parameters",
        "network.py",
        "twin.flat[...] = self.flat",
        "twin.flat = self.flat",
        "network",
    ),
    Fault(
        "a network's file may run code",
        "network.py",
        "np.load(path, allow_pickle=False)",
        "np.load(path, allow_pickle=True)",
        "network",
    ),
    # ---- training ----
    Fault(
        "sign of the step",
        "training.py",
        "np.subtract(self.network.flat, self.velocity, out=self.network.flat)",
        "np.add(self.network.flat, self.velocity, out=self.network.flat)",
        "training",
    ),
    Fault(
        "momentum not carried over",
        "training.py",
        "np.multiply(self.velocity, self.momentum, out=self.velocity)",
        "self.velocity[...] = 0",
        "training",
    ),
    Fault(
        "learning-rate schedule ignored",
        "training.py",
        "_checked_rate(schedule(len(losses) / total))",
        "_checked_rate(schedule(0.0))",
        "training",
    ),
    Fault(
        "labels shuffled apart from their images",
        "training.py",
        "work.loss(self.labels[piece], scale)",
        "work.loss(self.labels[start : start + len(piece)], scale)",
        "training",
    ),
    Fault(
        "never shuffled",
        "training.py",
        "shuffle_rng.permutation(n) if batch_size < n else",
        "",
        "training",
    ),
    Fault(
        "the same order in every epoch",
        "training.py",
        "shuffle_rng.permutation(n) if batch_size < n else",
        "np.random.default_rng(seed).permutation(n) if batch_size < n else",
        "training",
    ),
    Fault(
        "last batch of an epoch dropped when it is a smaller one",
        "training.py",
        "starts = range(0, n, batch_size)",
        "starts = range(0, n - batch_size + 1, batch_size)",
        "training",
    ),
    Fault(
        "step not divided by the size of the batch",
        "training.py",
        "scale = self.network.dtype.type(rate / len(rows))",
        "scale = self.network.dtype.type(rate)",
        "training",
    ),
    Fault(
        "of a large batch only the last piece counts",
        "training.py",
        "np.add(self.gradient, self.spare, out=self.gradient)",
        "np.copyto(self.gradient, self.spare)",
        "training",
    ),
    Fault(
        "hidden layers' biases never updated",
        "plumbing/fast.py",
        "np.dot(self.ones, delta, out=db)",
        "db[...] = 0",
        "training",
    ),
    Fault(
        "output layer's biases never updated",
        "plumbing/fast.py",
        "np.add.reduce(self.scores, axis=1, out=db)",
        "db[...] = 0",
        "training",
    ),
    Fault(
        "ReLU's derivative is always 1, in the fast loop",
        "plumbing/fast.py",
        "np.greater(h, self.zero, out=slope)",
        "np.greater_equal(h, self.zero, out=slope)",
        "training",
    ),
    Fault(
        "sigmoid's slope is 1 − a, in the fast loop",
        "plumbing/fast.py",
        "np.subtract(h, slope, out=slope)",
        "np.subtract(1, h, out=slope)",
        "training",
    ),
    Fault(
        "squared error with cross-entropy's gradient",
        "plumbing/fast.py",
        "        np.multiply(z, self.spare, out=z)\n",
        "",
        "training",
    ),
    Fault(
        "softmax unstabilised, in the fast loop",
        "plumbing/fast.py",
        "            np.subtract(z, self.tops, out=z)\n",
        "",
        "training",
    ),
    Fault(
        "log-loss with the wrong sign, in the fast loop",
        "plumbing/fast.py",
        "np.subtract(self.sums, picked, out=self.sums)",
        "np.subtract(picked, self.sums, out=self.sums)",
        "training",
    ),
    Fault(
        "missing transpose, in the fast loop",
        "plumbing/fast.py",
        "delta = np.dot(delta, W_above.T, out=self.deltas[i])",
        "delta = np.dot(delta, W_above.reshape(W_above.shape[::-1]), out=self.deltas[i])",
        "training",
    ),
    Fault(
        "L2 shrinks the gradient, not the weights",
        "training.py",
        "np.multiply(W, rate * self.l2, out=spare)",
        "np.multiply(dW, -rate * self.l2, out=spare)",
        "training",
    ),
    Fault(
        "biases penalised by L2, in the fast loop",
        "training.py",
        "        if self.l2:\n",
        "        if self.l2:\n"
        "            for (_, b), (_, db) in zip(self.layers, self.gradient_layers, strict=True):\n"
        "                db += rate * self.l2 * b\n",
        "training",
    ),
    Fault(
        "trained on the validation set, too",
        "training.py",
        "        validation = _checked_validation(network, validation)\n",
        "        validation = _checked_validation(network, validation)\n"
        "        images = np.concatenate([images, validation[0]])\n"
        "        labels = np.concatenate([labels, validation[1]])\n"
        "        n = len(images)\n",
        "training",
    ),
    Fault(
        "validation scores are those of the training set",
        "training.py",
        "history.validation_accuracy.append(accuracy(network, *validation))",
        "history.validation_accuracy.append(accuracy(network, images, labels))",
        "training",
    ),
    Fault(
        "accuracy counts the mistakes",
        "training.py",
        "np.mean(predicted == network.checked_labels(",
        "np.mean(predicted != network.checked_labels(",
        "training",
    ),
    Fault(
        "an epoch's loss is that of its last batch",
        "training.py",
        "np.mean(losses[-len(starts) :])",
        "losses[-1]",
        "training",
    ),
    Fault(
        "augment writes into the training set",
        "plumbing/fast.py",
        '        pixels = images.take(rows, axis=0, out=self.pixels, mode="clip")\n',
        "        span = slice(rows[0], rows[0] + len(rows))\n"
        "        together = np.array_equal(rows, np.arange(len(images))[span])\n"
        "        pixels = images[span] if together else images[rows]\n",
        "training",
    ),
    Fault(
        "augment's images are not the ones that are trained on",
        "plumbing/fast.py",
        "            pixels = augment(pixels)\n",
        "            augment(pixels.copy())\n",
        "training",
    ),
    Fault(
        "a diverged network is left as it is",
        "training.py",
        "        network.flat[...] = last_good\n        error.history",
        "        error.history",
        "training",
    ),
    Fault(
        "the history of a training that went wrong is lost",
        "training.py",
        "        error.history = history\n",
        "",
        "training",
    ),
    Fault(
        "an epoch's seconds are those of the clock",
        "training.py",
        "history.seconds.append(seconds)",
        "history.seconds.append(time.perf_counter())",
        "training",
    ),
    Fault(
        "velocities too small to matter are kept, and slow the processor",
        "plumbing/fast.py",
        "    velocity[np.abs(velocity) < NEGLIGIBLE] = 0\n",
        "    pass\n",
        "training",
    ),
    # ---- files of digits ----
    Fault(
        "big-endian forgotten in the header",
        "idx.py",
        'np.frombuffer(lengths, dtype=">u4")',
        'np.frombuffer(lengths, dtype="<u4")',
        "idx",
    ),
    Fault(
        "big-endian forgotten in the numbers",
        "idx.py",
        '0x0C: np.dtype(">i4")',
        '0x0C: np.dtype("<i4")',
        "idx",
    ),
    Fault(
        "rows and columns exchanged",
        "idx.py",
        "np.frombuffer(payload, dtype).reshape(shape)",
        'np.frombuffer(payload, dtype).reshape(shape, order="F")',
        "idx",
    ),
    Fault(
        "size in the header unchecked: what follows is dropped",
        "idx.py",
        "if size - start != expected:",
        "if size - start < expected:",
        "idx",
    ),
    Fault(
        "half a file is left when writing fails",
        "idx.py",
        "    with atomic_write(path) as file:\n        file.write(content)",
        "    Path(path).write_bytes(content[:9])\n"
        "    with atomic_write(path) as file:\n        file.write(content)",
        "idx",
    ),
    Fault(
        "training set in place of the test set",
        "datasets.py",
        "return *(train or none), *(test or none)",
        "return *(train or none), *(train or none)",
        "datasets",
    ),
    Fault(
        "number of images and labels not compared",
        "datasets.py",
        "if len(images) != len(labels):",
        "if False:",
        "datasets",
    ),
    Fault(
        "other digits pass for MNIST",
        "datasets.py",
        'return digits if digits.name == "MNIST" else None',
        "return digits",
        "datasets",
    ),
    # ---- sweeps ----
    Fault(
        "chosen by the test set",
        "sweep.py",
        "validation=(digits.train_images[cut:], digits.train_labels[cut:])",
        "validation=(digits.test_images, digits.test_labels)",
        "sweep",
    ),
    Fault(
        "trained on the validation part, too",
        "sweep.py",
        "                digits.train_images[:cut],\n                digits.train_labels[:cut],\n",
        "                digits.train_images,\n                digits.train_labels,\n",
        "sweep",
    ),
    Fault(
        "decay ignored",
        "sweep.py",
        'if parameters.get("decay"):',
        "if False:",
        "sweep",
    ),
    Fault(
        "the best is the worst",
        "sweep.py",
        "return max(scored, key=",
        "return min(scored, key=",
        "sweep",
    ),
    # ---- drawings ----
    Fault(
        "centre of the box in place of the centre of mass",
        "pen/ink.py",
        "return (centre_mass(image) if centre else image)[0]",
        "return image[0]",
        "pen",
    ),
    Fault(
        "x and y exchanged",
        "pen/ink.py",
        "points = np.concatenate(strokes)\n",
        "points = np.concatenate(strokes)[:, ::-1]\n",
        "pen",
    ),
    Fault(
        "drawing inverted: ink 0 on 255",
        "pen/ink.py",
        "return np.round(grey * 255).astype(np.uint8)",
        "return np.round(255 - grey * 255).astype(np.uint8)",
        "pen",
    ),
    Fault(
        "aspect ratio lost",
        "pen/ink.py",
        "longer = (high - low).max(axis=-1, keepdims=True)",
        "longer = high - low",
        "pen",
    ),
    Fault(
        "the pen does not lift between strokes",
        "pen/ink.py",
        "    way[np.cumsum(lengths) - 1] = 0\n",
        "    way[-1] = 0\n",
        "pen",
    ),
    Fault(
        "centring smears the border",
        "pen/ink.py",
        "    moved[np.broadcast_to(outside.reshape(shape), moved.shape)] = 0\n",
        "",
        "pen",
    ),
    # ---- distortion ----
    Fault(
        "mirror images",
        "augment.py",
        "= resample(block, x, y)",
        "= resample(block[:, :, ::-1], x, y)",
        "augment",
    ),
    Fault(
        "distorted along the wrong axes",
        "augment.py",
        "= resample(block, x, y)",
        "= resample(block, y, x)",
        "augment",
    ),
    Fault(
        "one distortion for the whole batch",
        "augment.py",
        "x, y = self.fields(len(block), rng)",
        "x, y = self.fields(1, rng)",
        "augment",
    ),
    Fault(
        "grey rounded down",
        "augment.py",
        "        top_left += 0.5",
        "        top_left += 0.0",
        "augment",
    ),
    # ---- the pad and what it keeps ----
    Fault(
        "the pad's switches change nothing",
        "pad/sketchpad.py",
        'box=drawing["box"], centre=drawing["centre"], canvas=SIDE',
        "canvas=SIDE",
        "sketchpad",
    ),
    Fault(
        "kept digits: the same ones for training and for testing",
        "pad/collection.py",
        'halves["train" if so_far[drawing.label] % 2 == 0 else "t10k"].append(drawing)',
        'halves["train"].append(drawing), halves["t10k"].append(drawing)',
        "collection",
    ),
    Fault(
        "seed ignored",
        "pen/synthetic.py",
        "    rng = np.random.default_rng(seed)\n    labels",
        "    rng = np.random.default_rng(0)\n    labels",
        "synthetic",
    ),
    Fault(
        "the sample's test digits are some of its training digits",
        "../scripts/sample.py",
        '"t10k": (2_000, 2)',
        '"t10k": (2_000, 1)',
        "synthetic",
    ),
    # ---- convolution ----
    Fault(
        "filters turned by 180 degrees: a true convolution forward, a correlation backward",
        "convolution.py",
        "    return windows.reshape(*windows.shape[:3], -1)",
        "    return windows[..., ::-1, ::-1].reshape(*windows.shape[:3], -1)",
        "convolution",
    ),
    Fault(
        "a pixel keeps only the last patch's share of the derivative",
        "convolution.py",
        "images[:, i : i + places, j : j + places] += rows[..., i, j]",
        "images[:, i : i + places, j : j + places] = rows[..., i, j]",
        "convolution",
    ),
    Fault(
        "patches passed back to transposed places",
        "convolution.py",
        "images[:, i : i + places, j : j + places] += rows[..., i, j]",
        "images[:, i : i + places, j : j + places] += rows[..., j, i]",
        "convolution",
    ),
    Fault(
        "the pool's derivative goes to all that equal the largest: four times on bare paper",
        "convolution.py",
        "delta * (first == corner)",
        "delta * (blocks(maps)[..., corner] == pool(maps))",
        "convolution",
    ),
    Fault(
        "the pool's derivative shared out evenly, as if it had averaged",
        "convolution.py",
        "delta * (first == corner)",
        "delta / 4",
        "convolution",
    ),
    Fault(
        "rows and columns of a block mixed up on the way back",
        "convolution.py",
        "        i, j = divmod(corner, 2)\n",
        "        j, i = divmod(corner, 2)\n",
        "convolution",
    ),
    Fault(
        "ReLU's slope forgotten between the maps",
        "convolution.py",
        "delta = unpool(delta * (h > 0), seen @ W + b)",
        "delta = unpool(delta, seen @ W + b)",
        "convolution",
    ),
    Fault(
        "the filters' biases: the mean over the places instead of the sum",
        "convolution.py",
        "delta.sum(axis=(0, 1, 2))",
        "delta.sum(axis=0).mean(axis=(0, 1))",
        "convolution",
    ),
    Fault(
        "L2 leaves the filters out",
        "convolution.py",
        "delta.reshape(-1, len(b)) + l2 * W",
        "delta.reshape(-1, len(b))",
        "convolution",
    ),
    Fault(
        "fast: the second of two equal answers gets the derivative as well",
        "plumbing/convolution.py",
        "            np.subtract(share, a[i, 0], out=a[i, 1])\n",
        "            np.multiply(share, a[i, 1] >= a[i, 0], out=a[i, 1])\n",
        "convolution",
    ),
    Fault(
        "fast: top and bottom of the pool's blocks compared the wrong way round",
        "plumbing/convolution.py",
        "np.greater_equal(self.top, self.bottom, out=self.mask)",
        "np.less(self.top, self.bottom, out=self.mask)",
        "convolution",
    ),
    Fault(
        "fast: only one of the four shifted copies counts for the filters' slopes",
        "plumbing/convolution.py",
        "            dW += self._copy(self.d_copies, i, j)\n",
        "            dW[...] = self._copy(self.d_copies, i, j)\n",
        "convolution",
    ),
    Fault(
        "fast: what is passed on below is left over from the batch before",
        "plumbing/convolution.py",
        "        self.dx[...] = 0\n",
        "",
        "convolution",
    ),
    Fault(
        "fast: the bias after the comparison with 0",
        "plumbing/convolution.py",
        "        np.greater(self.pooled, 0, out=self.mask)\n",
        "        np.greater(self.pooled - self.b[:, None, None, None], 0, out=self.mask)\n",
        "convolution",
    ),
    Fault(
        "a file is read as the wrong kind of network",
        "network.py",
        "kind = next((kind for kind in kinds if kind.DESCRIPTION[0] in arrays), Network)",
        "kind = cls",
        "convolution",
    ),
]


def mutated(fault, source):
    """The source with the fault in it. Raises ValueError unless the place to change is there exactly once."""
    found = source.count(fault.old)
    if found != 1:
        raise ValueError(
            f"{fault.name!r}: mnistlib/{fault.file} has {found} places like {fault.old!r}, expected 1. "
            f"The code has changed: write the fault anew in scripts/mutate.py"
        )
    return source.replace(fault.old, fault.new)


def test_files(fault):
    """The paths, from the project's root, of the tests that ought to notice."""
    return [f"tests/test_{name}.py" for name in fault.tests.split()]


def run_tests(project, tests, longest=None):
    """Run tests of the project in this folder, up to the first that fails.

    Returns "" if all pass, or what failed, or that there was no end after ``longest`` (LONGEST) seconds.
    Raises RuntimeError if pytest could not even begin: a fault that cannot be imported proves nothing about
    the tests.
    """
    env = dict(os.environ, PYTHONPATH=str(project), OPENBLAS_NUM_THREADS="1", OMP_NUM_THREADS="1")
    env["PYTHONDONTWRITEBYTECODE"] = "1"  # a file that changes within a second might be taken for the old one
    env.pop("MNIST_DATA_DIR", None)
    command = [sys.executable, "-m", "pytest", "-x", "-q", "--tb=no", "-rfE", "-p", "no:cacheprovider"]
    command += ["-m", "not browser and not mnist and not rerun", *tests]
    longest = longest or LONGEST
    # A file and not a pipe: a child that outlived a hanging test would keep the pipe open. A group of its
    # own: so that what hangs goes with its children.
    with tempfile.TemporaryFile("w+", encoding="utf-8") as page:
        process = subprocess.Popen(
            command, cwd=project, env=env, stdout=page, stderr=subprocess.STDOUT, start_new_session=True
        )
        try:
            status = process.wait(longest)
        except subprocess.TimeoutExpired:
            return f"{NO_END} after {longest} s"
        finally:
            with contextlib.suppress(ProcessLookupError):  # there is nobody left, as a rule
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()
        page.seek(0)
        said = page.read()
    if status == 0:
        return ""
    failed = re.search(r"^(?:FAILED|ERROR) tests/(\S+::\w+)", said, re.MULTILINE)
    if status != 1 or not failed:
        raise RuntimeError(f"pytest did not run:\n{said[-2000:]}")
    return failed[1]


@contextlib.contextmanager
def in_place(project, fault):
    """Put the fault into the project, and mend it in the end."""
    path = project / "mnistlib" / fault.file
    original = path.read_text(encoding="utf-8")
    path.write_text(mutated(fault, original), encoding="utf-8")
    try:
        yield
    finally:
        path.write_text(original, encoding="utf-8")


def caught_by(project, fault):
    """Which test notices the fault in the project, "" if none does; the project is afterwards as before."""
    with in_place(project, fault):
        if failed := run_tests(project, test_files(fault)):
            return failed
    unreliable = []  # tests that fail without the fault as well, or only now and then
    while True:
        with in_place(project, fault):
            failed = run_tests(project, [*EVERYTHING, *unreliable], LONGEST_ALL)
            if not failed:
                return ""
            if failed.startswith(NO_END):
                raise RuntimeError(f"all tests: {failed}. Try again when the computer has nothing else to do")
            again = run_tests(project, [f"tests/{failed}"])
        if again and not run_tests(project, [f"tests/{failed}"]):
            return failed
        print(f"{'':10}   {failed} failed, but not because of the fault", flush=True)
        unreliable.append(f"--deselect=tests/{failed}")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("words", nargs="*", help="only the faults whose file or name contains one of these")
    parser.add_argument("--list", action="store_true", help="only list them")
    options = parser.parse_args()
    words = options.words
    faults = [f for f in FAULTS if not words or any(word in f"{f.file} {f.name}" for word in words)]
    if not faults:
        parser.error(f"no fault has {' or '.join(words)} in its file or its name; --list shows them")
    if options.list:
        print("\n".join(f"{fault.file:14} {fault.name}" for fault in faults))
        return
    if hasattr(os, "nice"):
        os.nice(10)  # it takes minutes: everything else goes first
    begin = time.perf_counter()
    survivors = 0
    with tempfile.TemporaryDirectory(prefix="mnistlib-mutations-") as folder:
        project = Path(folder) / "project"
        shutil.copytree(ROOT, project, ignore=NOT_COPIED)
        nearest = sorted({path for fault in faults for path in test_files(fault)})
        if failed := run_tests(project, nearest):
            sys.exit(f"Without any fault, {failed} fails already: mend that first.")
        print(f"{len(faults)} faults; without them, all is well in {', '.join(nearest)}.\n", flush=True)
        for fault in faults:
            start = time.perf_counter()
            caught = caught_by(project, fault)
            survivors += not caught
            seconds = time.perf_counter() - start
            verdict = caught or "NOT NOTICED"
            print(f"{fault.file:13} {fault.name}\n{seconds:10.1f} s {verdict}", flush=True)
    print(f"\n{len(faults) - survivors} of {len(faults)} faults noticed, {time.perf_counter() - begin:.0f} s")
    sys.exit(survivors > 0)


if __name__ == "__main__":
    main()
