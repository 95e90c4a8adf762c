"""Spoilers: the checks of the exercises of notebook 08, beyond 99 %."""

import numpy as np

from mnistlib.check.verdict import Wrong, exercise, expect_shape, judge, number_of, parts_of


@exercise
def momentum_step(function):
    """momentum_step(w, v, gradient, learning_rate, momentum) -> new w, new v."""
    rng = np.random.default_rng(8)
    cases, answers = [], []
    for shape, rate, momentum in (((3,), 0.2, 0.7), ((2, 4), 0.05, 0.9), ((2,), 1.5, 0.0)):
        cases.append((*rng.normal(size=(3, *shape)), rate, momentum))
        answer = function(*cases[-1])
        if isinstance(answer, np.ndarray) and answer.shape == (2, *shape):
            answer = list(answer)
        w, v = parts_of(answer, ("w", "v"), "return two arrays: `return w, v`")
        expect_shape(w, shape, ": w keeps its shape")
        answers.append((w, expect_shape(v, shape, ": v has the shape of w")))
    judge(answers, cases, _steps)
    if judge([v for _, v in answers], cases, _velocities):
        raise Wrong("expected v = momentum * v + learning_rate * gradient")
    if judge([w for w, _ in answers], cases, _places):
        raise Wrong("v is right; expected w − v for w")


def _steps(w, v, gradient, rate, momentum):
    new = momentum * v + rate * gradient
    return (w - new, new), [((new, w - new), "right, but in the wrong order: w first, then v")]


def _velocities(w, v, gradient, rate, momentum):
    push, fully = rate * gradient, "the gradient counts fully, not 1 − momentum of it"
    return momentum * v + push, [
        (momentum * v - push, "v has the wrong sign: it adds the gradient, and w subtracts v"),
        (momentum * v + gradient, "the learning rate is missing in front of the gradient"),
        (v + push, "v keeps only a share of itself: momentum * v"),
        (momentum * v + (1 - momentum) * push, fully),
        (momentum * v + (1 - momentum) * gradient, fully),
        (momentum * (v + push), "only v is multiplied by momentum; the gradient counts fully"),
        ((1 - momentum) * v + push, "momentum is the share that is kept: momentum * v, not 1 − momentum"),
        (push, "v forgets everything; it keeps a share of itself: momentum * v"),
        (v, "v is still the old one; return the new one"),
    ]


def _places(w, v, gradient, rate, momentum):
    push = rate * gradient
    new = momentum * v + push
    return w - new, [
        (w + new, "w climbs: subtract v"),
        (w - v, "w moved by the old velocity; use the new one"),
        (w - push, "v is right, and w did not use it: subtract v, not the gradient alone"),
        (w - rate * new, "the learning rate is in v already; subtract v as it is"),
        (w - momentum * new - push, "this is Nesterov's form, which looks ahead; here w − v is wanted"),
        (w, "w is still the old one: subtract the new v"),
    ]


@exercise
def best_epoch(function):
    """best_epoch(losses, patience) -> the epoch to keep, counted from 0."""
    rng = np.random.default_rng(80)
    cases = [([0.5, 0.4, 0.3], 2), ([0.5, 0.3, 0.4, 0.35, 0.2], 2), ([0.5, 0.3, 0.4, 0.2, 0.3], 2)]
    cases += [([0.5, 0.6, 0.7, 0.1], 3), ([0.5, 0.6, 0.1], 1), ([0.4], 2), ([0.3, 0.3, 0.3, 0.2], 2)]
    for _ in range(60):
        losses = (rng.integers(10, 40, rng.integers(4, 12)) / 50).tolist()
        cases.append((losses, int(rng.integers(1, 4))))
    answers = [number_of(function(*case)) for case in cases]
    for (losses, patience), answer, right in judge(answers, cases, _epochs):
        raise Wrong(f"for {losses} and patience {patience} expected {right}, not {answer}")


def _patient(losses, patience, *, better=np.less, start=0, reset=True, previous=False, late=0, stop=False):
    """The right answer, or with one of the options that of a common mistake."""
    best, waited, lowest = 0, start, losses[0]
    for epoch in range(1, len(losses)):
        if better(losses[epoch], losses[epoch - 1] if previous else lowest):
            best, lowest = epoch, losses[epoch]
            waited = 0 if reset else waited
        else:
            waited += 1
            if waited >= patience + late:
                return epoch if stop else best
    return len(losses) - 1 if stop else best


