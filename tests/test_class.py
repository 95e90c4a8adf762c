"""A class: many kernels at once that read one folder of digits."""

import os
import shutil
import stat
import subprocess
import sys

import numpy as np
import pytest

from mnistlib.datasets import VARIABLE, load_data
from mnistlib.idx import write_idx

LEARNERS = 30

# What one kernel does. It waits for the go, so that all read at the same time.
LEARNER = """
import sys
from mnistlib import load_data
print("ready", flush=True)
sys.stdin.readline()
digits = load_data()
digits.train_images[0, 0, 0] ^= 1  # the arrays are the learner's own
print(int(digits.train_images.sum(dtype="u8")), int(digits.test_labels.sum(dtype="u8")))
"""


@pytest.fixture(scope="module")
def published(mnist_folder, tmp_path_factory):
    """A folder with the four files of MNIST, and the name of what is in them.

    Where the real MNIST is not here, the sample's digits take its place, repeated until they are as many.
    """
    if mnist_folder:
        return mnist_folder, "MNIST"
    folder = tmp_path_factory.mktemp("published")
    sample = load_data("sample")
    for part, images, labels, times in (
        ("train", sample.train_images, sample.train_labels, 6),
        ("t10k", sample.test_images, sample.test_labels, 5),
    ):
        write_idx(folder / f"{part}-images-idx3-ubyte", np.tile(images, (times, 1, 1)))
        write_idx(folder / f"{part}-labels-idx1-ubyte", np.tile(labels, times))
    return folder, "Digits other than MNIST"


def snapshot(folder):
    """Everything about a folder that a writer would change: names, sizes, times of the last change."""
    paths = [folder, *folder.iterdir()]
    return {str(path): (path.stat().st_size, path.stat().st_mtime_ns, path.stat().st_mode) for path in paths}


@pytest.mark.skipif(sys.platform == "win32", reason="needs POSIX permissions")
def test_thirty_kernels_read_one_folder_at_once_and_none_writes(published, tmp_path):
    folder, title = published
    shared = tmp_path / "shared"
    shutil.copytree(folder, shared)
    for path in shared.iterdir():
        path.chmod(stat.S_IRUSR | stat.S_IRGRP | stat.S_IROTH)
    shared.chmod(0o555)
    before = snapshot(shared)
    home, work = tmp_path / "home", tmp_path / "work"
    home.mkdir()
    work.mkdir()
    # One thread each: thirty kernels share the processors of this computer
    environment = {**os.environ, VARIABLE: str(shared), "HOME": str(home), "OPENBLAS_NUM_THREADS": "1"}
    learners = [
        subprocess.Popen(
            [sys.executable, "-c", LEARNER], cwd=work, env=environment, text=True,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        )
        for _ in range(LEARNERS)
    ]  # fmt: skip
    try:
        for learner in learners:
            assert learner.stdout.readline() == "ready\n"
        for learner in learners:
            learner.stdin.write("go\n")
            learner.stdin.flush()
        answers = [learner.communicate(timeout=120) for learner in learners]
    finally:
        for learner in learners:
            learner.kill()
            learner.communicate()
        shared.chmod(0o755)  # so that pytest can remove it
    assert [learner.returncode for learner in learners] == [0] * LEARNERS, answers
    assert {err for _, err in answers} == {""}
    said = {out for out, _ in answers}
    assert len(said) == 1, "not all have read the same"
    assert said.pop().startswith(f"{title}: 60,000 training and 10,000 test digits, from MNIST_DATA_DIR.\n")
    shared.chmod(0o555)
    assert snapshot(shared) == before
    shared.chmod(0o755)
    assert list(work.iterdir()) == []
    assert list(home.rglob("*ubyte*")) == []


@pytest.mark.skipif(sys.platform == "win32", reason="needs POSIX permissions")
def test_nothing_even_tries_to_write(published, tmp_path):
    """An administrator may write everywhere: so every way by which Python writes a file is closed."""
    program = """
import builtins, os
opened = builtins.open
def read_only(file, mode="r", *args, **kwargs):
    assert not set(mode) & set("wax+"), (file, mode)
    return opened(file, mode, *args, **kwargs)
def refuse(*args, **kwargs):
    raise AssertionError(args)
builtins.open = read_only
os.replace = os.rename = os.mkdir = os.makedirs = os.remove = os.unlink = os.utime = os.chmod = refuse
from mnistlib import load_data
load_data()
"""
    environment = {**os.environ, VARIABLE: str(published[0]), "PYTHONDONTWRITEBYTECODE": "1"}
    done = subprocess.run(
        [sys.executable, "-c", program], env=environment, cwd=tmp_path, capture_output=True, text=True,
        timeout=60, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
