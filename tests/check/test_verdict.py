"""Whatever a learner hands in, each check answers in words."""

import inspect
import io
import sys

import numpy as np
import pytest
from learners import CHECKS, EXERCISES, run, solution

from mnistlib import check

STUBS = [exercise for exercise in EXERCISES if "def " in exercise.stub]  # not the bug hunt, which has code


@pytest.mark.parametrize("name", CHECKS)
def test_folded_solution_is_right(name, verdict):
    assert verdict(name, solution(name)) == "right!"


@pytest.mark.parametrize("exercise", STUBS, ids=lambda e: f"{e.notebook[:2]}-{e.check}")
def test_cell_left_alone_is_told_so_and_runs(exercise, capsys):
    run(exercise.stub, f"<stub of {exercise.check}>")
    said = capsys.readouterr().out
    assert said == f"{exercise.function}: not solved yet; write your code in place of the ...\n"


def test_every_check_is_used():
    assert CHECKS.keys() == {exercise.check for exercise in EXERCISES}


def divide(*arguments):
    return 1 / 0


ANYWHERE = {
    "not solved": (lambda *arguments: ..., "not solved yet"),
    "parameters": (lambda: 0, "your function stopped with TypeError"),
    "error": (divide, "ZeroDivisionError: division by zero  - in its line return 1 / 0  - it was given "),
    "exit": (lambda *arguments: sys.exit(), "your function ended the program"),
}


@pytest.mark.parametrize(("function", "words"), ANYWHERE.values(), ids=ANYWHERE)
@pytest.mark.parametrize("name", CHECKS)
def test_function_without_a_result_is_told_so_in_any_exercise(name, function, words, verdict):
    assert words in verdict(name, function)


@pytest.mark.parametrize("name", CHECKS)
def test_forgotten_return_is_told(name, verdict):
    solved = solution(name)

    def no_return(*arguments):
        solved(*arguments)

    assert verdict(name, no_return) == "it returned None; is there a return in front of your result?"


@pytest.mark.parametrize("name", CHECKS)
def test_result_in_place_of_the_function(name, capsys):
    CHECKS[name](np.zeros((28, 28)))
    assert capsys.readouterr().out.startswith(f"{name}: pass the function itself, without calling it")


def spoil(argument):
    """Change an array or a list as a careless function does; True if there was anything to change."""
    if isinstance(argument, np.ndarray):
        argument[...] = 7
        return True
    if isinstance(argument, list):
        return all([spoil(part) for part in argument])
    if isinstance(argument, tuple):
        return any([spoil(part) for part in argument])
    if isinstance(argument, dict):
        return bool([argument.update(dict.fromkeys(argument, 7))])
    return False


@pytest.mark.parametrize("name", CHECKS)
def test_changed_input_is_told(name, verdict):
    solved = solution(name)
    spoilt = []

    def careless(*arguments):
        answer = solved(*(np.copy(a) if isinstance(a, np.ndarray) else a for a in arguments))
        spoilt.extend([spoil(argument) for argument in arguments])
        return answer

    said = verdict(name, careless)
    if any(spoilt):
        assert "it changed the" in said
    else:  # numbers, bytes or tuples of numbers, which nobody can change
        assert said == "right!"


def test_stop_button_stops(capsys):
    def endless(pixels):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        check.to_unit(endless)


class Unreadable:
    """Something that even numpy cannot look at."""

    def __array__(self, dtype=None, copy=None):
        raise RuntimeError("two\nlines")


ODD = {
    "text": "seven",
    "bytes": b"\x08",
    "nan": np.nan,
    "infinity": np.inf,
    "huge": 10**400,
    "empty list": [],
    "empty tuple": (),
    "uneven": [1, [2, 3]],
    "dict": {"a": 1},
    "set": {1, 2},
    "object": object(),
    "function": len,
    "generator": (n for n in "ab"),
    "pair of uneven": ([1, [2]], [1, [2]]),
    "four None": (None,) * 4,
    "four numbers": (1, 2, 3, 4),
    "ten None": [None] * 10,
    "five axes": np.zeros((1, 2, 1, 2, 1)),
    "no elements": np.zeros((0, 10)),
    "text array": np.array(["a", "b"]),
    "objects": np.array([None, 1, "x"], object),
    "dates": np.array(["2024-01-01"], "datetime64[D]"),
    "record": np.zeros(3, [("a", int)]),
}


