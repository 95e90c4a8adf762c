"""Sweeps: the same results whoever trains, and what happens to runs, workers and files that fail."""

import concurrent.futures
import contextlib
import json
import os
import pickle
import signal
import subprocess
import sys
import time

import numpy as np
import pytest
import threadpoolctl

from mnistlib import sweep as sweep_module
from mnistlib.datasets import DataError, Digits, read_folder
from mnistlib.network import Network
from mnistlib.sweep import Result, WorkerProcesses, best, combinations, sweep, train_one
from mnistlib.training import linear_decay, train

RUNS = combinations(sizes=[(784, 8, 10), (784, 16, 10)], learning_rate=[0.01, 0.1], seed=[0])


@pytest.fixture(scope="session")
def digits(folder):
    return read_folder(folder)


def quiet_sweep(runs, **options):
    return sweep(runs, **{"epochs": 2, "progress": False, **options})


# ---- one run


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"activation": "sigmoid", "output": "sigmoid"},
        {"batch_size": 32, "momentum": 0.5, "l2": 0.01, "seed": 3},
        {"decay": True},
    ],
    ids=["defaults", "network", "training", "decay"],
)
def test_a_run_is_the_training_that_its_parameters_say(digits, options):
    (result,) = quiet_sweep(
        [{"sizes": (784, 8, 10), "learning_rate": 0.05, **options}], data=digits, epochs=3
    )

    names = {"batch_size": 100, "momentum": 0.9, "l2": 0.0, "seed": 0, **options}
    network = Network(
        (784, 8, 10), names.get("activation", "relu"), names.get("output", "softmax"), seed=names["seed"]
    )
    history = train(
        network,
        digits.train_images[:500],
        digits.train_labels[:500],
        epochs=3,
        batch_size=names["batch_size"],
        learning_rate=linear_decay(0.05) if "decay" in options else 0.05,
        momentum=names["momentum"],
        l2=names["l2"],
        validation=(digits.train_images[500:], digits.train_labels[500:]),
        seed=names["seed"],
        progress=False,
    )
    assert result.error is None
    assert result.validation_accuracy == pytest.approx(history.validation_accuracy[-1])
    assert result.validation_loss == pytest.approx(history.validation_loss[-1], rel=1e-4)
    assert result.train_loss == pytest.approx(history.loss[-1], rel=1e-4)
    assert result.seconds > 0


def test_the_test_set_is_not_touched(digits):
    hidden = Digits(digits.train_images, digits.train_labels, None, None, "own digits")
    assert quiet_sweep(RUNS, data=hidden) == quiet_sweep(RUNS, data=digits)


def test_seeds_matter_and_repeat(digits):
    runs = [{"sizes": (784, 8, 10), "seed": seed} for seed in (1, 2, 1)]
    one, two, again = quiet_sweep(runs, data=digits, learning_rate=0.1)
    assert one == again
    assert one.train_loss != two.train_loss


def test_the_repr_is_the_same_each_time(digits):
    result = Result({"sizes": (784, 8, 10), "learning_rate": 0.1, "seed": 0}, 0.98765, 0.1, 0.2, 3.4)
    assert repr(result) == "Result(784-8-10, learning_rate=0.1, seed=0: 98.77 %)"
    assert repr(Result({"sizes": (784, 10)}, error="lost")) == "Result(784-10: lost)"


# ---- many runs


def test_combinations_are_all_of_them_in_order():
    assert combinations(a=[1, 2], b="xy") == [
        {"a": 1, "b": "x"},
        {"a": 1, "b": "y"},
        {"a": 2, "b": "x"},
        {"a": 2, "b": "y"},
    ]


def test_results_come_back_in_order_with_complete_parameters(digits):
    results = quiet_sweep(RUNS, data=digits, batch_size=50)
    assert [result.parameters for result in results] == [
        {**run, "batch_size": 50, "epochs": 2, "seed": 0} for run in RUNS
    ]
    assert best(results).validation_accuracy > 0.5


def test_a_run_overrides_what_is_common(digits):
    runs = [{"sizes": (784, 10)}, {"sizes": (784, 10), "learning_rate": 0.01}]
    results = quiet_sweep(runs, data=digits, learning_rate=0.1)
    assert [result.parameters["learning_rate"] for result in results] == [0.1, 0.01]


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
    seen = []
    with pytest.raises(TypeError, match=words):
        quiet_sweep([*RUNS, run], data=digits, on_result=seen.append)
    assert seen == []


