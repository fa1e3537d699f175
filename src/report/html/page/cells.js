// A row of the list of layers and tensors.

function dotOf(node) {
  const states = node.kind === "tensor" ? [node.state] : node.by.reduce((found, n, state) => (n > 0 ? [...found, state] : found), []);
  return h("span", {class: "dots", "aria-hidden": "true"},
    states.slice(0, PARAMETER_STATES).map((state) => h("span", {class: "dot fill-" + STATES[state].key})));
}

function cellsOf(node) {
  const name = h("div", {role: "gridcell", class: "name kind-" + node.kind});
  if (!view.flat) name.style.paddingLeft = 8 + (node.depth - 1) * 16 + "px";
  if (!view.flat) {
    name.append(h("span", {class: "twisty" + (node.kids.length === 0 ? " none" : node.shown ? " open" : ""), "aria-hidden": "true"}));
  }
  const label = view.flat ? tensors.name[node.tensor] : node.label;
  name.append(h("span", {class: "label"}, brief(label)));
  const elements = h("div", {role: "gridcell", class: "right elements"});
  if (node.kind !== "tensor" || node.state < PARAMETER_STATES) {
    const meter = h("span", {class: "meter", "aria-hidden": "true"});
    meter.style.width = (root.parameters === 0 ? 0 : (100 * node.parameters) / root.parameters) + "%";
    elements.append(meter);
  }
  const n = elementsOf(node);
  elements.append(h("span", {class: node.kind === "tensor" && node.state >= PARAMETER_STATES ? "faint" : ""}, count(n)));
  return [
    name,
    h("div", {role: "gridcell", class: "type"}, brief(typeOf(node) || " ").trim()),
    h("div", {role: "gridcell", class: "shape"}, brief(shapeOf(node) || " ").trim()),
    elements,
    h("div", {role: "gridcell", class: "right bytes"}, humanBytes(node.bytes)),
    h("div", {role: "gridcell", class: "state"}, dotOf(node), stateWord(node)),
    h("div", {role: "gridcell", class: "role"}, roleOf(node)),
  ];
}

const listLabel = () => (view.flat ? "Tensors" : "Layers and their tensors");

function foundText(made) {
  if (!narrowed()) return plural(tensors.count, "tensor");
  return made.found === 0 && list.rows.length === 0 ? "Nothing found" : plural(made.found, "tensor") + " found";
}
