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
import os
import signal
import sys
import time
import zlib
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from mnistlib.convolution import ConvNetwork
from mnistlib.datasets import VARIABLE, DataError, Digits, find_data, load_data
from mnistlib.network import Network
from mnistlib.plumbing.files import atomic_write, locked
from mnistlib.plumbing.progress import progress as progress_bar
from mnistlib.plumbing.threads import THREAD_VARIABLES, available_cpus, one_thread
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
        others = {name: value for name, value in self.parameters.items() if name != "sizes"}
        words = ["-".join(map(str, self.parameters["sizes"]))] if "sizes" in self.parameters else []
        words += [f"{k}={v}" for k, v in others.items()]
        outcome = self.error or f"{100 * self.validation_accuracy:.2f} %"
        return f"Result({', '.join(words)}: {outcome})"


def combinations(**choices):
    """Every combination: combinations(a=[1, 2], b=[3]) is [{"a": 1, "b": 3}, {"a": 2, "b": 3}]."""
    return [dict(zip(choices, values, strict=True)) for values in itertools.product(*choices.values())]


def best(results):
    """The result with the highest validation accuracy, the first of them if there are several.

    Raises ValueError if no run has a score.
    """
    scored = [result for result in results if result.error is None]
    if not scored:
        raise ValueError("no run has a score: look at the error of each result")
    return max(scored, key=lambda result: result.validation_accuracy)


def sweep(runs, *, data="auto", executor=None, save=None, on_result=None, progress=True, **common):
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
    results = [book.results.get(_key(run)) for run in runs]
    waiting = {number: run for number, run in enumerate(runs) if results[number] is None}

    bar = progress_bar(len(waiting), "sweep", "run") if progress and waiting else None
    outcomes = _outcomes(executor, waiting, source, book.fingerprint)
    with (
        contextlib.suppress(KeyboardInterrupt),
        contextlib.closing(outcomes),
        bar or contextlib.nullcontext(),
    ):
        for number, result in outcomes:
            try:
                results[number] = result
                book.add(result)
            except KeyboardInterrupt:  # while it was written: what is reported is also kept
                book.add(result)
                raise
            if bar:
                bar.update(1)
            if on_result:
                on_result(result)
    return [result or Result(run, error="interrupted") for result, run in zip(results, runs, strict=True)]


def train_one(parameters, source, fingerprint):
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
        with one_thread, _ctrl_c_let_in():
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

    def __init__(self, workers=None):
        self._workers = workers or available_cpus()
        self._pool = self._new_pool()

    def _new_pool(self):
        if sys.platform == "emscripten":  # a browser has no processes: one training after the other
            return _Here()
        # "spawn" starts each process afresh, so that its numpy reads the number of threads.
        return concurrent.futures.ProcessPoolExecutor(
            self._workers,
            mp_context=multiprocessing.get_context("spawn"),
            initializer=_no_notice_of_ctrl_c,
        )

    def submit(self, function, /, *args, **kwargs):
        """Let a process call function(*args, **kwargs); return its Future."""
        with _ctrl_c_held_back(), _one_thread_each():
            try:
                return self._pool.submit(function, *args, **kwargs)
            except concurrent.futures.BrokenExecutor:
                # Python's pool ends the others, but misses one that is just being started
                for process in list((self._pool._processes or {}).values()):
                    process.kill()
                self._pool = self._new_pool()
                return self._pool.submit(function, *args, **kwargs)

    def shutdown(self, wait=True, *, cancel_futures=False):
        """Let the processes go; `with` does it at its end."""
        self._pool.shutdown(wait, cancel_futures=cancel_futures)


def _do_nothing(*_):
    """What a waiting process does on Ctrl-C, and the work by which an executor shows that it takes some."""


@contextlib.contextmanager
def _ctrl_c_held_back():
    """While in force, processes that are started will not be ended by Ctrl-C.

    Ctrl-C reaches the whole group of processes. It shall end a training, but not a process that waits for
    one, nor one that is still starting: the pool would break over it, just while its runs are cancelled, and
    Python's pool then leaves the other processes waiting for ever.
    """
    if not hasattr(signal, "pthread_sigmask"):  # Windows
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


@contextlib.contextmanager
def _ctrl_c_let_in():
    """While in force, Ctrl-C interrupts a worker process, which else takes no notice of it."""
    if signal.getsignal(signal.SIGINT) is not _do_nothing:
        yield
        return
    signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, _do_nothing)


def _no_notice_of_ctrl_c():
    """The first thing that a new process does; only while it trains, Ctrl-C is let in."""
    signal.signal(signal.SIGINT, _do_nothing)
    if hasattr(signal, "pthread_sigmask"):
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})


@contextlib.contextmanager
def _one_thread_each():
    """While in force, processes that are started will use one thread in numpy."""
    before = {name: os.environ.get(name) for name in THREAD_VARIABLES}
    os.environ.update(dict.fromkeys(THREAD_VARIABLES, "1"))
    try:
        yield
    finally:
        for name, value in before.items():
            os.environ.pop(name)
            if value is not None:
                os.environ[name] = value


class _Here(concurrent.futures.Executor):
    """An executor whose submit does the work at once, in this process."""

    def submit(self, function, /, *args, **kwargs):
        future = concurrent.futures.Future()
        try:
            future.set_result(function(*args, **kwargs))
        except Exception as error:
            future.set_exception(error)
        return future


