// Where the cells of the chart lie: an icicle, the model on top, its layers below it, tensors last; as wide
// as they have parameters.

const NARROWEST = 2;  // pixels; what is narrower stands together in one cell without a name

// Cells under `top` for the window [from, to] of the line of parameters: {node, x, width, row}, or with
// `many` instead of `node` for those that are too narrow.
function layoutCells(top, from, to, width, rows) {
  const cells = [];
  const scale = to > from ? width / (to - from) : 0;
  const pending = [[top, 0]];
  while (pending.length > 0) {
    const [node, row] = pending.pop();
    const x = (node.start - from) * scale;
    const right = x + node.parameters * scale;
    if (right < 0 || x > width) continue;
    cells.push({node, x: Math.max(x, 0), width: Math.min(right, width) - Math.max(x, 0), row});
    if (row + 1 === rows) continue;
    let narrow = null;
    for (const kid of node.kids) {
      if (kid.parameters === 0) continue;
      const at = (kid.start - from) * scale, wide = kid.parameters * scale;
      if (at > width || at + wide < 0) continue;
      if (wide >= NARROWEST) {
        pending.push([kid, row + 1]);
        narrow = null;
        continue;
      }
      if (narrow === null) cells.push((narrow = {node: null, many: 0, x: at, width: 0, row: row + 1}));
      narrow.many += 1;
      narrow.width = at + wide - narrow.x;
    }
  }
  return cells;
}

// How many rows there are from `top` down, itself counted.
function heightOf(top) {
  let most = 0;
  const pending = [top];
  while (pending.length > 0) {
    const node = pending.pop();
    if (node.parameters === 0) continue;
    most = Math.max(most, node.depth - top.depth + 1);
    for (const kid of node.kids) pending.push(kid);
  }
  return most;
}

// The states of a node's parameters, each with its part of them.
function partsOf(node) {
  if (node.kind === "tensor") return [[node.state, 1]];
  const parts = [];
  for (let state = 0; state < PARAMETER_STATES; ++state) {
    if (node.by[state] > 0) parts.push([state, node.by[state] / node.parameters]);
  }
  return parts;
}