WITH_OPTIONS = (
    ({"stop": True}, "that is the epoch at which one stops; keep the network of the lowest loss before it"),
    ({"previous": True}, "each loss is compared with the one before it; compare with the lowest so far"),
    ({"reset": False}, "the counter of bad epochs goes back to 0 at a new lowest loss: `in a row`"),
    (
        {"start": 1},
        "one epoch too impatient: the first epoch is itself a new lowest, and counts as no bad one",
    ),
    ({"late": -1}, "one epoch too impatient: a patience of 2 waits for two bad epochs in a row"),
    ({"late": 1}, "one epoch too patient: give up after `patience` bad epochs in a row, not after one more"),
    ({"better": np.less_equal}, "an equal loss is no new lowest loss: compare with <, not <="),
    ({"patience": 2}, "this always waits for two bad epochs; use `patience`"),
    ({"patience": 1}, "this gives up at the first bad epoch; a patience of 2 waits for two in a row"),
)


def _epochs(losses, patience):
    right, last = _patient(losses, patience), len(losses) - 1
    had_ended = "this looks at all losses; those after giving up nobody has seen: the training had ended"
    before = "patience epochs before the last one seen: right only if the training did stop"
    return right, [
        (min(losses), "return the number of the epoch, not its loss"),
        (losses[right], "return the epoch's number, not its loss"),
        (right + 1, "one too large: epochs count from 0"),
        (np.argmin(losses), had_ended),
        (last - np.argmin(losses[::-1]), had_ended),
        (_patient(losses, patience, stop=True) - patience, before),
        *((_patient(losses, **{"patience": patience, **one}), words) for one, words in WITH_OPTIONS),
    ]


@exercise
def shift(function):
    """shift(image (28, 28), dx, dy) -> moved right and down, with paper coming in."""
    rng = np.random.default_rng(800)
    ways = [(2, 1), (5, 0), (0, 5), (-5, 0), (0, -5), (-3, 4), (5, -6), (0, 0), (20, -9), (-27, 27)]
    cases = [(rng.integers(1, 256, (28, 28)).astype(np.uint8), dx, dy) for dx, dy in ways]
    answers = [expect_shape(function(*case), (28, 28), ": the image keeps its size") for case in cases]
    for (_, dx, dy), answer, right in judge(answers, cases, _displaced):
        row, column = np.argwhere(answer != right)[0]
        source = f"pixel ({row - dy}, {column - dx})" if right[row, column] else "paper from outside, 0,"
        found = f"{answer[row, column]:g} is"
        raise Wrong(f"for dx = {dx}, dy = {dy} {source} should be at ({row}, {column}), where {found}")


def _moved(image, dx, dy, mode="constant"):
    padded = np.pad(image, 28, mode=mode)
    return padded[28 - dy : 56 - dy, 28 - dx : 56 - dx]


def _displaced(image, dx, dy):
    right, ones = _moved(image, dx, dy), np.ones_like(image)
    rolled, back = np.roll(image, (dy, dx), (0, 1)), "the ink that left on one side came back on the other"
    return right, [
        (image, "nothing moved"),
        (rolled, f"{back}; np.roll does that"),
        (rolled * _moved(ones, dx, 0), f"{back}, above or below: clear the rows, too"),
        (rolled * _moved(ones, 0, dy), f"{back}, left or right: clear the columns, too"),
        (
            rolled * _moved(ones, min(dx, 0), min(dy, 0)),
            f"{back}: an index below 0 counts from the end, so ask for that as well as for 28",
        ),
        (_moved(image, dx, dy, "edge"), "ink at the border was drawn out; what comes in is paper, 0"),
        (_moved(image, dy, dx), "rows and columns are swapped: dx moves along axis 1"),
        (_moved(image, -dx, -dy), "it moved the other way: dx to the right, dy down"),
        (_moved(image, dx, -dy), "dy moved it up; down is where row numbers grow"),
        (_moved(image, -dx, dy), "dx moved it to the left; positive is to the right"),
        (_moved(image, abs(dx), abs(dy)), "a negative dx or dy moved it the wrong way"),
        (_moved(image, max(dx, 0), max(dy, 0)), "a negative dx or dy did not move it at all"),
        (_moved(image, dx, 0), "only dx moved it; dy should move it down"),
        (_moved(image, 0, dy), "only dy moved it; dx should move it to the right"),
        (right.T, "rows and columns of the result are exchanged"),
    ]
