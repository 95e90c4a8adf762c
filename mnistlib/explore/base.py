"""What the explorations share: a picture, a line of words, and work that can be started and stopped.

An exploration is a column of widgets. Its picture is drawn here, in Python, by matplotlib; beside every
picture there are words that say the same, for those who do not see it.
"""

import html
import io
import re
import threading
import time

import anywidget
import ipywidgets
import traitlets
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

PIXELS = 96  # of the page to an inch of a figure; the file has twice as many, for sharp screens

# matplotlib draws for one thread at a time, and there are several: cells, messages from the page, a training.
_drawing = threading.RLock()


def new_figure(width, height, **options):
    """A figure of width × height inches, to be drawn on and given to `Picture.show`.

    Figures of pyplot belong to the cells' thread; this one may be drawn in any.
    """
    options = {"layout": "constrained", **options}
    figure = Figure(figsize=(width, height), **options)
    FigureCanvasAgg(figure)
    return figure


class Picture(anywidget.AnyWidget):
    """A picture with alternative text, which can be clicked on. Narrow pages shrink it.

    ipywidgets has an Image, too, but no words can be given to it for a screen reader.
    """

    _esm = """
    function render({ model, el }) {
      const image = document.createElement("img");
      const draw = () => {
        const old = image.src;
        image.src = URL.createObjectURL(new Blob([model.get("_png")], { type: "image/png" }));
        image.alt = model.get("alt");
        image.style.width = model.get("_width") + "px";
        image.classList.toggle("mnist-clickable", model.get("_clickable"));
        URL.revokeObjectURL(old);
      };
      image.addEventListener("click", (event) => {
        const box = image.getBoundingClientRect();
        const x = (event.clientX - box.left) / box.width, y = (event.clientY - box.top) / box.height;
        if (model.get("_clickable")) model.send({ x, y });
      });
      el.classList.add("mnist-picture");
      el.append(image);
      model.on("change", draw);
      draw();
      return () => { model.off("change", draw); URL.revokeObjectURL(image.src); };
    }
    export default { render };
    """

    # Drawn on white in a dark notebook, too: figures below other cells are.
    _css = """
    .mnist-picture img {
      display: block; max-width: calc(100% - 4px); height: auto; margin: 2px;
      background: white; border-radius: 6px;
    }
    .mnist-picture img.mnist-clickable { cursor: pointer; }
    """

    alt = traitlets.Unicode().tag(sync=True)
    _png = traitlets.Bytes().tag(sync=True)
    _width = traitlets.Float().tag(sync=True)
    _clickable = traitlets.Bool(False).tag(sync=True)

    def __repr__(self):
        return f"Picture({self.alt!r})"

    def show(self, figure, alt):
        """Show a figure made by `new_figure`, described by the words `alt`."""
        with _drawing:
            file = io.BytesIO()
            figure.savefig(file, format="png", dpi=2 * PIXELS)
            self.figure = figure
        with self.hold_sync():  # one change for the page, not three
            self._png, self._width, self.alt = file.getvalue(), PIXELS * figure.get_figwidth(), alt

    def on_click(self, function):
        """Call function(axes, x, y) for a click within axes of the figure, x and y in the axes' units.

        Whoever has no mouse needs another way to the same end: buttons, or a list to choose from.
        """
        self._clickable = True
        self.on_msg(lambda _, message, buffers: self._clicked(function, message))

    def _clicked(self, function, message):
        """The page counts from the upper left corner, from 0 to 1; matplotlib from the lower left one."""
        width, height = self.figure.bbox.size
        spot = (message["x"] * width, (1 - message["y"]) * height)
        for axes in self.figure.axes:
            if axes.bbox.contains(*spot):
                function(axes, *(float(number) for number in axes.transData.inverted().transform(spot)))


class Words(anywidget.AnyWidget):
    """A paragraph of words, or a table; when it changes, a screen reader says it.

    `text` is plain text. `html` may have <b>, <code>, <table> and the like; what is put into it from
    elsewhere has to go through html.escape. live=False: changes are not said aloud (a table is too long).
    """

    _esm = """
    function render({ model, el }) {
      const draw = () => { el.innerHTML = model.get("html"); };
      el.classList.add("mnist-words");
      if (model.get("_live")) el.setAttribute("role", "status");  // changes are announced, politely
      model.on("change:html", draw);
      draw();
      return () => model.off("change:html", draw);
    }
    export default { render };
    """

    _css = """
    .mnist-words {
      max-width: 680px; min-height: 20px; padding: 2px 6px;
      color: var(--jp-ui-font-color1, inherit);
      font: 14px/21px var(--jp-ui-font-family, system-ui, sans-serif);
    }
    .mnist-words code {
      padding: 1px 4px; border-radius: 3px; white-space: pre-wrap;
      background: var(--jp-layout-color2, #eee); color: inherit; font-size: 13px;
    }
    .mnist-words table { border-collapse: collapse; font-variant-numeric: tabular-nums; }
    .mnist-words caption { text-align: left; font-weight: 600; padding: 2px 8px; }
    .mnist-words :is(th, td) { padding: 1px 8px; text-align: right; font-weight: 400; }
    .mnist-words thead th { border-bottom: 1px solid var(--jp-border-color1, #bdbdbd); font-weight: 600; }
    .mnist-words tr.marked { background: var(--jp-layout-color2, #eee); font-weight: 600; }
    """

    html = traitlets.Unicode().tag(sync=True)
    _live = traitlets.Bool(True).tag(sync=True)

    def __init__(self, text="", *, live=True):
        super().__init__(_live=live)
        if text:
            self.text = text

    def __repr__(self):
        return f"Words({self.html!r})"

    @property
    def text(self):
        """The words as plain text; set it to show plain text."""
        return html.unescape(re.sub("<[^>]*>", "", self.html.replace("<br>", "\n")))

    @text.setter
    def text(self, text):
        self.html = html.escape(str(text), quote=False).replace("\n", "<br>")