def test_runs_that_cannot_be_trained_are_reported_and_the_others_kept(digits):
    bad = [
        {"sizes": (784, 8, 10), "learning_rate": 1e30},
        {"sizes": (100, 8, 10), "learning_rate": 0.1},
        {"sizes": (784, 8, 10), "learning_rate": 0.1, "momentum": 2},
        {"sizes": (784, 8, 10), "learning_rate": 0.1, "activation": "tanh"},
    ]
    results = quiet_sweep([bad[0], RUNS[0], *bad[1:], RUNS[1]], data=digits)
    errors = [result.error for result in results]
    assert errors[0].startswith("TrainingDiverged: ")
    assert all(error.startswith("ValueError: ") for error in errors[2:5])
    assert [result for result in results if result.error is None] == quiet_sweep(RUNS[:2], data=digits)
    assert results[0].parameters["learning_rate"] == 1e30
    assert results[0].validation_accuracy is None


def test_too_few_digits_are_refused(digits):
    few = Digits(digits.train_images[:5], digits.train_labels[:5], *digits[2:])
    with pytest.raises(DataError, match="too few training digits"):
        quiet_sweep(RUNS, data=few)


def test_progress_and_results_are_shown_as_they_come(digits, monkeypatch):
    steps, seen = [], []

    class Bar:
        def __init__(self, total, description="", unit="it"):
            steps.append(f"of {total}")

        def __enter__(self):
            return self

        def __exit__(self, *_):
            steps.append("closed")

        def update(self, n):
            steps.append(n)

    monkeypatch.setattr(sweep_module, "progress_bar", Bar)
    results = quiet_sweep(RUNS, data=digits, progress=True, on_result=seen.append)
    assert steps == ["of 4", 1, 1, 1, 1, "closed"]
    assert seen == results


# ---- executors


class Recorder:
    """The least that an executor is: submit. It keeps what would go over the wire."""

    def __init__(self):
        self.calls = []

    def submit(self, function, *args):
        self.calls.append(pickle.dumps((function, args)))
        future = concurrent.futures.Future()
        try:
            future.set_result(self.work(function, *args))
        except Exception as error:
            future.set_exception(error)
        return future

    def work(self, function, *args):
        return function(*args)


def test_serial_and_processes_give_identical_results(folder, tmp_path):
    program = (
        "import sys, ast\n"
        "from mnistlib.sweep import sweep\n"
        "sweep(ast.literal_eval(sys.argv[1]), data=sys.argv[2], save=sys.argv[3], epochs=2)\n"
    )
    command = [sys.executable, "-c", program, repr(RUNS), str(folder), str(tmp_path / "serial.jsonl")]
    subprocess.run(command, check=True, capture_output=True, timeout=120)
    with WorkerProcesses(2) as executor:
        quiet_sweep(RUNS, data=folder, executor=executor, save=tmp_path / "processes.jsonl")
    serial, processes = (lines_without_times(tmp_path / f"{name}.jsonl") for name in ("serial", "processes"))
    assert len(serial) == len(RUNS)
    assert serial == processes


def lines_without_times(path):
    entries = [json.loads(line) for line in path.read_text().splitlines()]
    return sorted(json.dumps({**entry, "seconds": None}) for entry in entries)


def test_here_too_one_thread_is_used(digits, monkeypatch):
    threads = []

    def watched(*arguments, **options):
        threads.extend(threads_of_a_worker())
        return train(*arguments, **options)

    monkeypatch.setattr(sweep_module, "train", watched)
    with threadpoolctl.threadpool_limits(2):
        assert set(threads_of_a_worker()) == {2}
        quiet_sweep(RUNS[:1], data=digits)
    assert set(threads) == {1}


def test_after_ctrl_c_no_run_is_left_to_the_workers(folder):
    class Slow(Recorder):
        """Its first run is done at once, the others wait."""

        def submit(self, *work):
            futures.append(concurrent.futures.Future() if futures else super().submit(*work))
            return futures[-1]

    def press(result):
        raise KeyboardInterrupt

    futures = []
    results = quiet_sweep(RUNS, data=folder, executor=Slow(), on_result=press)
    assert [result.error for result in results] == [None, "interrupted", "interrupted", "interrupted"]
    assert [future.cancelled() for future in futures] == [False, True, True, True]


