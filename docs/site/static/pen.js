// Pen strokes become a 28 × 28 image: mnistlib/pen/ink.py once more, for pages where no Python runs.
//
// Python is the original. tests/browser/test_live_pad.py compares the two on hundreds of drawings, byte by byte.
// So each step rounds as numpy does it there: float32 where numpy has float32 (Math.fround), halves to even.

const SIDE = 28; // pixels along one side of the image
const BOX = 20; // pixels along the longer side of the ink
export const WIDTH = 2.5; // the pen's width in pixels
const CENTRE_OF_MASS = 14;
const MIDDLE = (SIDE - 1) / 2;
const STEP = 0.3; // pixels between two spots of ink
const CROWDED = 20000; // spots; from here on those that lie on top of each other are thinned out

const float32 = Math.fround;
const clip = (x, low, high) => Math.min(Math.max(x, low), high);

function roundHalfToEven(x) {
  const up = Math.round(x);
  return up - x === 0.5 && up % 2 !== 0 ? up - 1 : up;
}

// strokes: lists of [x, y], y growing downwards, on a paper with sides of `canvas`. Returns 784 bytes, ink 255 on 0.
export function rasterise(strokes, { width = WIDTH, box = true, centre = true, canvas = 280 } = {}) {
  strokes = strokes.filter((stroke) => stroke.length > 0);
  if (strokes.length === 0) return new Uint8Array(SIDE * SIDE);
  const image = ink(spotsOf(box ? fitBox(strokes, width / 2) : shrink(strokes, canvas)), width / 2);
  return centre ? centreMass(image) : image;
}

// A function of every coordinate x, k: k is 0 for across and 1 for down.
function mapPoints(strokes, f) {
  return strokes.map((stroke) => stroke.map((point) => [f(point[0], 0), f(point[1], 1)]));
}

function extent(strokes, k) {
  let [low, high] = [Infinity, -Infinity];
  for (const stroke of strokes) {
    for (const point of stroke) [low, high] = [Math.min(low, point[k]), Math.max(high, point[k])];
  }
  return [low, high];
}

// Scale and move the points so that the ink's longer side fills the middle 20 pixels.
function fitBox(strokes, radius) {
  const reach = radius * (1 + 0.5 / radius); // where the ink has faded out
  let largest = Math.max(...[0, 1].flatMap((k) => extent(strokes, k).map(Math.abs)));
  largest = largest > 0 ? largest : 1;
  strokes = mapPoints(strokes, (x) => x / largest);
  const low = [0, 1].map((k) => extent(strokes, k)[0]);
  let longer = Math.max(...[0, 1].map((k) => extent(strokes, k)[1] - low[k]));
  longer = longer > 1e-12 ? longer : Infinity; // a dot has no size to scale
  strokes = mapPoints(strokes, (x, k) => (x - low[k]) / longer);

  const ends = [0, 1].map((k) => extent(strokes, k));
  let scale = BOX + 1 - 2 * reach;
  let middles;
  for (let round = 0; round < 3; round += 1) { // as in Python, to the last bit
    const rims = ends.map(([first, last]) => [first * scale - reach, last * scale + reach]);
    scale = scale + BOX + 1 - Math.max(...rims.map(([first, last]) => last - first));
    middles = rims.map(([first, last]) => (first + last) / 2);
  }
  return mapPoints(strokes, (x, k) => x * scale - middles[k] + MIDDLE);
}

function shrink(strokes, canvas) {
  return mapPoints(strokes, (x) => (x / canvas) * SIDE - 0.5);
}

// The part of a + t · way, 0 ≤ t ≤ 1, in the square -10 … 38, as [enter, leave], or null (Liang & Barsky, 1984).
function inside(a, way) {
  const [low, high] = [-10, SIDE + 10];
  let [enter, leave] = [0, 1];
  for (const k of [0, 1]) {
    if (way[k] === 0) {
      if (a[k] < low || a[k] > high) return null;
    } else {
      const sides = [(low - a[k]) / way[k], (high - a[k]) / way[k]];
      enter = Math.max(enter, Math.min(...sides));
      leave = Math.min(leave, Math.max(...sides));
    }
  }
  return enter <= leave ? [enter, leave] : null;
}

