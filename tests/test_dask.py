"""Sweeps on a real Dask cluster: a scheduler and two workers, processes of their own, on this computer.

They are started as on the computers of a real cluster, by `dask scheduler` and `dask worker`, and killed as
computers fail: without warning.
"""

import contextlib
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
from test_sweep import RUNS, deadly_seed_13, errors, held_back, quiet_sweep

from mnistlib import sweep as sweep_module
from mnistlib.plumbing.threads import THREAD_VARIABLES
from mnistlib.sweep import WorkerProcesses

distributed = pytest.importorskip("distributed", reason="Dask is not installed (pip install -e .[dask])")

pytestmark = pytest.mark.dask

WAIT = 60  # seconds, at most, for what should take one or two
LONGEST = 300  # seconds for a whole test; each takes a few, a busy machine some more
PATIENCE = 5  # seconds until the client gives up a scheduler that is gone


class Cluster:
    """A scheduler and workers, as processes, and a client of theirs."""

    def __init__(self, folder):
        self.folder = folder
        self.stack = contextlib.ExitStack()
        address = self.folder / "scheduler.json"
        quiet = ["--port", "0", "--no-dashboard", "--no-show", "--protocol", "tcp"]
        self.scheduler = self.start(
            "dask_scheduler", "--host", "127.0.0.1", *quiet, "--scheduler-file", str(address)
        )
        self.wait_until(lambda: address.exists() and address.stat().st_size)  # not while it is written
        self.client = self.stack.enter_context(
            distributed.Client(scheduler_file=str(address), timeout=PATIENCE, set_as_default=False)
        )
        self.executor = self.client.get_executor(pure=False)

    def start(self, program, *options):
        """Start one of Dask's programs; it is gone when the cluster is closed."""
        # One BLAS thread a worker is mnistlib's business, so the environment does not ask for it
        environment = {name: value for name, value in os.environ.items() if name not in THREAD_VARIABLES}
        environment["PYTHONPATH"] = str(Path(__file__).parent)  # for the functions of this file
        with open(self.folder / f"{program}.log", "a") as log:
            process = subprocess.Popen(
                [sys.executable, "-m", f"distributed.cli.{program}", *options],
                cwd=self.folder, env=environment, stdout=log, stderr=log, start_new_session=True,
            )  # fmt: skip
        self.stack.callback(self.kill, process)
        return process

    def start_worker(self, option="--no-nanny"):
        """Start a worker with one thread, and with no nanny to start it again: when killed, it stays away."""
        before = len(self.client.scheduler_info(n_workers=-1)["workers"])
        worker = self.start(
            "dask_worker", "--scheduler-file", str(self.folder / "scheduler.json"), "--nthreads", "1",
            "--no-dashboard", "--local-directory", str(self.folder), option,
        )  # fmt: skip
        self.client.wait_for_workers(before + 1, timeout=WAIT)
        return worker

    @staticmethod
    def kill(process):
        """End a process at once, with what it has started."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()

    @staticmethod
    def wait_until(true):
        deadline = time.monotonic() + WAIT
        while not true():
            assert time.monotonic() < deadline
            time.sleep(0.02)


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


@contextlib.contextmanager
def running(folder, *options):
    """A cluster with a worker for each of these options."""
    cluster = Cluster(folder)
    with cluster.stack:
        cluster.workers = [cluster.start_worker(option) for option in options]
        yield cluster


@pytest.fixture
def cluster(tmp_path):
    with running(tmp_path, "--no-nanny", "--no-nanny") as cluster:
        yield cluster


def seeded(seeds):
    return [{**run, "seed": seed} for seed in range(seeds) for run in RUNS]


def test_serial_processes_and_dask_give_identical_results(cluster, folder):
    serial = quiet_sweep(RUNS, data=folder)
    with WorkerProcesses(2) as executor:
        processes = quiet_sweep(RUNS, data=folder, executor=executor)
    dask = quiet_sweep(RUNS, data=folder, executor=cluster.executor)
    assert errors(serial) == [None] * len(RUNS)
    assert dask == processes == serial


def test_two_threads_of_one_worker_give_them_too(tmp_path, folder):
    with running(tmp_path, "--nthreads=2") as cluster:
        dask = quiet_sweep(RUNS, data=folder, executor=cluster.executor)
    assert dask == quiet_sweep(RUNS, data=folder)


def test_both_workers_train_and_each_reads_the_digits_once(cluster, folder):
    runs = seeded(4)
    quiet_sweep(runs, data=folder, executor=cluster.executor)
    assert list(cluster.client.run(times_read).values()) == [1, 1]


def times_read():
    """How often the process that calls this has read the digits from their files."""
    from mnistlib.sweep import _load

    return _load.cache_info().misses


@pytest.fixture
def kill(cluster, monkeypatch):
    """kill(process): end it while runs are under way, which go on now; most are held back for it."""
    monkeypatch.chdir(cluster.folder)  # where its workers are, too
    monkeypatch.setattr(sweep_module, "train_one", held_back)

    def kill(process):
        cluster.kill(process)
        Path("killed").touch()

    return kill


def test_a_killed_worker_costs_no_result(cluster, folder, kill):
    """Its run goes to the other worker, and what was done stays done."""
    runs = seeded(4)
    seen = []

    def kill_one(result):
        seen.append(result)
        if len(seen) == 2:
            kill(cluster.workers[0])

    results = quiet_sweep(runs, data=folder, executor=cluster.executor, on_result=kill_one)
    assert cluster.workers[0].returncode == -signal.SIGKILL
    assert results == quiet_sweep(runs, data=folder)
    assert len(seen) == len(runs)  # each once: the two that were there are not trained again
    cluster.wait_until(lambda: len(cluster.client.scheduler_info(n_workers=-1)["workers"]) == 1)


def test_when_all_workers_are_killed_a_new_one_goes_on(cluster, folder):
    runs = seeded(2)
    seen = []

    def replace_all(result):
        seen.append(result)
        if len(seen) == 2:
            for worker in cluster.workers:
                cluster.kill(worker)
            cluster.wait_until(lambda: not cluster.client.scheduler_info(n_workers=-1)["workers"])
            cluster.start_worker()

    results = quiet_sweep(runs, data=folder, executor=cluster.executor, on_result=replace_all)
    assert results == quiet_sweep(runs, data=folder)


def test_a_run_that_kills_its_workers_is_reported_and_the_others_kept(tmp_path, folder, monkeypatch):
    """Nannies start these workers again; Dask is told to give up what one of them died of."""
    monkeypatch.setenv("DASK_DISTRIBUTED__SCHEDULER__ALLOWED_FAILURES", "0")
    monkeypatch.setattr(sweep_module, "train_one", deadly_seed_13)
    runs = [{"sizes": (784, 8, 10), "learning_rate": 0.1, "seed": seed} for seed in (11, 12, 13, 14)]
    with running(tmp_path, "--nanny", "--nanny") as cluster:
        results = quiet_sweep(runs, data=folder, executor=cluster.executor)
    assert [result.parameters["seed"] for result in results] == [11, 12, 13, 14]
    assert [bool(error) for error in errors(results)] == [False, False, True, False], results
    assert results[2].error.startswith("KilledWorker: ")


def test_when_the_scheduler_is_killed_what_came_is_kept(cluster, folder, kill, tmp_path):
    """The rest is reported with its parameters; the same line resumes, with another cluster or with none."""
    runs = seeded(2)
    path = tmp_path / "sweep.jsonl"
    seen = []

    def kill_scheduler(result):
        seen.append(result)
        if len(seen) == 2:
            kill(cluster.scheduler)

    results = quiet_sweep(runs, data=folder, executor=cluster.executor, save=path, on_result=kill_scheduler)
    assert [result.parameters["seed"] for result in results] == [run["seed"] for run in runs]
    assert 2 <= errors(results).count(None) < len(runs)
    trained = []
    again = quiet_sweep(runs, data=folder, save=path, on_result=trained.append)
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
