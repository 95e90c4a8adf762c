// The drawing pad on pages where no kernel runs. sketchpad.js is the pad as the notebooks have it; here stands what
// Python does there (mnistlib/pad/sketchpad.py): strokes → image → probabilities → words.
//
// Every element <div class="live-pad" data-network="…"> becomes a pad. data-network: a file of ./, or "random".

import { rasterise } from "./pen.js";
import { Network, randomNetwork } from "./network.js";

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

  constructor(network, samples) {
    this.network = network;
    this.#samples = samples;
    this.save_changes();
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

  send({ kind, digit }) {
    if (kind === "sample") this.sample(digit);
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

  #change(name, value) {
    this.set(name, value);
    for (const handler of this.#handlers[`change:${name}`] ?? []) handler();
  }
}

const loaded = {}; // what several pads of a page have in common
const load = (name, as) => (loaded[name] ??= fetch(new URL(name, import.meta.url)).then((reply) => reply[as]()));

export async function showPad(element) {
  const name = element.dataset.network;
  const [pad, samples, network] = await Promise.all([
    import("./sketchpad.js"),
    load("samples.json", "json"),
    name === "random"
      ? randomNetwork([784, 20, 16, 10])
      : load(name, "arrayBuffer").then((buffer) => Network.fromNpz(buffer)),
  ]);
  const model = new PadModel(network, samples);
  pad.default.render({ model, el: element });
  if (element.dataset.sample) model.sample(Number(element.dataset.sample));
  return model;
}

for (const element of document.querySelectorAll(".live-pad")) showPad(element);
