// The drawing pad on pages where no kernel runs: sketchpad.js is the pad as the notebooks have it, pad-model.js the
// kernel's half of it.
//
// Every element <div class="live-pad" data-network="…"> becomes a pad. data-network: a file of ./, or "random".
// data-sample: the digit that stands there at the start. data-keeps: digits can be kept. data-shows: the network, too.

import { Kept, zip } from "./kept.js";
import { Network, randomNetwork } from "./network.js";
import { NetworkPicture } from "./network-picture.js";
import { PadModel } from "./pad-model.js";

const loaded = {}; // what several pads of a page have in common
const load = (name, as) => (loaded[name] ??= fetch(new URL(name, import.meta.url)).then((reply) => reply[as]()));

async function showPad(element) {
  const { network: name, sample } = element.dataset;
  const [pad, samples, network] = await Promise.all([
    import("./sketchpad.js"),
    load("samples.json", "json"),
    name === "random"
      ? randomNetwork([784, 20, 16, 10])
      : load(name, "arrayBuffer").then((buffer) => Network.fromNpz(buffer)),
  ]);
  const model = new PadModel(network, samples, new Kept());
  const place = element.appendChild(document.createElement("div"));
  pad.default.render({ model, el: place });
  if ("keeps" in element.dataset) takeAlong(element, model);
  if ("shows" in element.dataset) {
    const picture = element.appendChild(document.createElement("div"));
    new NetworkPicture(picture, model);
  }
  if (sample) model.sample(Number(sample));
}

// A button that hands over the digits as a file.
function takeAlong(element, model) {
  const button = element.appendChild(document.createElement("button"));
  button.className = "live-pad-take";
  button.textContent = "Take them along";
  button.title = "A zip file with drawings.json and four IDX files: unpack it into the course's data/mine";
  button.addEventListener("click", () => {
    const link = document.createElement("a");
    link.href = URL.createObjectURL(zip(model.kept.files()));
    link.download = "mine.zip";
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 1000);
  });
  const show = () => { button.hidden = model.kept.drawings.length === 0; };
  model.on("change:_kept", show);
  show();
}

for (const element of document.querySelectorAll(".live-pad")) showPad(element);
