// What Python does for the pad in a notebook (mnistlib/pad/sketchpad.py): strokes → image → probabilities → words.

import { rasterise } from "./pen.js";

const DOT = 5; // units: a drawing smaller than this in both directions is taken for a dot

const a = (digit) => (digit === 8 ? `an ${digit}` : `a ${digit}`);
const percent = (p) => (p > 0.99 ? "over 99 %" : `${(100 * p).toFixed(0)} %`);

export function inWords(probabilities) {
  const order = [...probabilities.keys()].sort((d, e) => probabilities[e] - probabilities[d] || e - d);
  const [first, second] = order;
  const [p, q] = [probabilities[first], probabilities[second]];
  if (p >= 0.9) return `This is ${a(first)} (${percent(p)}).`;
  if (p >= 0.6) return `Probably ${a(first)} (${percent(p)}), perhaps ${a(second)} (${percent(q)}).`;
  return `Hard to say: ${a(first)} (${percent(p)}) or ${a(second)} (${percent(q)})?`;
}

// What the kernel's half answers to a drawing.
export function answer({ number, strokes, box, centre }, network) {
  const image = rasterise(strokes, { box, centre });
  const said = { number, image: new DataView(image.buffer), probabilities: [], tone: "" };
  if (strokes.length === 0) return { ...said, says: "Draw a digit from 0 to 9." };
  const points = strokes.flat();
  const size = (k) => Math.max(...points.map((p) => p[k])) - Math.min(...points.map((p) => p[k]));
  if (Math.max(size(0), size(1)) < DOT) return { ...said, says: "That is only a dot. Draw a digit." };
  if (!image.some((ink) => ink > 0)) return { ...said, says: "All ink is outside the paper. Draw a digit." };
  said.activations = network.activations(image);
  said.probabilities = said.activations.at(-1);
  return { ...said, says: inWords(said.probabilities) };
}

// The widget model that sketchpad.js expects, with the kernel's half in the page.
export class PadModel {
  #state = { _drawing: { number: 0, strokes: [], box: true, centre: true }, _answer: {}, _kept: {} };
  #handlers = {};
  #samples;
  #turn = 0;

  constructor(network, samples, kept) {
    this.network = network;
    this.kept = kept;
    this.#samples = samples;
    this.save_changes();
    this.#showKept();
  }

  get(name) {
    return this.#state[name];
  }

  set(name, value) {
    this.#state[name] = value;
  }

  on(event, handler) {
    (this.#handlers[event] ??= []).push(handler);
  }

  off(event, handler) {
    this.#handlers[event] = (this.#handlers[event] ?? []).filter((other) => other !== handler);
  }

  save_changes() {
    this.#change("_answer", answer(this.get("_drawing"), this.network));
  }

  send({ kind, digit, label, strokes }) {
    if (kind === "sample") {
      this.sample(digit);
    } else if (kind === "keep") {
      this.kept.add(label, strokes);
      this.#showKept(`Kept as ${a(label)}.`);
    } else if (kind === "take back") {
      const last = this.kept.takeBack();
      this.#showKept(last ? `Took back ${a(last.label)}.` : "");
    }
  }

  // Write a sample of a digit on the paper, another one each time.
  sample(digit) {
    const drawings = this.#samples[digit];
    const { number, box, centre } = this.get("_drawing");
    const strokes = drawings[this.#turn % drawings.length];
    this.#turn += 1;
    this.#change("_drawing", { number: number + 1, strokes, box, centre });
    this.save_changes();
  }

  #showKept(says = "") {
    const { counts, drawings, trouble } = this.kept;
    const n = drawings.length;
    const where = trouble ? "on this page only" : "in this browser";
    const total = `${n || "No"} digit${n === 1 ? "" : "s"} kept ${where}${n ? "." : " yet."}`;
    this.#change("_kept", { counts, says: `${says} ${total}`.trim(), tone: "" });
  }

  #change(name, value) {
    this.set(name, value);
    for (const handler of this.#handlers[`change:${name}`] ?? []) handler();
  }
}
