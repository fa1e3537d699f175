// A row for each model.

const COLUMNS = [
  {key: "name", title: "Model"},
  {key: "parameters", title: "Params", number: true},
  {key: "trainable", title: "Trainable", number: true},
  {key: "rest", title: "Non-trainable", number: true},
  {key: "bytes", title: "File", number: true},
  {key: "tensors", title: "Tensors", number: true},
  {key: "weak", title: "Assumed", number: true},
  {key: "seconds", title: "Seconds", number: true},
];

const TAGS = [
  {tag: "failed", key: "removed", title: "Failed"},
  {tag: "frozen", key: "frozen", title: "With frozen weights"},
  {tag: "statistics", key: "statistic", title: "With statistics"},
  {tag: "quantized", key: "quantization", title: "Quantized"},
  {tag: "weak", key: "constant", title: "With roles by name or assumption"},
  {tag: "untrainable", key: "unused", title: "Nothing trainable"},
];

// The folders that all models lie in, left out of the rows.
const shared = (() => {
  let most = null;
  for (let i = 0; i < models.count; ++i) {
    const parts = models.file(i).split("/").slice(0, -1);
    if (most === null) most = parts;
    let same = 0;
    while (same < most.length && same < parts.length && most[same] === parts[same]) ++same;
    most = most.slice(0, same);
  }
  return most === null || most.length === 0 ? "" : most.join("/") + "/";
})();

for (let i = 0; i < models.count; ++i) {
  const tags = [];
  if (!models.ok(i)) tags.push("failed");
  if (models.frozen(i) > 0) tags.push("frozen");
  if (models.statistics(i) > 0) tags.push("statistics");
  if (models.quantization(i) > 0) tags.push("quantized");
  if (models.weak(i) > 0) tags.push("weak");
  if (models.ok(i) && models.trainable(i) === 0) tags.push("untrainable");
  const file = models.file(i);
  makeNode(root, file.slice(shared.length), {leaf: true, model: i, tags,
    text: [file, ...tags, models.cause(i), models.error(i)].join("\n").toLowerCase()});
}

const sortValue = {
  name: (node) => node.label,
  parameters: (node) => models.parameters(node.model),
  trainable: (node) => models.trainable(node.model),
  rest: (node) => models.nonTrainable(node.model),
  bytes: (node) => models.bytes(node.model),
  tensors: (node) => models.tensors(node.model),
  weak: (node) => models.weak(node.model),
  seconds: (node) => models.seconds(node.model),
};

const largest = root.kids.reduce((most, node) => Math.max(most, models.parameters(node.model)), 0);

function cellsOf(node) {
  const i = node.model, ok = models.ok(i);
  const name = nameCell(node, {twisty: false});
  if (!ok) name.append(h("span", {class: "badge bad"}, "failed"));
  const number = (n) => cell(ok ? count(n) : "–", "right");
  return [
    name,
    meterCell(ok ? count(models.parameters(i)) : "–", models.parameters(i), largest),
    number(models.trainable(i)),
    number(models.nonTrainable(i)),
    cell(ok ? humanBytes(models.bytes(i)) : "–", "right"),
    number(models.tensors(i)),
    number(models.weak(i)),
    cell(models.seconds(i).toFixed(4), "right"),
  ];
}

const listLabel = () => "Models";

function foundText(made) {
  if (!narrowed()) return plural(models.count, "model");
  return made.found === 0 ? "Nothing found" : plural(made.found, "model") + " found";
}
