"""Sweeps on a real Dask cluster: a scheduler and two workers, processes of their own, on this computer.

They are started as on the computers of a real cluster, by `dask scheduler` and `dask worker`, and killed as
computers fail: without warning.
"""

import contextlib
import functools
import json
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from course import ROOT
from test_sweep import RUNS, deadly, errors, quiet_sweep

from mnistlib import sweep as sweep_module
from mnistlib.plumbing.threads import THREAD_VARIABLES
from mnistlib.sweep import train_one

distributed = pytest.importorskip("distributed", reason="Dask is not installed (pip install -e .[dask])")

pytestmark = pytest.mark.dask

WAIT = 60  # seconds, at most, for what should take one or two
LONGEST = 300  # seconds for a whole test; each takes a few, a busy machine some more


class Cluster(contextlib.ExitStack):
    """A scheduler, a worker for each of `options`, and a client of theirs.

    Scheduler and workers are processes. A worker has one thread if its option says nothing else.
    """

    def __init__(self, folder, *options):
        super().__init__()
        self.folder = folder
        self.file = folder / "scheduler.json"
        self.scheduler = self.start("dask_scheduler", "--host", "127.0.0.1", "--port", "0", "--no-show")
        while not (self.file.exists() and self.file.stat().st_size):  # not while it is written
            time.sleep(0.02)
        self.workers = [self.start_worker(option) for option in options]
        self.client = self.enter_context(
            distributed.Client(scheduler_file=str(self.file), timeout=WAIT, set_as_default=False)
        )
        self.client._timeout = 3  # so long it looks for a scheduler that is gone; no setting says so
        self.client.wait_for_workers(len(options), timeout=WAIT)
        self.executor = self.client.get_executor(pure=False)

    def start(self, program, *options):
        """Start one of Dask's programs; it is gone when the cluster is closed."""
        # One BLAS thread a worker is mnistlib's business, so the environment does not ask for it
        environment = {name: value for name, value in os.environ.items() if name not in THREAD_VARIABLES}
        environment["PYTHONPATH"] = str(Path(__file__).parent)  # for the functions of this file
        command = [sys.executable, "-m", f"distributed.cli.{program}", "--scheduler-file", str(self.file)]
        with open(self.folder / f"{program}.log", "a") as log:
            process = subprocess.Popen(
                [*command, "--no-dashboard", "--protocol", "tcp", *options],
                cwd=self.folder, env=environment, stdout=log, stderr=log, start_new_session=True,
            )  # fmt: skip
        self.callback(self.kill, process)
        return process

    def start_worker(self, option="--no-nanny"):
        """Start a worker, with no nanny to start it again: when killed, it stays away."""
        return self.start("dask_worker", "--nthreads=1", f"--local-directory={self.folder}", option)

    @staticmethod
    def kill(process):
        """End a process at once, with what it has started."""
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


@pytest.fixture(autouse=True)
def no_endless_wait():
    """A client that waits for ever fails its test, with a trace of where it stood, and stops no others."""

    def give_up(*_):
        raise TimeoutError(f"still waiting after {LONGEST} seconds")

    before = signal.signal(signal.SIGALRM, give_up)
    signal.alarm(LONGEST)
    yield
    signal.alarm(0)
    signal.signal(signal.SIGALRM, before)


@pytest.fixture
def cluster(tmp_path):
    with Cluster(tmp_path, "--no-nanny", "--no-nanny") as cluster:
        yield cluster


def seeded(seeds):
    return [{**run, "seed": seed} for seed in range(seeds) for run in RUNS]


def test_dask_gives_the_results_of_a_serial_sweep_and_each_worker_reads_the_digits_once(cluster, folder):
    runs = seeded(4)
    dask = quiet_sweep(runs, data=folder, executor=cluster.executor)
    assert errors(dask) == [None] * len(runs)
    assert dask == quiet_sweep(runs, data=folder)
    assert list(cluster.client.run(times_read).values()) == [1, 1]


def test_two_threads_of_one_worker_give_them_too(tmp_path, folder):
    with Cluster(tmp_path, "--nthreads=2") as cluster:
        dask = quiet_sweep(RUNS, data=folder, executor=cluster.executor)
    assert dask == quiet_sweep(RUNS, data=folder)


def times_read():
    """How often the process that calls this has read the digits from their files."""
    from mnistlib.sweep import _load

    return _load.cache_info().misses


