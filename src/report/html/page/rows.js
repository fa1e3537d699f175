// Which rows the list shows, and in which order: the tree unfolded, searched and sorted, or all tensors in one.

const view = {
  flat: false,
  words: [],                      // what is searched for, all of them
  states: new Set(),              // only tensors in one of these; none: all
  sort: "order", down: false,
  folds: new Map(),               // while searching: what was folded or unfolded by hand
};

const COLUMNS = [
  {key: "name", title: "Name"},
  {key: "type", title: "Type"},
  {key: "shape", title: "Shape"},
  {key: "elements", title: "Params", number: true},
  {key: "bytes", title: "Bytes", number: true},
  {key: "state", title: "Trainable"},
  {key: "role", title: "Role"},
];

const roleOf = (node) => (node.kind === "tensor" ? tensors.role(node.tensor) : "");
const elementsOf = (node) => (node.kind === "tensor" ? tensors.weight(node.tensor) : node.parameters);

const sortValue = {
  name: (node) => (node.kind === "tensor" && view.flat ? tensors.name[node.tensor] : node.label),
  type: typeOf,
  shape: shapeOf,
  elements: elementsOf,
  bytes: (node) => node.bytes,
  state: stateWord,
  role: roleOf,
};

// What a search looks through, in lower case; made when first asked for.
const haystacks = [];
function haystack(node) {
  const known = haystacks[node.id];
  if (known !== undefined) return known;
  let text = node.label;
  if (node.kind === "tensor") {
    const t = node.tensor;
    text = [tensors.name[t], tensors.dtype(t), tensors.shape(t), tensors.role(t), STATES[node.state].title,
      tensors.scope(t), tensors.kind(t)].join("\n");
  } else if (node.layer >= 0) {
    text = [node.label, layers.path[node.layer], layers.type(node.layer), layers.shape(node.layer)].join("\n");
  }
  return (haystacks[node.id] = text.toLowerCase());
}

const hits = (node) => view.words.every((word) => haystack(node).includes(word));
const narrowed = () => view.words.length > 0 || view.states.size > 0;

// For every node whether it is shown (1), and whether something below it was found (2).
function mark() {
  const marks = new Uint8Array(nodes.length);
  const inside = new Uint8Array(nodes.length);  // in or under a layer that was found by its own name
  for (const node of nodes) {
    const above = node.parent !== null && inside[node.parent.id] === 1;
    const hit = view.words.length === 0 || (node !== root && hits(node));
    if (node.kind === "tensor") {
      if ((above || hit) && (view.states.size === 0 || view.states.has(node.state))) marks[node.id] = hit ? 3 : 1;
    } else {
      inside[node.id] = above || (hit && node !== root) || view.words.length === 0 ? 1 : 0;
      if (hit && view.states.size === 0) marks[node.id] = 3;
    }
  }
  for (let i = nodes.length - 1; i > 0; --i) {
    if (marks[i] !== 0) marks[nodes[i].parent.id] |= (marks[i] & 2) === 0 ? 1 : 7;
  }
  return marks;
}

// Rows in order: nodes; `found` counts tensors that fit.
function makeRows() {
  const marks = narrowed() ? mark() : null;
  const fits = (node) => marks === null || marks[node.id] !== 0;
  let found = tensors.count;
  if (marks !== null) found = nodeOfTensor.reduce((sum, node) => sum + (marks[node.id] !== 0 ? 1 : 0), 0);
  if (view.flat) return {rows: sorted(nodeOfTensor.filter(fits)), found};
  const rows = [];
  const pending = sorted(root.kids.filter(fits)).reverse();
  while (pending.length > 0) {
    const node = pending.pop();
    rows.push(node);
    node.shown = view.words.length === 0 ? node.open
      : view.folds.has(node) ? view.folds.get(node) : marks !== null && (marks[node.id] & 4) !== 0;
    if (node.shown && node.kids.length > 0) {
      const kids = sorted(node.kids.filter(fits));
      for (let i = kids.length - 1; i >= 0; --i) pending.push(kids[i]);
    }
  }
  return {rows, found};
}

function setOpen(node, open) {
  if (view.words.length === 0) node.open = open;
  else view.folds.set(node, open);
}

function setAllOpen(open) {
  view.folds.clear();
  for (const node of nodes) {
    node.open = open;
    if (view.words.length > 0 && node.kind !== "tensor") view.folds.set(node, open);
  }
}

// Unfolds from the top while the rows are few enough to be looked over.
(function unfoldFew() {
  let level = root.kids, rows = level.length;
  while (level.length > 0) {
    const next = level.flatMap((node) => node.kids);
    rows += next.length;
    if (next.length === 0 || (rows > 30 && level.length > 1)) break;
    for (const node of level) node.open = true;
    level = next;
  }
})();
