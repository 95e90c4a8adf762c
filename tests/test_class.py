"""A class: many kernels at once that read one folder of digits."""

import os
import subprocess
import sys

import numpy as np
import pytest

from mnistlib.datasets import NAMES, VARIABLE, load_data
from mnistlib.idx import write_idx

LEARNERS = 30

# What one kernel does. It waits for the go, so that all read at the same time. An administrator may write
# everywhere: so what would be a write is refused before it comes to the system (see "Audit events" in
# Python's library reference).
LEARNER = """
import os, sys
WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT
def refuse_to_write(event, details):
    if event in ("os.mkdir", "os.rename", "os.remove", "os.chmod", "os.utime") or (
        event == "open" and details[2] & WRITING
    ):
        raise AssertionError((event, details))
sys.addaudithook(refuse_to_write)
from mnistlib import load_data
print("ready", flush=True)
sys.stdin.readline()
digits = load_data()
digits.train_images[0, 0, 0] ^= 1  # the arrays are the learner's own
print(int(digits.train_images.sum(dtype="u8")), int(digits.test_labels.sum(dtype="u8")))
"""


@pytest.fixture
def published(mnist_folder, tmp_path):
    """A folder with the four files of MNIST, and the name of what is in them.

    Where the real MNIST is not here, the sample's digits take its place, repeated until they are as many.
    """
    if mnist_folder:
        return mnist_folder, "MNIST"
    for name, array in zip(NAMES, load_data("sample")[:4], strict=True):
        times = (60_000 if name.startswith("train") else 10_000) // len(array)
        write_idx(tmp_path / name, np.concatenate([array] * times))
    return tmp_path, "Digits other than MNIST"


def test_thirty_kernels_read_one_folder_at_once_and_none_even_tries_to_write(published):
    folder, title = published
    # One thread each: thirty kernels share the processors of this computer
    environment = {**os.environ, VARIABLE: str(folder), "OPENBLAS_NUM_THREADS": "1"}
    learners = [
        subprocess.Popen(
            [sys.executable, "-B", "-c", LEARNER], env=environment, text=True,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        )
        for _ in range(LEARNERS)
    ]  # fmt: skip
    try:
        for learner in learners:
            assert learner.stdout.readline() == "ready\n", learner.stderr.read()
        for learner in learners:
            learner.stdin.write("go\n")
            learner.stdin.flush()
        answers = {learner.communicate() for learner in learners}
    finally:
        for learner in learners:
            learner.kill()
            learner.communicate()
    assert len(answers) == 1, f"not all have read the same: {answers}"
    ((out, err),) = answers
    assert err == ""
    assert out.startswith(f"{title}: 60,000 training and 10,000 test digits, from MNIST_DATA_DIR.\n")
