// A paragraph or a table; a screen reader says it when it changes.
function render({ model, el }) {
  const draw = () => { el.innerHTML = model.get("html"); };
  el.classList.add("mnist-words");
  if (model.get("_live")) el.setAttribute("role", "status");  // changes are announced, politely
  model.on("change:html", draw);
  draw();
  return () => model.off("change:html", draw);
}
export default { render };
