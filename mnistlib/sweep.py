"""Many trainings, to see which choices serve best: sizes, learning rates, batch sizes, seeds.

Built in notebook 06.

    runs = combinations(sizes=[(784, 32, 10), (784, 128, 10)], learning_rate=[0.03, 0.1, 0.3])
    results = sweep(runs, epochs=3)

trains one network after another. With `executor=` the runs go to several processes, or to the computers of a
cluster; the line stays the same, and so do the results:

    with WorkerProcesses(2) as executor:
        results = sweep(runs, epochs=3, executor=executor)

Every network is scored on a validation part that is cut from the end of the training set. The test set is not
touched: a sweep chooses, and what was chosen by the test set cannot be judged by it any more.
"""

import concurrent.futures
import contextlib
import functools
import itertools
import json
import math
import multiprocessing
import operator
import os
import signal
import sys
import time
import zlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from mnistlib.convolution import ConvNetwork
from mnistlib.datasets import VARIABLE, DataError, Digits, find_data, load_data
from mnistlib.network import Network
from mnistlib.plumbing.files import atomic_write, locked
from mnistlib.plumbing.progress import progress as progress_bar
from mnistlib.plumbing.threads import available_cpus, one_thread
from mnistlib.training import linear_decay, train

DEFAULTS = {"batch_size": 100, "seed": 0}
REQUIRED = ("learning_rate", "epochs")
OF_NETWORK = ("sizes", "activation", "output", "filters", "hidden", "size", "seed")
OF_TRAINING = ("learning_rate", "epochs", "batch_size", "momentum", "l2", "seed")
KNOWN = {*OF_NETWORK, *OF_TRAINING, "decay"}

# A sixth of the training set is kept for validation: 10,000 of MNIST's 60,000 images
VALIDATION_SHARE = 6

# Seconds without any result, after which an executor is asked whether it still takes work
SILENCE = 5


@dataclass(frozen=True, repr=False)
class Result:
    """How one training went.

    parameters: everything it was given, by name; validation_accuracy: 0 to 1; validation_loss and train_loss:
    after and over the last epoch; seconds: the training's time (two results that differ in nothing else are
    equal). error: None, or what went wrong, and then there are no scores.
    """

    parameters: dict
    validation_accuracy: float | None = None
    validation_loss: float | None = None
    train_loss: float | None = None
    seconds: float | None = field(default=None, compare=False)
    error: str | None = None

    def __repr__(self):
        sizes_first = sorted(self.parameters.items(), key=lambda item: item[0] != "sizes")
        words = ["-".join(map(str, v)) if k == "sizes" else f"{k}={v}" for k, v in sizes_first]
        outcome = self.error or f"{100 * self.validation_accuracy:.2f} %"
        return f"Result({', '.join(words)}: {outcome})"


def combinations(**choices: Iterable) -> list[dict]:
    """Every combination: combinations(a=[1, 2], b=[3]) is [{"a": 1, "b": 3}, {"a": 2, "b": 3}]."""
    return [dict(zip(choices, values, strict=True)) for values in itertools.product(*choices.values())]


def best(results: Iterable[Result]) -> Result:
    """The result with the highest validation accuracy, the first of them if there are several.

    Raises ValueError if no run has a score.
    """
    scored = [result for result in results if result.error is None]
    if not scored:
        raise ValueError("no run has a score: look at the error of each result")
    return max(scored, key=operator.attrgetter("validation_accuracy"))


