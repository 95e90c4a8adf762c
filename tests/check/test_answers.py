"""The exercises: right answers in many styles, and the wrong ones that learners give, lesson by lesson.

Each file answers….py beside this one holds them: RIGHT, {check: [function, …]}, and WRONG, {check:
[(function, some words of the verdict), …]}. A check sees only what comes back. So RIGHT has no second way to
the same numbers, but what no form below gives: other types, and what an exercise leaves open.
"""

import importlib
from pathlib import Path

import numpy as np
import pytest
from learners import CHECKS, solution

LESSONS = [importlib.import_module(path.stem) for path in sorted(Path(__file__).parent.glob("answers*.py"))]
RIGHT = [
    (name, function)
    for lesson in LESSONS
    for name, functions in lesson.RIGHT.items()
    for function in functions
]
WRONG = [(name, *case) for lesson in LESSONS for name, cases in lesson.WRONG.items() for case in cases]


def each(change):
    """A form of answers: each array or number in it changed, and tuples in place of lists."""

    def form(answer):
        return tuple(map(form, answer)) if isinstance(answer, tuple | list) else change(answer)

    return form


FORMS = {
    "lists": each(lambda part: np.asarray(part).tolist()),
    "floats": each(lambda part: np.float32(part) if np.ndim(part) else float(part)),
    "objects": each(lambda part: np.array(part, object)),
    "one by one": lambda answer: iter(answer) if np.iterable(answer) else answer,
}
OF_ONE_TYPE = {"to_unit", "read_header", "minibatches", "relu_value", "divide_values", "cost_of_values"}


@pytest.mark.parametrize("form", FORMS.values(), ids=FORMS)
@pytest.mark.parametrize("name", [name for name in CHECKS if name not in OF_ONE_TYPE])
def test_right_answer_in_another_form(name, form, verdict):
    solved = solution(name)
    assert verdict(name, lambda *arguments: form(solved(*arguments))) == "right!"


@pytest.mark.parametrize(("name", "function"), RIGHT)
def test_right_in_another_style(name, function, verdict):
    assert verdict(name, function) == "right!"


@pytest.mark.parametrize(("name", "function", "words"), WRONG)
def test_mistake_is_named(name, function, words, verdict):
    assert words in verdict(name, function)
