// Puts the overview of a zoo together.

function sumOf(of) {
  let sum = 0;
  for (let i = 0; i < models.count; ++i) sum += of(i);
  return sum;
}

(function draw() {
  const failed = root.kids.filter((node) => !models.ok(node.model)).length;
  const totals = {};
  for (const key of ["parameters", "parameterBytes", "trainable", "nonTrainable", "frozen", "statistics", "quantization", "constants", "unused", "bytes"]) {
    totals[key] = sumOf(models[key]);
  }
  byId("page-name").textContent = plural(models.count, "model");
  byId("page-facts").append(
    factOf(data.inputs.length === 1 ? "Folder" : "Folders", data.inputs.slice(0, 6).map((input) => show(cut(input, 200))).join(", ") + (data.inputs.length > 6 ? ", …" : "")),
    factOf("Model files", humanBytes(totals.bytes)),
    factOf("Failed", count(failed)),
    factOf("Made by", data.made_by));
  const share = (n) => percent(n, totals.parameters) + " of parameters";
  byId("summary-numbers").append(
    numberOf("Models", count(models.count), failed === 0 ? "all were read" : count(failed) + " failed"),
    numberOf("Parameters", short(totals.parameters), humanBytes(totals.parameterBytes)),
    numberOf("Trainable", short(totals.trainable), share(totals.trainable)),
    numberOf("Non-trainable", short(totals.nonTrainable), "statistics " + short(totals.statistics) + ", frozen " + short(totals.frozen)));
  drawBar([
    {key: "trainable", title: "Trainable", text: "weights that take a gradient", n: totals.trainable},
    {key: "frozen", title: "Frozen", text: "weights that must not change", n: totals.frozen},
    {key: "statistic", title: "Statistics", text: "running means and variances, never trained", n: totals.statistics},
    {key: "fixed", title: "Fixed by type", text: "weights stored as integers or small floats", n: Math.max(0, totals.nonTrainable - totals.statistics - totals.frozen)},
    {key: "quantization", title: "Quantization", text: "scales and zero points", n: totals.quantization},
    {key: "constant", title: "Constants", text: "shapes, axes, tables", n: totals.constants},
    {key: "unused", title: "Unused", text: "nothing reads them", n: totals.unused},
  ], "All stored elements");
  const causes = new Map();
  for (const node of root.kids) {
    if (models.ok(node.model)) continue;
    causes.set(models.cause(node.model), (causes.get(models.cause(node.model)) || 0) + 1);
  }
  byId("failures-section").hidden = causes.size === 0;
  makeTable("failures", [{text: "Cause"}, {text: "Meaning"}, {text: "Models", number: true}],
    [...causes].sort((a, b) => b[1] - a[1]).map(([cause, n]) => [cause, data.causes[cause] || "", count(n)]));
})();

function drawDetails(node) {
  const place = byId("details");
  if (node === null) {
    place.replaceChildren(h("p", {class: "quiet"}, "Select a model to see all there is to say of it."));
    return;
  }
  const i = node.model, ok = models.ok(i);
  place.replaceChildren(
    h("p", {class: "kind quiet"}, ok ? "Model" : "Failed: " + (data.causes[models.cause(i)] || models.cause(i))),
    h("h3", {class: "code"}, show(cut(models.file(i), 4000))),
    ok ? [] : h("p", {class: "reason"}, show(cut(models.error(i), 4000))),
    h("dl", {},
      models.base64(i) !== undefined ? row("Bytes", h("span", {class: "code"}, models.base64(i) + " (base64)")) : [],
      !ok ? [] : [
        row("Parameters", count(models.parameters(i)) + ", " + humanBytes(models.parameterBytes(i))),
        row("Trainable", count(models.trainable(i))), row("Frozen", count(models.frozen(i))),
        row("Statistics", count(models.statistics(i))), row("Quantization", count(models.quantization(i))),
        row("Constants", count(models.constants(i))), row("Unused", count(models.unused(i))),
        row("Tensors", count(models.tensors(i)) + ", " + count(models.weak(i)) + " judged by name or assumption only"),
        row("File", humanBytes(models.bytes(i)))],
      row("Seconds", models.seconds(i).toFixed(6))));
}

makeList();
drawChips(TAGS);
start();
