"""The exercises of notebook 11: right answers in many styles, and the wrong ones that learners give."""

import math

from mnistlib.check.lesson11 import Value


def exp(x):
    e = math.exp(x.data)
    return Value(e, [(x, e)])


def log(x):
    return Value(math.log(x.data), [(x, 1 / x.data)])


def node(data, *parents):
    return Value(data, parents)


def on(x):
    return 1.0 if x.data > 0 else 0.0


def total(scores):
    result = exp(scores[0])
    for score in scores[1:]:
        result = result + exp(score)
    return result


def others(scores, label):
    return scores[:label] + scores[label + 1 :]


def largest(scores):
    return max(scores, key=lambda z: z.data)


def quotient(a, b, by_a=None, by_b=None):
    by_a = 1 / b.data if by_a is None else by_a
    by_b = -a.data / b.data**2 if by_b is None else by_b
    return node(a.data / b.data, (a, by_a), (b, by_b))


def inverse(b):
    return node(1 / b.data, (b, -1 / b.data**2))


RIGHT = {
    "relu_value": [
        lambda x: x * (x.data > 0),
        lambda x: Value(max(0.0, x.data), ((x, on(x)),)),
        lambda x: Value(x.data if x.data >= 0 else 0, [(x, int(x.data >= 0))], "relu"),
    ],
    "divide_values": [
        lambda a, b: a * inverse(b),
        lambda a, b: Value(a.data / b.data, {a: 1 / b.data, b: -a.data * b.data**-2}.items(), "÷"),
        lambda a, b: node(a.data / b.data, (b, -(a.data / b.data) / b.data), (a, b.data**-1)),
    ],
    "cost_of_values": [
        lambda scores, label: log(total(scores)) + -1 * scores[label],
        lambda scores, label: -1 * log(exp(scores[label]) * inverse(total(scores))),
        lambda scores, label: log(1 + sum(exp(z + -1 * scores[label]) for z in others(scores, label))),
    ],
}  # fmt: skip

WRONG = {
    "relu_value": [
        (lambda x: max(x.data, 0), "a plain number; return a Value"),
        (lambda x: Value(max(x.data, 0)), "without a parent"),
        (lambda x: node(max(x.data, 0), (x, 1)), "for negative numbers, too"),
        (lambda x: node(max(x.data, 0), (x, max(x.data, 0))), "not x"),
        (lambda x: node(min(x.data, 0), (x, on(x))), "the smaller"),
        (lambda x: node(abs(x.data), (x, on(x))), "becomes 0"),
        (lambda x: node(max(x.data, 0), (x, 0)), "there it is 1"),
        (lambda x: Value(max(x.data, 0), [x]), "parents are pairs"),
        (lambda x: node(max(x.data, 0), (1.0, x)), "stands first"),
        (lambda x: node(max(x.data, 0), (x, x * on(x))), "the slope in a pair is a number"),
        (lambda x: node(max(x.data, 0), (x, -on(x))), "expected the slope 1"),
        (lambda x: node(max(x.data, 1), (x, on(x))), "expected 0"),
    ],
    "divide_values": [
        (lambda a, b: Value(a.data / b.data), "the parents are missing"),
        (lambda a, b: node(a.data / b.data, (a, 1 / b.data)), "b is missing"),
        (lambda a, b: node(a.data / b.data, (b, -a.data / b.data**2)), "a is missing"),
        (lambda a, b: node(a.data / b.data, (b, 1 / b.data), (a, -a.data / b.data**2)), "swapped"),
        (lambda a, b: quotient(a, b, by_a=b.data), "1 / b, not b"),
        (lambda a, b: quotient(a, b, by_a=1.0), "1 / b, not 1"),
        (lambda a, b: quotient(a, b, by_b=a.data / b.data**2), "the wrong sign"),
        (lambda a, b: quotient(a, b, by_b=-a.data / b.data), "divided by b once"),
        (lambda a, b: quotient(a, b, by_b=-1 / b.data**2), "lacks the factor a"),
        (lambda a, b: quotient(a, b, by_b=1 / b.data), "not 1 / b"),
        (lambda a, b: node(a.data * b.data, (a, b.data), (b, a.data)), "the product"),
        (lambda a, b: node(b.data / a.data, (a, 1), (b, 1)), "that is b / a"),
        (lambda a, b: a / b, "knows only + and *"),
        (lambda a, b: quotient(a, b, by_a=1 / b), "take the numbers, x.data"),
    ],
    "cost_of_values": [
        (lambda scores, label: scores[label] + -1 * log(total(scores)), "the wrong sign"),
        (lambda scores, label: exp(scores[label]) * inverse(total(scores)), "the probability"),
        (lambda scores, label: log(total(scores)), "not subtracted yet"),
        (lambda scores, label: log(total(scores)) - scores[label], "minus is + -1 *"),
        (lambda scores, label: log(total(scores)) + scores[label], "is added"),
        (lambda scores, label: -1 * scores[label], "is missing"),
        (lambda scores, label: total(scores) + -1 * scores[label], "the logarithm is missing"),
        (lambda scores, label: sum(scores) + -1 * scores[label], "exp and log are missing"),
        (lambda scores, label: log(total(scores)) + -1 * scores[label].data, "not p − y"),
        (lambda scores, label: Value((log(total(scores)) + -1 * scores[label]).data), "does not remember"),
        (lambda scores, label: 1 + -1 * exp(scores[label]) * inverse(total(scores)), "not 1 − p"),
        (lambda scores, label: log(total(others(scores, label))) + -1 * scores[label], "the label's, too"),
        (lambda scores, label: log(total(scores)) + -1 * largest(scores), "not the largest"),
    ],
}  # fmt: skip
