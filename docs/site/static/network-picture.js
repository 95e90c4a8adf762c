// The network beside the pad: pixels, hidden neurons and outputs, as bright as the drawing makes them. Pointing at a
// neuron shows in the first field what it looks for: the slope of its value with respect to each pixel, which is
// notebook 04's backpropagation from that neuron down to the image.

const GAP = 0.3; // between two fields, in widths of a field
const TOP = 22; // CSS pixels above the fields, for their names
const DARK = 20; // the grey of a neuron that gives nothing
const BLUE = [0, 114, 178];
const ORANGE = [230, 159, 0];
const STRONGEST = 8; // lines are drawn from the inputs that count most
const HINT = "Bright squares are neurons that this drawing excites. Point at one, and the field at the left shows "
  + "what it looks for.";

export class NetworkPicture {
  #chosen = null; // {layer, unit}: the neuron that is pointed at

  constructor(element, model) {
    this.model = model;
    this.network = model.network;
    // Each layer is a field of squares; the outputs are one column.
    this.columns = this.network.sizes.map((size) => (size > 10 ? Math.ceil(Math.sqrt(size)) : 1));
    element.innerHTML = `<canvas class="network-picture" tabindex="0" role="img"></canvas>
      <p class="network-words" role="status"></p>`;
    [this.canvas, this.words] = element.children;
    this.canvas.addEventListener("pointermove", (event) => this.#choose(this.#at(event)));
    this.canvas.addEventListener("pointerdown", (event) => this.#choose(this.#at(event)));
    this.canvas.addEventListener("pointerleave", () => this.#choose(null));
    this.canvas.addEventListener("blur", () => this.#choose(null));
    this.canvas.addEventListener("keydown", (event) => this.#key(event));
    model.on("change:_answer", () => this.#draw());
    new ResizeObserver(() => this.#draw()).observe(element);
  }

  get #activations() {
    return this.model.get("_answer").activations ?? this.network.sizes.map((size) => new Float32Array(size));
  }

  // What unit of `layer` gets from each unit of the layer before: x times w.
  #contributions(layer, unit) {
    const { W, b } = this.network.layers[layer - 1];
    return Array.from(this.#activations[layer - 1], (x, i) => x * W[i * b.length + unit]);
  }

  // The slope of a neuron's sum with respect to each pixel: a ReLU lets through what comes from active neurons.
  slopes(layer, unit) {
    let slopes = null;
    for (let n = layer; n >= 1; n -= 1) {
      const { W, b } = this.network.layers[n - 1];
      const before = this.#activations[n - 1];
      slopes = Float32Array.from(before, (x, i) => {
        if (n > 1 && x === 0) return 0;
        if (!slopes) return W[i * b.length + unit];
        let sum = 0;
        for (let j = 0; j < b.length; j += 1) sum += W[i * b.length + j] * slopes[j];
        return sum;
      });
    }
    return slopes;
  }

  // ---- pointing and keys ---------------------------------------------------------------------------------

  #choose(chosen) {
    if (chosen?.layer === this.#chosen?.layer && chosen?.unit === this.#chosen?.unit) return;
    this.#chosen = chosen;
    this.#draw();
  }

  #at(event) {
    const box = this.canvas.getBoundingClientRect();
    const [x, y] = [event.clientX - box.left, event.clientY - box.top];
    for (let layer = 1; layer < this.columns.length; layer += 1) {
      const { left, side, cell } = this.#field(layer);
      const [column, row] = [Math.floor((x - left) / cell.width), Math.floor((y - TOP) / cell.height)];
      const unit = row * this.columns[layer] + column;
      const within = column >= 0 && column < this.columns[layer] && row >= 0 && y < TOP + side;
      if (within && unit < this.network.sizes[layer]) return { layer, unit };
    }
    return null;
  }

  // Arrow keys walk over the neurons, Page Up and Page Down go to another layer.
  #key(event) {
    const { layer, unit } = this.#chosen ?? { layer: 1, unit: -1 };
    const rows = this.columns[layer];
    const steps = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -rows, ArrowDown: rows };
    const layers = { PageUp: -1, PageDown: 1 };
    if (event.key in steps) {
      const n = this.network.sizes[layer];
      this.#choose({ layer, unit: (unit + steps[event.key] + n) % n });
    } else if (event.key in layers) {
      const last = this.columns.length - 1;
      this.#choose({ layer: Math.min(Math.max(layer + layers[event.key], 1), last), unit: 0 });
    } else {
      return;
    }
    event.preventDefault();
  }

  // ---- drawing -------------------------------------------------------------------------------------------

  // Where a layer's field lies on the canvas, in CSS pixels.
  #field(layer) {
    const n = this.columns.length;
    const side = this.canvas.clientWidth / (n - 1 + 0.35 + GAP * (n - 1)); // the column of outputs is narrower
    const rows = Math.ceil(this.network.sizes[layer] / this.columns[layer]);
    const width = layer === n - 1 ? side * 0.12 : side / this.columns[layer];
    return { left: layer * side * (1 + GAP), side, cell: { width, height: side / rows } };
  }

  #middle(layer, unit) {
    const { left, cell } = this.#field(layer);
    const [column, row] = [unit % this.columns[layer], Math.floor(unit / this.columns[layer])];
    return [left + (column + 0.5) * cell.width, TOP + (row + 0.5) * cell.height];
  }

  #draw() {
    const { side } = this.#field(0);
    const scale = window.devicePixelRatio;
    this.canvas.style.height = `${TOP + side}px`;
    [this.canvas.width, this.canvas.height] = [this.canvas.clientWidth * scale, (TOP + side) * scale];
    const pen = this.canvas.getContext("2d");
    pen.scale(scale, scale);
    this.#activations.forEach((values, layer) => this.#squares(pen, layer, this.#colours(values, layer)));
    if (this.model.get("_answer").activations) this.#lines(pen);
    this.#names(pen);
    const words = this.#inWords();
    if (words !== this.words.textContent) this.words.textContent = words;
    this.canvas.setAttribute("aria-label", `The network: ${this.network.sizes.join(", then ")} units. The arrow keys `
      + "choose a neuron.");
  }

