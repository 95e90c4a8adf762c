"""Whatever a learner hands in, each check answers in words."""

import inspect
import io
import struct
import sys

import numpy as np
import pytest
from learners import BENDS, CHECKS, EXERCISES, run, solution

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


@pytest.mark.parametrize("name", CHECKS)
def test_error_in_the_function_becomes_a_verdict(name, verdict):
    def divide(*arguments):
        return 1 / 0

    said = verdict(name, divide)
    assert said.startswith("your function stopped with ZeroDivisionError: division by zero  - in its line")
    assert "return 1 / 0" in said
    assert "it was given" in said


@pytest.mark.parametrize("name", CHECKS)
def test_wrong_parameters_become_a_verdict(name, verdict):
    assert "your function stopped with TypeError" in verdict(name, lambda: 0)


@pytest.mark.parametrize("name", CHECKS)
def test_forgotten_return_is_told(name, verdict):
    solved = solution(name)

    def no_return(*arguments):
        solved(*arguments)

    assert verdict(name, no_return) == "it returned None; is there a return in front of your result?"


@pytest.mark.parametrize("name", CHECKS)
def test_returned_dots_are_not_solved_yet(name, verdict):
    assert "not solved yet" in verdict(name, lambda *arguments: ...)


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


@pytest.mark.parametrize("bend", BENDS.values(), ids=BENDS)
@pytest.mark.parametrize("name", CHECKS)
def test_right_answer_with_one_part_bent(name, bend, verdict):
    """The right answer, of which one array or number is replaced by something of the wrong kind."""
    solved = solution(name)
    parts = 4 if name == "split" else 3 if name == "minibatches" else 2
    for broken in range(parts):

        def almost(*arguments, broken=broken):
            answer = solved(*arguments)
            if not isinstance(answer, tuple | list):
                return bend(answer)
            kind = type(answer)
            return kind(bend(part) if k == broken else part for k, part in enumerate(answer))

        said = verdict(name, almost)
        assert said != "right!"
        assert "this check cannot read" not in said


@pytest.mark.parametrize("name", CHECKS)
def test_nothing_makes_a_check_raise(name, verdict):
    assert verdict(name, lambda *arguments: Unreadable()) != "right!"
    assert verdict(name, lambda *arguments: (Unreadable(),) * 2) != "right!"


def test_every_check_says_what_the_function_is_given():
    for name, function in CHECKS.items():
        assert inspect.getdoc(function).startswith(f"{name}("), name


# ---- what the commonest mistakes are told -----------------------------------------------------------------

HINTED = {
    "axis": (lambda outputs, labels: (outputs.argmax(axis=0) == labels).mean(), "accuracy", "from the right"),
    "orientation": (lambda x, layers: layers[0][0] @ x, "forward", "turned by .T"),
    "if on an array": (lambda z: z if z > 0 else 0, "relu", "np.where, np.maximum or a mask"),
    "three axes for all": (lambda data: struct.unpack(">III", data[4:]), "read_header", "four of them"),
    "index": (lambda labels: np.eye(9)[labels], "one_hot", "larger than the axis is long"),
}


@pytest.mark.parametrize("case", HINTED)
def test_common_exceptions_come_with_shapes_line_and_hint(case, verdict):
    function, name, words = HINTED[case]
    said = verdict(name, function)
    assert "your function stopped with" in said
    assert "  - in its line " in said
    assert "  - it was given " in said
    assert words in said[said.index("hint: ") :]


def test_answer_without_an_end_is_told(verdict):
    def endless(n, batch_size, rng):
        while True:
            yield np.arange(batch_size)

    assert "it yields without an end" in verdict("minibatches", endless)


def test_exit_in_an_answer_is_told(verdict):
    assert "your function ended the program" in verdict("relu", lambda z: sys.exit())


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
