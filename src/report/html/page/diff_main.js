// Puts the page of differences together.

const nameOfFile = (path) => path.split("/").pop();

(function drawHead() {
  const verdict = {yes: "No difference", no: "They differ", unknown: "Not all could be compared"}[data.equal];
  byId("page-name").textContent = brief(nameOfFile(data.a)) + " → " + brief(nameOfFile(data.b));
  byId("page-facts").append(
    factOf("A", show(cut(data.a, 300))), factOf("B", show(cut(data.b, 300))), factOf("Answer", verdict),
    factOf("Graphs", !data.graphs_compared ? "not compared: one is no model"
      : data.operators.length + data.inputs.length + data.outputs.length === 0 ? "the same operators, inputs and outputs" : "differ"));
})();

(function drawNumbers() {
  const touched = root.kids.filter((node) => node.kids.length > 0);
  const values = touched.reduce((sum, node) => sum + node.changed, 0);
  const largest = touched.reduce((most, node) => (node.abs !== null && (most === null || node.abs > most) ? node.abs : most), null);
  byId("summary-numbers").append(
    numberOf("Tensors that differ", count(changes.count), count(data.equal_tensors) + " equal"),
    numberOf("Layers that differ", count(touched.length), "of " + plural(root.kids.length, "layer")),
    numberOf("Values changed", short(values), "of " + short(touched.reduce((sum, node) => sum + node.elements, 0)) + " compared"),
    numberOf("Largest change", amount(largest), "|a − b| of finite numbers"));
  const by = new Map();
  for (let i = 0; i < changes.count; ++i) by.set(changes.kind(i), (by.get(changes.kind(i)) || 0) + 1);
  drawBar([...KINDS.map((kind) => ({...kind, n: by.get(kind.tag) || 0})), {...EQUAL, n: data.equal_tensors}], "Tensors");
})();

(function drawGraphs() {
  const differs = data.operators.length + data.inputs.length + data.outputs.length > 0;
  byId("graphs-section").hidden = !differs;
  if (!differs) return;
  const name = (text) => brief(text);
  if (data.operators.length > 0) {
    makeTable("operators", [{text: "Operator"}, {text: "Nodes in A", number: true}, {text: "Nodes in B", number: true}],
      data.operators.map((o) => [name((o.domain === "" ? "" : o.domain + "::") + o.type), count(o.a), count(o.b)]));
  }
  byId("operators").hidden = data.operators.length === 0;
  const values = [...data.inputs.map((v) => ["input", v]), ...data.outputs.map((v) => ["output", v])];
  if (values.length > 0) {
    makeTable("values", [{text: "Name"}, {text: "Of the graph"}, {text: "In A"}, {text: "In B"}],
      values.map(([what, v]) => [name(v.name), what, v.a === "" ? "not there" : name(v.a), v.b === "" ? "not there" : name(v.b)]));
  }
  byId("values").hidden = values.length === 0;
})();

function drawDetails(node) {
  const place = byId("details");
  if (node === null) {
    place.replaceChildren(h("p", {class: "quiet"}, "Select a row to see all there is to say of it."));
    return;
  }
  if (!isTensor(node)) {
    place.replaceChildren(
      h("p", {class: "kind quiet"}, "Layer"), h("h3", {class: "code"}, show(cut(node.label, 2000))),
      h("dl", {}, row("Differ", plural(node.kids.length, "tensor")), row("Equal", plural(node.equal, "tensor")),
        node.elements > 0 ? row("Values changed", count(node.changed) + " of " + count(node.elements)) : [],
        node.abs !== null ? row("Largest", amount(node.abs)) : []));
    return;
  }
  const i = node.change, kind = kindOf(changes.kind(i));
  const name = changes.name(i), newName = changes.newName(i);
  place.replaceChildren(
    h("p", {class: "kind quiet"}, h("span", {class: "dot fill-" + kind.key, "aria-hidden": "true"}), " " + kind.title + ": " + kind.text),
    h("h3", {class: "code"}, show(cut(name, 2000))),
    h("dl", {},
      newName !== "" && newName !== name ? row("In B", h("span", {class: "code"}, show(cut(newName, 2000)))) : [],
      changes.base64(i) !== undefined ? row("Bytes", h("span", {class: "code"}, changes.base64(i) + " (base64)")) : [],
      changes.layer(i) !== "" ? row("Layer", h("span", {class: "code"}, show(cut(changes.layer(i), 500)))) : [],
      changes.scope(i) !== "" ? row("Scope", h("span", {class: "code"}, show(cut(changes.scope(i), 500)))) : [],
      changes.role(i) !== "" ? row("Role", changes.role(i)) : [],
      changes.type(i) !== "" ? row("Type in A", changes.type(i)) : [],
      changes.newType(i) !== "" ? row("Type in B", changes.newType(i)) : [],
      node.elements > 0 ? row("Values", count(node.changed) + " of " + count(node.elements) + " changed") : [],
      node.abs !== null && node.abs !== undefined ? row("Largest", amount(node.abs)) : [],
      node.ulps !== null && node.ulps !== undefined ? row("ULPs", count(node.ulps)) : [],
      changes.notFinite(i) > 0 ? row("Not finite", count(changes.notFinite(i))) : [],
      changes.first(i) !== null && changes.first(i) !== undefined ? row("First", "element " + count(changes.first(i))) : [],
      changes.text(i) !== "" ? row("Why", show(cut(changes.text(i), 2000))) : []));
}

makeList();
drawChips([...KINDS, EQUAL]);
start();
