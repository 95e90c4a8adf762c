"""mnistlib where Python itself runs in a web page (JupyterLite): no threads, no processes, no other hosts.

Here with those three taken away; tests/browser/test_lite.py runs the notebooks in a real one.
"""

import concurrent.futures
import socket
import subprocess
import sys
import threading

import pytest

from mnistlib import datasets, load_data
from mnistlib.datasets import DataError
from mnistlib.explore.base import BackgroundExploration
from mnistlib.sweep import WorkerProcesses, combinations, sweep


@pytest.fixture(autouse=True)
def in_a_browser(monkeypatch, tmp_path):
    def none_here(*args, **kwargs):
        raise RuntimeError("can't start new thread")

    monkeypatch.setattr(sys, "platform", "emscripten")
    monkeypatch.setattr("mnistlib.explore.base.THREADS", False)
    monkeypatch.setattr(threading.Thread, "start", none_here)
    monkeypatch.setattr(socket, "socket", none_here)
    monkeypatch.setattr(concurrent.futures, "ProcessPoolExecutor", none_here)
    monkeypatch.delenv("MNIST_DATA_DIR", raising=False)
    monkeypatch.setattr(datasets, "_own_folder", lambda: (tmp_path / "mnist", "data/mnist"))


def test_the_sample_is_there_at_once(capsys):
    assert load_data().name == "sample"
    assert "in a browser" in capsys.readouterr().out


def test_mnist_is_not_to_be_had():
    with pytest.raises(DataError, match="browser"):
        load_data("mnist")


def test_a_sweep_with_processes_runs_one_after_the_other():
    runs = combinations(sizes=[(784, 4, 10)], learning_rate=[0.1, 0.2], epochs=[1])
    plain = sweep(runs, data="sample", progress=False)
    with WorkerProcesses(2) as executor:
        assert sweep(runs, data="sample", executor=executor, progress=False) == plain
    assert not any(result.error for result in plain)


def test_the_package_is_imported_without_the_modules_that_a_browser_lacks():
    program = """if True:
        import sys
        sys.modules |= dict.fromkeys(["_multiprocessing", "_posixshmem"])
        import mnistlib, mnistlib.check, mnistlib.explore, mnistlib.pad, mnistlib.sweep
    """
    subprocess.run([sys.executable, "-c", program], check=True)


def test_an_exploration_works_in_the_cell():
    class Work(BackgroundExploration):
        def work(self, stopping):
            return "All done."

    work = Work()
    for _ in range(2):
        work.start()
        work.wait()
        assert work.status.text == "All done."
        assert not work.running
