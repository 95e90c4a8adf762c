"""Spoilers: the checks of the exercises of notebook 08, beyond 99 %."""

import numpy as np

from mnistlib.check.verdict import Wrong, agrees, array_of, exercise, expect_shape, name_mistake, number_of


@exercise
def momentum_step(function):
    """momentum_step(w, v, gradient, learning_rate, momentum) -> new w, new v."""
    rng = np.random.default_rng(8)
    for shape, rate, momentum in (((3,), 0.2, 0.7), ((2, 4), 0.05, 0.9), ((2,), 1.5, 0.0)):
        w, v, gradient = rng.normal(size=(3, *shape))
        answer = function(w, v, gradient, rate, momentum)
        if isinstance(answer, np.ndarray) and answer.shape == (2, *shape):
            answer = list(answer)
        if not isinstance(answer, tuple | list) or len(answer) != 2:
            raise Wrong("return two arrays: `return w, v`")
        new_w, new_v = array_of(answer[0], "w"), array_of(answer[1], "v")
        expect_shape(new_w, shape, ": w keeps its shape")
        expect_shape(new_v, shape, ": v has the shape of w")
        _name_wrong_step(new_w, new_v, w, v, rate * gradient, rate, momentum)


def _name_wrong_step(new_w, new_v, w, v, push, rate, momentum):
    """push: the learning rate times the gradient."""
    right_v = momentum * v + push
    if agrees(new_w, w - right_v) and agrees(new_v, right_v):
        return
    if agrees(new_w, right_v) and agrees(new_v, w - right_v):
        raise Wrong("right, but in the wrong order: w first, then v")
    mistakes = [
        (momentum * v - push, "v has the wrong sign: it adds the gradient, and w subtracts v"),
        (momentum * v + push / rate, "the learning rate is missing in front of the gradient"),
        (v + push, "v keeps only a share of itself: momentum * v"),
        (momentum * v + (1 - momentum) * push, "the gradient counts fully, not 1 − momentum of it"),
        (momentum * v + (1 - momentum) * push / rate, "the gradient counts fully, not 1 − momentum of it"),
        (momentum * (v + push), "only v is multiplied by momentum; the gradient counts fully"),
        ((1 - momentum) * v + push, "momentum is the share that is kept: momentum * v, not 1 − momentum"),
        (push, "v forgets everything; it keeps a share of itself: momentum * v"),
        (v, "v is still the old one; return the new one"),
    ]
    name_mistake(mistakes, lambda wrong: agrees(new_v, wrong) and not agrees(wrong, right_v))
    if not agrees(new_v, right_v):
        raise Wrong("expected v = momentum * v + learning_rate * gradient")
    steps = [
        (w + right_v, "w climbs: subtract v"),
        (w - v, "w moved by the old velocity; use the new one"),
        (w - push, "v is right, and w did not use it: subtract v, not the gradient alone"),
        (w - rate * right_v, "the learning rate is in v already; subtract v as it is"),
        (w - momentum * right_v - push, "this is Nesterov's form, which looks ahead; here w − v is wanted"),
        (w, "w is still the old one: subtract the new v"),
    ]
    name_mistake(steps, lambda wrong: agrees(new_w, wrong))
    raise Wrong("v is right; expected w − v for w")


@exercise
def best_epoch(function):
    """best_epoch(losses, patience) -> the epoch to keep, counted from 0."""
    rng = np.random.default_rng(80)
    cases = [([0.5, 0.4, 0.3], 2), ([0.5, 0.3, 0.4, 0.35, 0.2], 2), ([0.5, 0.3, 0.4, 0.2, 0.3], 2)]
    cases += [([0.5, 0.6, 0.7, 0.1], 3), ([0.5, 0.6, 0.1], 1), ([0.4], 2), ([0.3, 0.3, 0.3, 0.2], 2)]
    for _ in range(60):
        losses = (rng.integers(10, 40, rng.integers(4, 12)) / 50).tolist()
        cases.append((losses, int(rng.integers(1, 4))))
    answers = [number_of(function(losses, patience)) for losses, patience in cases]
    right = [_patient(losses, patience) for losses, patience in cases]
    if answers == right:
        return
    name_mistake(_IMPATIENT, lambda mistake: answers == [mistake(*case) for case in cases])
    for (losses, patience), answer, expected in zip(cases, answers, right, strict=True):
        if answer != expected:
            raise Wrong(f"for {losses} and patience {patience} expected {expected}, not {answer}")


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