class Exploration(ipywidgets.VBox):
    """A column of widgets that fits wide and narrow pages; the class that explorations are made from.

    A subclass says in `__repr__` what it is, in the same words in every run: they are stored in the notebook.
    """

    def __init__(self, *children):
        super().__init__(children, layout={"width": "100%", "max_width": "800px", "overflow": "visible"})
        self.lock = threading.RLock()  # for what two threads may change: the page's messages and a training

    def __repr__(self):
        return f"{type(self).__name__}()"

    def _repr_mimebundle_(self, **options):
        """What a notebook stores: also a sentence, to be read where no kernel runs."""
        data = super()._repr_mimebundle_(**options)
        sentence = f"<code>{html.escape(repr(self))}</code> appears here when you run this notebook."
        return {**data, "text/html": sentence}


def row(*children):
    """Widgets side by side, and below each other where there is no room."""
    return ipywidgets.HBox(
        children, layout={"flex_flow": "row wrap", "align_items": "center", "width": "100%"}
    )


def button(label, action, **options):
    """A button that calls action() when it is pressed."""
    made = ipywidgets.Button(description=label, **{"layout": {"width": "auto"}, **options})
    made.on_click(lambda _: action())
    return made


def at_most_every(seconds):
    """A function to ask before each redrawing of a picture: True at first, then once in so many seconds.

    A training has hundreds of batches a second. Nobody sees more than a few pictures. Where drawing is slow,
    they become fewer still, so that three quarters of the time are left for the training.
    """
    asked = resume = 0.0
    drawing = False

    def due():
        nonlocal asked, resume, drawing
        now = time.perf_counter()
        if drawing:  # the last answer was True: since then, a picture was drawn
            resume = now + max(seconds, 3 * (now - asked))
        asked, drawing = now, now >= resume
        return drawing

    return due


class Runner(ipywidgets.HBox):
    """A Start and a Stop button for work that takes its time, and words that say how it stands.

    Parameters
    ----------
    work : callable
        ``work(stopping)`` is called in a thread of its own. It has to ask ``stopping()`` often, and return
        soon after that is True. What it returns, if anything, is shown in words. What it raises is shown in
        words, too, and raised again by `wait`.
    label : str
        What Start says.

    One work at a time: starting one asks another Runner's to stop. (Two trainings would only be slower. And
    a cell that is run again makes a new Runner; the old one's work should not go on unseen.)
    """

    _latest = None  # the Runner that was started last

    def __init__(self, work, *, label="Start training"):
        self._work = work
        self._thread = None
        self._stop = threading.Event()
        self._error = None
        self._start_button = button(label, self._press_start, button_style="primary", icon="play")
        self._stop_button = button("Stop", self.stop, icon="stop", disabled=True)
        self._words = Words("Not started.")
        super().__init__(
            (self._start_button, self._stop_button, self._words),
            layout={"flex_flow": "row wrap", "align_items": "center"},
        )

    def __repr__(self):
        return "Runner()"

    @property
    def running(self):
        """Whether the work is going on."""
        return self._thread is not None and self._thread.is_alive()

    @property
    def says(self):
        """How it stands, in words. A screen reader says them when they change: let that not be too often."""
        return self._words.text

    @says.setter
    def says(self, text):
        self._words.text = text

    def start(self):
        """Start the work. Raises RuntimeError if it is going on already."""
        if self.running:
            raise RuntimeError("it is running already: call stop() and wait() first")
        if Runner._latest is not None:
            Runner._latest.stop()
        Runner._latest = self
        self._error = None
        self._stop = threading.Event()
        self._show(running=True)
        self.says = "Running …"
        self._thread = threading.Thread(target=self._run, args=(self._stop,), daemon=True)
        self._thread.start()

    def stop(self):
        """Ask the work to stop; it does so soon. Without work, nothing happens."""
        if self.running:
            self._stop.set()
            self._stop_button.disabled = True

    def wait(self, timeout=None):
        """Wait until the work is done, or has been stopped.

        timeout: seconds, None for as long as it takes. Raises TimeoutError, and what the work raised. Ctrl-C,
        or the notebook's stop button, stops the work as well.
        """
        if self._thread is None:
            raise RuntimeError("nothing was started: call start() first")
        try:
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

    def _run(self, stop):
        """The thread: nothing may get lost here, since nobody would see it."""
        try:
            words = self._work(stop.is_set)
            self.says = words or ("Stopped." if stop.is_set() else "Finished.")
        except Exception as error:
            self._error = error
            self.says = f"It failed. {type(error).__name__}: {error}"
        finally:
            self._show(running=False)

    def _show(self, running):
        self._start_button.disabled = running
        self._stop_button.disabled = not running
