"""What explorations share: knobs, a picture, a line of words, and work that goes on in the background.

An exploration is a column of widgets. Its picture is drawn here, in Python, by matplotlib; beside every
picture there are words that say the same, for those who do not see it. Here is a whole one:

    class Slope(Exploration):
        w = Slider("w", -3.0, 3.0, 0.1)

        def __init__(self, w: float = 1.0):
            super().__init__(w=w)
            self.draw()

        def __repr__(self):
            return f"Slope(w={self.w:.1f})"

        def draw(self):
            figure = new_figure((4, 3))
            axes, x = figure.subplots(), np.linspace(-3, 3, 61)
            axes.plot(x, x**2, color=BLUE)
            axes.axline((self.w, self.w**2), slope=2 * self.w, color=RED)
            self.says = f"At w = {self.w:.1f} the slope of w² is {2 * self.w:.1f}."
            self.show(figure, f"A parabola and its tangent. {self.says}")

`Slope()` as a cell's last line shows it, ``slope.w = -2`` turns its slider, and ``slope.says`` are its words.
A notebook stores the picture as well, for pages where no kernel runs. To make it part of the course, add a
line to explore/__init__.py, and a test that turns the slider and reads the words. What takes more than a
second belongs into a `BackgroundExploration`.
"""

import base64
import functools
import html
import io
import numbers
import re
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from traceback import TracebackException  # its text is there even for an error whose own fails
from typing import Any

import anywidget
import ipywidgets
import PIL.Image
import traitlets
from IPython.display import display
from matplotlib.figure import Figure

HERE = Path(__file__).parent
PIXELS = 96  # of the page to an inch of a figure; the file has twice as many, for sharp screens
NARROW = {"description_width": "auto"}  # no more room for a widget's name than it needs
THREADS = sys.platform != "emscripten"  # there are none where Python itself runs in a web page

# For what several threads may change: cells, messages from the page, a training. One for all explorations,
# since matplotlib draws for one thread at a time.
LOCK = threading.RLock()


# new_figure((width, height)), in inches, is to be drawn on and given to `Picture.show`. Figures of pyplot
# belong to the cells' thread; these may be drawn in any.
new_figure = functools.partial(Figure, layout="constrained")


class Picture(anywidget.AnyWidget):
    """A picture with alternative text, which can be clicked on. Narrow pages shrink it.

    ipywidgets has an Image, too, but no words can be given to it for a screen reader.
    """

    _esm, _css = HERE / "picture.js", HERE / "picture.css"
    alt = traitlets.Unicode().tag(sync=True)
    _png = traitlets.Bytes().tag(sync=True)
    _width = traitlets.Float().tag(sync=True)
    _clickable = traitlets.Bool(False).tag(sync=True)

    def show(self, figure: Figure, alt: str) -> None:
        """Show a figure made by `new_figure`, described by the words `alt`."""
        with LOCK:
            file = io.BytesIO()
            figure.savefig(file, format="png", dpi=2 * PIXELS)
            self.figure = figure
        with self.hold_sync():  # one change for the page, not three
            self._png, self._width, self.alt = file.getvalue(), PIXELS * figure.get_figwidth(), alt

    def on_click(self, function: Callable[[float, float], object]) -> None:
        """Call function(x, y) for a click within the figure's axes, in their units.

        Whoever has no mouse needs another way to the same end: buttons, or a list to choose from.
        """

        def clicked(_, message, buffers):
            axes = self.figure.axes[0]
            # The page counts from the upper left corner, from 0 to 1; matplotlib from the lower left one.
            spot = (message["x"], 1 - message["y"]) * self.figure.bbox.size
            if axes.bbox.contains(*spot):
                function(*axes.transData.inverted().transform(spot).tolist())

        self._clickable = True
        self.on_msg(clicked)


class Words(anywidget.AnyWidget):
    """A paragraph of words, or a table; when it changes, a screen reader says it.

    `text` is plain text. `html` may have <b>, <code>, <table> and the like; what is put into it from
    elsewhere has to go through html.escape. live=False: changes are not said aloud (a table is too long).
    """

    _esm, _css = HERE / "words.js", HERE / "words.css"
    html = traitlets.Unicode().tag(sync=True)
    _live = traitlets.Bool(True).tag(sync=True)

    def __init__(self, text: str = "", *, live: bool = True):
        super().__init__(_live=live)
        self.text = text

    @property
    def text(self) -> str:
        """The words as plain text; set it to show plain text."""
        return html.unescape(re.sub("<[^>]*>", "", self.html.replace("<br>", "\n")))

    @text.setter
    def text(self, text: str) -> None:
        self.html = html.escape(str(text), quote=False).replace("\n", "<br>")


