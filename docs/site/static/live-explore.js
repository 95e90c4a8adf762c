// Explorations on pages where no kernel runs (mnistlib/explore has the originals).
//
// Every element <div class="live-exploration" data-kind="…" data-start="…"> holds a still picture, and becomes
// alive. Neuron and Softmax are computed here. Of the others Python drew a picture for each place of their slider
// when the site was built (scripts/make_frames.py): data-kind is the name of that file.

const REACH = 4; // a neuron's weight, bias and input go from −REACH to REACH
const DIGITS = [3, 5, 8, 9];
const BLUE = "#0072B2"; // the colours of mnistlib/plots.py
const ORANGE = "#E69F00";
const OUTPUT = "#009E73";

// ---- what Python computes ------------------------------------------------------------------------------------

export const sigmoid = (z) => (z >= 0 ? 1 : Math.exp(z)) / (1 + Math.exp(-Math.abs(z)));
export const relu = (z) => Math.max(z, 0);

const minus = (number) => `${number}`.replace("-", "−"); // a true minus sign

// A number as it is written in a sum: negative ones in brackets.
function written(value, decimals = 1) {
  const text = Math.abs(value).toFixed(decimals);
  return value >= 0 ? text : `(−${text})`;
}

export function neuronInWords([weight, bias, input]) {
  const z = input * weight + bias;
  const a = sigmoid(z);
  let text = `z = x · w + b = ${written(input)} · ${written(weight)} + ${written(bias)} = ${written(z, 2)}. `
    + `Sigmoid: ${a.toFixed(2)}. ReLU: ${relu(z).toFixed(2)}.`;
  if (weight === 0) text += " With weight 0 the input does not count at all.";
  if (a < 0.01 || a > 0.99) text += " Here the sigmoid's curve is almost flat.";
  if (z < 0) text += " Here ReLU's curve is flat.";
  return text;
}

export function softmax(scores) {
  const powers = scores.map((score) => Math.exp(score - Math.max(...scores)));
  const sum = powers.reduce((total, power) => total + power, 0);
  return powers.map((power) => power / sum);
}

export function softmaxInWords(scores) {
  const p = softmax(scores);
  const [second, first] = [...p.keys()].sort((i, j) => p[i] - p[j] || i - j).slice(-2);
  const lead = scores[first] - scores[second];
  const all = p.map((share, i) => `${DIGITS[i]}: ${(100 * share).toFixed(1)}%`).join(", ");
  return `${all}. The score of ${DIGITS[first]} is ${lead.toFixed(1)} above that of ${DIGITS[second]}, so its `
    + `probability is ${Math.exp(lead).toFixed(1)} times as large: e to the power of ${lead.toFixed(1)}.`;
}

// ---- drawing -------------------------------------------------------------------------------------------------

const shape = (name, attributes, text = "") =>
  `<${name} ${Object.entries(attributes).map(([key, value]) => `${key}="${value}"`).join(" ")}>${text}</${name}>`;
const line = (x1, y1, x2, y2, more) => shape("line", { x1, y1, x2, y2, ...more });
const words = (x, y, text, more) => shape("text", { x, y, ...more }, text);

// An activation's curve for the three sliders, in grey that of weight 1 and bias 0; the dot is the input.
export function drawNeuron(name, [weight, bias, input]) {
  const [activation, colour, low, high] = name === "ReLU" ? [relu, ORANGE, -0.8, 8.8] : [sigmoid, BLUE, -0.1, 1.1];
  const right = (x) => 40 + (250 * (x + REACH)) / (2 * REACH);
  const up = (a) => 215 - (185 * (a - low)) / (high - low);
  const curve = (w, b, more) => {
    const points = Array.from({ length: 401 }, (_, i) => (i - 200) / 50)
      .map((x) => [x, activation(x * w + b)])
      .map(([x, a]) => `${right(x).toFixed(2)},${up(Math.min(a, 2 * high)).toFixed(2)}`);
    return shape("polyline", { points: points.join(" "), fill: "none", "clip-path": "inset(0)", ...more });
  };
  const output = activation(input * weight + bias);
  const [x, y] = [right(input), up(Math.min(output, high))];
  const dashed = { "stroke-dasharray": "4 3", stroke: "currentColor" };
  const ticks = name === "ReLU" ? [0, 2, 4, 6, 8] : [0, 0.5, 1];
  const parts = [
    words(40, 18, name, { "font-weight": "bold" }),
    ...[-4, -2, 0, 2, 4].map((tick) => words(right(tick), 233, minus(tick), { "text-anchor": "middle" })),
    ...ticks.map((tick) => words(34, up(tick) + 4, tick, { "text-anchor": "end" })),
    line(40, 215, 290, 215, { stroke: "currentColor" }),
    line(40, 30, 40, 215, { stroke: "currentColor" }),
    words(165, 252, "input x", { "text-anchor": "middle" }),
    words(12, 122, "output a", { "text-anchor": "middle", transform: "rotate(-90 12 122)" }),
    shape("svg", { x: 40, y: 30, width: 250, height: 185, viewBox: "40 30 250 185" },
      curve(1, 0, { stroke: "#999", "stroke-width": 1.2 }) + curve(weight, bias, { stroke: colour, "stroke-width": 2.8 })),
    line(x, 215, x, y, dashed),
    line(40, y, x, y, dashed),
    shape("circle", { class: "dot", cx: x, cy: y, r: 5, fill: "currentColor" }),
  ];
  if (weight !== 0 && Math.abs(bias / weight) <= REACH) {
    const at = right(-bias / weight);
    parts.push(line(at, 30, at, 215, { "stroke-dasharray": "1 3", stroke: "currentColor" }), words(at + 4, 40, "z = 0"));
  }
  const alt = `The output of a ${name} neuron against its input, weight ${weight.toFixed(1)}, bias ${bias.toFixed(1)}; `
    + `a dot at input ${input.toFixed(1)}, output ${output.toFixed(2)}`;
  return shape("svg", { viewBox: "0 0 300 260", role: "img", "aria-label": alt }, parts.join(""));
}