def sweep(
    runs: Iterable[dict], *, data: str | os.PathLike | Digits = "auto",
    executor: concurrent.futures.Executor | None = None, save: str | os.PathLike | None = None,
    on_result: Callable[[Result], object] | None = None, progress: bool = True, **common: Any,
) -> list[Result]:  # fmt: skip
    """Train a network for each of `runs`; return a list of Results in the same order.

    runs
        A list of dicts, one per training. Names and values are those of Network (sizes, activation, output)
        or of ConvNetwork (filters, hidden, size), of train (learning_rate, epochs, batch_size, momentum, l2)
        and seed, which serves both; "decay": True lets the learning rate fall to 0 in a straight line. A
        batch has 100 images if nothing else is said.
    **common
        The same names, for what is the same in all runs.
    data
        Digits, or what load_data takes: "auto", "mnist", "sample" or a folder. Their test part is not used.
    executor
        None trains here, one network after the other. Any concurrent.futures.Executor trains elsewhere, such
        as WorkerProcesses, or a Dask cluster's Client.get_executor(pure=False). Workers load the data
        themselves, once each, and refuse to train on other digits than these.
    save
        A file. Each result is written to it as it comes, one line of JSON; called again, the sweep takes from
        there what it holds already, and trains the rest. Runs that failed are tried again.
    on_result
        Called with each Result as soon as it is there, in whatever order they come.
    progress
        Show a progress bar.

    A run that cannot be trained (a learning rate that diverges, sizes that do not fit) has its `error` set
    and the others go on. One that was lost with its worker is tried again, and once more on its own. Ctrl-C
    ends the sweep: it returns what it has, and `error` marks the runs that are missing.

    Results do not depend on the executor. They do depend, in the last digits, on the number of threads that
    numpy uses, since sums in another order are rounded otherwise. So every training has one.

    Raises ValueError or TypeError for parameters that have no such name or are missing, and DataError.
    """
    runs = [_complete({**DEFAULTS, **common, **run}) for run in runs]
    digits = data if isinstance(data, Digits) else load_data(data)
    source = digits if executor is None else _source(data, digits)
    if len(digits.train_images) < VALIDATION_SHARE:
        raise DataError(f"{digits}: too few training digits to train on some and to validate on others")
    book = _Book(save, _fingerprint(digits))
    results = [book.find(run) for run in runs]
    waiting = {number: run for number, run in enumerate(runs) if results[number] is None}

    bar = progress_bar(len(waiting), "sweep", "run", disable=not (progress and waiting))
    outcomes = _outcomes(executor, waiting, source, book.fingerprint)
    with contextlib.suppress(KeyboardInterrupt), contextlib.closing(outcomes), bar:
        for number, result in outcomes:
            try:
                results[number] = result
                book.add(result)
            except KeyboardInterrupt:  # while it was written: what is reported is also kept
                book.add(result)
                raise
            bar.update()
            if on_result:
                on_result(result)
    return [result or Result(run, error="interrupted") for result, run in zip(results, runs, strict=True)]


def train_one(parameters: dict, source: Digits | str, fingerprint: str) -> Result:
    """One run of a sweep, wherever it takes place; returns its Result.

    source: Digits, or the name under which a worker finds them; fingerprint: what those digits must have.
    """
    digits, found = (source, fingerprint) if isinstance(source, Digits) else _load(source)
    if found != fingerprint:
        raise DataError(f"this worker finds other digits under {source!r}: {found}, expected {fingerprint}")
    cut = len(digits.train_images) - len(digits.train_images) // VALIDATION_SHARE
    options = {name: parameters[name] for name in OF_TRAINING if name in parameters}
    if parameters.get("decay"):
        options["learning_rate"] = linear_decay(parameters["learning_rate"])
    start = time.perf_counter()
    try:
        kind = ConvNetwork if "filters" in parameters else Network
        network = kind(**{name: parameters[name] for name in OF_NETWORK if name in parameters})
        with one_thread:
            history = train(
                network,
                digits.train_images[:cut],
                digits.train_labels[:cut],
                validation=(digits.train_images[cut:], digits.train_labels[cut:]),
                progress=False,
                **options,
            )
    except (ValueError, TypeError, ArithmeticError) as error:
        return Result(parameters, error=f"{type(error).__name__}: {error}")
    if history.interrupted:
        raise KeyboardInterrupt
    return Result(
        parameters,
        validation_accuracy=history.validation_accuracy[-1],
        validation_loss=history.validation_loss[-1],
        train_loss=history.loss[-1],
        seconds=time.perf_counter() - start,
    )