def _outcomes(executor, waiting, source, fingerprint):
    """Yield (number, Result) as the runs finish. waiting: number -> parameters.

    A run that raises was lost through no fault of its parameters: its worker died, or could not read the
    data. When a process dies, the runs that others were at fall with it; so the lost ones are tried again
    together, and the last time each on its own, which tells the one that is to blame from the others.
    """
    one_by_one = executor is None
    for attempt in (1, 2, 3):
        lost = {}
        groups = [[number] for number in waiting] if one_by_one or attempt == 3 else [list(waiting)]
        for group in groups:
            yield from _attempt(executor or _Here(), group, waiting, source, fingerprint, lost)
        waiting = {number: waiting[number] for number in lost}
        # Nobody cancels a run but an executor that is at its end, such as a cluster whose scheduler died
        at_its_end = any(isinstance(error, concurrent.futures.CancelledError) for error in lost.values())
        if not waiting or at_its_end:
            break
    for number, error in lost.items():
        yield number, Result(waiting[number], error=f"{type(error).__name__}: {error}")


def _attempt(executor, group, waiting, source, fingerprint, lost):
    """Yield (number, Result) of the runs that come through; put the errors of the others into `lost`."""
    futures = {}
    try:
        for number in group:
            try:
                futures[executor.submit(train_one, waiting[number], source, fingerprint)] = number
            except (concurrent.futures.BrokenExecutor, OSError) as error:
                lost[number] = error
        for future in _as_completed(executor, futures):
            try:
                yield futures[future], future.result()
            except Exception as error:
                lost[futures[future]] = error
        for future in futures:
            if not future.done():
                lost[futures[future]] = concurrent.futures.CancelledError("the executor takes no more work")
    finally:  # after Ctrl-C, what has not begun need not begin
        for future in futures:
            future.cancel()


def _as_completed(executor, futures):
    """Yield the futures as they finish, until all have, or until the executor is at its end.

    A cluster whose scheduler dies at a bad moment never finishes some of its futures, and does not say so:
    dask.distributed forgets those whose results were just under way. But it refuses new work.
    """
    waiting = set(futures)
    while waiting:
        done, waiting = concurrent.futures.wait(
            waiting, timeout=SILENCE, return_when=concurrent.futures.FIRST_COMPLETED
        )
        yield from done
        if not done and not _takes_work(executor):
            return


def _takes_work(executor):
    """Whether an executor takes work. If it does, it gets almost none."""
    try:
        executor.submit(_do_nothing).cancel()
    except Exception:
        return False
    return True


class _Book:
    """The results so far, by their parameters, and the file that holds them (if there is one).

    The file may hold results on other digits, too: they are kept.
    """

    def __init__(self, path, fingerprint):
        self.path = Path(path) if path else None
        self.fingerprint = fingerprint
        self.lines = {}
        self.results = {}
        if self.path and self.path.exists():
            self._read()

    def _read(self):
        for number, line in enumerate(self.path.read_text(encoding="utf-8").splitlines(), start=1):
            try:
                entry = json.loads(line)
                digits = entry.pop("digits")
                entry["parameters"] = _complete(entry["parameters"])
                result = Result(**entry)
            except (ValueError, TypeError, KeyError, AttributeError) as error:
                raise ValueError(
                    f"{self.path}, line {number}, is no result of a sweep: {line[:60]!r}"
                ) from error
            self.lines[digits, _key(result.parameters)] = line
            if digits == self.fingerprint and result.error is None:
                self.results[_key(result.parameters)] = result

    def add(self, result):
        """Note a result, and write the file anew: it is small, and never stands there half-written.

        Another sweep may write into the same file: what it has noted meanwhile is kept.
        """
        if not self.path:
            return
        entry = {"digits": self.fingerprint, **vars(result)}
        with locked(self.path.with_name(f".{self.path.name}.lock")):
            if self.path.exists():
                self._read()
            self.lines[self.fingerprint, _key(result.parameters)] = json.dumps(entry)
            with atomic_write(self.path) as file:
                file.write("".join(f"{line}\n" for line in self.lines.values()).encode())


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
    plain = {name: _plain(name, value) for name, value in parameters.items()}
    return {name: plain[name] for name in sorted(plain)}


def _plain(name, value):
    """A value without numpy's types; a sequence becomes a tuple."""
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, (list, tuple, np.ndarray)):
        return tuple(_plain(name, item) for item in value)
    if isinstance(value, (str, int)) or value is None or (isinstance(value, float) and math.isfinite(value)):
        return value
    raise TypeError(f"{name} must be a number, a word or a tuple of them, not {value!r}")


def _key(parameters):
    return json.dumps(parameters, sort_keys=True)


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
    if not isinstance(data, Digits):
        return digits.name.lower() if data == "auto" and digits.name in ("MNIST", "sample") else str(data)
    if digits.name in ("MNIST", "sample"):
        return digits.name.lower()
    # A class may have digits of its own where everybody's come from
    if os.environ.get(VARIABLE) and _fingerprint(find_data()[0]) == _fingerprint(digits):
        return "auto"
    raise ValueError("workers load the digits themselves: for your own, pass their folder as data")