def test_threads_will_do_as_well(folder, digits):
    with concurrent.futures.ThreadPoolExecutor(2) as executor:
        assert quiet_sweep(RUNS, data=folder, executor=executor) == quiet_sweep(RUNS, data=digits)


def test_only_submit_is_used_and_no_image_goes_over_the_wire(folder, digits):
    executor = Recorder()
    assert quiet_sweep(RUNS, data=folder, executor=executor) == quiet_sweep(RUNS, data=digits)
    assert len(executor.calls) == len(RUNS)
    assert max(map(len, executor.calls)) < 2_000


def test_workers_find_well_known_digits_by_their_name_and_others_by_their_folder(folder, digits, monkeypatch):
    executor = Recorder()
    executor.work = lambda function, parameters, source, fingerprint: sources.append(source)
    sources = []
    for name in ("MNIST", "sample"):
        quiet_sweep(RUNS[:1], data=Digits(*digits[:4], name), executor=executor)
    quiet_sweep(RUNS[:1], data=folder, executor=executor)
    monkeypatch.setattr(sweep_module, "load_data", lambda source: Digits(*digits[:4], "sample"))
    quiet_sweep(RUNS[:1], data="auto", executor=executor)
    assert list(dict.fromkeys(sources)) == ["mnist", "sample", str(folder)]
    with pytest.raises(ValueError, match="pass their folder"):
        quiet_sweep(RUNS, data=digits, executor=executor)


def test_workers_find_own_digits_where_everybody_does(folder, digits, monkeypatch):
    monkeypatch.setenv("MNIST_DATA_DIR", str(folder))
    executor = Recorder()
    results = quiet_sweep(RUNS, data=digits, executor=executor)
    assert results == quiet_sweep(RUNS, data=digits)
    assert max(map(len, executor.calls)) < 2_000
    others = Digits(digits.train_images[::-1].copy(), *digits[1:])
    with pytest.raises(ValueError, match="pass their folder"):
        quiet_sweep(RUNS, data=others, executor=executor)


def test_a_worker_that_finds_other_digits_refuses(folder, digits):
    with pytest.raises(DataError, match="finds other digits"):
        train_one(RUNS[0], str(folder), "MNIST, 60000 for training, 12345678")
    changed = digits.train_images.copy()
    changed[0, 0, 0] ^= 1
    other = Digits(changed, *digits[1:4], "sample")
    executor = Recorder()
    executor.work = lambda function, parameters, source, fingerprint: function(
        parameters, str(folder), fingerprint
    )
    (result,) = quiet_sweep(RUNS[:1], data=other, executor=executor)
    assert result.error.startswith("DataError: this worker finds other digits")
    assert result.parameters["sizes"] == (784, 8, 10)


def environment_of_a_worker():
    return {name: os.environ.get(name) for name in sweep_module.THREAD_VARIABLES}


def test_worker_processes_use_one_thread_each_and_ours_stays_as_it_was(monkeypatch):
    monkeypatch.setenv("OPENBLAS_NUM_THREADS", "2")
    monkeypatch.delenv("OMP_NUM_THREADS", raising=False)
    with WorkerProcesses(1) as executor:
        assert set(executor.submit(environment_of_a_worker).result(60).values()) == {"1"}
    assert os.environ["OPENBLAS_NUM_THREADS"] == "2"
    assert "OMP_NUM_THREADS" not in os.environ


def test_as_many_worker_processes_as_we_may_use(monkeypatch):
    monkeypatch.setattr(sweep_module, "available_cpus", lambda: 3)
    with WorkerProcesses() as executor:
        assert executor._pool._max_workers == 3


def threads_of_a_worker():
    return [library["num_threads"] for library in threadpoolctl.threadpool_info()]


def test_numpy_in_a_worker_process_really_has_one_thread():
    with WorkerProcesses(1) as executor:
        assert set(executor.submit(threads_of_a_worker).result(60)) == {1}


