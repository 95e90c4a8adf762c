"""A progress bar that serves notebooks and terminals alike, and leaves nothing behind.

tqdm draws the bar. In a notebook the bar appears below the cell while the work goes on and disappears when
it is done: what a notebook stores must be the same on every run, and a bar with its times never is.
"""

import html
import sys

from tqdm import tqdm


class Bar(tqdm):
    """tqdm without its watching thread, which browsers' Python cannot start."""

    monitor_interval = 0


def progress(total: int, description: str = "", unit: str = "it", disable: bool = False) -> Bar:
    """A bar for `total` steps: call `.update()`, `.set_postfix_str(text)` and at the end `.close()`.

    disable: show nothing, and let the calls do nothing.
    """
    ipython = sys.modules.get("IPython")
    in_notebook = ipython and hasattr(ipython.get_ipython(), "kernel") and not disable
    # miniters: every step looks at the clock. Else tqdm looks now and then, and relies on its thread
    return Bar(
        total=total, desc=description, unit=unit, leave=False, mininterval=0.2, miniters=1,
        file=NotebookLine() if in_notebook else sys.stderr, disable=disable,
    )  # fmt: skip


class NotebookLine:
    """One line below a notebook cell that each `write` replaces: the part of a file that tqdm needs."""

    encoding = "utf-8"

    def __init__(self):
        from IPython.display import display

        self._display = display({"text/html": ""}, raw=True, display_id=True)

    def write(self, text: str) -> None:
        """Show `text` instead of what stood there; blank text empties the line."""
        text = text.strip()
        page = f'<pre style="margin: 0">{html.escape(text)}</pre>' if text else ""
        self._display.update({"text/html": page}, raw=True)

    def flush(self) -> None:
        """Nothing to do: every write is shown at once. tqdm calls it."""
