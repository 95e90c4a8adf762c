// Digits that a visitor keeps: in the browser's storage, and as a zip file with what the pad of the notebooks would
// have written to data/mine (mnistlib/pad/collection.py): drawings.json and four IDX files.

import { rasterise } from "./pen.js";

const FORMAT = "mnistlib drawings 1";
const PLACE = "mnistlib drawings"; // the name in the browser's storage

export class Kept {
  drawings = []; // {label, strokes}, oldest first
  trouble = ""; // why they are not in the storage, if they are not

  constructor() {
    try {
      const stored = JSON.parse(localStorage.getItem(PLACE) ?? "null");
      if (stored?.format === FORMAT) this.drawings = stored.drawings;
    } catch (error) {
      this.trouble = error.message;
    }
  }

  get counts() {
    const counts = new Array(10).fill(0);
    for (const { label } of this.drawings) counts[label] += 1;
    return counts;
  }

  add(label, strokes) {
    this.drawings.push({ label, strokes });
    this.#save();
  }

  takeBack() {
    const last = this.drawings.pop();
    this.#save();
    return last;
  }

  // {name: bytes}: of each digit the 1st, 3rd, 5th … drawing is for training, the others are for testing.
  files() {
    const halves = { train: [], t10k: [] };
    const seen = new Array(10).fill(0);
    for (const drawing of this.drawings) {
      halves[seen[drawing.label] % 2 === 0 ? "train" : "t10k"].push(drawing);
      seen[drawing.label] += 1;
    }
    const files = { "drawings.json": new TextEncoder().encode(this.#json()) };
    for (const [name, drawings] of Object.entries(halves)) {
      const images = drawings.flatMap(({ strokes }) => [...rasterise(strokes)]);
      files[`${name}-images-idx3-ubyte`] = idx([drawings.length, 28, 28], images);
      files[`${name}-labels-idx1-ubyte`] = idx([drawings.length], drawings.map(({ label }) => label));
    }
    return files;
  }

  #json() {
    return JSON.stringify({ format: FORMAT, drawings: this.drawings });
  }

  #save() {
    try {
      localStorage.setItem(PLACE, this.#json());
      this.trouble = "";
    } catch (error) {
      this.trouble = error.message;
    }
  }
}

// An IDX file of unsigned bytes (notebook 02): 0, 0, 8, the number of dimensions; their lengths; the bytes.
function idx(shape, values) {
  const bytes = new Uint8Array(4 + 4 * shape.length + values.length);
  const view = new DataView(bytes.buffer);
  bytes.set([0, 0, 8, shape.length]);
  shape.forEach((length, k) => view.setUint32(4 + 4 * k, length));
  bytes.set(values, 4 + 4 * shape.length);
  return bytes;
}

function crc32(bytes) {
  let crc = -1;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit += 1) crc = (crc >>> 1) ^ (crc & 1 ? 0xedb88320 : 0);
  }
  return ~crc >>> 0;
}

// A zip file whose members are stored as they are (PKWARE's APPNOTE, sections 4.3.7, 4.3.12 and 4.3.16).
export function zip(files) {
  const parts = [];
  const directory = [];
  let at = 0;
  const record = (fields) => {
    const bytes = new Uint8Array(fields.reduce((size, [width]) => size + width, 0));
    let place = 0;
    for (const [width, value] of fields) {
      for (let k = 0; k < width; k += 1) bytes[place + k] = value >>> (8 * k);
      place += width;
    }
    return bytes;
  };
  for (const [name, bytes] of Object.entries(files)) {
    const letters = new TextEncoder().encode(name);
    const size = bytes.length;
    const date = [[2, 0], [2, 0x21]]; // 1 January 1980
    const sizes = [[4, size], [4, size], [2, letters.length], [2, 0]];
    const common = [[2, 20], [2, 0], [2, 0], ...date, [4, crc32(bytes)], ...sizes];
    const header = record([[4, 0x04034b50], ...common]);
    parts.push(header, letters, bytes);
    directory.push(record([[4, 0x02014b50], [2, 20], ...common, [2, 0], [2, 0], [2, 0], [4, 0], [4, at]]), letters);
    at += header.length + letters.length + size;
  }
  const length = directory.reduce((sum, part) => sum + part.length, 0);
  const n = Object.keys(files).length;
  const end = record([[4, 0x06054b50], [2, 0], [2, 0], [2, n], [2, n], [4, length], [4, at], [2, 0]]);
  return new Blob([...parts, ...directory, end], { type: "application/zip" });
}
