// Which rows a table shows: a tree of `nodes` below `root`, searched, narrowed by tags, folded and sorted.
// A node has kids, depth, open, text (what a search looks through) and tags (of a leaf: words that chips pick).

const view = {
  flat: false,
  words: [],
  states: new Set(),              // only leaves with one of these tags; none: all
  sort: "order", down: false,
  folds: new Map(),               // while searching: what was folded or unfolded by hand
};

let nodes = [];

function makeNode(parent, label, more) {
  const node = {id: nodes.length, parent, label, kids: [], depth: parent === null ? 0 : parent.depth + 1, open: false, shown: false,
    text: label.toLowerCase(), tags: [], leaf: false, ...more};
  nodes.push(node);
  if (parent !== null) parent.kids.push(node);
  return node;
}

const root = makeNode(null, "", {});

const narrowed = () => view.words.length > 0 || view.states.size > 0;
const hits = (node) => view.words.every((word) => node.text.includes(word));
const isPicked = (node) => view.states.size === 0 || node.tags.some((tag) => view.states.has(tag));

// A leaf fits by its own text or that of what it lies in; the rest by what fits in it.
function mark() {
  const marks = new Uint8Array(nodes.length), inside = new Uint8Array(nodes.length);
  for (const node of nodes) {
    if (node === root) continue;
    inside[node.id] = inside[node.parent.id] | (hits(node) ? 1 : 0);
    if (node.leaf && inside[node.id] === 1 && isPicked(node)) marks[node.id] = 1;
  }
  for (let i = nodes.length - 1; i > 0; --i) if (marks[i] === 1) marks[nodes[i].parent.id] = 1;
  return marks;
}

const leaves = () => nodes.filter((node) => node.leaf);

function makeRows() {
  const marks = narrowed() ? mark() : null;
  const fits = (node) => marks === null || marks[node.id] === 1;
  const found = marks === null ? leaves().length : leaves().filter(fits).length;
  const rows = [];
  const pending = sorted(root.kids.filter(fits)).reverse();
  while (pending.length > 0) {
    const node = pending.pop();
    rows.push(node);
    node.shown = !narrowed() ? node.open : view.folds.has(node) ? view.folds.get(node) : true;
    if (!node.shown || node.kids.length === 0) continue;
    const kids = sorted(node.kids.filter(fits));
    for (let i = kids.length - 1; i >= 0; --i) pending.push(kids[i]);
  }
  return {rows, found};
}

function setOpen(node, open) {
  if (!narrowed()) node.open = open;
  else view.folds.set(node, open);
}

function setAllOpen(open) {
  view.folds.clear();
  for (const node of nodes) {
    node.open = open;
    if (narrowed() && node.kids.length > 0) view.folds.set(node, open);
  }
}

function setFlat() {}

function clearSearch() {
  byId("search").value = "";
  view.words = [];
  view.states.clear();
  view.folds.clear();
  for (const chip of byId("states").children) chip.setAttribute("aria-pressed", "false");
}
