// A picture with alternative text; clicks on it go to Python as fractions of its width and height.
function render({ model, el }) {
  const image = document.createElement("img");
  const draw = () => {
    const old = image.src;
    image.src = URL.createObjectURL(new Blob([model.get("_png")], { type: "image/png" }));
    image.alt = model.get("alt");
    image.style.width = model.get("_width") + "px";
    image.classList.toggle("mnist-clickable", model.get("_clickable"));
    URL.revokeObjectURL(old);
  };
  image.addEventListener("click", (event) => {
    const box = image.getBoundingClientRect();
    const x = (event.clientX - box.left) / box.width, y = (event.clientY - box.top) / box.height;
    if (model.get("_clickable")) model.send({ x, y });
  });
  el.classList.add("mnist-picture");
  el.append(image);
  model.on("change", draw);
  draw();
  return () => { model.off("change", draw); URL.revokeObjectURL(image.src); };
}
export default { render };
