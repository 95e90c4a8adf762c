"""How a verdict is spoken: what every check of an exercise is made of.

A check is a function with `@exercise` above it. It gets the learner's function, calls it with cases of its
own, and raises Wrong with words for the learner when something is amiss:

    @exercise
    def double(function):
        "double(x float array, any shape) -> 2 x."
        answers = [expect_shape(function(x), x.shape) for x in arrays]
        if judge(answers, [(x,) for x in arrays], lambda x: (2 * x, [(x + 2, "you added 2: write 2 * x")])):
            raise Wrong("expected 2 * x")

Cases are drawn at random, with a seed, so that neither a constant nor a special case passes.
"""

import ast
import contextlib
import copy
import functools
import inspect
import itertools
import numbers
import sys
import textwrap
import traceback
from collections.abc import Callable, Iterable, Iterator, KeysView, Sequence, ValuesView
from decimal import Decimal
from operator import eq
from pathlib import Path
from typing import Any

import numpy as np

MOST_ITEMS = 10_000  # an answer that yields more than this will not end by itself

# What numpy and Python say: what the learner has probably done
HINTS_FILE = Path(__file__).with_name("hints.txt")
HINTS = dict(line.split(": ", 1) for line in HINTS_FILE.read_text(encoding="utf-8").splitlines())


class Wrong(Exception):
    """What a check has found, in words for the learner; several findings go on lines of their own."""


def exercise(test: Callable[[Callable], None]) -> Callable[[Callable], None]:
    """Turn test(function), which raises Wrong when something is amiss, into a check that prints a verdict."""

    @functools.wraps(test)
    def check(function):
        more = []
        try:
            test(_Guarded(function))
        except Wrong as wrong:
            verdict, *more = wrong.args
        except Exception as error:  # an answer so unusual that the test itself stumbled over it
            verdict = f"this check cannot read what came back ({type(error).__name__}: {_text(error)})"
        else:
            verdict = "right!"
        name = test.__name__
        with contextlib.suppress(Exception):  # a function's own name, if it has one that can be read
            name = str(function.__name__)
        line = " ".join(verdict.split())  # one line, also where a message of numpy has more
        _say(f"{name}: {line}")
        for finding in more:
            _say(f"  - {finding}")

    return check


def _text(error):
    """What an exception says, also where saying it goes wrong."""
    try:
        return str(error)
    except Exception:
        return "it has no message"


def _say(line):
    """Print a line, also where the output knows fewer characters than we do."""
    try:
        print(line)
    except UnicodeEncodeError:
        encoding = sys.stdout.encoding or "ascii"
        print(line.replace("−", "-").encode(encoding, "replace").decode(encoding))


class _Guarded:
    """The learner's function; not solved, or an error inside it, becomes a verdict instead of a traceback.

    A check may set `hints`, {words of an error: hint}, which come before HINTS.
    """

    def __init__(self, function):
        if not callable(function):
            raise Wrong("pass the function itself, without calling it: no brackets after its name")
        self.function = function
        self.hints = {}

    def __call__(self, *arguments):
        copies = copy.deepcopy(arguments)
        try:
            answer = _as_list(self.function(*copies))
        except Wrong:
            raise
        except SystemExit:
            raise Wrong("your function ended the program, with exit() or quit(): use return") from None
        except Exception as error:
            raise Wrong(*_explained(error, arguments, self.hints)) from error
        if answer is ... or (answer is None and _is_stub(self.function)):
            raise Wrong("not solved yet; write your code in place of the ...")
        if answer is None:
            raise Wrong("it returned None; is there a return in front of your result?")
        for before, after in zip(arguments, copies, strict=True):
            if not _same(before, after):
                kind = "array" if isinstance(before, np.ndarray) else type(before).__name__
                raise Wrong(f"it changed the {kind} it was given; work on a copy or make a new {kind}")
        return answer


def _as_list(answer):
    """What comes one by one (yield, map, a dict's values) as a list; Wrong, if it does not end."""
    if not isinstance(answer, Iterator | KeysView | ValuesView):
        return answer
    items = list(itertools.islice(answer, MOST_ITEMS + 1))
    if len(items) > MOST_ITEMS:
        raise Wrong(f"it yields without an end, {MOST_ITEMS:,} results and more: when does its loop stop?")
    return items


def _explained(error, arguments, own_hints):
    """Words about an exception in the learner's function: what, in which line, what went in, and a hint."""
    verdict = f"your function stopped with {type(error).__name__}: {_text(error)}"
    findings = []
    places = traceback.extract_tb(error.__traceback__)
    others = (__file__, np.__path__[0])
    own = [place for place in places if place.line and not place.filename.startswith(others)]
    if own:
        findings.append(f"in its line {own[-1].line}")
    described = [_described(argument) for argument in arguments]
    if described:
        findings.append(f"it was given {', '.join(described)}")
    hints = [*own_hints.items(), *HINTS.items()]
    findings += [f"hint: {hint}" for words, hint in hints if words in verdict][:1]
    return verdict, *findings


