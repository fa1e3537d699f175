// The chart of parameters: drawn as SVG, zoomed by pointer and keyboard, told to screen readers as a tree.

const ROW = 34, MOST_ROWS = 9, GAP = 1.5, LETTER = 7.3;

const chart = {top: root, cursor: root, cells: [], width: 0, moving: 0, svg: null, onselect: () => {}};

function cellLabel(node) {
  const type = typeOf(node);
  const parts = partsOf(node).map(([state, part]) =>
    (part < 1 ? percent(part, 1) + " " : "") + STATES[state].title.toLowerCase());
  return brief(node.label) + (type === "" ? "" : ", " + brief(type)) + ", " + plural(node.parameters, "parameter") +
    ", " + percent(node.parameters, root.parameters) + " of the model, " + parts.join(", ");
}

function drawCell(cell, shift) {
  const {node, x, width} = cell;
  const y = (cell.row + shift) * ROW;
  const w = Math.max(width - GAP, 0.5), height = ROW - GAP * 2;
  if (node === null) {
    const text = cell.many === 1 ? "" : plural(cell.many, "part") + " too narrow to draw: see the list";
    return s("g", {class: "narrow"}, s("rect", {x, y, width: w, height, rx: 1}),
      (text.length + 2) * LETTER < w ? s("text", {x: x + 7, y: y + ROW / 2 + 3}, text) : "");
  }
  const group = s("g", {
    id: "cell-" + node.id, class: "cell" + (node === chart.cursor ? " cursor" : ""), role: "treeitem",
    "aria-label": cellLabel(node), "aria-level": node.depth + 1, "aria-selected": String(node === chart.cursor),
  });
  if (node.kids.length > 0) group.setAttribute("aria-expanded", String(cell.row + 1 < MOST_ROWS));
  group.node = node;
  let at = x;
  const parts = partsOf(node);
  for (const [state, part] of parts) {
    group.append(s("rect", {class: "fill-" + STATES[state].key, x: at, y, width: w * part, height}));
    if (state === FROZEN) group.append(s("rect", {class: "frost", x: at, y, width: w * part, height}));
    at += w * part;
  }
  group.append(s("rect", {class: "edge", x, y, width: w, height, rx: 3}));
  const letters = Math.floor((w - 14) / LETTER);
  if (letters >= 2) {
    const label = brief(node.label), type = typeOf(node), sum = short(node.parameters);
    let text = label.length <= letters ? label : label.slice(0, Math.max(letters - 1, 1)) + "…";
    const name = s("text", {class: "cell-name", x: x + 7, y: y + ROW / 2 + 3}, text);
    group.append(name);
    let more = "";
    if (letters > label.length + type.length + sum.length + 6 && node.layer >= 0) more = type + "  " + sum;
    else if (letters > label.length + sum.length + 3) more = sum;
    if (more !== "") group.append(s("text", {class: "cell-more", x: x + w - 7, y: y + ROW / 2 + 3, "text-anchor": "end"}, brief(more)));
  }
  return group;
}

function paint(from, to, top, shift) {
  chart.cells = layoutCells(top, from, to, chart.width, MOST_ROWS);
  const rows = chart.cells.reduce((most, cell) => Math.max(most, cell.row + 1), 1);
  const drawn = chart.cells.map((cell) => drawCell(cell, shift));
  chart.svg.querySelectorAll("g.cell, g.narrow").forEach((element) => element.remove());
  chart.svg.append(...drawn);
  chart.svg.setAttribute("viewBox", "0 0 " + chart.width + " " + chart.rows * ROW);
  return rows;
}

function settle() {
  paint(chart.top.start, chart.top.start + chart.top.parameters, chart.top, 0);
  const there = byId("cell-" + chart.cursor.id);
  if (there !== null) chart.svg.setAttribute("aria-activedescendant", there.id);
  else chart.svg.removeAttribute("aria-activedescendant");
}

const still = () => matchMedia("(prefers-reduced-motion: reduce)").matches;

// Draws the way from one window to another, then the cells to stay.
function glide(from, top) {
  cancelAnimationFrame(chart.moving);
  const to = [top.start, top.start + top.parameters];
  const begin = performance.now(), lasts = 220;
  const outer = from[1] - from[0] > to[1] - to[0] ? chart.before : top;
  const step = (now) => {
    const t = Math.min((now - begin) / lasts, 1);
    if (t === 1) {
      settle();
      return;
    }
    const eased = 1 - (1 - t) ** 3;
    const depth = top.depth - chart.before.depth;
    const shift = depth > 0 ? -depth * eased : depth * (1 - eased);
    paint(from[0] + (to[0] - from[0]) * eased, from[1] + (to[1] - from[1]) * eased, outer, shift);
    chart.moving = requestAnimationFrame(step);
  };
  chart.moving = requestAnimationFrame(step);
}

function zoomTo(node) {
  if (node.parameters === 0) return;
  chart.before = chart.top;
  chart.top = node;
  drawCrumbs();
  const old = chart.before;
  if (old === node || still() || document.hidden) settle();
  else glide([old.start, old.start + old.parameters], node);
}

function drawCrumbs() {
  const line = trail(chart.top);
  byId("chart-path").replaceChildren(...line.map((node, i) => {
    const label = node === root ? "model" : brief(node.label);
    const here = i + 1 === line.length;
    return h("li", {}, h("button", {type: "button", "aria-current": here ? "location" : null, onclick: () => zoomTo(node)}, label));
  }));
}

