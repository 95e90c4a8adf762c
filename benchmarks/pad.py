"""How fast the drawing pad is: in its kernel half, and in a browser from pen-up to the answer on the page.

    python benchmarks/pad.py              both
    python benchmarks/pad.py --kernel     only the recorded digits (needs pendigits-orig.tra, see --pens)
    python benchmarks/pad.py --browser    only the browser (needs Chromium and `pip install -e '.[browser]'`)

In the kernel: all 7,494 recorded digits of the UCI pen digits go through ``pad.strokes = …``, which makes the
image, asks the shipped network and prepares what the page gets.

In the browser: JupyterLab in headless Chromium, digits drawn with the mouse. The time is taken by the page
itself, from the pointerup event to the moment when the answer to the finished drawing is in the page. With a
classifier that takes 0.2 s the same again: it must skip drawings, not queue them.
"""

import argparse
import os
import sys
import tempfile
import time
from pathlib import Path

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import numpy as np
from common import PENS, ROOT, print_load
from unipen import read_unipen

from mnistlib.network import pretrained
from mnistlib.pad.sketchpad import SketchPad
from mnistlib.pen import sample_strokes

CELLS = [
    """\
import time
from mnistlib import SketchPad, pretrained
network = pretrained()
def slow(image):
    time.sleep(0.2)
    return network.probabilities(image)
SketchPad(network, save_to=None)""",
    "SketchPad(slow, save_to=None)",
]
# data-state turns to "settled" when the answer to what is on the paper now is shown.
STOPWATCH = """pad => {
    let up = 0;
    pad.times = [];
    const paper = pad.querySelector('.mnist-pad-paper');
    paper.addEventListener('pointerup', () => { up = performance.now(); }, true);
    new MutationObserver(() => {
        if (up && pad.dataset.state === 'settled') { pad.times.push(performance.now() - up); up = 0; }
    }).observe(pad, { attributeFilter: ['data-answered'] });
}"""


def report(what, times):
    middle, late, worst = np.percentile(times, [50, 95, 100])
    print(f"{what}: median {middle:.1f} ms, 95th percentile {late:.1f}, worst {worst:.1f} ({len(times)})")


def kernel(path):
    digits = read_unipen(path)
    pad = SketchPad(pretrained(), save_to=None)
    times, right = [], 0
    for digit in digits:
        start = time.perf_counter()
        pad.strokes = digit.strokes
        times.append(1e3 * (time.perf_counter() - start))
        right += pad.probabilities.argmax() == digit.label
    report("recorded digits through the pad's Python side", times)
    print(f"{sum(each > 3 for each in times)} of them took over 3 ms, the mean is {np.mean(times):.2f} ms")
    print(f"{right} of {len(digits)} read (writers 1 to 24 were trained on)")


def browser(drawings):
    sys.path[:0] = [str(ROOT / "tests" / "browser"), str(ROOT / "tests")]
    from conftest import Hand, chromium, jupyter, missing, open_and_run, write_notebook

    if missing():
        sys.exit(f"no browser: {missing()}")
    with tempfile.TemporaryDirectory() as root, tempfile.TemporaryDirectory() as home:
        write_notebook(Path(root, "pad.ipynb"), CELLS)
        with jupyter(root, Path(home)) as url, chromium() as chrome:
            page = open_and_run(chrome, url, "pad.ipynb")
            for number, what in enumerate(("shipped network", "0.2 s a classification")):
                hand = Hand(page, number)
                hand.paper.scroll_into_view_if_needed()
                page.evaluate(STOPWATCH, hand.pad.element_handle())
                for k in range(drawings // (1 + 3 * number)):
                    hand.clear()
                    strokes = sample_strokes(k % 10, seed=k)
                    hand.draw([np.vstack([stroke[:-1:2], stroke[-1:]]) for stroke in strokes], pause=0.004)
                    hand.settle()
                # of digits with several strokes, the answer between two strokes counts, too
                report(f"pen-up to the shown answer, {what}", hand.pad.evaluate("pad => pad.times"))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--pens", type=Path, default=PENS, help="pendigits-orig.tra")
    parser.add_argument("--kernel", action="store_true")
    parser.add_argument("--browser", action="store_true")
    parser.add_argument("--drawings", type=int, default=100, help="digits to draw in the browser")
    options = parser.parse_args()
    print_load()
    if options.kernel or not options.browser:
        kernel(options.pens)
    if options.browser or not options.kernel:
        browser(options.drawings)


if __name__ == "__main__":
    main()