def _described(argument):
    """An argument in a few words: an array by its shape and dtype, bytes by how many and the first four."""
    if isinstance(argument, np.ndarray):
        return f"an array of shape {argument.shape}, {argument.dtype}"
    if isinstance(argument, list | tuple) and not all(isinstance(part, numbers.Number) for part in argument):
        return (
            f"a {type(argument).__name__} of {len(argument)} ({'; '.join(map(_described, argument[:2]))} …)"
        )
    if isinstance(argument, bytes):
        return f"{len(argument)} bytes that begin with {list(argument[:4])}"
    if callable(argument):
        return "a function"
    if isinstance(argument, np.random.Generator):
        return "a random generator"
    return textwrap.shorten(repr(argument), 60)


def _is_stub(function):
    """True while the body has nothing but `...` (and a docstring)."""
    try:
        (definition,) = ast.parse(textwrap.dedent(inspect.getsource(function))).body
    except (OSError, TypeError, SyntaxError, ValueError):
        return False
    body = getattr(definition, "body", None)
    return isinstance(body, list) and all(
        isinstance(step, ast.Expr) and isinstance(step.value, ast.Constant) for step in body
    )


def _same(before, after):
    """False if an array, or a list or dict with whatever is in it, is no longer what it was."""
    if isinstance(before, np.ndarray):
        return np.array_equal(before, after)
    if isinstance(before, list | tuple):
        return len(before) == len(after) and all(map(_same, before, after))
    return before == after if isinstance(before, dict) else True


# ---- for the checks: naming a mistake ---------------------------------------------------------------------


def agrees(answer: Any, expected: Any) -> bool:
    """True if two results have one shape and agree to rounding; of a tuple, each of its parts."""
    if isinstance(expected, tuple):
        return len(answer) == len(expected) and all(map(agrees, answer, expected))
    return np.shape(answer) == np.shape(expected) and np.allclose(
        np.asarray(answer, float), expected, rtol=1e-4, atol=1e-7
    )


def judge(answers: list, cases: list, results: Callable, same: Callable = agrees) -> list[tuple]:
    """The cases that were answered wrongly, [(case, answer, right), …]: none of them if all is right.

    Wrong with the words of a mistake, if it explains the answers to all cases. `cases` are tuples, and
    results(*case) -> right, [(what a mistake gives, words), …]: the same mistakes for each case, of which the
    first that fits is named.
    """
    rights, mistakes = zip(*(results(*case) for case in cases), strict=True)
    triples = zip(cases, answers, rights, strict=True)
    wrong = [(case, answer, right) for case, answer, right in triples if not same(answer, right)]
    for of_all_cases in zip(*mistakes, strict=True) if wrong else ():
        given, words = zip(*of_all_cases, strict=True)
        if all(map(same, answers, given)):
            raise Wrong(words[0])
    return wrong


def expect(answer: Any, right: Any, mistakes: Iterable, otherwise: str, same: Callable = agrees) -> None:
    """Wrong, unless the answer is right: in words of a mistake, (what it gives, words), or `otherwise`."""
    if not same(answer, right):
        raise Wrong(next((words for given, words in mistakes if same(answer, given)), otherwise))


# ---- for the checks: reading an answer --------------------------------------------------------------------


def array_of(answer: Any, name: str = "the result") -> np.ndarray:
    """The answer as an array; Wrong, unless it holds numbers, real and finite ones."""
    if answer is None:
        raise Wrong(f"{name} is None where numbers were expected")
    try:
        array = np.asarray(answer)
        if array.dtype.kind == "O" and all(isinstance(item, np.ndarray) for item in array.flat):
            array = np.array(array.tolist())  # what np.frompyfunc makes of a function that returns rows
    except ValueError:
        raise Wrong(f"{name} is a list whose parts differ in shape, so it is no array of numbers") from None
    if array.dtype.kind == "O" and all(isinstance(item, numbers.Real | Decimal) for item in array.flat):
        try:
            array = array.astype(float)
        except OverflowError:  # a whole number that no float can hold
            array = np.array(np.inf)
    if array.dtype.kind not in "biuf":
        words = {"c": "complex numbers", "U": "text", "S": "bytes"}
        found = words.get(array.dtype.kind, f"something else (dtype {array.dtype})")
        raise Wrong(f"{name} holds {found} where numbers were expected")
    if not np.isfinite(array).all():
        raise Wrong(f"{name} holds nan or inf; look for a division by zero or a number that grew too large")
    return array


def number_of(answer: Any, hint: str = "") -> int | float:
    """The answer as a Python number; Wrong, unless it is a single one (in an array, too)."""
    array = array_of(answer)
    if array.size != 1 or array.ndim > 1:
        raise Wrong(f"shape {array.shape} where a single number was expected{hint}")
    return array.item()


def parts_of(answer: Any, names: Sequence[str], words: str) -> tuple[np.ndarray, ...]:
    """The parts of an answer, a list or tuple, as arrays; Wrong(words), unless there are as many as names."""
    if not isinstance(answer, tuple | list) or len(answer) != len(names):
        raise Wrong(words)
    return tuple(map(array_of, answer, names))


def expect_shape(answer: Any, expected: tuple, hint: str = "", mistakes: Iterable = ()) -> np.ndarray:
    """The answer as an array; Wrong, unless its shape is expected: in a mistake's words, or with a hint."""
    array = array_of(answer)
    found = array.shape
    expect(found, expected, mistakes, f"shape {found} where {expected} was expected{hint}", eq)
    return array
