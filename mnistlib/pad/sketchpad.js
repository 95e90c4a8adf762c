// The page's half of the drawing pad (the kernel's half is sketchpad.py).
//
// The page draws the ink at once and sends the strokes to the kernel, which makes the 28 x 28 image, asks the
// classifier and answers. The page never has more than one question under way: while it waits for an answer it
// only remembers that there is something newer to ask. So a slow kernel skips drawings instead of falling behind.
//
// What the two halves share:
//   _drawing  {number, strokes, box, centre}   set here or in Python; strokes are lists of [x, y], 0 to 280, y down
//   _answer   {number, probabilities, image, says, tone}   set in Python; number says which drawing it belongs to
//   _kept     {counts, own, says, tone}        set in Python: how many digits have been collected, and by this pad
// and the messages {kind: "keep", label, strokes}, {kind: "take back"} and {kind: "sample", digit} to Python.

const SIDE = 280; // units along one side of the paper, however large it is on the screen
const STEP = 0.4; // units: a point closer than this to the one before adds nothing
const PATIENCE = 1500; // milliseconds without an answer before the page says that it is waiting
const GIVE_UP = 10000; // milliseconds after which the page stops waiting, and may ask again
const DIGITS = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9];

const PAGE = `<div class="mnist-pad-grid">
  <section class="mnist-pad-draw">
    <svg class="mnist-pad-paper" viewBox="0 0 ${SIDE} ${SIDE}" tabindex="0" role="application"
         aria-roledescription="drawing area"
         aria-label="Draw one digit here. The keys 0 to 9 write a sample digit, Backspace undoes, Escape clears.">
      <g class="mnist-pad-hint" aria-hidden="true">
        <text x="${SIDE / 2}" y="${SIDE / 2}">Draw a digit</text>
        <text class="mnist-pad-key-hint" x="${SIDE / 2}" y="${SIDE / 2 + 24}">or press 0 to 9 for a sample</text>
      </g>
      <g class="mnist-pad-ink"></g>
    </svg>
    <div class="mnist-pad-tools">
      <button type="button" class="mnist-pad-undo" title="Backspace, or Ctrl+Z">Undo</button>
      <button type="button" class="mnist-pad-clear" title="Escape, or Delete">Clear</button>
    </div>
  </section>

  <section class="mnist-pad-sees">
    <h4>The network sees</h4>
    <div class="mnist-pad-image">
      <canvas width="28" height="28" role="img"></canvas>
      <span class="mnist-pad-box-line" aria-hidden="true"></span>
    </div>
    <div class="mnist-pad-switches">
      <label title="Scale the ink to fill the 20 × 20 box, as MNIST's digits do">
        <input type="checkbox" class="mnist-pad-box"> fit the box</label>
      <label title="Move the centre of mass to the middle, as in MNIST">
        <input type="checkbox" class="mnist-pad-centre"> centre</label>
    </div>
  </section>

  <section class="mnist-pad-reads">
    <h4>It reads</h4>
    <div class="mnist-pad-answer">
      <span class="mnist-pad-digit" aria-hidden="true"></span>
      <span class="mnist-pad-says"></span>
    </div>
    <ol class="mnist-pad-bars" aria-label="Probability of each digit">
      ${DIGITS.map((d) => `<li><b>${d}</b><i><i></i></i><span></span></li>`).join("")}
    </ol>
  </section>

  <section class="mnist-pad-keep">
    <h4 id="ID-keep">Keep it as a</h4>
    <div class="mnist-pad-labels" role="group" aria-labelledby="ID-keep">
      ${DIGITS.map((d) => `<button type="button" data-label="${d}"><b>${d}</b><small></small></button>`).join("")}
    </div>
    <div class="mnist-pad-kept">
      <span role="status"></span>
      <button type="button" class="mnist-pad-take-back">Take back</button>
    </div>
  </section>

  <div class="mnist-pad-spoken" role="status" aria-live="polite"></div>
</div>`;