  // One colour [red, green, blue] for each square of a layer.
  #colours(values, layer) {
    if (layer === 0 && this.#chosen) {
      const slopes = this.slopes(this.#chosen.layer, this.#chosen.unit);
      const most = slopes.reduce((top, slope) => Math.max(top, Math.abs(slope)), 1e-9);
      return Array.from(slopes, (s) => (s > 0 ? BLUE : ORANGE).map((c) => 255 - (255 - c) * (Math.abs(s) / most)));
    }
    const most = values.reduce((top, value) => Math.max(top, value), 1e-9);
    const light = (share) => DARK + (255 - DARK) * (layer === 0 ? share : Math.sqrt(share));
    return Array.from(values, (value) => new Array(3).fill(light(value / most)));
  }

  #squares(pen, layer, colours) {
    const { left, side, cell } = this.#field(layer);
    const gap = layer === 0 ? -0.5 : 1; // pixels touch, neurons do not
    pen.fillStyle = `rgb(${DARK} ${DARK} ${DARK})`;
    pen.fillRect(left, TOP, cell.width * this.columns[layer], side);
    colours.forEach((colour, unit) => {
      const [x, y] = this.#middle(layer, unit);
      pen.fillStyle = `rgb(${colour.map(Math.round).join(" ")})`;
      pen.fillRect(x - cell.width / 2, y - cell.height / 2, cell.width - gap, cell.height - gap);
    });
    if (this.#chosen?.layer === layer) {
      const [x, y] = this.#middle(layer, this.#chosen.unit);
      pen.strokeStyle = `rgb(${ORANGE.join(" ")})`;
      pen.lineWidth = 2;
      pen.strokeRect(x - cell.width / 2 - 1, y - cell.height / 2 - 1, cell.width + 1, cell.height + 1);
    }
  }

  // From the chosen neuron, or the digit that is read, back along what counts most: blue speaks for, orange against.
  #lines(pen) {
    const last = this.columns.length - 1;
    const outputs = Array.from(this.#activations[last]);
    let { layer, unit } = this.#chosen ?? { layer: last, unit: outputs.indexOf(Math.max(...outputs)) };
    let ends = [unit];
    for (; layer >= 1; layer -= 1) {
      const starts = new Set();
      for (const end of ends) {
        const parts = this.#contributions(layer, end);
        const most = Math.max(...parts.map(Math.abs)) || 1;
        const order = [...parts.keys()].sort((i, j) => Math.abs(parts[j]) - Math.abs(parts[i]));
        for (const start of order.slice(0, ends.length > 1 ? 2 : STRONGEST)) {
          this.#line(pen, [layer - 1, start], [layer, end], parts[start] / most);
          starts.add(start);
        }
      }
      ends = [...starts].slice(0, STRONGEST);
    }
  }

  #line(pen, from, to, strength) {
    const [[x, y], [u, v]] = [this.#middle(...from), this.#middle(...to)];
    pen.strokeStyle = `rgb(${(strength > 0 ? [86, 180, 233] : ORANGE).join(" ")} / ${0.75 * Math.abs(strength)})`;
    pen.lineWidth = 1.2;
    pen.beginPath();
    pen.moveTo(x, y);
    pen.bezierCurveTo((x + u) / 2, y, (x + u) / 2, v, u, v);
    pen.stroke();
  }

  #names(pen) {
    const last = this.columns.length - 1;
    pen.fillStyle = getComputedStyle(this.canvas).color;
    pen.textBaseline = "middle";
    this.network.sizes.forEach((size, layer) => {
      const { left, side, cell } = this.#field(layer);
      pen.font = `${Math.min(side / 9, 14)}px sans-serif`;
      pen.fillText(layer === 0 ? `${size} pixels` : layer < last ? `${size} neurons` : "digits", left, TOP / 2);
      for (let digit = 0; layer === last && digit < size; digit += 1) {
        pen.fillText(digit, left + cell.width + 5, TOP + (digit + 0.5) * cell.height);
      }
    });
  }

  #inWords() {
    if (!this.#chosen) return HINT;
    const { layer, unit } = this.#chosen;
    const value = this.#activations[layer][unit];
    const output = layer === this.columns.length - 1;
    const who = output ? `The output for ${unit}` : `Neuron ${unit + 1} of hidden layer ${layer}`;
    const gives = output ? `${(100 * value).toFixed(1)} %` : value.toFixed(2);
    return `${who} gives ${gives}. In the field at the left, ink on blue raises it, ink on orange lowers it.`;
  }
}