_IMPATIENT = [
    (lambda losses, patience: min(losses), "return the number of the epoch, not its loss"),
    (lambda losses, patience: losses[_patient(losses, patience)], "return the epoch's number, not its loss"),
    (lambda losses, patience: _patient(losses, patience) + 1, "one too large: epochs count from 0"),
    (
        lambda losses, patience: int(np.argmin(losses)),
        "this looks at all losses; those after giving up nobody has seen: the training had ended",
    ),
    (
        lambda losses, patience: len(losses) - 1 - losses[::-1].index(min(losses)),
        "this looks at all losses; those after giving up nobody has seen: the training had ended",
    ),
    (
        lambda losses, patience: _patient(losses, patience, stop=True),
        "that is the epoch at which one stops; keep the network of the lowest loss before it",
    ),
    (
        lambda losses, patience: _patient(losses, patience, stop=True) - patience,
        "patience epochs before the last one seen: right only if the training did stop",
    ),
    (
        lambda losses, patience: _patient(losses, patience, previous=True),
        "each loss is compared with the one before it; compare with the lowest so far",
    ),
    (
        lambda losses, patience: _patient(losses, patience, reset=False),
        "the counter of bad epochs goes back to 0 at a new lowest loss: `in a row`",
    ),
    (
        lambda losses, patience: _patient(losses, patience, start=1),
        "one epoch too impatient: the first epoch is itself a new lowest, and counts as no bad one",
    ),
    (
        lambda losses, patience: _patient(losses, patience, late=-1),
        "one epoch too impatient: a patience of 2 waits for two bad epochs in a row",
    ),
    (
        lambda losses, patience: _patient(losses, patience, late=1),
        "one epoch too patient: give up after `patience` bad epochs in a row, not after one more",
    ),
    (
        lambda losses, patience: _patient(losses, patience, better=np.less_equal),
        "an equal loss is no new lowest loss: compare with <, not <=",
    ),
    (
        lambda losses, patience: _patient(losses, 2),
        "this always waits for two bad epochs; use `patience`",
    ),
    (
        lambda losses, patience: _patient(losses, 1),
        "this gives up at the first bad epoch; a patience of 2 waits for two in a row",
    ),
]


@exercise
def shift(function):
    """shift(image (28, 28), dx, dy) -> moved right and down, with paper coming in."""
    rng = np.random.default_rng(800)
    ways = [(2, 1), (5, 0), (0, 5), (-5, 0), (0, -5), (-3, 4), (5, -6), (0, 0), (20, -9), (-27, 27)]
    cases = [(rng.integers(1, 256, (28, 28)).astype(np.uint8), dx, dy) for dx, dy in ways]
    answers = []
    for image, dx, dy in cases:
        answer = array_of(function(image, dx, dy))
        expect_shape(answer, (28, 28), ": the image keeps its size")
        answers.append(answer)
    right = [_moved(*case) for case in cases]
    if _all_equal(answers, right):
        return
    name_mistake(_MISPLACED, lambda mistake: _all_equal(answers, [mistake(*case) for case in cases]))
    wrong = [not np.array_equal(*pair) for pair in zip(answers, right, strict=True)].index(True)
    (image, dx, dy), answer, expected = cases[wrong], answers[wrong], right[wrong]
    row, column = np.argwhere(answer != expected)[0]
    source = f"pixel ({row - dy}, {column - dx})" if expected[row, column] else "paper from outside, 0,"
    raise Wrong(
        f"for dx = {dx}, dy = {dy} {source} should be at ({row}, {column}), where {answer[row, column]:g} is"
    )


def _all_equal(answers, others):
    return all(map(np.array_equal, answers, others))


def _moved(image, dx, dy, mode="constant"):
    padded = np.pad(image, 28, mode=mode)
    return padded[28 - dy : 56 - dy, 28 - dx : 56 - dx]


def _rolled(image, dx, dy, clear=""):
    """np.roll; what came back on the other side is cleared in the columns, in the rows, or not."""
    rolled = np.roll(image, (dy, dx), (0, 1))
    row, column = np.indices(image.shape)
    if "columns" in clear:
        rolled[(column - dx < 0) | (column - dx >= 28)] = 0
    if "rows" in clear:
        rolled[(row - dy < 0) | (row - dy >= 28)] = 0
    return rolled


def _wrapped(image, dx, dy):
    """Indices that are only compared with 28: a negative one counts from the end."""
    row, column = np.indices(image.shape)
    row, column = row - dy, column - dx
    return np.where((row < 28) & (column < 28), image[row % 28, column % 28], 0)


_CAME_BACK = "the ink that left on one side came back on the other"
_MISPLACED = [
    (lambda image, dx, dy: image, "nothing moved"),
    (_rolled, f"{_CAME_BACK}; np.roll does that"),
    (lambda *case: _rolled(*case, "columns"), f"{_CAME_BACK}, above or below: clear the rows, too"),
    (lambda *case: _rolled(*case, "rows"), f"{_CAME_BACK}, left or right: clear the columns, too"),
    (_wrapped, f"{_CAME_BACK}: an index below 0 counts from the end, so ask for that as well as for 28"),
    (lambda *case: _moved(*case, "edge"), "ink at the border was drawn out; what comes in is paper, 0"),
    (lambda image, dx, dy: _moved(image, dy, dx), "rows and columns are swapped: dx moves along axis 1"),
    (lambda image, dx, dy: _moved(image, -dx, -dy), "it moved the other way: dx to the right, dy down"),
    (lambda image, dx, dy: _moved(image, dx, -dy), "dy moved it up; down is where row numbers grow"),
    (lambda image, dx, dy: _moved(image, -dx, dy), "dx moved it to the left; positive is to the right"),
    (lambda image, dx, dy: _moved(image, abs(dx), abs(dy)), "a negative dx or dy moved it the wrong way"),
    (
        lambda image, dx, dy: _moved(image, max(dx, 0), max(dy, 0)),
        "a negative dx or dy did not move it at all",
    ),
    (lambda image, dx, dy: _moved(image, dx, 0), "only dx moved it; dy should move it down"),
    (lambda image, dx, dy: _moved(image, 0, dy), "only dy moved it; dx should move it to the right"),
    (lambda *case: _moved(*case).T, "rows and columns of the result are exchanged"),
]
