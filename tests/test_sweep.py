"""Sweeps: the same results whoever trains, and what happens to runs, workers and files that fail."""

import concurrent.futures
import contextlib
import functools
import json
import os
import pickle
import signal
import subprocess
import sys
import time
from unittest import mock

import numpy as np
import pytest
import threadpoolctl

from mnistlib import sweep as sweep_module
from mnistlib.datasets import DataError, read_folder
from mnistlib.network import Network
from mnistlib.sweep import Result, WorkerProcesses, best, combinations, sweep, train_one
from mnistlib.training import linear_decay, train

RUNS = combinations(sizes=[(784, 8, 10), (784, 16, 10)], learning_rate=[0.01, 0.1], seed=[0])

posix = pytest.mark.skipif(sys.platform == "win32", reason="needs POSIX signals")


@pytest.fixture(scope="session")
def digits(folder):
    return read_folder(folder)


@pytest.fixture
def path(tmp_path):
    """Where a sweep is saved."""
    return tmp_path / "sweep.jsonl"


def quiet_sweep(runs, **options):
    return sweep(runs, **{"epochs": 2, "progress": False, **options})


def errors(results):
    return [result.error for result in results]


# ---- one run


@pytest.mark.parametrize("decay", [False, True])
def test_a_run_is_the_training_that_its_parameters_say(digits, decay):
    of_network = {"sizes": (784, 8, 10), "activation": "sigmoid", "output": "sigmoid", "seed": 3}
    of_training = {"batch_size": 32, "epochs": 2, "momentum": 0.5, "l2": 0.01, "seed": 3}
    run = {**of_network, **of_training, "learning_rate": 0.05, "decay": decay}
    (result,) = sweep([run], data=digits, progress=False)

    validation = digits.train_images[500:], digits.train_labels[500:]
    known = digits.train_images[:500], digits.train_labels[:500]
    of_training["learning_rate"] = linear_decay(0.05) if decay else 0.05
    network = Network(**of_network)
    history = train(network, *known, validation=validation, progress=False, **of_training)
    assert result.error is None
    assert result.validation_accuracy == pytest.approx(history.validation_accuracy[-1])
    assert result.validation_loss == pytest.approx(history.validation_loss[-1], rel=1e-4)
    assert result.train_loss == pytest.approx(history.loss[-1], rel=1e-4)
    assert result.seconds > 0


def test_seeds_matter_and_repeat_and_the_test_set_is_not_touched(digits):
    runs = [{"sizes": (784, 8, 10), "seed": seed} for seed in (1, 2, 1)]
    one, two, again = quiet_sweep(runs, data=digits, learning_rate=0.1)
    assert one == again
    assert one.train_loss != two.train_loss
    hidden = digits._replace(test_images=None, test_labels=None)
    assert quiet_sweep(runs, data=hidden, learning_rate=0.1) == [one, two, one]


def test_the_repr_is_the_same_each_time():
    result = Result({"learning_rate": 0.1, "seed": 0, "sizes": (784, 8, 10)}, 0.98765, 0.1, 0.2, 3.4)
    assert repr(result) == "Result(784-8-10, learning_rate=0.1, seed=0: 98.77 %)"
    assert repr(Result({"sizes": (784, 10)}, error="lost")) == "Result(784-10: lost)"


# ---- many runs


def test_combinations_are_all_of_them_in_order():
    pairs = [(run["a"], run["b"]) for run in combinations(a=[1, 2], b="xy")]
    assert pairs == [(1, "x"), (1, "y"), (2, "x"), (2, "y")]


def test_results_come_back_in_order_with_complete_parameters(digits):
    runs = [*RUNS, {"sizes": (784, 8, 10)}]
    results = quiet_sweep(runs, data=digits, batch_size=50, learning_rate=0.02)
    common = {"learning_rate": 0.02, "batch_size": 50, "epochs": 2, "seed": 0}
    assert [result.parameters for result in results] == [{**common, **run} for run in runs]
    assert best(results).validation_accuracy > 0.5


def test_numpy_numbers_are_taken_as_numbers(digits):
    run = {"sizes": np.array([784, 8, 10]), "learning_rate": np.float32(0.125), "seed": np.int64(4)}
    (result,) = quiet_sweep([run], data=digits)
    assert result == quiet_sweep([{"sizes": (784, 8, 10), "learning_rate": 0.125, "seed": 4}], data=digits)[0]
    json.dumps(result.parameters)