function pointAt(node, speak) {
  chart.cursor = node;
  chart.svg.querySelectorAll("g.cursor").forEach((cell) => {
    cell.classList.remove("cursor");
    cell.setAttribute("aria-selected", "false");
  });
  const cell = byId("cell-" + node.id);
  if (cell !== null) {
    cell.classList.add("cursor");
    cell.setAttribute("aria-selected", "true");
    chart.svg.setAttribute("aria-activedescendant", cell.id);
  }
  if (speak) chart.onselect(node);
}

const isDrawn = (node) => chart.cells.some((cell) => cell.node === node);

function beside(node, step) {
  const row = chart.cells.filter((cell) => cell.node !== null && cell.node.depth === node.depth).sort((a, b) => a.x - b.x);
  const at = row.findIndex((cell) => cell.node === node);
  return at < 0 || row[at + step] === undefined ? null : row[at + step].node;
}

function chartKey(event) {
  const at = isDrawn(chart.cursor) ? chart.cursor : chart.top;
  let next = null;
  if (event.key === "ArrowLeft") next = beside(at, -1);
  else if (event.key === "ArrowRight") next = beside(at, 1);
  else if (event.key === "ArrowUp") next = at === chart.top ? null : at.parent;
  else if (event.key === "ArrowDown") next = at.kids.find((kid) => isDrawn(kid)) || null;
  else if (event.key === "Home") next = chart.top;
  else if (event.key === "Enter" || event.key === " ") {
    pointAt(at, true);
    zoomTo(at);
    say("Zoomed to " + cellLabel(at));
  } else if (event.key === "Escape" || event.key === "Backspace") {
    if (chart.top.parent !== null) {
      const parent = chart.top.parent;
      zoomTo(parent);
      say("Zoomed out to " + cellLabel(parent));
    }
  } else return;
  event.preventDefault();
  if (next !== null) {
    pointAt(next, true);
    showTip(next, null);
  }
}

const cellOf = (event) => {
  const group = event.target.closest("g.cell");
  return group === null ? null : group.node;
};

function showTip(node, event) {
  const tip = byId("tip");
  if (node === null) {
    tip.hidden = true;
    return;
  }
  const type = typeOf(node), shape = shapeOf(node);
  tip.replaceChildren(h("strong", {}, brief(node.label)), type === "" ? "" : " " + brief(type), h("br"),
    plural(node.parameters, "parameter") + " · " + percent(node.parameters, root.parameters), h("br"),
    partsOf(node).map(([state, part]) => STATES[state].title.toLowerCase() + (part < 1 ? " " + percent(part, 1) : "")).join(", "),
    shape === "" ? "" : h("br"), shape === "" ? "" : brief(shape));
  tip.hidden = false;
  const cell = byId("cell-" + node.id);
  const box = cell === null ? chart.svg.getBoundingClientRect() : cell.getBoundingClientRect();
  const x = event === null ? box.left + Math.min(box.width / 2, 60) : event.clientX + 14;
  const y = event === null ? box.bottom + 6 : event.clientY + 18;
  tip.style.left = Math.max(4, Math.min(x, innerWidth - tip.offsetWidth - 8)) + "px";
  tip.style.top = Math.max(4, Math.min(y, innerHeight - tip.offsetHeight - 8)) + "px";
}

// The chart in a sentence, for those who do not see it and those in a hurry.
function chartText() {
  if (root.parameters === 0) return "This model holds no parameters.";
  const own = (node) => node.kids.reduce((sum, kid) => sum + (kid.kind === "tensor" ? kid.parameters : 0), 0);
  const largest = nodes.filter((node) => node.layer >= 0 && node.parameters > 0).map((node) => [node, own(node)])
    .sort((a, b) => b[1] - a[1]).slice(0, 3);
  if (largest.length === 0) return plural(root.parameters, "parameter") + ", none in a layer.";
  const named = largest.map(([node, n]) => cut(show(layers.path[node.layer]), 60) + " (" + percent(n, root.parameters) + ")");
  return (largest.length > 1 ? "Largest layers: " : "One layer: ") + named.join(", ") + ".";
}

function drawChart() {
  byId("chart-text").textContent = chartText();
  if (root.parameters === 0) {
    byId("chart-keys").hidden = true;
    return;
  }
  chart.rows = Math.min(heightOf(root), MOST_ROWS);
  chart.svg = s("svg", {
    class: "chart", role: "tree", tabindex: "0", "aria-label": "Parameters by layer",
    "aria-describedby": "chart-text chart-keys", onkeydown: chartKey, onfocus: () => pointAt(isDrawn(chart.cursor) ? chart.cursor : chart.top, false),
    onblur: () => showTip(null, null),
    onpointermove: (event) => showTip(cellOf(event), event), onpointerleave: () => showTip(null, null),
    onclick: (event) => {
      const node = cellOf(event);
      if (node === null) return;
      pointAt(node, true);
      showTip(null, null);
      zoomTo(node === chart.top && node.parent !== null ? node.parent : node);
    },
  });
  const frost = s("pattern", {id: "frost", width: 7, height: 7, patternUnits: "userSpaceOnUse", patternTransform: "rotate(45)"},
    s("rect", {class: "frost-line", width: 1.4, height: 7}));
  chart.svg.append(s("defs", {}, frost));
  byId("chart-frame").append(chart.svg);
  drawCrumbs();
  new ResizeObserver(() => {
    const width = Math.floor(byId("chart-frame").clientWidth);
    if (width === chart.width || width === 0) return;
    chart.width = width;
    chart.svg.setAttribute("height", chart.rows * ROW);
    chart.svg.setAttribute("width", width);
    settle();
  }).observe(byId("chart-frame"));
}
