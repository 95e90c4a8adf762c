"""The exercises: right answers in many styles, and the wrong ones that learners give, lesson by lesson.

Each file answers….py beside this one holds them: RIGHT, {check: [function, …]}, and WRONG, {check:
[(function, some words of the verdict), …]}.
"""

import importlib
from pathlib import Path

import pytest

LESSONS = [importlib.import_module(path.stem) for path in sorted(Path(__file__).parent.glob("answers*.py"))]
RIGHT = [
    (name, function)
    for lesson in LESSONS
    for name, functions in lesson.RIGHT.items()
    for function in functions
]
WRONG = [(name, *case) for lesson in LESSONS for name, cases in lesson.WRONG.items() for case in cases]


@pytest.mark.parametrize(("name", "function"), RIGHT)
def test_right_in_another_style(name, function, verdict):
    assert verdict(name, function) == "right!"


@pytest.mark.parametrize(("name", "function", "words"), WRONG)
def test_mistake_is_named(name, function, words, verdict):
    assert words in verdict(name, function)
