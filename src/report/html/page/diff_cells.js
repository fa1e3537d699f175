// Layers with the tensors of theirs that differ, and what stands in a row.

const COLUMNS = [
  {key: "name", title: "Name"},
  {key: "what", title: "What"},
  {key: "type", title: "Type and shape"},
  {key: "changed", title: "Values changed", number: true},
  {key: "abs", title: "Largest change", number: true},
  {key: "ulps", title: "ULPs", number: true},
];

const NO_LAYER = "(no layer)";
const equalOf = new Map(data.layers.map((layer) => [layer.path, layer.equal]));

(function plant() {
  const places = new Map();
  const at = (path) => {
    let layer = places.get(path);
    if (layer === undefined) {
      layer = makeNode(root, path === "" ? NO_LAYER : path, {path, equal: equalOf.get(path) || 0, elements: 0, changed: 0, abs: null, ulps: null});
      places.set(path, layer);
    }
    return layer;
  };
  for (let i = 0; i < changes.count; ++i) {
    const layer = at(changes.layer(i));
    const kind = changes.kind(i), name = changes.name(i);
    const node = makeNode(layer, name, {leaf: true, change: i, tags: [kind], elements: changes.elements(i) || 0,
      changed: changes.changed(i) || 0, abs: changes.maxAbs(i), ulps: changes.maxUlps(i)});
    const path = changes.layer(i);
    if (path !== "" && name.length > path.length + 1 && name.startsWith(path) && "./".includes(name[path.length])) {
      node.label = name.slice(path.length + 1);
    }
    node.text = [name, changes.newName(i), path, changes.scope(i), kindOf(kind).title, kind, changes.role(i), changes.type(i),
      changes.newType(i)].join("\n").toLowerCase();
    layer.elements += node.elements;
    layer.changed += node.changed;
    if (node.abs !== null) layer.abs = Math.max(layer.abs === null ? 0 : layer.abs, node.abs);
    if (node.ulps !== null) layer.ulps = Math.max(layer.ulps === null ? 0 : layer.ulps, node.ulps);
  }
  // Layers of which nothing differs: a row each, to say so.
  for (const layer of data.layers) {
    if (places.has(layer.path)) continue;
    const node = at(layer.path);
    node.leaf = true;
    node.tags = [EQUAL.tag];
  }
  if (nodes.length <= 40) for (const node of nodes) node.open = true;
})();

const isTensor = (node) => node.change !== undefined;

function whatOf(node) {
  if (isTensor(node)) return kindOf(changes.kind(node.change)).title;
  const all = node.equal + node.kids.length;
  return node.kids.length === 0 ? plural(node.equal, "tensor") + " equal" : count(node.kids.length) + " of " + plural(all, "tensor");
}

function typeOf(node) {
  if (!isTensor(node)) return "";
  const a = changes.type(node.change), b = changes.newType(node.change);
  return a === "" ? b : b === "" || a === b ? a : a + " → " + b;
}

const number = (n) => (n === null || n === undefined ? -1 : n);
const sortValue = {
  name: (node) => node.label,
  what: whatOf,
  type: typeOf,
  changed: (node) => node.changed,
  abs: (node) => number(node.abs),
  ulps: (node) => number(node.ulps),
};

// A difference as people read it: few digits, or a power of ten.
function amount(x) {
  if (x === null || x === undefined) return "–";
  if (x === 0) return "0";
  return x >= 1e-4 && x < 1e6 ? String(Number(x.toPrecision(4))) : x.toExponential(2);
}

const mostChanged = () => Math.max(1, ...root.kids.map((node) => node.changed));
let most = null;

function cellsOf(node) {
  if (most === null) most = mostChanged();
  const kind = isTensor(node) ? kindOf(changes.kind(node.change)) : node.kids.length === 0 ? EQUAL : null;
  const dots = kind !== null ? [kind] : KINDS.filter((k) => node.kids.some((kid) => kid.tags.includes(k.tag)));
  const what = h("div", {role: "gridcell", class: "what"}, h("span", {class: "dots", "aria-hidden": "true"},
    dots.slice(0, 4).map((k) => h("span", {class: "dot fill-" + k.key}))), whatOf(node));
  return [
    nameCell(node, {twisty: true}),
    what,
    cell(brief(typeOf(node) || " ").trim(), "type"),
    meterCell(node.elements === 0 ? "–" : count(node.changed) + " of " + count(node.elements), node.changed, most),
    cell(amount(node.abs), "right"),
    cell(node.ulps === null || node.ulps === undefined ? "–" : short(node.ulps), "right"),
  ];
}

const listLabel = () => "Layers, and tensors that differ";

function foundText(made) {
  const differ = count(changes.count) + (changes.count === 1 ? " tensor differs" : " tensors differ");
  if (!narrowed()) return differ;
  return made.rows.length === 0 ? "Nothing found" : plural(made.found, "row") + " found";
}