def test_the_best_is_the_one_with_the_highest_validation_accuracy():
    results = [Result({}, error="lost"), Result({}, 0.5), Result({"seed": 1}, 0.9), Result({"seed": 2}, 0.9)]
    assert best(results) is results[2]
    with pytest.raises(ValueError, match="no run has a score"):
        best(results[:1])


@pytest.mark.parametrize(
    ("run", "words"),
    [
        ({"sizes": (784, 10), "learning_rat": 0.1}, "no parameter learning_rat"),
        ({"learning_rate": 0.1}, "a run needs sizes"),
        ({"sizes": (784, 10)}, "a run needs learning_rate"),
        ({"sizes": (784, 10), "learning_rate": linear_decay(0.1)}, "learning_rate must be a number"),
        ({"sizes": (784, 10), "learning_rate": float("nan")}, "learning_rate must be a number"),
    ],
)
def test_wrong_parameters_are_refused_before_anything_is_trained(digits, run, words):
    with pytest.raises(TypeError, match=words):
        quiet_sweep([*RUNS, run], data=digits, on_result=pytest.fail)


def test_runs_that_cannot_be_trained_are_reported_and_the_others_kept(digits):
    good = {"sizes": (784, 8, 10), "learning_rate": 0.1}
    bad = [{"learning_rate": 1e30}, {"sizes": (100, 8, 10)}, {"momentum": 2}, {"activation": "tanh"}]
    first, *failed, last = quiet_sweep([good, *({**good, **change} for change in bad), good], data=digits)
    assert first == last
    assert first.error is None
    assert [error.split(":")[0] for error in errors(failed)] == ["TrainingDiverged"] + 3 * ["ValueError"]
    assert failed[0].parameters["learning_rate"] == 1e30
    assert failed[0].validation_accuracy is None


def test_too_few_digits_are_refused(digits):
    few = digits._replace(train_images=digits.train_images[:5], train_labels=digits.train_labels[:5])
    with pytest.raises(DataError, match="too few training digits"):
        quiet_sweep(RUNS, data=few)


def test_progress_and_results_are_shown_as_they_come(digits, monkeypatch):
    seen, bar = [], mock.MagicMock()
    monkeypatch.setattr(sweep_module, "progress_bar", bar)
    results = quiet_sweep(RUNS, data=digits, progress=True, on_result=seen.append)
    assert seen == results
    bar.assert_called_once_with(4, "sweep", "run", disable=False)
    assert bar().update.call_count == 4
    assert bar().__exit__.called


# ---- executors


class Recorder:
    """The least that an executor is: submit. It keeps what would go over the wire."""

    def __init__(self, work=lambda function, *args: function(*args)):
        self.calls, self.futures, self.work = [], [], work

    def submit(self, function, *args):
        self.calls.append(pickle.dumps((function, args)))
        future = concurrent.futures.Future()
        try:
            future.set_result(self.work(function, *args))
        except Exception as error:
            future.set_exception(error)
        return future


def test_serial_and_processes_give_identical_results(folder):
    with WorkerProcesses(2) as executor:
        processes = quiet_sweep(RUNS, data=folder, executor=executor)
    assert errors(processes) == [None] * len(RUNS)
    assert processes == quiet_sweep(RUNS, data=folder)


def test_threads_will_do_as_well_and_slow_ones_are_waited_for(folder, digits, monkeypatch):
    monkeypatch.setattr(sweep_module, "SILENCE", 0.01)
    with concurrent.futures.ThreadPoolExecutor(2) as executor:
        executor.submit(time.sleep, 0.5), executor.submit(time.sleep, 0.5)
        assert quiet_sweep(RUNS, data=folder, executor=executor) == quiet_sweep(RUNS, data=digits)


def threads_now():
    return {library["num_threads"] for library in threadpoolctl.threadpool_info()}


def test_here_too_one_thread_is_used(digits, monkeypatch):
    threads = []

    def watched(*arguments, **options):
        threads.append(threads_now())
        return train(*arguments, **options)

    monkeypatch.setattr(sweep_module, "train", watched)
    with threadpoolctl.threadpool_limits(2):
        assert threads_now() == {2}
        quiet_sweep(RUNS[:1], data=digits)
    assert threads == [{1}]


