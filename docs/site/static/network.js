// A trained network in the page: reads the .npz file that Network.save wrote, and computes its answer.
// The original is mnistlib/network.py; tests/browser/test_live_pad.py compares the two.

// numpy's .npz: a zip file whose members are .npy files, stored as they are. Returns {name: {shape, values}}.
export function readNpz(buffer) {
  const view = new DataView(buffer);
  const text = (start, length) => String.fromCharCode(...new Uint8Array(buffer, start, length));
  const arrays = {};
  const end = buffer.byteLength - 22; // the zip's last record: how many members there are, and where the list is
  let entry = view.getUint32(end + 16, true);
  for (let left = view.getUint16(end + 10, true); left > 0; left -= 1) {
    const [nameLength, extra, comment] = [28, 30, 32].map((at) => view.getUint16(entry + at, true));
    const name = text(entry + 46, nameLength).replace(/\.npy$/, "");
    if (view.getUint16(entry + 10, true) !== 0) throw new Error(`${name} is compressed`);
    const member = view.getUint32(entry + 42, true);
    const start = member + 30 + view.getUint16(member + 26, true) + view.getUint16(member + 28, true);
    arrays[name] = readNpy(view, start, text);
    entry += 46 + nameLength + extra + comment;
  }
  return arrays;
}

function readNpy(view, start, text) {
  const header = text(start + 10, view.getUint16(start + 8, true));
  const data = start + 10 + header.length;
  const dtype = /'descr': '([^']*)'/.exec(header)[1];
  const shape = /'shape': \(([^)]*)\)/.exec(header)[1].split(",").filter((n) => n.trim()).map(Number);
  const size = shape.reduce((product, n) => product * n, 1);
  const read = {
    "<f2": (i) => fromFloat16(view.getUint16(data + 2 * i, true)),
    "<f4": (i) => view.getFloat32(data + 4 * i, true),
  }[dtype];
  if (dtype.startsWith("<U")) { // one word, four bytes to a letter
    const letters = Array.from({ length: Number(dtype.slice(2)) }, (_, i) => view.getUint32(data + 4 * i, true));
    return String.fromCodePoint(...letters.filter((code) => code > 0));
  }
  return read ? { shape, values: Float32Array.from({ length: size }, (_, i) => read(i)) } : null;
}

function fromFloat16(bits) {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 31;
  const fraction = (bits & 1023) / 1024;
  return sign * (exponent === 0 ? 2 ** -14 * fraction : 2 ** (exponent - 15) * (1 + fraction));
}

const sigmoid = (z) => 1 / (1 + Math.exp(-z));
const relu = (z) => Math.max(z, 0);

// A fully connected network. layers: [{W, b}], W (n_in, n_out) row by row, Float32Arrays.
export class Network {
  constructor({ layers, activation = "relu", output = "softmax" }) {
    Object.assign(this, { layers, activation, output });
    this.sizes = [layers[0].W.length / layers[0].b.length, ...layers.map((layer) => layer.b.length)];
  }

  static fromNpz(buffer) {
    const arrays = readNpz(buffer);
    const layers = [];
    for (let n = 1; arrays[`W${n}`]; n += 1) {
      layers.push({ W: arrays[`W${n}`].values, b: arrays[`b${n}`].values });
    }
    return new Network({ layers, activation: arrays.activation, output: arrays.output });
  }

  // What each layer gives for 784 bytes of ink: [scaled pixels, hidden …, probabilities].
  activations(image) {
    const all = [Float32Array.from(image, (ink) => ink / 255)];
    this.layers.forEach(({ W, b }, n) => {
      const x = all[n];
      const z = Float32Array.from(b); // x @ W + b
      for (let i = 0; i < x.length; i += 1) {
        if (x[i] === 0) continue;
        for (let j = 0; j < z.length; j += 1) z[j] += x[i] * W[i * z.length + j];
      }
      const last = n === this.layers.length - 1;
      all.push(last ? this.#shares(z) : z.map(this.activation === "relu" ? relu : sigmoid));
    });
    return all;
  }

  // Ten probabilities: softmax, or sigmoid outputs divided by their sum.
  #shares(z) {
    const top = Math.max(...z);
    const parts = Array.from(z, (x) => (this.output === "softmax" ? Math.exp(x - top) : sigmoid(x)));
    const sum = parts.reduce((total, part) => total + part, 0);
    return parts.map((part) => part / sum);
  }
}

// A network that has learnt nothing, as in notebook 03: weights N(0, 1/n_in), biases 0.
export function randomNetwork(sizes) {
  const normal = () => Math.sqrt(-2 * Math.log(1 - Math.random())) * Math.cos(2 * Math.PI * Math.random());
  const layers = sizes.slice(1).map((out, n) => ({
    W: Float32Array.from({ length: sizes[n] * out }, () => normal() / Math.sqrt(sizes[n])),
    b: new Float32Array(out),
  }));
  return new Network({ layers, activation: "sigmoid", output: "sigmoid" });
}
