"""README's moving picture: digits are drawn on the website's pad, and the bars move while the line grows.

usage: python scripts/pad_gif.py      (after `make site`; needs the extra 'browser' and Chromium)

Writes docs/pad.gif. Pillow, which makes the GIF, comes with matplotlib.
"""

import io

import numpy as np
from browser import chromium
from common import ROOT
from PIL import Image

from mnistlib.pen import sample_strokes

PAGE = "notebooks/09-draw-a-digit.html"
DRAWN = [(3, 1), (5, 0), (8, 2)]  # digit and seed of the sample
FRAMES = 22  # of each digit
PAUSE, LAST = 70, 1400  # milliseconds of a frame, and of each digit's last one
WIDTH, COLOURS = 640, 48


def frame(page, pad, paper):
    """What the pad shows now, from its paper to the last bar, as a small picture."""
    page.wait_for_timeout(60)
    top, paper_box = pad.bounding_box(), paper.bounding_box()
    clip = {"x": top["x"] - 6, "y": paper_box["y"] - 8, "width": top["width"] + 12, "height": 330}
    picture = Image.open(io.BytesIO(page.screenshot(clip=clip))).convert("RGB")
    return picture.resize((WIDTH, round(WIDTH * picture.height / picture.width)), Image.LANCZOS)


def draw(page, digit, seed):
    """Draw a digit with the mouse; yields (picture, milliseconds)."""
    pad = page.locator(".mnist-pad").first
    paper = pad.locator(".mnist-pad-paper")
    pad.get_by_role("button", name="Clear").click()
    box = paper.bounding_box()
    strokes = sample_strokes(digit, seed=seed)
    every = max(1, sum(map(len, strokes)) // FRAMES)
    for stroke in strokes:
        spots = stroke / 280 * box["width"] + (box["x"], box["y"])
        page.mouse.move(*spots[0])
        page.mouse.down()
        for number, spot in enumerate(spots):
            page.mouse.move(*spot)
            if number % every == 0:
                yield frame(page, pad, paper), PAUSE
        page.mouse.up()
    page.wait_for_timeout(400)
    yield frame(page, pad, paper), LAST


def main():
    with chromium(ROOT / "build" / "site", viewport={"width": 1280, "height": 1000}) as page:
        page.goto(PAGE)
        page.locator(".mnist-pad").first.scroll_into_view_if_needed()
        page.wait_for_timeout(2000)
        shown = [pair for digit, seed in DRAWN for pair in draw(page, digit, seed)]
    pictures, durations = zip(*shown, strict=True)
    palette = Image.fromarray(np.concatenate([np.asarray(pictures[k]) for k in (0, -1)])).quantize(COLOURS)
    frames = [picture.quantize(palette=palette, dither=Image.Dither.NONE) for picture in pictures]
    path = ROOT / "docs" / "pad.gif"
    frames[0].save(path, save_all=True, append_images=frames[1:], duration=durations, loop=0, optimize=True)
    print(f"{path.relative_to(ROOT)}: {len(frames)} frames, {path.stat().st_size / 1000:.0f} kB")


if __name__ == "__main__":
    main()