// Where the pen leaves ink: spots at most 0.3 pixels apart along the strokes.
function spotsOf(strokes) {
  const spots = [];
  for (const stroke of strokes) {
    stroke.forEach((a, i) => {
      const b = stroke[i + 1] ?? a;
      const way = [b[0] - a[0], b[1] - a[1]];
      const part = inside(a, way);
      if (!part) return;
      const [enter, leave] = part;
      const start = [a[0] + enter * way[0], a[1] + enter * way[1]];
      const rest = [(leave - enter) * way[0], (leave - enter) * way[1]];
      const pieces = Math.max(Math.ceil(Math.hypot(...rest) / STEP), 1);
      for (let n = 0; n < pieces; n += 1) {
        spots.push([float32(start[0] + (n / pieces) * rest[0]), float32(start[1] + (n / pieces) * rest[1])]);
      }
    });
  }
  return spots.length > CROWDED ? thinned(spots) : spots;
}

// A scribble passes the same places again and again: keep one spot of each sixteenth of a pixel.
function thinned(spots) {
  const places = new Map();
  for (const spot of spots) {
    const [x, y] = spot.map((place) => roundHalfToEven(place * 16));
    places.set(x * 4096 + y, [x / 16, y / 16]);
  }
  return [...places.values()];
}

// A pixel is white within the pen's radius of a spot, and fades out over one pixel at the rim.
function ink(spots, radius) {
  radius = float32(radius);
  const reach = Math.ceil(float32(radius + 0.5));
  const nearest = new Float32Array(SIDE * SIDE).fill(Infinity); // squares of distances, in radii
  const window = (middle) => [Math.max(middle - reach, 0), Math.min(middle + reach, SIDE - 1)];
  const squared = (distance) => {
    const radii = float32(float32(distance) / radius);
    return float32(radii * radii);
  };
  for (const [x, y] of spots) {
    const [top, bottom] = window(roundHalfToEven(y));
    const [left, right] = window(roundHalfToEven(x));
    for (let row = top; row <= bottom; row += 1) {
      const down = squared(row - y);
      for (let column = left; column <= right; column += 1) {
        const square = float32(down + squared(column - x));
        if (square < nearest[row * SIDE + column]) nearest[row * SIDE + column] = square;
      }
    }
  }
  return Uint8Array.from(nearest, (square) => {
    const grey = float32(0.5 - float32(float32(float32(Math.sqrt(square)) - 1) * radius));
    return roundHalfToEven(float32(clip(grey, 0, 1) * 255));
  });
}

// Move the image by whole pixels, so that its centre of mass falls into pixel (14, 14), as far as there is room.
function centreMass(image) {
  for (const step of [SIDE, 1]) { // rows, then columns: `step` bytes from one to the next, `other` along it
    const other = SIDE + 1 - step;
    const profile = Array.from({ length: SIDE }, (_, i) => {
      let sum = 0;
      for (let j = 0; j < SIDE; j += 1) sum += image[i * step + j * other];
      return sum;
    });
    const mass = profile.reduce((sum, p) => sum + p, 0);
    const lowest = 1 - profile.findIndex((p) => p > 0);
    const highest = SIDE - 2 - profile.findLastIndex((p) => p > 0);
    if (mass === 0 || lowest > highest) continue;
    const mean = profile.reduce((sum, p, i) => sum + p * i, 0) / mass;
    const move = clip(Math.ceil(CENTRE_OF_MASS - 0.5 - mean), lowest, highest);
    const moved = new Uint8Array(SIDE * SIDE);
    for (let i = Math.max(move, 0); i < Math.min(SIDE + move, SIDE); i += 1) {
      for (let j = 0; j < SIDE; j += 1) moved[i * step + j * other] = image[(i - move) * step + j * other];
    }
    image = moved;
  }
  return image;
}
