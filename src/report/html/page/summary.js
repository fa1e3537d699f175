// The head of the page, the totals, element types and notes.

function factOf(term, text) {
  return h("div", {}, h("dt", {}, term), h("dd", {}, text));
}

function drawHead() {
  const model = data.model;
  const file = data.file.split("/").pop();
  byId("model-name").textContent = brief(file);
  if (file === data.file) byId("model-file").hidden = true;
  byId("model-file").textContent = show(cut(data.file, 1000));
  const opsets = model.opsets.map((o) => (o.domain === "" ? "ai.onnx" : brief(o.domain)) + " " + o.version);
  const stored = tensors.bytes.reduce((sum, n) => sum + n, 0);
  byId("model-facts").append(
    factOf("Graph", brief(model.graph)),
    factOf("Producer", model.producer === "" ? "not stated" : brief(model.producer)),
    factOf("IR version", model.ir_version === 0 ? "not stated" : String(model.ir_version)),
    factOf("Opsets", opsets.length === 0 ? "none" : opsets.slice(0, 8).join(", ") + (opsets.length > 8 ? ", …" : "")),
    factOf("File", humanBytes(data.bytes)),
    factOf("Stored values", humanBytes(stored)),
    factOf("Layers", count(nodes.reduce((sum, node) => sum + (node.layer >= 0 ? 1 : 0), 0))),
    factOf("Tensors", count(tensors.count)),
  );
}

function numberOf(title, n, note, state) {
  return h("div", {class: "number" + (state ? " of-" + state : "")}, h("span", {class: "title"}, title),
    h("span", {class: "value"}, count(n)), h("span", {class: "quiet"}, note));
}

function drawTotals() {
  const totals = data.totals;
  const share = (n) => percent(n, totals.parameters) + " of parameters";
  byId("summary-numbers").append(
    numberOf("Total", totals.parameters, humanBytes(totals.bytes), ""),
    numberOf("Trainable", totals.trainable, share(totals.trainable), "trainable"),
    numberOf("Non-trainable", totals.non_trainable,
      "statistics " + count(totals.statistics) + ", frozen " + count(totals.frozen), "frozen"),
  );
  const fixed = Math.max(0, totals.non_trainable - totals.statistics - totals.frozen);
  const parts = [totals.trainable, totals.frozen, totals.statistics, fixed, totals.quantization, totals.constants, totals.unused];
  const all = parts.reduce((sum, n) => sum + n, 0);
  const bar = byId("summary-bar"), legend = byId("summary-legend"), said = [];
  STATES.forEach((state, i) => {
    if (parts[i] === 0) return;
    const piece = h("span", {class: "fill-" + state.key});
    piece.style.flexGrow = String(parts[i] / all);
    bar.append(piece);
    said.push(state.title.toLowerCase() + " " + count(parts[i]));
    legend.append(h("li", {}, h("span", {class: "swatch fill-" + state.key, "aria-hidden": "true"}),
      h("span", {class: "name"}, state.title), h("span", {class: "value"}, count(parts[i])),
      h("span", {class: "quiet"}, percent(parts[i], all) + " · " + state.text)));
  });
  bar.setAttribute("aria-label", said.length === 0 ? "No elements" : "All stored elements: " + said.join(", "));
  if (said.length === 0) bar.hidden = true;
  byId("weak").textContent = data.weak === 0
    ? "No tensor is judged by its name or by assumption only."
    : plural(data.weak, "tensor") + " of " + count(tensors.count) + (data.weak === 1 ? " is" : " are") +
      " judged by name or assumption only.";
}

function signed(n) {
  return n < 0 ? "−" + count(-n) : "+" + count(n);
}

function drawFramework() {
  const place = byId("framework");
  const framework = data.framework;
  if (framework !== undefined) {
    const rows = framework.adjustments.slice(0, 500).map((a) =>
      h("tr", {}, h("td", {}, a.kind.replace("_", " ")), h("td", {class: "code"}, brief(a.layer) + (a.type === "" ? "" : " (" + brief(a.type) + ")")),
        h("td", {class: "right"}, signed(a.trainable)), h("td", {class: "right"}, signed(a.statistics)), h("td", {}, show(a.text))));
    const more = framework.adjustments.length - rows.length;
    place.append(h("details", {class: "framework"},
      h("summary", {}, "In the framework, " + framework.certainty + ": ",
        h("strong", {}, count(framework.parameters)), " parameters, " + count(framework.trainable) + " trainable, " +
          count(framework.statistics) + " statistics"),
      h("div", {class: "scroll", tabindex: "0", role: "region", "aria-label": "Adjustments"}, h("table", {},
        h("thead", {}, h("tr", {}, ["Difference", "Layer", "Trainable", "Statistics", "Evidence"].map((title) => h("th", {scope: "col"}, title)))),
        h("tbody", {}, rows))),
      more > 0 ? h("p", {class: "quiet"}, "and " + count(more) + " more") : null));
  }
  const trained = data.trained_attributes;
  if (trained !== undefined) {
    const values = trained.reduce((sum, node) => sum + node.values, 0);
    place.append(h("p", {}, "Training left " + plural(values, "value") + " in attributes of " +
      [...new Set(trained.map((node) => brief(node.type)))].slice(0, 8).join(", ") + "; no gradient reaches them, and they are in no total."));
  }
}

function drawTypes() {
  const by = new Map();
  for (let t = 0; t < tensors.count; ++t) {
    const dtype = wordIndex(tensors.dtypes, t);
    const sum = by.get(dtype) || {tensors: 0, elements: 0, bytes: 0};
    sum.tensors += 1;
    sum.elements += tensors.elements[t];
    sum.bytes += tensors.bytes[t];
    by.set(dtype, sum);
  }
  const rows = [...by].sort((a, b) => b[1].bytes - a[1].bytes);
  const most = rows.length === 0 ? 0 : Math.max(1, rows[0][1].bytes);
  byId("types").append(
    h("thead", {}, h("tr", {}, h("th", {scope: "col"}, "Type"), h("th", {scope: "col", class: "right"}, "Tensors"),
      h("th", {scope: "col", class: "right"}, "Elements"), h("th", {scope: "col", class: "right"}, "Bytes"),
      h("th", {scope: "col", class: "meter-column"}, h("span", {class: "unseen"}, "Share")))),
    h("tbody", {}, rows.map(([dtype, sum]) => {
      const meter = h("span", {class: "meter", "aria-hidden": "true"});
      meter.style.width = (100 * sum.bytes) / most + "%";
      return h("tr", {}, h("th", {scope: "row", class: "code"}, brief(tensors.dtypes.words[dtype])),
        h("td", {class: "right"}, count(sum.tensors)), h("td", {class: "right"}, count(sum.elements)),
        h("td", {class: "right"}, humanBytes(sum.bytes)), h("td", {class: "meter-column"}, meter));
    })));
}

function drawNotes() {
  if (data.notes.length === 0) byId("notes").append(h("li", {class: "quiet"}, "Nothing is odd about this file."));
  for (const note of data.notes) {
    byId("notes").append(h("li", {class: note.severity}, h("span", {class: "badge"}, note.severity), h("span", {}, show(note.text))));
  }
}