// Bars of the probabilities; dashed: at the start.
export function drawSoftmax(scores, start) {
  const at = softmax(start);
  const bars = softmax(scores).map((share, i) => [
    words(12, 32 + 44 * i, DIGITS[i]),
    shape("rect", { x: 30, y: 10 + 44 * i, width: 500 * share, height: 34, fill: OUTPUT }),
    shape("rect", { x: 30, y: 10 + 44 * i, width: 500 * at[i], height: 34, fill: "none", stroke: "currentColor",
      "stroke-dasharray": "4 3" }),
    words(36 + 500 * Math.max(share, at[i]), 32 + 44 * i, `${(100 * share).toFixed(1)}%`),
  ]);
  const alt = `Bars of four probabilities. ${softmaxInWords(scores)}`;
  const label = words(30, 205, "probability; dashed: at the start");
  return shape("svg", { viewBox: "0 0 600 212", class: "large", role: "img", "aria-label": alt }, bars.flat().join("") + label);
}

// ---- sliders -------------------------------------------------------------------------------------------------

// A slider with its name and its number; change() is called with each move.
function slider(name, low, high, step, value, change, readout = (number) => minus(number.toFixed(1))) {
  const label = document.createElement("label");
  label.innerHTML = `<span>${name}</span><input type="range" min="${low}" max="${high}" step="${step}"><output></output>`;
  const [, input, output] = label.children;
  const show = () => { output.textContent = readout(Number(input.value)); };
  input.value = value;
  input.addEventListener("input", () => { show(); change(); });
  show();
  return label;
}

function computed(element, names, reach, draw, inWords) {
  const start = element.dataset.start.split(" ").map(Number);
  element.innerHTML = '<div class="knobs"></div><p class="mnist-words" role="status"></p><div class="drawing"></div>';
  const [knobs, says, drawing] = element.children;
  const show = () => {
    const values = [...knobs.querySelectorAll("input")].map((input) => Number(input.value));
    says.textContent = inWords(values);
    drawing.innerHTML = draw(values, start);
  };
  knobs.append(...names.map((name, i) => slider(name, -reach, reach, 0.1, start[i], show)));
  show();
}

// Pictures that Python drew: [{label, words, table, png, width, alt}], one for each place of the slider.
async function drawn(element) {
  const { kind, start } = element.dataset;
  const { name, note, frames } = await (await fetch(new URL(`${kind}.json`, import.meta.url))).json();
  element.innerHTML = `<div class="knobs"><button>Back</button><button>Next</button></div>
    <div class="mnist-words" role="status"></div><div class="beside"><img alt=""><div class="mnist-words"></div></div>
    <p class="live-pad-whose"></p>`;
  const [knobs, says, { children: [image, table] }, whose] = element.children;
  const [back, next] = knobs.children;
  const show = () => {
    const place = Number(input.value);
    const frame = frames[place];
    [says.innerHTML, table.innerHTML] = [frame.words, frame.table];
    Object.assign(image, { src: `data:image/png;base64,${frame.png}`, alt: frame.alt, width: frame.width });
    [back.disabled, next.disabled] = [place === 0, place === frames.length - 1];
  };
  const first = Math.max(frames.findIndex((frame) => frame.label === start), 0);
  const label = slider(name, 0, frames.length - 1, 1, first, show, (place) => frames[place].label);
  const input = label.querySelector("input");
  const move = (steps) => {
    input.value = Number(input.value) + steps;
    input.dispatchEvent(new Event("input"));
  };
  back.addEventListener("click", () => move(-1));
  next.addEventListener("click", () => move(1));
  knobs.append(label);
  whose.textContent = note;
  show();
}

const KINDS = {
  Neuron: (element) => computed(element, ["weight w", "bias b", "input x"], REACH,
    (values) => drawNeuron("sigmoid", values) + drawNeuron("ReLU", values), neuronInWords),
  Softmax: (element) => computed(element, DIGITS.map((digit) => `score of ${digit}`), 6, drawSoftmax, softmaxInWords),
};
for (const element of document.querySelectorAll(".live-exploration")) {
  Promise.resolve((KINDS[element.dataset.kind] ?? drawn)(element)).then(() => { element.dataset.alive = ""; });
}
