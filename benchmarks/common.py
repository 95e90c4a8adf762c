"""What the benchmarks share: contestants that take turns, and processes whose numpy is free to be fast."""

import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

from mnistlib.plumbing.threads import THREAD_VARIABLES

ROOT = Path(__file__).resolve().parents[1]
PENS = ROOT.parent / "shared" / "pen-digits" / "pendigits-orig.tra"  # if they are there
sys.path.append(str(ROOT / "scripts"))  # read_unipen, contact_sheet

# Settings that force OpenBLAS to a certain kernel can halve numpy's speed, and do nothing to PyTorch's
KERNEL_SETTINGS = ("OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE")


def in_fresh_process(*arguments: str, threads: int = 1) -> None:
    """Run this program again with these arguments: numpy reads its settings when it is imported."""
    environment = {name: value for name, value in os.environ.items() if name not in KERNEL_SETTINGS}
    environment |= dict.fromkeys(THREAD_VARIABLES, str(threads))
    subprocess.run([sys.executable, sys.argv[0], *arguments], env=environment, check=True)


def interleaved(contestants: dict[str, Callable], repeats: int, pause: float = 0.0) -> dict[str, float]:
    """Let the contestants take turns, so that a busy moment hits all alike; return name -> median seconds.

    A contestant is a function without arguments. If it returns a float, these are the seconds that count. All
    have one turn before, which is not counted. pause: seconds of rest before each turn.
    """
    seconds = {name: [] for name in contestants}
    for _ in range(repeats + 1):
        for name, contestant in contestants.items():
            time.sleep(pause)
            start = time.perf_counter()
            result = contestant()
            seconds[name].append(result if isinstance(result, float) else time.perf_counter() - start)
            del result  # given back before the next one is timed
    return {name: statistics.median(values[1:]) for name, values in seconds.items()}


def print_load() -> None:
    """How busy the machine is before we begin."""
    print(f"load average before: {os.getloadavg()[0]:.2f}", flush=True)