let pads = 0; // gives every pad on the page its own id

function render({ model, el }) {
  const root = document.createElement("div");
  root.className = "mnist-pad";
  root.innerHTML = PAGE.replaceAll("ID-", `mnist-pad-${(pads += 1)}-`);
  el.replaceChildren(root);

  const find = (name) => root.querySelector(`.mnist-pad-${name}`);
  const paper = find("paper");
  const image = root.querySelector("canvas");
  const labels = [...root.querySelectorAll("[data-label]")];

  // ---- the drawing -------------------------------------------------------------------------------------

  let strokes = []; // what is on the paper: lists of [x, y]
  let past = []; // what was on it before: Undo goes back one step, also over Clear
  let pen = null; // {id, last, stroke} while a pointer is down

  const same = (p, q) => p[0] === q[0] && p[1] === q[1];
  const rounded = (x) => Math.round(x * 10) / 10;

  function paintStroke(stroke, path) {
    path ??= find("ink").appendChild(document.createElementNS("http://www.w3.org/2000/svg", "path"));
    const line = stroke.map(([x, y]) => `${x} ${y}`).join("L");
    path.setAttribute("d", stroke.length > 1 ? `M${line}` : `M${line}h0.01`); // a dot needs a length to show
    return path;
  }

  function paint() {
    find("ink").replaceChildren();
    for (const stroke of strokes) paintStroke(stroke);
    const empty = strokes.length === 0;
    find("hint").style.display = empty ? "" : "none";
    find("undo").disabled = past.length === 0;
    find("clear").disabled = empty;
    for (const button of labels) button.disabled = empty;
  }

  // Put other strokes on the paper in one step that can be undone.
  function replace(newStrokes) {
    past.push(strokes);
    strokes = newStrokes;
    pen = null;
    paint();
    ask();
  }

  function clear() {
    if (strokes.length) replace([]);
  }

  function undo() {
    if (!past.length) return;
    strokes = past.pop();
    pen = null;
    paint();
    ask();
  }

  // ---- the pen -----------------------------------------------------------------------------------------

  // The part of the line from a to b that lies on the paper, as [start, end], or null if none does
  // (Liang and Barsky, 1984).
  function clipped(a, b) {
    let enter = 0;
    let leave = 1;
    for (const k of [0, 1]) {
      const way = b[k] - a[k];
      if (way === 0 && (a[k] < 0 || a[k] > SIDE)) return null;
      if (way === 0) continue;
      const sides = [-a[k] / way, (SIDE - a[k]) / way];
      enter = Math.max(enter, Math.min(...sides));
      leave = Math.min(leave, Math.max(...sides));
    }
    if (enter > leave) return null;
    const at = (t) => [rounded(a[0] + t * (b[0] - a[0])), rounded(a[1] + t * (b[1] - a[1]))];
    return [at(enter), at(leave)];
  }

  // Ink from the pen's last place to this one. Where the pen leaves the paper the stroke ends; where it comes
  // back another begins. What is sent is what can be seen.
  function moveTo(point) {
    if (Math.hypot(point[0] - pen.last[0], point[1] - pen.last[1]) < STEP) return;
    const part = clipped(pen.last, point);
    pen.last = point;
    if (!part) {
      pen.stroke = null;
      return;
    }
    const [start, end] = part;
    if (!pen.stroke || !same(pen.stroke.at(-1), start)) {
      if (same(start, end)) return; // it only grazed the rim
      pen.stroke = [start];
      pen.path = null;
      strokes.push(pen.stroke);
    }
    if (!same(start, end)) pen.stroke.push(end);
    pen.path = paintStroke(pen.stroke, pen.path);
  }

  function place(event) {
    const r = paper.getBoundingClientRect();
    return [
      rounded(((event.clientX - r.left) / r.width) * SIDE),
      rounded(((event.clientY - r.top) / r.height) * SIDE),
    ];
  }

  paper.addEventListener("pointerdown", (event) => {
    if (pen || event.button !== 0) return; // one pen at a time: a second finger, or the palm, draws nothing
    event.preventDefault();
    paper.focus({ preventScroll: true });
    paper.setPointerCapture(event.pointerId); // the pen stays ours when it leaves the paper
    const point = place(event);
    past.push(strokes);
    pen = { id: event.pointerId, last: point, stroke: [point], path: null };
    strokes = [...strokes, pen.stroke];
    paint();
    pen.path = find("ink").lastChild;
    ask();
  });

  paper.addEventListener("pointermove", (event) => {
    if (!pen || event.pointerId !== pen.id) return;
    // The browser reports a pointer once per frame; the places in between are in the coalesced events.
    const events = event.getCoalescedEvents?.() ?? [];
    for (const e of events.length ? events : [event]) moveTo(place(e));
    ask();
  });

  for (const end of ["pointerup", "pointercancel", "lostpointercapture"]) {
    paper.addEventListener(end, (event) => {
      if (!pen || event.pointerId !== pen.id) return;
      pen = null;
      ask();
      send(); // the finished stroke does not wait for the next frame
    });
  }

  // ---- questions and answers ---------------------------------------------------------------------------

  let waitingFor = 0; // the number of the question under way, 0 if there is none
  let stale = false; // is there something newer to ask?
  let frame = 0;
  let timers = [];
  let mine = null; // the drawing that this view sent last

  // Ask about what is on the paper now; at most once per frame of the screen, and one question at a time.
  function ask() {
    root.dataset.state = "asking";
    stale = true;
    if (!frame) frame = requestAnimationFrame(send);
  }

  function send() {
    cancelAnimationFrame(frame);
    frame = 0;
    if (waitingFor || !stale) return;
    stale = false;
    const number = (model.get("_drawing").number ?? 0) + 1;
    const [box, centre] = [find("box").checked, find("centre").checked];
    mine = { number, strokes: strokes.map((stroke) => stroke.slice()), box, centre };
    waitingFor = number;
    timers = [setTimeout(waiting, PATIENCE), setTimeout(giveUp, GIVE_UP)];
    model.set("_drawing", mine);
    model.save_changes();
  }

  function stopWaiting() {
    timers.forEach(clearTimeout);
    waitingFor = 0;
    delete root.dataset.late;
  }

  function waiting() {
    root.dataset.late = "";
    find("says").textContent =
      "No answer from the kernel yet. It may be busy; if it was restarted, run the cell again.";
  }

  function giveUp() {
    stopWaiting();
    if (stale) send();
  }

  function showAnswer() {
    const answer = model.get("_answer");
    if (waitingFor && answer.number >= waitingFor) stopWaiting();

    const probabilities = answer.probabilities ?? [];
    const best = probabilities.indexOf(Math.max(...probabilities));
    find("digit").textContent = best >= 0 ? best : "";
    find("says").textContent = answer.says ?? "";
    root.dataset.tone = answer.tone ?? "";
    root.querySelectorAll(".mnist-pad-bars li").forEach((row, digit) => {
      const p = probabilities[digit];
      row.classList.toggle("mnist-pad-best", digit === best);
      row.querySelector("i i").style.width = `${100 * (p ?? 0)}%`;
      row.querySelector("span").textContent = p === undefined ? "" : `${(100 * p).toFixed(1)} %`;
    });
    showImage(answer.image);

    if (stale) {
      send();
    } else if (!waitingFor) {
      root.dataset.state = "settled";
      // Spoken only when the pen is up and the answer is the last one: not once for every move.
      if (!pen) find("spoken").textContent = answer.says ?? "";
    }
    root.dataset.answered = answer.number ?? 0;
  }

  function showImage(bytes) {
    const picture = new ImageData(28, 28);
    for (let i = 0; i < 784; i += 1) {
      const grey = bytes?.byteLength === 784 ? bytes.getUint8(i) : 0;
      picture.data.set([grey, grey, grey, 255], 4 * i);
    }
    image.getContext("2d").putImageData(picture, 0, 0);
    image.setAttribute("aria-label", strokes.length
      ? "The 28 by 28 pixels that the network sees: the drawing, white on black"
      : "The 28 by 28 pixels that the network sees: all black");
  }

  // The drawing was changed in Python, or in another view of this pad.
  function takeDrawing() {
    const drawing = model.get("_drawing");
    if (drawing === mine) return;
    if (JSON.stringify(drawing.strokes ?? []) !== JSON.stringify(strokes)) {
      past.push(strokes);
      strokes = (drawing.strokes ?? []).map((stroke) => stroke.slice());
      pen = null;
    }
    stale = false;
    find("box").checked = drawing.box ?? true;
    find("centre").checked = drawing.centre ?? true;
    root.classList.toggle("mnist-pad-boxed", find("box").checked);
    paint();
  }

  // ---- buttons, switches and keys ----------------------------------------------------------------------

  find("undo").addEventListener("click", undo);
  find("clear").addEventListener("click", clear);
  for (const name of ["box", "centre"]) {
    find(name).addEventListener("change", () => {
      root.classList.toggle("mnist-pad-boxed", find("box").checked);
      ask();
    });
  }

  for (const button of labels) {
    button.addEventListener("click", () => {
      model.send({ kind: "keep", label: Number(button.dataset.label), strokes });
      replace([]); // the paper is free for the next one
    });
  }
  find("take-back").addEventListener("click", () => model.send({ kind: "take back" }));

  function showKept() {
    const kept = model.get("_kept");
    const counts = kept.counts ?? [];
    labels.forEach((button, digit) => {
      const n = counts[digit] ?? 0;
      button.querySelector("small").textContent = n || "";
      button.setAttribute("aria-label", `Keep this drawing as a ${digit} (${n} kept so far)`);
    });
    const status = root.querySelector(".mnist-pad-kept span");
    status.textContent = kept.says ?? "";
    status.dataset.tone = kept.tone ?? "";
    find("take-back").hidden = !(kept.own ?? counts.some((n) => n > 0)); // own: how many this pad has kept
  }

  const keys = { Escape: clear, Delete: clear, Backspace: undo, u: undo };
  for (const digit of DIGITS) keys[digit] = () => model.send({ kind: "sample", digit });

  // Jupyter has its own meaning for single keys: 1 to 6 turn a cell into a heading, "0 0" restarts the kernel.
  // It listens at the document, so the pad listens one step earlier, at the window: plain keys pressed inside
  // the pad stay in the pad. Combinations such as Ctrl+S or Shift+Enter go on to Jupyter.
  function onKey(event) {
    if (!root.contains(event.target)) return;
    const combined = event.ctrlKey || event.metaKey;
    if (combined && !event.shiftKey && !event.altKey && event.key.toLowerCase() === "z") {
      undo();
    } else if (combined || event.altKey || (event.shiftKey && event.key === "Enter")) {
      return;
    } else if (keys[event.key]) {
      keys[event.key]();
    } else {
      event.stopPropagation();
      return; // Tab, space and the like do what they always do
    }
    event.stopPropagation();
    event.preventDefault();
  }
  window.addEventListener("keydown", onKey, true);

  // ---- beginning and end -------------------------------------------------------------------------------

  model.on("change:_answer", showAnswer);
  model.on("change:_drawing", takeDrawing);
  model.on("change:_kept", showKept);
  takeDrawing();
  past = [];
  paint();
  showAnswer();
  showKept();

  return () => {
    window.removeEventListener("keydown", onKey, true);
    timers.forEach(clearTimeout);
    cancelAnimationFrame(frame);
    model.off("change:_answer", showAnswer);
    model.off("change:_drawing", takeDrawing);
    model.off("change:_kept", showKept);
  };
}

export default { render };
