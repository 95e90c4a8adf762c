"""Spoilers: the checks of the exercises of notebook 11, where gradients come from."""

import math

import numpy as np

from mnistlib.check.verdict import Wrong, agrees, exercise, expect, number_of


class Value:
    """A number that remembers, as in the notebook: the checks hand such numbers to the learner's function."""

    made = 0

    def __init__(self, data, parents=(), name=""):
        self.data, self.parents, self.name, self.grad = float(data), list(parents), name, 0.0
        Value.made += 1
        self.number = -(10**9) + Value.made  # older than any value of the notebook's

    def __deepcopy__(self, memo):
        return self  # what the learner gets must be what we look for among the result's ancestors

    def __add__(self, other):
        other = _as_value(other)
        return Value(self.data + other.data, [(self, 1.0), (other, 1.0)], "+")

    def __mul__(self, other):
        other = _as_value(other)
        return Value(self.data * other.data, [(self, other.data), (other, self.data)], "×")

    __radd__, __rmul__ = __add__, __mul__

    def _unknown(self, *other):
        raise Wrong("a Value knows only + and *: minus is + -1 *, and to divide take the numbers, x.data")

    __neg__ = __sub__ = __rsub__ = __truediv__ = __rtruediv__ = _unknown


def _as_value(x):
    return x if hasattr(x, "parents") else Value(x)


def _slopes(value):
    """{id: slope} of a value with respect to itself and all that it remembers; Wrong if there is none."""
    for name in ("parents", "data"):  # in this order: some of numpy's numbers have data that cannot be read
        if not hasattr(value, name):
            raise Wrong(f"it returned {type(value).__name__}, a plain number; return a Value")
    slopes = {id(value): 1.0}
    for parent, slope in _pairs(value):
        for ancestor, further in _slopes(parent).items():
            slopes[ancestor] = slopes.get(ancestor, 0.0) + number_of(slope) * further
    return slopes


def _pairs(value):
    """The parents of a value with their slopes; Wrong if they are no pairs."""
    try:
        pairs = [(parent, slope) for parent, slope in value.parents]
    except (TypeError, ValueError):
        raise Wrong("parents are pairs: a list such as [(x, slope)]") from None
    for parent, slope in pairs:
        if not hasattr(parent, "parents"):
            raise Wrong("a parent is a Value, and stands first in its pair: (x, slope)")
        if hasattr(slope, "parents"):
            raise Wrong("the slope in a pair is a number: x.data instead of x")
    return pairs


@exercise
def relu_value(function):
    """relu_value(x) of a Value: the larger of its number and 0, with parent and slope."""
    for number in (1.5, -2.0, 3.25, -0.5, 0.0):
        x = Value(number)
        result = function(x)
        slope = _slopes(result).get(id(x))
        data, right, on = number_of(result.data), max(number, 0.0), float(number > 0)
        mistakes = [
            (min(number, 0.0), "the smaller of the two; the larger one is wanted"),
            (abs(number), "a negative number becomes 0, not positive"),
        ]
        expect(data, right, mistakes, f"for {number:g} expected {right:g}, not {data:g}")
        if slope is None:
            raise Wrong(f"for {number:g} it gave {right:g} without a parent: the pair (x, slope) is missing")
        if number:
            mistakes = [
                (1.0, "the slope is 1 for negative numbers, too: there it is 0"),
                (right, "the slope of ReLU is 1 where x is positive, not x"),
                (0.0, "the slope is 0 where x is positive: there it is 1"),
            ]
            expect(slope, on, mistakes, f"for {number:g} expected the slope {on:g}, not {slope:g}")
        elif not 0 <= slope <= 1:  # at 0 itself, any slope from 0 to 1 will do
            raise Wrong(f"at 0 the slope is {slope:g}; anything from 0 to 1 will do there")


@exercise
def divide_values(function):
    """divide_values(a, b) of two Values: the quotient, with both slopes; also for negative numbers."""
    for p, q in ((3.0, 2.0), (-1.5, 0.5), (2.0, -4.0), (0.0, 3.0)):
        a, b = Value(p), Value(q)
        result = function(a, b)
        slopes = _slopes(result)
        by_a, by_b, data = slopes.get(id(a)), slopes.get(id(b)), number_of(result.data)
        mistakes = [
            (p and q / p, "that is b / a"),
            (p * q, "that is the product"),
            (p // q, "// cuts the fraction off; divide with /"),
        ]
        expect(data, p / q, mistakes, f"{p:g} / {q:g} should be {p / q:g}, not {data:g}")
        if by_a is None and by_b is None:
            raise Wrong("the number is right; the parents are missing")
        if by_a is None or by_b is None:
            raise Wrong(f"the number is right; {'a' if by_a is None else 'b'} is missing among its parents")
        right_a, right_b = 1 / q, -p / q**2
        if agrees([by_a, by_b], [right_b, right_a]) and not agrees(right_a, right_b):
            raise Wrong("the two slopes are swapped")
        mistakes = [
            (q, "with respect to a the slope is 1 / b, not b"),
            (1.0, "with respect to a the slope is 1 / b, not 1"),
        ]
        expect(
            by_a, right_a, mistakes, f"for {p:g} / {q:g} expected the slope {right_a:g} for a, not {by_a:g}"
        )
        mistakes = [
            (-right_b, "the slope for b has the wrong sign: a larger b makes the quotient smaller"),
            (-p / q, "the slope for b is divided by b once; twice is right: −a / b²"),
            (-1 / q**2, "the slope for b lacks the factor a: −a / b²"),
            (1 / q, "the slope for b is −a / b², not 1 / b"),
        ]
        expect(
            by_b, right_b, mistakes, f"for {p:g} / {q:g} expected the slope {right_b:g} for b, not {by_b:g}"
        )


@exercise
def cost_of_values(function):
    """cost_of_values(scores, label) of a list of Values: the cross-entropy, with its slopes."""
    rng = np.random.default_rng(13)
    for count, label in ((3, 1), (10, 7), (2, 0)):
        z = rng.normal(0, 1.5, count)
        z[label] = abs(z[label]) + 0.1  # so that leaving it out shows
        scores = [Value(number) for number in z]
        result = function(scores, label)
        slopes = _slopes(result)
        data = number_of(result.data)
        e, own = np.exp(z), z[label]
        p, log_sum = e / e.sum(), math.log(e.sum())
        mistakes = [
            (own - log_sum, "the wrong sign: the cost is −log p, which is never negative"),
            (p[label], "that is the probability of the right one; the cost is minus its logarithm"),
            (log_sum, "the score of the right one is not subtracted yet"),
            (log_sum + own, "the score of the right one is added; subtract it"),
            (-own, "log Σ exp(z) is missing"),
            (e.sum() - own, "the logarithm is missing"),
            (z.sum() - own, "exp and log are missing, or cancel: the logarithm of the sum of exp(z)"),
            (log_sum - z.max(), "the score to subtract is that of the label, not the largest"),
            (math.log(e.sum() - e[label]) - own, "the sum goes over all scores, the label's, too"),
            (1 - p[label], "minus the logarithm of p, not 1 − p"),
        ]
        cost = log_sum - own
        expect(data, cost, mistakes, f"expected the cost {cost:.4f}, not {data:.4f}: log Σ exp(z) − z[label]")
        found = [slopes.get(id(score)) for score in scores]
        if None in found:
            raise Wrong("the cost is right, but it does not remember all scores: keep to exp, log, + and *")
        if not agrees(found, p - np.eye(count)[label]):
            raise Wrong("the cost is right, but its slopes are not p − y: is a step's slope missing?")