class Slider:
    """A slider of an exploration that is an attribute as well: ``weight = Slider("weight w", -4, 4, 0.1)``.

    For whole numbers if `step` is one. Setting the attribute turns the slider. What the slider cannot show is
    a ValueError (ipywidgets would take the nearest number without a word).
    """

    def __init__(self, label: str, low: float, high: float, step: float = 1, **options: Any):
        kind = ipywidgets.IntSlider if isinstance(step, int) else ipywidgets.FloatSlider
        options = {"style": NARROW, "layout": {"flex": "1 1 220px", "width": "auto"}, **options}
        self.make = functools.partial(kind, min=low, max=high, step=step, description=label, **options)

    def __set_name__(self, owner, name):
        self._name = name

    def __get__(self, exploration, owner=None):
        return self if exploration is None else exploration.knobs[self._name].value

    def __set__(self, exploration, value):
        widget = exploration.knobs[self._name]
        widget.value = self._checked(widget, value)

    def _checked(self, widget, value):
        whole = isinstance(widget, ipywidgets.IntSlider)
        kind = numbers.Integral if whole else numbers.Real
        within = isinstance(value, kind) and widget.min <= value <= widget.max  # NaN is not
        if not within or isinstance(value, bool):
            expected = f"{'whole ' * whole}number from {widget.min:g} to {widget.max:g}"
            raise ValueError(f"{self._name} is {value!r}: expected a {expected}")
        return int(value) if whole else float(value)


class Choice(Slider):
    """Buttons of an exploration, one of which is pressed: ``view = Choice(["weights", "changes"])``."""

    def __init__(self, options: list):
        style = {"button_width": "auto"}
        self.make = functools.partial(ipywidgets.ToggleButtons, options=options, style=style)

    def _checked(self, widget, value):
        if value not in widget.options:
            raise ValueError(f"{self._name} is {value!r}: expected one of {', '.join(widget.options)}")
        return value


class Exploration(ipywidgets.VBox):
    """A column of widgets that fits wide and narrow pages; the class that explorations are made from.

    A subclass has sliders and choices as class attributes, passes their first values on by name, and defines
    `draw`: it calls that at the end of its `__init__`, and every turn of a slider calls it. Its `__repr__`
    says what it is, in the same words in every run: they are stored in the notebook.

    knobs : dict of the widgets of its sliders and choices, by the names of the attributes
    children : the widgets from top to bottom, at first the knobs in a row, the words and the picture
    """

    children: tuple

    def __init__(self, **values: Any):
        super().__init__(layout={"width": "100%", "max_width": "800px", "overflow": "visible"})
        attributes = [pair for kind in type(self).__mro__[::-1] for pair in vars(kind).items()]
        self.knobs = {name: knob.make() for name, knob in attributes if isinstance(knob, Slider)}
        self._words, self._picture = Words(), Picture()
        self.children = (row(*self.knobs.values()), self._words, self._picture)
        for name, value in values.items():
            setattr(self, name, value)
        for widget in self.knobs.values():
            widget.observe(lambda change: self._redraw(), names="value")

    def __repr__(self) -> str:
        return f"{type(self).__name__}()"

    def draw(self) -> None:
        """Show picture and words as they are now. A subclass says how."""

    def _redraw(self):
        with LOCK:
            self.draw()

    @property
    def says(self) -> str:
        """What is shown, in words."""
        return self._words.text

    @says.setter
    def says(self, text: str) -> None:
        self._words.text = text

    def show(self, figure: Figure, alt: str) -> None:
        """Show a figure made by `new_figure`, described by the words `alt`."""
        self._picture.show(figure, alt)

    # -- without a kernel ---------------------------------------------------------------------------------

    def pictures(self) -> list[Picture]:
        """The pictures that a notebook stores, as one; none if there is nothing to see yet."""
        return [self._picture] if self._picture.alt else []

    def picture(self) -> None:
        """Show what is shown now as a plain picture, which also stays where no kernel runs."""
        data, metadata = _still(self.pictures() or [self._picture])
        display(data, metadata=metadata, raw=True)

    def _repr_mimebundle_(self, **options):
        """What a notebook stores: also a still picture, or a sentence, to be seen where no kernel runs."""
        data = super()._repr_mimebundle_(**options)
        if self.pictures():
            still, metadata = _still(self.pictures())
            return data | still, metadata
        sentence = f"<code>{html.escape(repr(self))}</code> appears here when you run this notebook."
        return data | {"text/html": sentence}, {}


def _still(pictures):
    """Pictures as one for a notebook: its data, and alternative text and width as metadata."""
    shown = [picture for picture in pictures if picture.layout.display != "none"]
    png = joined([picture._png for picture in shown])
    alt = " ".join(picture.alt for picture in shown)
    width = int.from_bytes(png[16:20], "big") // 2  # where a PNG file has its width
    return {"image/png": base64.b64encode(png).decode()}, {"image/png": {"alt": alt, "width": width}}