@pytest.mark.skipif(sys.platform == "win32", reason="needs POSIX signals")
def test_ctrl_c_does_not_end_a_worker_that_waits(ctrl_c):
    with WorkerProcesses(1) as executor:
        pid = executor.submit(os.getpid).result(60)
        os.kill(pid, signal.SIGINT)
        assert executor.submit(os.getpid).result(60) == pid


# ---- runs and workers that are lost


class Flaky(Recorder):
    """Loses each run `times` times."""

    def __init__(self, times, error):
        super().__init__()
        self.times, self.error, self.lost = times, error, {}

    def work(self, function, parameters, *args):
        key = str(parameters)
        self.lost[key] = self.lost.get(key, 0) + 1
        if self.lost[key] <= self.times:
            raise self.error
        return function(parameters, *args)


@pytest.mark.parametrize(
    "error", [OSError("no such share"), MemoryError("full"), RuntimeError("worker lost")]
)
def test_a_lost_run_is_tried_again(folder, digits, error):
    executor = Flaky(1, error)
    assert quiet_sweep(RUNS, data=folder, executor=executor) == quiet_sweep(RUNS, data=digits)
    assert len(executor.calls) == 2 * len(RUNS)


def test_a_run_that_is_always_lost_is_reported(folder):
    results = quiet_sweep(RUNS, data=folder, executor=Flaky(99, OSError("no such share")))
    assert [result.error for result in results] == ["OSError: no such share"] * 4
    assert [result.parameters["sizes"] for result in results] == [run["sizes"] for run in RUNS]


class Forgetful(Recorder):
    """A cluster that dies after its first result: it forgets the others, and takes no more work."""

    def submit(self, function, *args):
        if len(self.calls) == len(RUNS):
            raise RuntimeError("closed")
        first = not self.calls
        future = super().submit(function, *args)
        return future if first else concurrent.futures.Future()


def test_runs_that_an_executor_forgets_at_its_end_are_reported(folder, monkeypatch):
    monkeypatch.setattr(sweep_module, "SILENCE", 0.05)
    results = quiet_sweep(RUNS, data=folder, executor=Forgetful())
    assert results[0].error is None
    assert [result.error for result in results[1:]] == ["CancelledError: the executor takes no more work"] * 3


def test_a_slow_executor_is_waited_for(folder, digits, monkeypatch):
    monkeypatch.setattr(sweep_module, "SILENCE", 0.01)
    with concurrent.futures.ThreadPoolExecutor(1) as executor:
        executor.submit(time.sleep, 0.5)
        assert quiet_sweep(RUNS, data=folder, executor=executor) == quiet_sweep(RUNS, data=digits)


@pytest.mark.skipif(sys.platform == "win32", reason="needs POSIX signals")
def test_a_worker_killed_in_the_middle_costs_no_result(folder, digits):
    runs = [{**run, "seed": seed} for seed in range(3) for run in RUNS]
    killed = []
    with WorkerProcesses(2) as executor:
        first_pool = executor._pool

        def kill_one(_):
            if not killed:
                killed.append(next(iter(executor._pool._processes)))
                os.kill(killed[0], signal.SIGKILL)

        results = quiet_sweep(runs, data=folder, executor=executor, epochs=20, on_result=kill_one)
        assert executor._pool is not first_pool  # the kill was felt
        assert [result.error for result in results] == [None] * len(runs)
        assert results == quiet_sweep(runs, data=folder, executor=executor, epochs=20)


def deadly_seed_13(parameters, source, fingerprint):
    """Like train_one, but one run takes its whole process down, as one that needs too much memory does."""
    if parameters["seed"] == 13:
        os._exit(1)
    time.sleep(0.5)  # so that a run beside it is still at work
    return train_one(parameters, source, fingerprint)


def test_a_run_that_kills_its_worker_is_the_only_one_lost(folder, monkeypatch):
    monkeypatch.setattr(sweep_module, "train_one", deadly_seed_13)
    runs = [{"sizes": (784, 8, 10), "learning_rate": 0.1, "seed": seed} for seed in (11, 12, 13, 14)]
    with WorkerProcesses(2) as executor:
        results = quiet_sweep(runs, data=folder, executor=executor)
    assert [bool(result.error) for result in results] == [False, False, True, False]
    assert results[2].error.startswith("BrokenProcessPool: ")
    assert results[2].parameters["seed"] == 13