class WorkerProcesses(concurrent.futures.Executor):
    """Processes on this computer, each with one thread for numpy; use it in a `with` statement.

    workers: how many; None means as many as there are processors that we may use. Several processes with one
    thread each are faster than one with several threads, which a network of this size does not keep busy.

    When a process dies, all that were at work are given up, as in ProcessPoolExecutor; but the next submit
    starts new ones.
    """

    def __new__(cls, workers=None):
        # A browser has no processes: one training after the other
        return _Here() if sys.platform == "emscripten" else super().__new__(cls)

    def __init__(self, workers: int | None = None):
        self._workers = workers or available_cpus()
        self._pool = self._new_pool()

    def _new_pool(self):
        # "spawn" starts each process afresh: a copy of one that has threads may hang
        spawn = multiprocessing.get_context("spawn")
        return concurrent.futures.ProcessPoolExecutor(self._workers, spawn, _begin)

    def submit(self, function: Callable, /, *args: Any, **kwargs: Any) -> concurrent.futures.Future:
        """Let a process call function(*args, **kwargs), which Ctrl-C may end; return its Future."""
        with _ctrl_c_held_back():
            try:
                return self._pool.submit(_interruptible, function, *args, **kwargs)
            except concurrent.futures.BrokenExecutor:
                # Python's pool ends the others, but misses one that is just being started
                for process in list((self._pool._processes or {}).values()):
                    process.kill()
                self._pool = self._new_pool()
                return self._pool.submit(_interruptible, function, *args, **kwargs)

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """Let the processes go; `with` does it at its end."""
        self._pool.shutdown(wait, cancel_futures=cancel_futures)


class _Here(concurrent.futures.Executor):
    """An executor whose submit does the work at once, in this process."""

    def submit(self, function, /, *args, **kwargs):
        future = concurrent.futures.Future()
        try:
            future.set_result(function(*args, **kwargs))
        except Exception as error:
            future.set_exception(error)
        return future


@contextlib.contextmanager
def _ctrl_c_held_back():
    """While in force, Ctrl-C waits, and does not end processes that are started.

    Ctrl-C reaches the whole group of processes. It shall end a training, but not a process that waits for
    one, nor one that is still starting: the pool would break over it, just while its runs are cancelled, and
    Python's pool then leaves the other processes waiting for ever.
    """
    _hold_ctrl_c_back(True)
    try:
        yield
    finally:
        _hold_ctrl_c_back(False)


def _hold_ctrl_c_back(yes):
    if hasattr(signal, "pthread_sigmask"):  # not on Windows
        signal.pthread_sigmask(signal.SIG_BLOCK if yes else signal.SIG_UNBLOCK, {signal.SIGINT})


def _begin():
    """The first thing that a new process does: one thread for good, and no notice of Ctrl-C."""
    one_thread.__enter__()
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    _hold_ctrl_c_back(False)


def _interruptible(function, *args, **kwargs):
    """What a process does then, again and again: a piece of work, which Ctrl-C may end."""
    signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        return function(*args, **kwargs)
    finally:
        signal.signal(signal.SIGINT, signal.SIG_IGN)


def _outcomes(executor, waiting, source, fingerprint):
    """Yield (number, Result) as the runs finish. waiting: number -> parameters.

    A run that raises was lost through no fault of its parameters: its worker died, or could not read the
    data. When a process dies, the runs that others were at fall with it; so the lost ones are tried again
    together, and the last time each on its own, which tells the one that is to blame from the others.
    """
    executor = executor or _Here()
    for attempt in (1, 2, 3):
        one_by_one = isinstance(executor, _Here) or attempt == 3
        lost = {}
        for group in [[number] for number in waiting] if one_by_one else [list(waiting)]:
            runs = {number: waiting[number] for number in group}
            yield from _attempt(executor, runs, source, fingerprint, lost)
        waiting = {number: waiting[number] for number in lost}
        # Nobody cancels a run but an executor that is at its end, such as a cluster whose scheduler died
        if any(isinstance(error, concurrent.futures.CancelledError) for error in lost.values()):
            break
    for number, error in lost.items():
        yield number, Result(waiting[number], error=f"{type(error).__name__}: {error}")


def _attempt(executor, runs, source, fingerprint, lost):
    """Yield (number, Result) of the runs that come through; put the errors of the others into `lost`.

    A cluster whose scheduler dies at a bad moment never finishes some of its runs, and does not say so:
    dask.distributed forgets those whose results were just under way. But it refuses new work.
    """
    numbers = {}
    try:
        for number, run in runs.items():
            try:
                numbers[executor.submit(train_one, run, source, fingerprint)] = number
            except (concurrent.futures.BrokenExecutor, OSError) as error:
                lost[number] = error
        waiting = set(numbers)
        while waiting:
            done, waiting = concurrent.futures.wait(
                waiting, timeout=SILENCE, return_when=concurrent.futures.FIRST_COMPLETED
            )
            for future in done:
                try:
                    yield numbers[future], future.result()
                except Exception as error:
                    lost[numbers[future]] = error
            if not done:
                try:  # not cancelled: Python 3.11's pool stumbles over what was, when a process dies
                    executor.submit(int)
                except Exception:
                    gone = concurrent.futures.CancelledError("the executor takes no more work")
                    lost.update({numbers[future]: gone for future in waiting})
                    break
    finally:  # after Ctrl-C, what has not begun need not begin
        for future in numbers:
            future.cancel()