def test_worker_processes_use_one_thread_each_whatever_is_asked_for(monkeypatch):
    monkeypatch.setenv("OPENBLAS_NUM_THREADS", "2")
    with WorkerProcesses(1) as executor:
        assert executor.submit(threads_now).result(60) == {1}


def test_as_many_worker_processes_as_we_may_use(monkeypatch):
    monkeypatch.setattr(sweep_module, "available_cpus", lambda: 3)
    with WorkerProcesses() as executor:
        assert executor._pool._max_workers == 3


def test_only_submit_is_used_and_no_image_goes_over_the_wire(folder, digits):
    executor = Recorder()
    assert quiet_sweep(RUNS, data=folder, executor=executor) == quiet_sweep(RUNS, data=digits)
    assert len(executor.calls) == len(RUNS)
    assert max(map(len, executor.calls)) < 2_000


def test_workers_find_well_known_digits_by_their_name_and_others_by_their_folder(folder, digits, monkeypatch):
    sources = []
    executor = Recorder(lambda function, parameters, source, fingerprint: sources.append(source))
    for data in (digits._replace(name="MNIST"), digits._replace(name="sample"), folder):
        quiet_sweep(RUNS[:1], data=data, executor=executor)
    monkeypatch.setattr(sweep_module, "load_data", lambda source: digits._replace(name="sample"))
    quiet_sweep(RUNS[:1], data="auto", executor=executor)
    assert list(dict.fromkeys(sources)) == ["mnist", "sample", str(folder)]
    with pytest.raises(ValueError, match="pass their folder"):
        quiet_sweep(RUNS, data=digits, executor=executor)


def test_workers_find_own_digits_where_everybody_does(folder, digits, monkeypatch):
    monkeypatch.setenv("MNIST_DATA_DIR", str(folder))
    assert quiet_sweep(RUNS, data=digits, executor=Recorder()) == quiet_sweep(RUNS, data=digits)
    others = digits._replace(train_images=digits.train_images[::-1].copy())
    with pytest.raises(ValueError, match="pass their folder"):
        quiet_sweep(RUNS, data=others, executor=Recorder())


def test_a_worker_that_finds_other_digits_refuses(folder, digits):
    changed = digits.train_images.copy()
    changed[0, 0, 0] ^= 1
    executor = Recorder(lambda function, run, _, fingerprint: function(run, str(folder), fingerprint))
    other = digits._replace(train_images=changed, name="sample")
    (result,) = quiet_sweep(RUNS[:1], data=other, executor=executor)
    assert result.error.startswith("DataError: this worker finds other digits")
    assert result.parameters["sizes"] == (784, 8, 10)


# ---- runs and workers that are lost


def flaky(times, error):
    """An executor that loses each run so many times."""
    tried = []

    def lose(function, parameters, *args):
        tried.append(parameters)
        if tried.count(parameters) <= times:
            raise error
        return function(parameters, *args)

    return Recorder(lose)


@pytest.mark.parametrize("times", [1, 2])
@pytest.mark.parametrize("error", [OSError("no such share"), MemoryError(), RuntimeError("worker lost")])
def test_a_lost_run_is_tried_again_and_once_more_on_its_own(folder, digits, error, times):
    executor = flaky(times, error)
    assert quiet_sweep(RUNS, data=folder, executor=executor) == quiet_sweep(RUNS, data=digits)
    assert len(executor.calls) == (1 + times) * len(RUNS)


class Forgetful(Recorder):
    """A cluster that dies after its first result: it forgets the others, and takes no more work."""

    def submit(self, *work):
        if len(self.calls) == len(RUNS):
            raise RuntimeError("closed")
        future = super().submit(*work)
        self.futures.append(concurrent.futures.Future() if self.futures else future)
        return self.futures[-1]


def test_runs_that_an_executor_forgets_at_its_end_are_reported(folder, monkeypatch):
    monkeypatch.setattr(sweep_module, "SILENCE", 0.05)
    results = quiet_sweep(RUNS, data=folder, executor=Forgetful())
    assert errors(results) == [None] + ["CancelledError: the executor takes no more work"] * 3


def deadly(folder, parameters, source, fingerprint):
    """Like train_one, but takes its whole process down, as a run does that needs too much memory.

    With seed 12 the first time, which a file in `folder` marks, with seed 13 every time.
    """
    if parameters["seed"] == 13:
        os._exit(1)
    if parameters["seed"] == 12 and not (folder / "died").exists():
        (folder / "died").touch()
        os._exit(1)
    time.sleep(0.5)  # so that a run beside it is still at work
    return train_one(parameters, source, fingerprint)