def test_a_plain_process_pool_that_breaks_keeps_what_it_had(folder, monkeypatch):
    monkeypatch.setattr(sweep_module, "train_one", deadly_seed_13)
    runs = [{"sizes": (784, 8, 10), "learning_rate": 0.1, "seed": seed} for seed in (11, 13)]
    with WorkerProcesses(1)._pool as executor:
        results = quiet_sweep(runs, data=folder, executor=executor)
    assert [bool(result.error) for result in results] == [False, True]


# ---- saving and resuming


class Forbidden:
    def submit(self, function, parameters, *args):
        pytest.fail(f"trains again: {parameters}")


def test_a_saved_sweep_is_not_trained_again(folder, digits, tmp_path):
    path = tmp_path / "new" / "folder" / "sweep.jsonl"
    results = quiet_sweep(RUNS, data=digits, save=path)
    assert len(path.read_text().splitlines()) == len(RUNS)
    again = quiet_sweep(RUNS, data=folder, save=path, executor=Forbidden(), progress=True)
    assert again == results
    assert [result.seconds for result in again] == [result.seconds for result in results]


def test_every_result_is_in_the_file_as_soon_as_it_is_there(digits, tmp_path):
    path = tmp_path / "sweep.jsonl"
    lengths = []
    quiet_sweep(
        RUNS, data=digits, save=path, on_result=lambda _: lengths.append(len(path.read_text().splitlines()))
    )
    assert lengths == [1, 2, 3, 4]
    assert {"sweep.jsonl", ".sweep.jsonl.lock"} == set(os.listdir(tmp_path))


def test_what_is_new_is_trained_and_what_is_there_stays(digits, tmp_path):
    path = tmp_path / "sweep.jsonl"
    quiet_sweep(RUNS[:2], data=digits, save=path)
    trained = []
    quiet_sweep(RUNS, data=digits, save=path, on_result=trained.append)
    assert [result.parameters["sizes"] for result in trained] == [(784, 16, 10)] * 2
    for change in ({"epochs": 3}, {"batch_size": 50}, {"momentum": 0.5}):
        trained.clear()
        quiet_sweep(RUNS[:1], data=digits, save=path, on_result=trained.append, **change)
        assert len(trained) == 1
    assert len(path.read_text().splitlines()) == 4 + 3


def test_results_on_other_digits_are_not_taken(digits, tmp_path):
    path = tmp_path / "sweep.jsonl"
    quiet_sweep(RUNS[:1], data=digits, save=path)
    other = Digits(digits.train_images[::-1].copy(), digits.train_labels[::-1].copy(), *digits[2:])
    trained = []
    quiet_sweep(RUNS[:1], data=other, save=path, on_result=trained.append)
    quiet_sweep(RUNS[:1], data=digits, save=path, on_result=trained.append)
    assert len(trained) == 1
    assert len(path.read_text().splitlines()) == 2


def test_failed_runs_are_tried_again_and_their_line_replaced(folder, digits, tmp_path):
    path = tmp_path / "sweep.jsonl"
    failed = quiet_sweep(RUNS, data=folder, save=path, executor=Flaky(99, OSError("no such share")))
    assert all(result.error for result in failed)
    results = quiet_sweep(RUNS, data=folder, save=path, executor=Recorder())
    assert results == quiet_sweep(RUNS, data=digits)
    assert [json.loads(line)["error"] for line in path.read_text().splitlines()] == [None] * 4


def test_two_sweeps_on_one_file_keep_each_others_lines(digits, tmp_path):
    """One is under way when the other begins and ends."""
    path = tmp_path / "both.jsonl"

    def interrupt(_):
        if not trained:
            trained.append(quiet_sweep(RUNS[2:], data=digits, save=path))

    trained = []
    quiet_sweep(RUNS[:2], data=digits, save=path, on_result=interrupt)
    kept = [json.loads(line)["parameters"] for line in path.read_text().splitlines()]
    assert len(kept) == len(RUNS)