class _Book:
    """The results so far, and the file that holds them (if there is one), a line for each.

    The file may hold results on other digits, too: they are kept.
    """

    def __init__(self, path, fingerprint):
        self.path = Path(path) if path else None
        self.fingerprint = fingerprint
        self.results = {}  # by the digits' fingerprint and the run
        self._read()

    def _read(self):
        if not self.path or not self.path.exists():
            return
        for number, line in enumerate(self.path.read_text(encoding="utf-8").splitlines(), start=1):
            try:
                entry = json.loads(line)
                digits, run = entry.pop("digits"), _complete(entry.pop("parameters"))
                self.results[digits, *run.items()] = Result(run, **entry)
            except (ValueError, TypeError, KeyError, AttributeError) as error:
                raise ValueError(
                    f"{self.path}, line {number}, is no result of a sweep: {line[:60]!r}"
                ) from error

    def find(self, run):
        """The result of a run on our digits, or None; that of one which failed is none."""
        result = self.results.get((self.fingerprint, *run.items()))
        return None if result is None or result.error else result

    def add(self, result):
        """Note a result, and write the file anew: it is small, and never stands there half-written.

        Another sweep may write into the same file: what it has noted meanwhile is kept.
        """
        if not self.path:
            return
        with locked(self.path.with_name(f".{self.path.name}.lock")):
            self._read()
            self.results[self.fingerprint, *result.parameters.items()] = result
            with atomic_write(self.path) as file:
                for (digits, *_), noted in self.results.items():
                    file.write(f"{json.dumps({'digits': digits, **vars(noted)})}\n".encode())


def _complete(parameters):
    """A run's parameters, checked for names and made of plain Python values, so that they can be saved."""
    unknown = set(parameters) - KNOWN
    if unknown:
        raise TypeError(f"no parameter {', '.join(sorted(unknown))}: there are {', '.join(sorted(KNOWN))}")
    missing = [name for name in REQUIRED if name not in parameters]
    if not {"sizes", "filters"} & set(parameters):
        missing.insert(0, "sizes (or filters, for a ConvNetwork)")
    if missing:
        raise TypeError(f"a run needs {', '.join(missing)}: found only {', '.join(parameters)}")
    return {name: _plain(name, parameters[name]) for name in sorted(parameters)}


def _plain(name, value):
    """A value without numpy's types; a sequence becomes a tuple."""
    if isinstance(value, np.generic | np.ndarray):
        value = value.tolist()
    if isinstance(value, list | tuple):
        return tuple(_plain(name, item) for item in value)
    if isinstance(value, str | int | None) or (isinstance(value, float) and math.isfinite(value)):
        return value
    raise TypeError(f"{name} must be a number, a word or a tuple of them, not {value!r}")


def _fingerprint(digits):
    """What tells one training set from another."""
    checksum = zlib.crc32(digits.train_labels, zlib.crc32(digits.train_images))
    return f"{digits.name}, {len(digits.train_images)} for training, {checksum:08x}"


@functools.lru_cache(maxsize=1)
def _load(source):
    """The digits of a worker, kept from one run to the next, and their fingerprint."""
    digits, _ = find_data(source)
    return digits, _fingerprint(digits)


def _source(data, digits):
    """The name under which a worker finds the digits; data: what sweep was given."""
    own = isinstance(data, Digits)
    if digits.name in ("MNIST", "sample") and (own or data == "auto"):
        return digits.name.lower()
    if not own:
        return str(data)
    # A class may have digits of its own where everybody's come from
    if os.environ.get(VARIABLE) and _fingerprint(find_data()[0]) == _fingerprint(digits):
        return "auto"
    raise ValueError("workers load the digits themselves: for your own, pass their folder as data")
