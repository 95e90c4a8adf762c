"""The drawing pad: draw a digit in the notebook and watch a network read it.

This is the kernel's half; the page's half is sketchpad.js. The page draws the ink and sends the strokes; here
they become the image that the network sees, and the classifier's ten probabilities go back. Strokes set from
Python, ``pad.strokes = [...]``, take the same road.

The page asks one question at a time and always about its latest drawing, so a slow classifier makes it skip
drawings and not fall behind.
"""

import textwrap
import threading
from collections.abc import Iterable
from os import PathLike
from pathlib import Path
from traceback import TracebackException
from typing import Any

import anywidget
import numpy as np
import traitlets
from IPython.core.pylabtools import print_figure
from IPython.display import display
from matplotlib.figure import Figure

from mnistlib.pad.collection import Collection, checked_label
from mnistlib.pen import WIDTH, checked_strokes, rasterise, sample_strokes
from mnistlib.plots import BLUE, GREY

HERE = Path(__file__).parent
SIDE = 280  # units along one side of the paper; sketchpad.js says the same
ROOT = HERE.parents[1]
MINE = (ROOT if (ROOT / "data").is_dir() else Path()) / "data" / "mine"
DOT = 5  # units: a drawing smaller than this in both directions is taken for a dot


def _switch(name, doc):
    """A property that is True or False: this entry of the pad's drawing."""

    def switch(pad, on):
        pad._set_drawing(**{name: bool(on)})

    return property(lambda pad: pad._drawing[name], switch, doc=doc)


