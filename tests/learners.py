"""What the tests of the exercises share: the checks, and the notebooks' stubs and solutions as functions."""

import linecache
import math
import struct

import numpy as np
import pytest
from course import PAGES, exercises, with_helpers

from mnistlib import check

CHECKS = {name: getattr(check, name) for name in check.__all__}
EXERCISES = [exercise for path in PAGES for exercise in exercises(path)]


def run(source, name="<a cell>"):
    """The names that a cell defines. Its source can be looked up afterwards, as in Jupyter."""
    linecache.cache[name] = (len(source), None, source.splitlines(keepends=True), name)
    names = {"np": np, "math": math, "struct": struct, "check": check}
    names["sliding_window_view"] = np.lib.stride_tricks.sliding_window_view
    exec(compile(source, name, "exec"), names)
    return names


def solution(check_name):
    """The learner's function as the notebook's folded solution has it."""
    for exercise in EXERCISES:
        if exercise.check == check_name and exercise.solution:
            code = with_helpers(exercise.solution, exercise.helpers)
            return run(code, f"<solution of {check_name}>")[exercise.function]
    pytest.fail(f"no notebook has a folded solution for check.{check_name}")
