"""What explorations show at each place of their slider, for the website's pages, where no kernel turns it."""

import base64
import json

import numpy as np

from mnistlib.explore import Steps, Valley
from mnistlib.explore.base import joined
from mnistlib.explore.steps import shrink
from mnistlib.pen import rasterise, sample_strokes

VALLEYS = {"valley-1": (1,), "valley-2": (1, 10)}  # of notebooks 06 and 04


def frame(exploration, label):
    """An exploration as it stands now, as docs/site/static/live-explore.js reads it."""
    picture = exploration._picture
    png = joined([picture._png])  # with few colours
    table = getattr(exploration, "_table", None)
    return {
        "label": label,
        "words": exploration._words.html,
        "table": table.html if table else "",
        "png": base64.b64encode(png).decode(),
        "width": round(picture._width),
        "alt": picture.alt,
    }


def steps():
    """The eight steps, with a network like that of notebook 04 and a digit of our own."""
    rng, layers = np.random.default_rng(1), []
    for n_in, n_out in ((49, 6), (6, 10)):
        layers.append((rng.normal(0, 1 / np.sqrt(n_in), (n_in, n_out)), np.zeros(n_out)))
    exploration, frames = Steps(layers, shrink(rasterise(sample_strokes(5, seed=1), width=3.5)), label=5), []
    for step in range(1, 9):
        exploration.step = step
        frames.append(frame(exploration, str(step)))
    note = "On this page the 5 is another one than in the pictures above."
    return {"name": "Step", "note": note, "frames": frames}


def valley(steepness):
    """A valley for every second learning rate of its slider."""
    exploration, frames = Valley(steepness), []
    for rate in np.linspace(0.1, 2.4, 24) / max(steepness):
        exploration.rate = min(rate, exploration.knobs["rate"].max)  # 2.4 may be a hair too large
        frames.append(frame(exploration, f"{exploration.rate:.3f}"))
    return {"name": "learning rate", "note": "", "frames": frames}


def make_frames(folder):
    """Write steps.json, valley-1.json and valley-2.json."""
    made = {"steps": steps(), **{name: valley(steepness) for name, steepness in VALLEYS.items()}}
    for name, content in made.items():
        (folder / f"{name}.json").write_text(json.dumps(content), encoding="utf-8")