@pytest.mark.parametrize("line", ["half a li", "{}", "[1, 2]", '{"digits": "x", "parameters": {}}'])
def test_a_file_that_is_no_sweep_is_not_overwritten(digits, tmp_path, line):
    path = tmp_path / "sweep.jsonl"
    quiet_sweep(RUNS[:1], data=digits, save=path)
    content = path.read_text() + line + "\n"
    path.write_text(content)
    with pytest.raises(ValueError, match=r"sweep\.jsonl, line 2, is no result"):
        quiet_sweep(RUNS, data=digits, save=path)
    assert path.read_text() == content


def test_ctrl_c_while_a_result_is_written_loses_nothing(folder, tmp_path, monkeypatch):
    def interrupted(path):
        monkeypatch.undo()
        raise KeyboardInterrupt

    path = tmp_path / "sweep.jsonl"
    monkeypatch.setattr("mnistlib.sweep.atomic_write", interrupted)
    results = quiet_sweep(RUNS[:2], epochs=1, data=read_folder(folder), save=path)
    assert [result.error for result in results] == [None, "interrupted"]
    assert len(path.read_text().splitlines()) == 1


LONG_SWEEP = """
import ast, sys
from mnistlib.sweep import WorkerProcesses, sweep
if __name__ == "__main__":
    runs, folder, path, workers = ast.literal_eval(sys.argv[1]), *sys.argv[2:]
    if int(workers):
        with WorkerProcesses(int(workers)) as executor:
            results = sweep(runs, epochs=100, data=folder, save=path, executor=executor)
    else:
        results = sweep(runs, epochs=100, data=folder, save=path)
    errors = [result.error for result in results]
    print(errors.count(None), errors.count("interrupted"))
"""


@pytest.mark.skipif(sys.platform == "win32", reason="needs POSIX signals")
@pytest.mark.parametrize("workers", [0, 2])
def test_ctrl_c_keeps_what_is_done_and_the_sweep_can_be_resumed(folder, tmp_path, workers, ctrl_c):
    runs = [{**RUNS[0], "seed": seed} for seed in range(40)]
    (tmp_path / "program.py").write_text(LONG_SWEEP)
    path = tmp_path / "sweep.jsonl"
    command = [sys.executable, str(tmp_path / "program.py"), repr(runs), str(folder), str(path), str(workers)]
    # A group of its own, which the signal reaches as Ctrl-C reaches a terminal's
    process = subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True
    )
    try:
        deadline = time.monotonic() + 60
        while not path.exists():
            assert time.monotonic() < deadline, "no result came"
            time.sleep(0.01)
        os.killpg(process.pid, signal.SIGINT)
        out, err = process.communicate(timeout=60)
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)  # its workers too: they hold the pipes open
        process.communicate()
    assert process.returncode == 0, err
    done, interrupted = map(int, out.split()[-2:])
    assert done + interrupted == 40
    assert 0 < done < 40
    assert len(path.read_text().splitlines()) == done
    assert "Traceback" not in err
    trained = []
    results = quiet_sweep(runs, epochs=100, data=read_folder(folder), save=path, on_result=trained.append)
    assert len(trained) == interrupted
    assert [result.error for result in results] == [None] * 40


@pytest.mark.skipif(sys.platform == "win32", reason="needs POSIX signals")
@pytest.mark.parametrize("seconds", [0, 0.05, 0.1, 0.2, 0.4, 0.8])
def test_ctrl_c_does_not_end_a_process_that_is_still_starting(seconds, ctrl_c):
    with WorkerProcesses(2) as executor:
        futures = [executor.submit(os.getpid) for _ in range(2)]
        time.sleep(seconds)
        for number in list(executor._pool._processes):
            os.kill(number, signal.SIGINT)
        assert all(future.result(timeout=60) in executor._pool._processes for future in futures)


@pytest.mark.skipif(sys.platform == "win32", reason="needs POSIX signals")
def test_starting_processes_leaves_ctrl_c_as_it_was(ctrl_c):
    with WorkerProcesses(1) as executor:
        executor.submit(os.getpid).result()
        assert signal.SIGINT not in signal.pthread_sigmask(signal.SIG_BLOCK, [])
        with pytest.raises(KeyboardInterrupt):
            signal.raise_signal(signal.SIGINT)
        assert executor.submit(_signals_held_back).result() == set()


def _signals_held_back():
    return {int(number) for number in signal.pthread_sigmask(signal.SIG_BLOCK, [])}