@pytest.mark.filterwarnings("error::pytest.PytestUnhandledThreadExceptionWarning")  # of the pool's thread
@pytest.mark.parametrize(("own", "seeds"), [(True, (11, 12, 13, 14)), (False, (11, 13))])
def test_a_run_that_kills_its_worker_every_time_is_the_only_one_lost(
    folder, digits, tmp_path, monkeypatch, own, seeds
):
    """Python's own pool is broken afterwards: what it has done before is kept."""
    monkeypatch.setattr(sweep_module, "train_one", functools.partial(deadly, tmp_path))
    if own:
        monkeypatch.setattr(sweep_module, "SILENCE", 0.1)  # asked meanwhile, it goes on as well
    runs = [{"sizes": (784, 8, 10), "learning_rate": 0.1, "seed": seed} for seed in seeds]
    workers = WorkerProcesses(2 if own else 1)
    with workers if own else workers._pool as executor:
        results = quiet_sweep(runs, data=folder, executor=executor)
    lost = results.pop(seeds.index(13))
    assert lost.error.startswith("BrokenProcessPool: ")
    assert lost.parameters["seed"] == 13
    monkeypatch.undo()
    assert results == quiet_sweep([run for run in runs if run["seed"] != 13], data=digits)


# ---- saving and resuming


def lines_of(path):
    return path.read_text().splitlines()


def test_every_result_is_in_the_file_at_once_and_not_trained_again(folder, digits, tmp_path):
    path = tmp_path / "new" / "folder" / "sweep.jsonl"
    seen = []
    results = quiet_sweep(RUNS, data=digits, save=path, on_result=lambda _: seen.append(lines_of(path)))
    assert [len(lines) for lines in seen] == [1, 2, 3, 4]
    assert {"sweep.jsonl", ".sweep.jsonl.lock"} == set(os.listdir(path.parent))
    never = Recorder(pytest.fail)
    again = quiet_sweep(RUNS, data=folder, save=path, executor=never, progress=True)
    assert again == results
    assert [result.seconds for result in again] == [result.seconds for result in results]
    assert never.calls == []


def test_what_is_new_is_trained_and_what_is_there_stays(digits, path):
    quiet_sweep(RUNS[:2], data=digits, save=path)
    trained = []
    quiet_sweep(RUNS, data=digits, save=path, on_result=trained.append)
    assert [result.parameters["sizes"] for result in trained] == [(784, 16, 10)] * 2
    for change in ({"epochs": 3}, {"batch_size": 50}, {"momentum": 0.5}):
        quiet_sweep(RUNS[:1], data=digits, save=path, on_result=trained.append, **change)
    other = digits._replace(train_images=digits.train_images[::-1].copy())
    for data in (other, digits):  # results on other digits are not taken, but stay, too
        quiet_sweep(RUNS[:1], data=data, save=path, on_result=trained.append)
    assert len(trained) == 2 + 3 + 1
    assert len(lines_of(path)) == 4 + 3 + 1


def test_failed_runs_are_tried_again_and_their_line_replaced(folder, digits, path):
    failing = flaky(99, OSError("no such share"))
    failed = quiet_sweep(RUNS, data=folder, save=path, executor=failing)
    assert errors(failed) == ["OSError: no such share"] * 4
    assert [result.parameters["sizes"] for result in failed] == [run["sizes"] for run in RUNS]
    results = quiet_sweep(RUNS, data=folder, save=path, executor=Recorder())
    assert results == quiet_sweep(RUNS, data=digits)
    assert [json.loads(line)["error"] for line in lines_of(path)] == [None] * 4


def test_two_sweeps_on_one_file_keep_each_others_lines(digits, path):
    """One is under way when the other begins and ends."""

    def interrupt(_):
        if not trained:
            trained.append(quiet_sweep(RUNS[2:], data=digits, save=path))

    trained = []
    quiet_sweep(RUNS[:2], data=digits, save=path, on_result=interrupt)
    assert len(lines_of(path)) == len(RUNS)


