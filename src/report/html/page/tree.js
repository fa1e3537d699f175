// The tree of layers: groups by the segments of their paths, layers, and under each its tensors.
// Parents stand before their children in `nodes`, so that sums are loops and nothing recurses.

const DEEPEST = 24;  // segments of a path; further ones stay together

const NONE = Object.freeze([]);

function makeNode(parent, label, kind) {
  const node = {
    id: nodes.length, parent, label, kind,  // "model", "group", "layer", "tensor"
    layer: -1, tensor: -1, kids: kind === "tensor" ? NONE : [], depth: 0,
    parameters: 0, bytes: 0, by: null, state: -1, start: 0, open: false, shown: false,
  };
  nodes.push(node);
  if (parent !== null) parent.kids.push(node);
  return node;
}

let nodes = [];
const root = makeNode(null, data.file.split("/").pop(), "model");

const separatorOf = (path) => (path.includes("/") ? "/" : ".");

function segmentsOf(path) {
  const separator = separatorOf(path);
  if (!path.includes(separator)) return [path];
  const parts = path.split(separator, DEEPEST);
  let length = 0;
  for (const part of parts) length += part.length + 1;
  if (length <= path.length) parts[parts.length - 1] += separator + path.slice(length);
  return parts;
}

(function plant() {
  const places = new Map();  // of groups with something in them: those by label
  const at = (parent, label) => {
    let inside = places.get(parent);
    if (inside === undefined) places.set(parent, (inside = new Map()));
    let node = inside.get(label);
    if (node === undefined) inside.set(label, (node = makeNode(parent, label, "group")));
    return node;
  };
  const owns = new Uint8Array(layers.count);
  for (let t = 0; t < tensors.count; ++t) if (tensors.layer[t] >= 0) owns[tensors.layer[t]] = 1;
  const ofLayer = new Array(layers.count);
  for (let i = 0; i < layers.count; ++i) {
    if (owns[i] === 0 && layers.shared(i) === "") continue;
    let node = root;
    for (const segment of segmentsOf(layers.path[i])) node = at(node, segment);
    // Two paths may have the same segments ("a/b" and "a.b" cut short): then the later stands beside.
    if (node.layer >= 0 || node === root) node = makeNode(node.parent === null ? root : node.parent, layers.path[i], "layer");
    node.kind = "layer";
    node.layer = i;
    ofLayer[i] = node;
  }
  let homeless = null;
  for (let t = 0; t < tensors.count; ++t) {
    let owner = tensors.layer[t] >= 0 ? ofLayer[tensors.layer[t]] : homeless;
    if (owner === null) owner = homeless = makeNode(root, "(no layer)", "group");
    const node = makeNode(owner, tensors.name[t], "tensor");
    const path = tensors.layer[t] >= 0 ? layers.path[tensors.layer[t]] : "";
    if (path !== "" && node.label.length > path.length + 1 && node.label.startsWith(path) &&
        "./".includes(node.label[path.length])) {
      node.label = node.label.slice(path.length + 1);
    }
    node.tensor = t;
    node.state = tensors.state(t);
  }
})();

(function join() {
  // A group with nothing but one other in it is one row with it.
  for (const node of nodes) {
    while (node.kind === "group" && node.kids.length === 1 && node.kids[0].kind !== "tensor") {
      const only = node.kids[0];
      node.label += separatorOf(pathOf(only)) + only.label;
      node.kind = only.kind;
      node.layer = only.layer;
      node.kids = only.kids;
      for (const kid of node.kids) kid.parent = node;
      only.parent = null;
      only.kind = "gone";
    }
  }
  nodes = nodes.filter((node) => node.kind !== "gone");
  nodes.forEach((node, i) => (node.id = i));
})();

// The path of a layer that lies in or under a node.
function pathOf(node) {
  while (node.layer < 0 && node.kids.length > 0 && node.kids[0].kind !== "tensor") node = node.kids[0];
  return node.layer < 0 ? "" : layers.path[node.layer];
}

(function add() {
  for (let i = nodes.length - 1; i >= 0; --i) {
    const node = nodes[i];
    if (node.kind === "tensor") {
      node.parameters = node.state < PARAMETER_STATES ? tensors.weight(node.tensor) : 0;
      node.bytes = tensors.bytes[node.tensor];
    }
  }
  for (const node of nodes) {
    node.depth = node.parent === null ? 0 : node.parent.depth + 1;
    if (node.kind !== "tensor") node.by = new Float64Array(STATES.length);
  }
  for (let i = nodes.length - 1; i > 0; --i) {
    const node = nodes[i], parent = node.parent;
    parent.parameters += node.parameters;
    parent.bytes += node.bytes;
    if (node.kind === "tensor") parent.by[node.state] += tensors.weight(node.tensor);
    else for (let state = 0; state < STATES.length; ++state) parent.by[state] += node.by[state];
  }
  // Where each begins on the line of all parameters.
  for (const node of nodes) {
    let at = node.start;
    for (const kid of node.kids) {
      kid.start = at;
      at += kid.parameters;
    }
  }
})();

const nodeOfTensor = new Array(tensors.count);
for (const node of nodes) if (node.kind === "tensor") nodeOfTensor[node.tensor] = node;

const typeOf = (node) =>
  node.kind === "tensor" ? tensors.dtype(node.tensor) : node.layer >= 0 ? layers.type(node.layer) : "";
const shapeOf = (node) =>
  node.kind === "tensor" ? tensors.shape(node.tensor) : node.layer >= 0 ? layers.shape(node.layer) : "";
const stateWord = (node) => {
  if (node.kind !== "tensor") return trainableWord(node.by);
  return node.state === TRAINABLE ? "yes" : node.state < PARAMETER_STATES ? "no" : "–";
};

// Labels from below the model to the node.
function trail(node) {
  const line = [];
  for (; node !== null; node = node.parent) line.push(node);
  return line.reverse();
}