class SketchPad(anywidget.AnyWidget):
    """A pad to draw digits on, with a classifier that reads them.

    Parameters
    ----------
    classifier : object with ``probabilities(images)``, or a function; optional
        ``probabilities`` gets images (1, 28, 28) uint8, ink 255 on 0, and returns (1, 10); a Network will do.
        A function gets one image, (28, 28) uint8, and returns 10 probabilities. What it raises is shown in
        the pad, and the pad goes on. JupyterLab may call it from another thread, while a cell is running.
    width : float
        The pen's width in pixels of the 28 × 28 image.
    box, centre : bool
        How the strokes become an image, see `rasterise`; the pad has switches for both.
    save_to : folder, optional
        Where digits that the learner keeps are saved, and loaded from at the start: the project's data/mine,
        unless another is named. None: they stay in memory.

    In Python, units of the strokes are those of the paper: x and y from 0 to 280, y growing downwards.
    """

    _esm = HERE / "sketchpad.js"
    _css = HERE / "sketchpad.css"

    # What is shared with the page; sketchpad.js tells what is in it. The page needs no echo of its strokes.
    _drawing = traitlets.Dict({"number": 0, "strokes": []}).tag(sync=True, echo_update=False)
    _answer = traitlets.Dict().tag(sync=True)
    _kept = traitlets.Dict().tag(sync=True)

    def __init__(
        self,
        classifier: Any = None,
        *,
        width: float = WIDTH,
        box: bool = True,
        centre: bool = True,
        save_to: str | PathLike | None = MINE,
    ):
        self._classifier = _checked_classifier(classifier)
        rasterise([], width=width)  # raises a ValueError for a width that makes no sense
        self._width = width
        self._collection = Collection(save_to)
        self._samples = 0
        # JupyterLab hands the page's messages to another thread than the cells: one at a time, please.
        self._lock = threading.RLock()
        super().__init__()
        self.on_msg(self._on_message)
        self._set_drawing(box=bool(box), centre=bool(centre))
        self._show_kept()

    def __repr__(self) -> str:
        return "SketchPad()"  # always the same: a stored notebook must not differ from run to run

    # -- the drawing --------------------------------------------------------------------------------------

    @property
    def strokes(self) -> list[np.ndarray]:
        """The drawing: a list of (n, 2) float arrays of x, y. Set it to draw from Python."""
        return [np.array(stroke, float) for stroke in self._drawing["strokes"]]

    @strokes.setter
    def strokes(self, strokes: Iterable) -> None:
        self._set_drawing(strokes=[stroke.tolist() for stroke in checked_strokes(strokes)])

    box = _switch("box", "Whether the ink is scaled to fill the 20-pixel box. Can be set.")
    centre = _switch("centre", "Whether the image is centred by its mass. Can be set.")

    @property
    def classifier(self) -> Any:
        """What reads the drawing. Set it to hear another network's opinion of the same strokes."""
        return self._classifier

    @classifier.setter
    def classifier(self, classifier: Any) -> None:
        self._classifier = _checked_classifier(classifier)
        self._set_drawing()

    def clear(self) -> None:
        """Take all ink off the paper. What was kept stays kept."""
        self.strokes = []

    def sample(self, digit: int) -> None:
        """Write a sample of a digit from 0 to 9 on the paper, a little different each time."""
        self.strokes = sample_strokes(checked_label(digit), seed=self._samples)
        self._samples += 1

    def _set_drawing(self, **changes):
        with self._lock:
            self._drawing = {**self._drawing, "number": self._drawing["number"] + 1, **changes}

    def set_state(self, sync_data: dict) -> None:
        """What the page has changed. A cell that draws meanwhile waits: traitlets would merge the two."""
        with self._lock:
            if "_drawing" in sync_data:
                sync_data = {**sync_data, "_drawing": self._checked_drawing(sync_data["_drawing"])}
            super().set_state(sync_data)

    def _checked_drawing(self, new):
        """The page's drawing; what was drawn before if it makes no sense, since a page may send anything."""
        try:
            return {
                "number": int(new["number"]),
                "strokes": [stroke.tolist() for stroke in checked_strokes(new["strokes"])],
                "box": bool(new["box"]),
                "centre": bool(new["centre"]),
            }
        except (KeyError, TypeError, ValueError):
            return {**self._drawing, "number": self._drawing["number"] + 1}

    # -- the answer ---------------------------------------------------------------------------------------

    @property
    def image(self) -> np.ndarray:
        """What the network sees: (28, 28) uint8, ink 255 on 0."""
        return np.frombuffer(self._answer["image"], np.uint8).reshape(28, 28).copy()

    @property
    def probabilities(self) -> np.ndarray | None:
        """The classifier's answer, (10,) floats; None if nothing was drawn, or it failed."""
        return np.array(self._answer["probabilities"]) if self._answer["probabilities"] else None

    @property
    def says(self) -> str:
        """The answer in words, or what went wrong."""
        return self._answer["says"]

    @traitlets.observe("_drawing")
    def _read_drawing(self, change):
        """The one road from strokes to an answer, wherever the strokes come from. The lock is held."""
        drawing, strokes = change["new"], self.strokes
        answer = {
            "number": drawing["number"],
            "probabilities": [],
            "image": bytes(28 * 28),
            "says": "The classifier was interrupted.",
            "tone": "trouble",
        }
        try:
            image = rasterise(
                strokes, width=self._width, box=drawing["box"], centre=drawing["centre"], canvas=SIDE
            )
            answer["image"] = image.tobytes()  # first: a classifier may write into what it gets
            says, probabilities = self._read(strokes, image)
            answer |= {"says": says, "probabilities": probabilities, "tone": ""}
        except Exception as error:
            answer["says"] = f"The classifier failed: {_described(error)}"
        finally:  # whatever happens, the page waits for an answer
            self._answer = answer

    def _read(self, strokes, image):
        """The answer in words, and a list of ten probabilities, or an empty one."""
        if not strokes:
            return "Draw a digit from 0 to 9.", []
        if np.ptp(np.concatenate(strokes), axis=0).max() < DOT:
            return "That is only a dot. Draw a digit.", []
        if not image.any():
            return "All ink is outside the paper. Draw a digit.", []
        if self._classifier is None:
            return "There is no classifier: this is what one would see.", []
        probabilities = _ask(self._classifier, image)
        return in_words(probabilities), probabilities.tolist()

    # -- keeping digits -----------------------------------------------------------------------------------

    @property
    def collected(self) -> tuple[np.ndarray, np.ndarray]:
        """The digits that were kept, oldest first: images (n, 28, 28) uint8 and labels (n,) uint8.

        They are made from the strokes in MNIST's manner, boxed and centred, whatever the switches say.
        """
        return self._collection.images, self._collection.labels

    @property
    def collected_strokes(self) -> list:
        """The strokes of the digits that were kept, oldest first, as `rasterise` takes them."""
        return [drawing.strokes for drawing in self._collection.drawings]

    def keep(self, label: int) -> None:
        """Keep the drawing as the digit `label`, in the folder `save_to`.

        Raises ValueError if the paper is empty or if drawings.json was damaged, OSError if the folder cannot
        be written. In the last two cases the digit is still in `collected`, and the next `keep` saves it.
        """
        self._keep(self.strokes, label)

    def _keep(self, strokes, label):
        with self._lock:
            self._collection.add(strokes, label)
            self._show_kept(f"Kept as {_a(label)}.")

    def take_back(self) -> int | None:
        """Forget the digit that this pad kept last, and return its label; None if there is none.

        What other pads keep in the folder stays, and so does what was kept before this pad was made. Raises
        OSError if the folder cannot be written; then nothing is forgotten.
        """
        with self._lock:
            label = self._collection.remove_last()
            none = "Nothing that this pad has kept is left to take back."
            self._show_kept(none if label is None else f"Took back {_a(label)}.")
        return label

    def _show_kept(self, says="", tone=""):
        counts = self._collection.counts
        n, folder = int(counts.sum()), self._collection.folder
        where = "in memory" if folder is None else f"in {'/'.join(folder.parts[-2:])}"
        total = f"{n or 'No'} digit{'s' * (n != 1)} kept {where}{'.' if n else ' yet.'}"
        self._kept = {
            "counts": counts.tolist(),
            "own": self._collection.own,
            "says": f"{says} {total}".strip(),
            "tone": tone,
        }

    # -- messages from the page ---------------------------------------------------------------------------

    def _on_message(self, _, message, buffers):
        with self._lock:
            try:
                if message["kind"] == "sample":
                    self.sample(message["digit"])
                elif message["kind"] == "take back":
                    self.take_back()
                elif message["kind"] == "keep":
                    # It brings its own strokes: the paper is already free for the next drawing.
                    self._keep(message["strokes"], message["label"])
                else:
                    raise ValueError(f"the page sent {message['kind']!r}, which the pad does not know")
            except OSError as error:
                what = "Not saved ({}), only kept in memory." if self._collection.unsaved else "Trouble: {}."
                self._show_kept(what.format(error), tone="trouble")
            except Exception as error:  # a page may send anything
                says = str(error) if isinstance(error, ValueError) else _described(error)
                self._kept = {**self._kept, "says": says, "tone": "trouble"}

    # -- without a page -----------------------------------------------------------------------------------

    def picture(self) -> None:
        """Show the pad as a still picture: the strokes, the image and the ten bars.

        For pages where no kernel runs, such as a notebook on GitHub.
        """
        data, metadata = self._still()
        display(data, metadata=metadata, raw=True)

    def _still(self):
        """The still picture and its description, as `display` takes them: data and metadata by MIME type."""
        alt = f"A drawing, the 28 × 28 pixels that the network sees, and ten bars. {self.says}"
        png = print_figure(self._figure(), dpi=90, bbox_inches=None, base64=True)
        return {"text/plain": repr(self), "image/png": png}, {"image/png": {"alt": alt}}

    def _figure(self):
        figure = Figure(figsize=(8, 2.7), layout="constrained")
        paper, image, bars = figure.subplots(1, 3, width_ratios=(1, 1, 1.4))
        for stroke in self.strokes:
            paper.plot(*stroke.T, "k", linewidth=10, solid_capstyle="round", solid_joinstyle="round")
        paper.set(xlim=(0, SIDE), ylim=(SIDE, 0), aspect="equal", xticks=[], yticks=[])
        image.imshow(self.image, cmap="gray", vmin=0, vmax=255)
        image.set(xticks=[], yticks=[])
        bars.set(xlim=(0, 1.2), ylim=(9.5, -0.5), yticks=range(10), xticks=[])
        bars.tick_params(length=0)
        bars.spines[:].set_visible(False)
        if (shares := self.probabilities) is not None:
            drawn = bars.barh(range(10), shares, color=np.where(shares == shares.max(), BLUE, GREY))
            bars.bar_label(drawn, [f"{100 * p:.1f} %" for p in shares], padding=3, fontsize=9)
        says = textwrap.fill(textwrap.shorten(self.says, 150), 48)
        for axis, title in ((paper, "Drawn"), (image, "The network sees"), (bars, says)):
            axis.set_title(title, fontsize=10, fontweight="normal", loc="left", parse_math=False)
        return figure

    def _repr_mimebundle_(self, **kwargs):
        """What a notebook stores: with a drawing, also a still picture, for pages where no kernel runs."""
        data, metadata = super()._repr_mimebundle_(**kwargs)
        if self.strokes:
            still, description = self._still()
            data, metadata = data | still, metadata | description
        return data, metadata