@pytest.mark.parametrize("line", ["half a li", "{}", "[1, 2]", '{"digits": "x", "parameters": {}}'])
def test_a_file_that_is_no_sweep_is_not_overwritten(digits, path, line):
    quiet_sweep(RUNS[:1], data=digits, save=path)
    content = path.read_text() + line + "\n"
    path.write_text(content)
    with pytest.raises(ValueError, match=r"sweep\.jsonl, line 2, is no result"):
        quiet_sweep(RUNS, data=digits, save=path)
    assert path.read_text() == content


# ---- Ctrl-C


def test_after_ctrl_c_no_run_is_left_to_the_workers(folder):
    executor, press = Forgetful(), mock.Mock(side_effect=KeyboardInterrupt)
    results = quiet_sweep(RUNS, data=folder, executor=executor, on_result=press)
    assert errors(results) == [None, "interrupted", "interrupted", "interrupted"]
    assert [future.cancelled() for future in executor.futures] == [False, True, True, True]


def test_ctrl_c_while_a_result_is_written_loses_nothing(digits, path, monkeypatch):
    def interrupted(path):
        monkeypatch.undo()
        raise KeyboardInterrupt

    monkeypatch.setattr("mnistlib.sweep.atomic_write", interrupted)
    assert errors(quiet_sweep(RUNS[:2], data=digits, save=path)) == [None, "interrupted"]
    assert len(lines_of(path)) == 1


LONG_SWEEP = """
import ast, contextlib, os, signal, sys, threading
from mnistlib.sweep import WorkerProcesses, sweep

def press(result, pressed=[]):
    "Ctrl-C soon after the first result. To the whole group, which it reaches in a terminal, too."
    if not pressed:
        threading.Timer(0.02, os.killpg, (0, signal.SIGINT)).start()
        pressed.append(True)

if __name__ == "__main__":
    runs, folder, path, workers = ast.literal_eval(sys.argv[1]), *sys.argv[2:]
    with WorkerProcesses(2) if workers == "2" else contextlib.nullcontext() as executor:
        results = sweep(runs, epochs=100, data=folder, save=path, executor=executor, on_result=press)
    errors = [result.error for result in results]
    print(errors.count(None), errors.count("interrupted"))
"""


@posix
@pytest.mark.parametrize("workers", [0, 2])
def test_ctrl_c_keeps_what_is_done_and_the_sweep_can_be_resumed(
    folder, digits, tmp_path, path, workers, ctrl_c
):
    runs = [{**RUNS[0], "seed": seed} for seed in range(40)]
    program = path.with_name("program.py")
    program.write_text(LONG_SWEEP)
    command = [sys.executable, str(program), repr(runs), str(folder), str(path), str(workers)]
    pipes = dict.fromkeys(("stdout", "stderr"), subprocess.PIPE)
    process = subprocess.Popen(command, text=True, start_new_session=True, **pipes)
    try:
        out, err = process.communicate(timeout=60)
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)  # its workers too: they hold the pipes open
        process.communicate()
    assert process.returncode == 0, err
    assert "Traceback" not in err
    done, interrupted = map(int, out.split()[-2:])
    assert done + interrupted == 40
    assert 0 < done < 40
    assert len(lines_of(path)) == done
    trained = []
    results = quiet_sweep(runs, epochs=100, data=digits, save=path, on_result=trained.append)
    assert len(trained) == interrupted
    assert errors(results) == [None] * 40


@posix
@pytest.mark.parametrize("seconds", [0, 0.1, 0.3, 0.8])
def test_ctrl_c_does_not_end_a_process_that_starts_or_waits(seconds, ctrl_c):
    with WorkerProcesses(2) as executor:
        futures = [executor.submit(os.getpid) for _ in range(2)]
        time.sleep(seconds)
        for _ in ("starting, as a rule", "waiting"):
            for number in list(executor._pool._processes):
                os.kill(number, signal.SIGINT)
            assert all(future.result(timeout=60) in executor._pool._processes for future in futures)
        assert executor.submit(os.getpid).result(60) in executor._pool._processes


@posix
def test_starting_processes_leaves_ctrl_c_as_it_was(ctrl_c):
    with WorkerProcesses(1) as executor:
        executor.submit(os.getpid).result()
        assert signal.SIGINT not in signal.pthread_sigmask(signal.SIG_BLOCK, [])
        with pytest.raises(KeyboardInterrupt):
            signal.raise_signal(signal.SIGINT)
        with pytest.raises(KeyboardInterrupt):  # and lets it end what a process is at
            executor.submit(signal.raise_signal, signal.SIGINT).result()