def test_a_worker_that_dies_costs_no_result(cluster, folder, tmp_path, monkeypatch):
    """Its run goes to the other worker, and what was done stays done."""
    runs, seen = [{**RUNS[0], "seed": seed} for seed in (10, 11, 12, 14)], []
    expected = quiet_sweep(runs, data=folder)
    monkeypatch.setattr(sweep_module, "train_one", functools.partial(deadly, tmp_path))
    assert quiet_sweep(runs, data=folder, executor=cluster.executor, on_result=seen.append) == expected
    assert [worker.poll() for worker in cluster.workers].count(None) == 1
    assert len(seen) == len(runs)  # each once: what was there is not trained again


def test_when_all_workers_are_killed_a_new_one_goes_on(cluster, folder):
    def replace_all(_):
        if cluster.workers:
            while cluster.workers:
                cluster.kill(cluster.workers.pop())
            cluster.start_worker()

    results = quiet_sweep(seeded(2), data=folder, executor=cluster.executor, on_result=replace_all)
    assert results == quiet_sweep(seeded(2), data=folder)


def test_a_run_that_kills_its_workers_is_reported_and_the_others_kept(tmp_path, folder, monkeypatch):
    """Nannies start these workers again; Dask is told to give up what one of them died of."""
    monkeypatch.setenv("DASK_DISTRIBUTED__SCHEDULER__ALLOWED_FAILURES", "0")
    monkeypatch.setattr(sweep_module, "train_one", functools.partial(deadly, tmp_path))
    runs = [{"sizes": (784, 8, 10), "learning_rate": 0.1, "seed": seed} for seed in (11, 13, 14, 15)]
    with Cluster(tmp_path, "--nanny", "--nanny") as cluster:
        results = quiet_sweep(runs, data=folder, executor=cluster.executor)
    assert [result.parameters["seed"] for result in results] == [11, 13, 14, 15]
    assert [bool(error) for error in errors(results)] == [False, True, False, False], results
    assert results[1].error.startswith("KilledWorker: ")


def stuck_with_seed_13(parameters, source, fingerprint):
    """Like train_one, but one run does not come to its end."""
    if parameters["seed"] == 13:
        time.sleep(LONGEST)
    return train_one(parameters, source, fingerprint)


def test_when_the_scheduler_is_killed_what_came_is_kept(cluster, folder, tmp_path, monkeypatch):
    """The rest is reported with its parameters; the same line resumes, with another cluster or with none."""
    runs = [{**RUNS[0], "seed": seed} for seed in (11, 12, 13, 14)]
    options = {"data": folder, "save": tmp_path / "sweep.jsonl"}
    with monkeypatch.context() as patch:
        patch.setattr(sweep_module, "train_one", stuck_with_seed_13)
        results = quiet_sweep(
            runs, executor=cluster.executor, on_result=lambda _: cluster.kill(cluster.scheduler), **options
        )
    assert [result.parameters["seed"] for result in results] == [11, 12, 13, 14]
    assert errors(results).count(None) > 0
    assert results[2].error
    trained = []
    again = quiet_sweep(runs, on_result=trained.append, **options)
    assert len(trained) == len(runs) - errors(results).count(None)
    assert again == quiet_sweep(runs, data=folder)


def test_notebook_06_shows_the_same_on_processes_and_on_dask(run_cells, monkeypatch):
    """Its appendix shares a sweep out among two processes, and shows the lines that do it with Dask."""
    monkeypatch.setenv("MNIST_DATA_DIR", str(ROOT / "data" / "sample"))
    cells = json.loads(next(ROOT.glob("notebooks/06-*.ipynb")).read_text(encoding="utf-8"))["cells"]
    sources = {kind: ["".join(cell["source"]) for cell in cells if cell["cell_type"] == kind]
               for kind in ("code", "markdown")}  # fmt: skip
    words = ("digits = load_data()", "runs = combinations(", "results = sweep(", "with WorkerProcesses(2)")
    needed = [next(source for source in sources["code"] if word in source) for word in words]
    prose = next(source for source in sources["markdown"] if "dask.distributed" in source)
    on_dask = re.search(r"```python\n(.*?)```", prose, re.DOTALL)[1]
    *_, processes, dask = run_cells(*needed, f'{on_dask}\nprint("equal:", shared == before)')
    assert processes[-1].text == dask[-1].text == "equal: True\n"
