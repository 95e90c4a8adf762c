"""Spoilers: the checks of the exercises of notebook 09, draw a digit."""

import numpy as np

from mnistlib.check.verdict import Wrong, exercise, expect, expect_shape


@exercise
def ink_on_dark(function):
    """ink_on_dark(image (28, 28) uint8) -> the image with ink 255 on 0, inverted only where needed."""
    rng = np.random.default_rng(9)
    hint = ": the image keeps its size"
    for strongest, reaches_corner in ((255, False), (250, False), (255, True)):
        dark = _scribble(rng, strongest, reaches_corner)
        _judge_scan(expect_shape(function(255 - dark), (28, 28), hint), dark, reaches_corner)
        _judge_ink(expect_shape(function(dark), (28, 28), hint), dark, reaches_corner)


def _scribble(rng, strongest, reaches_corner):
    """An image (28, 28) uint8 with ink of many greys up to `strongest` on about a fifth of its pixels."""
    image = np.zeros((28, 28), np.uint8)
    top, left = (0, 0) if reaches_corner else rng.integers(4, 12, 2)
    image[top : top + 12, left : left + 12] = rng.integers(60, strongest, (12, 12))
    image[top : top + 3, left : left + 3] = strongest
    return image


def _judge_scan(answer, dark, reaches_corner):
    """Of dark ink on white paper, 255 − dark."""
    if (answer < 0).any():
        raise Wrong("negative numbers: the opposite of 255 is 0, so 255 - image, not -image")
    scan, unchanged = 255 - dark, "dark ink on white paper came back unchanged; 255 - image turns it round"
    if reaches_corner:
        unchanged = "a scan came back unchanged whose ink reaches a corner: ask most pixels, not one"
    turned = "the picture is upside down or mirrored; its brightness should be turned round, alone"
    mistakes = [
        (scan, unchanged),
        (-scan, "in uint8, -image is 256 - image, and 0 stays 0: write 255 - image"),
        (scan - 255, "image - 255 falls below 0, and uint8 goes on from 255 there: write 255 - image"),
        (dark / 255, "the values run from 0 to 1; keep 0 to 255"),
        (dark[::-1], turned),
        (dark[:, ::-1], turned),
    ]
    otherwise = "dark ink on white paper should become 255 - image"
    if set(np.unique(answer)) <= {0, 255}:
        otherwise = "only 0 and 255 came back; the greys of the ink are wanted too: 255 - image"
    if answer.max() <= 1:
        otherwise = "only 0 and 1 came back; the greys of the ink are wanted too: 255 - image"
    expect(answer, dark, mistakes, otherwise)


def _judge_ink(answer, dark, reaches_corner):
    """Of an image that was right already."""
    inverted = (
        "an image that was right already was changed; look first whether most of it is bright. "
        "A single pixel of 255, or of 0, can be ink or paper"
    )
    if reaches_corner:
        inverted = "dark paper was inverted whose ink reaches a corner: ask most pixels, not one"
    otherwise = "an image with dark paper should come back as it is, every pixel of it"
    expect(answer, dark, [(255 - dark, inverted)], otherwise)


@exercise
def none_of_these(function):
    """none_of_these(probabilities (N, 10), sure) -> (N,) digits, −1 where no probability reaches `sure`."""
    rng = np.random.default_rng(90)
    for n, sure in ((200, 0.5), (60, 0.9), (1, 0.2), (40, 0.0)):
        p = rng.dirichlet(np.full(10, 0.1), n)
        p[0] = np.roll([sure, *np.full(9, (1 - sure) / 9)], rng.integers(10))  # just reached
        answer = expect_shape(function(p, sure), (n,), ": one answer for each row of probabilities")
        digit, best = p.argmax(axis=1), p.max(axis=1)
        right = np.where(best >= sure, digit, -1)
        row = np.argmax(answer != right)
        otherwise = (
            f"with sure = {sure}, a row whose largest probability is {best[row]:.3f}, that of {digit[row]}, "
            f"should give {right[row]}, not {answer[row]}"
        )
        expect(answer, right, _wrong_refusals(digit, best, sure), otherwise)


def _wrong_refusals(digit, best, sure):
    fixed = "the answers fit sure = {}, and it was {}: use `sure`"
    sure_ones, mask = best >= sure, "True and False came back, or 1 and 0; the digits are wanted"
    return [
        (digit, "nothing is refused; where the largest probability is below `sure`, −1 is wanted"),
        (np.where(best > sure, digit, -1), f"a probability of exactly {sure} was refused; it reaches `sure`"),
        (np.where(sure_ones, -1, digit), "the wrong way round: the sure ones were refused"),
        (np.where(sure_ones, best, -1), "these are the probabilities; their places are the digits: argmax"),
        (sure_ones, mask),
        (~sure_ones, mask),
        (np.where(sure_ones, digit, 0), "the refused ones became 0, which is a digit; −1 is wanted"),
        (np.where(sure_ones, digit, 10), "the refused ones became 10; −1 is wanted"),
        (np.where(sure_ones, digit + 1, -1), "one too large: digits count from 0"),
        (np.where(best >= 0.5, digit, -1), fixed.format(0.5, sure)),
        (np.where(best >= 0.9, digit, -1), fixed.format(0.9, sure)),
        (np.full(len(digit), -1), "everything is refused"),
    ]
