"""The exercises of notebook 09: right answers in many styles, and the wrong ones that learners give."""

import numpy as np


def by_the_lead(probabilities, sure):
    second, first = np.sort(probabilities, axis=1)[:, -2:].T
    return np.where(first - second >= sure, probabilities.argmax(axis=1), -1)


RIGHT = {
    "ink_on_dark": [
        lambda image: np.where(np.median(image) > 128, 255 - image, image),
        lambda image: np.where((image > 127).sum() > 392, 255 - image, image),
        lambda image: image.max() - image if image.mean() > 127.5 else image,
        lambda image: np.abs(image.astype(int) - 255 * (image.mean() > 128)),
    ],
    "none_of_these": [
        lambda p, sure: np.where(p.max(axis=1) < sure, -1, p.argmax(axis=1)).astype(np.int8),
    ],
}  # fmt: skip

WRONG = {
    "ink_on_dark": [
        (lambda image: image, "came back unchanged"),
        (lambda image: 255 - image if image.max() == 255 else image, "A single pixel of 255"),
        (lambda image: 255 - image if image[0, 0] > 127 else image, "ask most pixels, not one"),
        (lambda image: -image if image.mean() > 127 else image, "write 255 - image"),
        (lambda image: np.abs(image - 255) if image.mean() > 127 else image, "image - 255 falls below 0"),
        (lambda image: -image.astype(int), "not -image"),
        (lambda image: 1 - image / 255 if image.mean() > 127 else image / 255, "keep 0 to 255"),
        (lambda image: image < 128 if image.mean() > 127 else image, "only 0 and 1 came back"),
        (lambda image: np.where(image < 128, 255, 0), "the greys of the ink are wanted"),
        (lambda image: 255 - image if image.mean() > 127 else np.where(image > 99, 255, 0), "every pixel of"),
        (lambda image: (255 - image)[::-1] if image.mean() > 127 else image, "upside down"),
        (lambda image: 256 - image if image.mean() > 127 else image, "should become 255 - image"),
        (lambda image: (255 - image).ravel(), "the image keeps its size"),
    ],
    "none_of_these": [
        (lambda p, sure: p.argmax(axis=1), "nothing is refused"),
        (lambda p, sure: np.where(p.max(axis=1) > sure, p.argmax(axis=1), -1), "it reaches `sure`"),
        (lambda p, sure: np.where(p.max(axis=1) < sure, p.argmax(axis=1), -1), "the wrong way round"),
        (lambda p, sure: np.where(p.max(axis=1) >= sure, p.max(axis=1), -1), "their places are the digits"),
        (lambda p, sure: p.max(axis=1) >= sure, "the digits are wanted"),
        (lambda p, sure: np.where(p.max(axis=1) >= sure, p.argmax(axis=1), 0), "0, which is a digit"),
        (lambda p, sure: np.where(p.max(axis=1) >= sure, p.argmax(axis=1), 10), "became 10"),
        (lambda p, sure: np.where(p.max(axis=1) >= sure, p.argmax(axis=1) + 1, -1), "digits count from 0"),
        (lambda p, sure: np.where(p.max(axis=1) >= 0.5, p.argmax(axis=1), -1), "use `sure`"),
        (lambda p, sure: np.full(len(p), -1), "everything is refused"),
        (lambda p, sure: p.argmax(axis=1)[p.max(axis=1) >= sure], "one answer for each row"),
        (by_the_lead, "whose largest probability is"),
    ],
}  # fmt: skip