@pytest.mark.parametrize("name", CHECKS)
@pytest.mark.parametrize("answer", ODD.values(), ids=ODD)
def test_odd_answer_gets_a_verdict_in_words(name, answer, verdict):
    said = verdict(name, lambda *arguments: answer)
    assert said != "right!"
    assert "this check cannot read" not in said


# What an array or a number of the right answer is replaced by: something of the wrong kind
BENDS = {
    "None": lambda part: None,
    "text": lambda part: np.array(part).astype(str),
    "complex": lambda part: np.array(part) + 1j,
    "nan": lambda part: np.array(part) * np.nan,
    "objects": lambda part: np.full(np.shape(part), None),
    "axis more": lambda part: np.array(part)[..., None, None],
    "empty": lambda part: np.array(part).ravel()[:0],
    "nested": lambda part: [part, [part]],
}


def bent(answer, bend, place):
    """The answer bent at one place of it, also of a pair in a list."""
    if not isinstance(answer, tuple | list):
        return bend(answer)
    parts = list(answer)
    place %= len(parts)
    parts[place] = bent(parts[place], bend, place)
    return type(answer)(parts)


@pytest.mark.parametrize("bend", BENDS.values(), ids=BENDS)
@pytest.mark.parametrize("name", CHECKS)
def test_right_answer_with_one_part_bent(name, bend, verdict):
    solved = solution(name)
    for place in range(4):
        said = verdict(name, lambda *arguments, place=place: bent(solved(*arguments), bend, place))
        assert said != "right!"
        assert "this check cannot read" not in said


@pytest.mark.parametrize("name", CHECKS)
def test_nothing_makes_a_check_raise(name, verdict):
    assert verdict(name, lambda *arguments: Unreadable()) != "right!"
    assert verdict(name, lambda *arguments: (Unreadable(),) * 2) != "right!"


def test_every_check_says_what_the_function_is_given():
    for name, function in CHECKS.items():
        assert inspect.getdoc(function).startswith(f"{name}("), name


def test_answer_without_an_end_is_told(verdict):
    def endless(n, batch_size, rng):
        while True:
            yield np.arange(batch_size)

    assert "it yields without an end" in verdict("minibatches", endless)


def test_function_without_a_readable_name_gets_a_verdict(capsys):
    class Nameless:
        def __getattribute__(self, name):
            raise RuntimeError("no")

        def __call__(self, z):
            return np.maximum(z, 0)

    check.relu(Nameless())
    assert capsys.readouterr().out == "relu: right!\n"


def test_verdict_on_an_output_that_knows_ascii_alone(monkeypatch):
    page = io.TextIOWrapper(io.BytesIO(), encoding="ascii")
    monkeypatch.setattr(sys, "stdout", page)
    check.momentum_step(lambda w, v, g, rate, m: (w - 3 * g, m * v + rate * g))
    page.flush()
    assert b"expected w - v for w" in page.buffer.getvalue()


STUB_LIKE = {
    "dots left below": ("def f(z):\n    np.maximum(z, 0)\n    ...\n", "it returned None"),
    "on one line": ("def f(z): ...\n", "not solved yet"),
    "with a docstring": ('def f(z):\n    "Max."\n    ...\n', "not solved yet"),
}


@pytest.mark.parametrize("case", STUB_LIKE)
def test_stub_and_forgotten_return_are_told_apart(case, verdict):
    source, words = STUB_LIKE[case]
    assert words in verdict("relu", run(source, f"<{case}>")["f"])
