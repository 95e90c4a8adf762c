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


def test_tables_show_the_numbers_of_their_steps(steps, layers, x):
    (W1, b1), (W2, b2) = layers
    h = sigmoid(x @ W1 + b1)
    a, y = sigmoid(h @ W2 + b2), np.eye(10)[LABEL]
    delta = (a - y) * a * (1 - a)
    hidden_delta = (W2 @ delta) * h * (1 - h)
    assert steps.cost == pytest.approx(np.sum((a - y) ** 2) / 2)
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
    says, pictures = [], set()
    for steps.step, step in enumerate(STEPS, start=1):
        assert steps.says.startswith(f"{steps.step} of 8 · {step.name}\n")
        assert step.name in steps._picture.alt
        says.append(steps.says)
        pictures.add(steps._picture._png)
    assert len(pictures) == 8
    assert "{" not in "".join(says)
    assert "\na₁ = σ(x W₁ + b₁)  (49,) · (49, 6) + (6,) → (6,)\n" in says[1]
    assert f"the answer: {steps.outputs.argmax()}." in says[2]
    assert f"The cost is {steps.cost:.4f}." in says[3]


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


def test_the_learners_arrays_are_copied(steps, layers, x):
    layers[0][0][...] = layers[1][1][...] = x[...] = 0
    assert steps.layers[0][0].all()
    assert steps.layers[1][1].all()
    assert steps.x.all()


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
        ({"layers": []}, "two pairs"),
        ({"layers": 7}, "two pairs"),
        ({"layers": [(np.ones((6, 49)), np.ones(6)), (np.ones((6, 10)), np.ones(10))]}, "shapes"),
        ({"layers": [(np.ones((49, 6)), np.ones(6)), (np.ones((6, 9)), np.ones(9))]}, "shapes"),
        ({"layers": [(np.ones((48, 6)), np.ones(6)), (np.ones((6, 10)), np.ones(10))]}, "48 inputs"),
        ({"layers": [(np.eye(49, 13), np.ones(13)), (np.eye(13, 10), np.ones(10))]}, "1 to 12"),
        ({"x": np.zeros(784)}, "784 numbers"),
        ({"x": np.full(49, 255)}, "divide"),
        ({"x": np.full(49, np.nan)}, "0 to 1"),
        *[({"label": no}, f"label is {no!r}") for no in (10, -1, 2.5, "3")],
    ],
)
def test_what_does_not_fit_is_refused(layers, x, change, words):
    with pytest.raises(ValueError, match=words):
        Steps(**{"layers": layers, "x": x, "label": LABEL, **change})


@pytest.mark.parametrize(
    ("shape", "side", "words"),
    [((28, 28), 5, "equal parts"), ((28, 28), 0, "equal parts"), ((784,), 7, r"\(784,\)")],
)
def test_shrink_refuses_what_it_cannot_cut(shape, side, words):
    with pytest.raises(ValueError, match=words):
        shrink(np.zeros(shape), side)