def joined(pngs: list[bytes]) -> bytes:
    """PNG files as one of few colours: side by side if they are equally high, otherwise below each other."""
    images = [PIL.Image.open(io.BytesIO(png)).convert("RGB") for png in pngs]
    widths, heights = zip(*(image.size for image in images), strict=True)
    beside = len(set(heights)) == 1
    size = (sum(widths), heights[0]) if beside else (max(widths), sum(heights))
    paper = PIL.Image.new("RGB", size, "white")
    for number, image in enumerate(images):
        place = (sum(widths[:number]), 0) if beside else (0, sum(heights[:number]))
        paper.paste(image, place)
    file = io.BytesIO()
    few = paper.quantize(256, method=PIL.Image.Quantize.MAXCOVERAGE)  # a fifth of the bytes, each shade kept
    few.save(file, "png", optimize=True)
    return file.getvalue()


def row(*children: ipywidgets.Widget) -> ipywidgets.HBox:
    """Widgets side by side, and below each other where there is no room."""
    layout = {"flex_flow": "row wrap", "align_items": "center", "width": "100%"}
    return ipywidgets.HBox(children, layout=layout)


def button(label: str, action: Callable[[], object], **options: Any) -> ipywidgets.Button:
    """A button that calls action() when it is pressed."""
    made = ipywidgets.Button(description=label, **{"layout": {"width": "auto"}, **options})
    made.on_click(lambda _: action())
    return made


def rarely(draw: Callable, seconds: float = 0.25) -> Callable[..., None]:
    """A function that passes its arguments on to `draw`, once in so many seconds; else it does nothing.

    A training has hundreds of batches a second. Nobody sees more than a few pictures. Where drawing is slow,
    they become fewer still, so that three quarters of the time are left for the training.
    """
    resume = 0.0

    def draw_rarely(*arguments):
        nonlocal resume
        start = time.perf_counter()
        if start >= resume:
            draw(*arguments)
            end = time.perf_counter()
            resume = end + max(seconds, 3 * (end - start))

    return draw_rarely


class BackgroundExploration(Exploration):
    """An exploration whose work takes its time: at its top a Start and a Stop button, and how it stands.

    A subclass defines ``work(stopping)``, which is called in a thread of its own. It has to ask
    ``stopping()`` often, to return soon after that is True, and to call `draw` from time to time (see
    `rarely`). What it returns, if anything, is shown in words. What it raises is shown in words, too, and
    raised by `wait`.

    Where there are no threads (Python in a web page), `start` does the work itself.

    One work at a time: starting one asks the last one to stop. (Two trainings would only be slower. And a
    cell that is run again makes a new exploration; the old one's work should not go on unseen.)

    label : what Start says
    status : Words, how the work stands. A screen reader says them: let them not change too often.
    """

    _latest: "BackgroundExploration | None" = None  # the one that was started last

    def __init__(self, *, label: str = "Start training", **values: Any):
        super().__init__(**values)
        self._thread: threading.Thread | None = None
        self._error: Exception | None = None
        self._stopping = threading.Event()
        self._start_button = button(label, self._press_start, button_style="primary", icon="play")
        self._stop_button = button("Stop", self.stop, icon="stop", disabled=True)
        self.status = Words("Not started.")
        self.children = (row(self._start_button, self._stop_button, self.status), *self.children)

    @property
    def running(self) -> bool:
        """Whether the work is going on."""
        return self._thread is not None and self._thread.is_alive()

    def start(self) -> None:
        """Begin the work anew, in the background. Raises RuntimeError if it is going on already."""
        if self.running:
            raise RuntimeError("it is running already: call stop() and wait() first")
        if BackgroundExploration._latest is not None:
            BackgroundExploration._latest.stop()
        BackgroundExploration._latest = self
        self._error = None
        self._stopping.clear()
        self._enable(running=True)
        self.status.text = "Running …"
        self._thread = threading.Thread(target=self._run, daemon=True)
        if THREADS:
            self._thread.start()
        else:  # the cell, or the press of the button, takes as long as the work
            self._thread.run()

    def stop(self) -> None:
        """Ask the work to end soon. Without work, nothing happens."""
        if self.running:
            self._stopping.set()
            self._stop_button.disabled = True

    def wait(self, timeout: float | None = None) -> None:
        """Wait until the work has ended; raises what went wrong, and TimeoutError after `timeout` seconds.

        Ctrl-C, or the notebook's stop button, stops the work as well.
        """
        if self._thread is None:
            raise RuntimeError("nothing was started: call start() first")
        try:
            if self.running:
                self._thread.join(timeout)
        except KeyboardInterrupt:
            self.stop()
            raise
        if self.running:
            raise TimeoutError(f"still running after {timeout} s: call stop(), or wait longer")
        if self._error is not None:
            raise self._error

    def _press_start(self):
        if not self.running:  # two clicks may arrive before the button is disabled
            self.start()

    def _run(self):
        """The thread: nothing may get lost here, since nobody would see it."""
        stopping = self._stopping.is_set
        try:
            self.status.text = self.work(stopping) or ("Stopped." if stopping() else "Finished.")
        except Exception as error:
            self._error = error
            self.status.text = (
                f"It failed. {type(error).__name__}: {TracebackException.from_exception(error)}"
            )
        finally:
            self._enable(running=False)

    def _enable(self, running):
        self._start_button.disabled = running
        self._stop_button.disabled = not running
