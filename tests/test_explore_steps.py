"""One image stepped through a small network: every number that is shown, against notebook 04's formulas."""

import numpy as np
import pytest

from mnistlib.explore import Steps
from mnistlib.explore.steps import STEPS, shrink

LABEL = 3


def sigmoid(z):
    return 1 / (1 + np.exp(-z))


@pytest.fixture
def layers():
    rng = np.random.default_rng(5)
    return [
        (rng.normal(0, 1 / 7, (49, 6)), rng.normal(0, 0.1, 6)),
        (rng.normal(0, 0.4, (6, 10)), rng.normal(0, 0.1, 10)),
    ]


@pytest.fixture
def x():
    return np.random.default_rng(6).random(49)


@pytest.fixture
def steps(layers, x):
    return Steps(layers, x, LABEL)


def test_forward(steps, layers, x):
    (W1, b1), (W2, b2) = layers
    np.testing.assert_allclose(steps.hidden, sigmoid(x @ W1 + b1))
    np.testing.assert_allclose(steps.outputs, sigmoid(steps.hidden @ W2 + b2))
    assert steps.cost == pytest.approx(0.5 * np.sum((steps.outputs - np.eye(10)[LABEL]) ** 2))


def test_tables_show_the_numbers_of_their_steps(steps, layers, x):
    (W1, b1), (W2, b2) = layers
    h, a, y = steps.hidden, steps.outputs, np.eye(10)[LABEL]
    delta = (a - y) * a * (1 - a)
    hidden_delta = (W2 @ delta) * h * (1 - h)
    expected = {
        2: [range(1, 7), x @ W1 + b1, h],
        3: [range(10), h @ W2 + b2, a],
        4: [range(10), a, y, (a - y) ** 2 / 2],
        5: [range(10), a - y, a * (1 - a), delta],
        6: [range(1, 7), h, np.outer(h, delta)[:, LABEL]],
        7: [range(1, 7), W2 @ delta, h * (1 - h), hidden_delta],
        8: [range(1, 7), hidden_delta, np.outer(x, hidden_delta)[x.argmax()]],
    }
    for steps.step, columns in expected.items():
        for shown, right in zip(steps.table.values(), columns, strict=True):
            np.testing.assert_allclose(list(shown), list(right))
    steps.step = 1
    shown = [column for name, column in steps.table.items() if name != "row"]
    np.testing.assert_allclose(np.transpose(shown), x.reshape(7, 7))


def test_each_step_has_its_picture_and_formulas_with_shapes(steps):
    steps.step = 2
    assert steps.says.startswith(
        "2 of 8 · Hidden neurons\na₁ = σ(x W₁ + b₁)  (49,) · (49, 6) + (6,) → (6,)\n"
    )
    steps.step = 3
    assert f"the answer: {steps.outputs.argmax()}." in steps.says
    steps.step = 4
    assert f"{steps.cost:.4f}" in steps.says
    seen = set()
    for steps.step, step in enumerate(STEPS, start=1):
        assert "{" not in steps.says
        assert steps.says.startswith(f"{steps.step} of 8 · {step.name}\n")
        assert step.name in steps._picture.alt
        seen.add(steps._picture._png)
    assert len(seen) == 8


def test_back_and_next_stop_at_the_ends(steps):
    back, forward, _ = steps.children[0].children
    assert (back.disabled, forward.disabled) == (True, False)
    forward.click()
    assert (steps.step, back.disabled) == (2, False)
    back.click()
    back.click()
    assert steps.step == 1
    steps.move(100)
    assert steps.step == 8
    assert (back.disabled, forward.disabled) == (False, True)


def test_the_learners_arrays_are_left_alone(layers, x):
    before = [array.copy() for pair in layers for array in pair]
    steps = Steps(layers, x, LABEL)
    first = steps.gradients[0][0].copy()
    layers[0][0][...] = 0
    x[...] = 0
    np.testing.assert_array_equal(steps.layers[0][0], before[0])
    np.testing.assert_array_equal(steps.gradients[0][0], first)
    assert steps.x.any()


def test_a_white_image_and_silent_gradients_can_be_drawn(layers):
    (W1, b1), (W2, b2) = layers
    steps = Steps([(W1, b1), (np.zeros_like(W2), b2)], np.zeros((7, 7)), 0)
    for steps.step in range(1, 9):
        assert steps.says
    assert not steps.gradients[0][0].any()


def test_shrink_takes_means():
    image = np.arange(784, dtype=np.uint8).reshape(28, 28)
    small = shrink(image)
    assert small.shape == (7, 7)
    assert small[2, 5] == pytest.approx(image[8:12, 20:24].mean() / 255)
    assert shrink(image, 14)[0, 0] == pytest.approx(image[:2, :2].mean() / 255)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda layers, x: (layers[:1], x, LABEL), "two pairs"),
        (lambda layers, x: ([*layers, layers[1]], x, LABEL), "two pairs"),
        (lambda layers, x: (7, x, LABEL), "two pairs"),
        (lambda layers, x: ([(layers[0][0].T, layers[0][1]), layers[1]], x, LABEL), "shapes"),
        (lambda layers, x: ([layers[0], (layers[1][0][:, :9], layers[1][1][:9])], x, LABEL), "shapes"),
        (lambda layers, x: ([(layers[0][0][:48], layers[0][1]), layers[1]], x, LABEL), "48 inputs"),
        (lambda layers, x: ([(np.eye(49, 13), np.ones(13)), (np.eye(13, 10), np.ones(10))], x, 1), "1 to 12"),
        (lambda layers, x: (layers, np.zeros(784), LABEL), "784 numbers"),
        (lambda layers, x: (layers, np.full(49, 255), LABEL), "divide"),
        (lambda layers, x: (layers, np.full(49, np.nan), LABEL), "0 to 1"),
        *[(lambda layers, x, no=no: (layers, x, no), f"label is {no!r}") for no in (10, -1, 2.5, "3")],
    ],
)
def test_what_does_not_fit_is_refused(layers, x, change, words):
    with pytest.raises(ValueError, match=words):
        Steps(*change(layers, x))


@pytest.mark.parametrize(
    ("shape", "side", "words"),
    [((28, 28), 5, "equal parts"), ((28, 28), 0, "equal parts"), ((784,), 7, r"\(784,\)")],
)
def test_shrink_refuses_what_it_cannot_cut(shape, side, words):
    with pytest.raises(ValueError, match=words):
        shrink(np.zeros(shape), side)