def _described(error):
    """An exception as a line of text that can be shown, whatever its message is, even if it has none."""
    text = f"{type(error).__name__}: {TracebackException.from_exception(error)}"
    return text.encode("utf-8", "replace").decode()


def in_words(probabilities: np.ndarray) -> str:
    """Say what ten probabilities mean, such as "Probably a 3 (71 %), perhaps a 5 (20 %)."."""
    second, first = np.argsort(probabilities, kind="stable")[-2:]
    p, q = probabilities[first], probabilities[second]
    if p >= 0.9:
        return f"This is {_a(first)} ({_percent(p)})."
    if p >= 0.6:
        return f"Probably {_a(first)} ({_percent(p)}), perhaps {_a(second)} ({_percent(q)})."
    return f"Hard to say: {_a(first)} ({_percent(p)}) or {_a(second)} ({_percent(q)})?"


def _a(digit):
    return f"an {digit}" if digit == 8 else f"a {digit}"


def _percent(p):
    return "over 99 %" if p > 0.99 else f"{100 * p:.0f} %"


def _ask(classifier, image):
    """The classifier's ten probabilities for one image (28, 28) uint8, as a float array (10,), checked."""
    several = hasattr(classifier, "probabilities")
    probabilities = np.array(classifier.probabilities(image[None]) if several else classifier(image), float)
    if probabilities.size != 10:
        raise ValueError(f"it returned the shape {probabilities.shape} instead of 10 probabilities")
    probabilities = probabilities.reshape(10)
    if not ((probabilities >= -1e-3) & (probabilities <= 1 + 1e-3)).all():  # NaN fails both
        low, high = probabilities.min(), probabilities.max()
        raise ValueError(f"probabilities lie between 0 and 1, but it returned {low:.3g} to {high:.3g}")
    return probabilities.clip(0, 1)


def _checked_classifier(classifier):
    if classifier is None or callable(classifier) or hasattr(classifier, "probabilities"):
        return classifier
    raise TypeError(
        f"the classifier must have a method probabilities(images) or be a function of one image; "
        f"{type(classifier).__name__} is neither"
    )
