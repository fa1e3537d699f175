// The list: a tree grid of which only the rows in sight exist, so that 100,000 of them cost no more than 30.
// What stands in it is each page's own: COLUMNS, makeRows(), cellsOf(), listLabel(), foundText().

const ROW_HEIGHT = 30, TALLEST = 8e6;  // pixels; browsers bound the height of an element

const list = {rows: [], active: null, frame: null, body: null, pending: false, onselect: () => {}};

const drawnHeight = () => Math.min(list.rows.length * ROW_HEIGHT, TALLEST);
const headHeight = () => list.head.offsetHeight;
const inSight = () => Math.max(list.frame.clientHeight - headHeight(), ROW_HEIGHT);

// Pixels of the whole list above the window: the scrollbar's, or in proportion where it is too long.
function scrolled() {
  const all = list.rows.length * ROW_HEIGHT, drawn = drawnHeight(), window = inSight();
  return all <= drawn ? list.frame.scrollTop : (list.frame.scrollTop / (drawn - window)) * (all - window);
}

function scrollToPixel(pixel) {
  const all = list.rows.length * ROW_HEIGHT, drawn = drawnHeight(), window = inSight();
  list.frame.scrollTop = all <= drawn ? pixel : (pixel / (all - window)) * (drawn - window);
}

function reveal(index) {
  const top = scrolled(), window = inSight(), at = index * ROW_HEIGHT;
  if (at < top) scrollToPixel(at);
  else if (at + ROW_HEIGHT > top + window) scrollToPixel(at + ROW_HEIGHT - window);
}

function rowOf(node, index, top) {
  const row = h("div", {
    role: "row", id: "row-" + node.id, class: "row" + (node === list.active ? " active" : ""),
    "aria-rowindex": index + 2, "aria-selected": String(node === list.active), "aria-level": view.flat ? 1 : node.depth,
  }, cellsOf(node));
  if (!view.flat && node.kids.length > 0) row.setAttribute("aria-expanded", String(node.shown));
  row.style.top = top + "px";
  row.node = node;
  return row;
}

function drawRows() {
  list.pending = false;
  const top = scrolled();
  const first = Math.max(0, Math.floor(top / ROW_HEIGHT) - 4);
  const last = Math.min(list.rows.length, Math.ceil((top + inSight()) / ROW_HEIGHT) + 4);
  const shift = list.frame.scrollTop - top;
  const rows = [];
  for (let i = first; i < last; ++i) rows.push(rowOf(list.rows[i], i, i * ROW_HEIGHT + shift));
  list.body.replaceChildren(...rows);
  const there = list.active === null ? null : byId("row-" + list.active.id);
  if (there !== null) list.frame.setAttribute("aria-activedescendant", there.id);
  else list.frame.removeAttribute("aria-activedescendant");
}

function drawSoon() {
  if (list.pending) return;
  list.pending = true;
  requestAnimationFrame(drawRows);
}

// Makes the rows anew, after a search, a sort or a fold.
function refresh() {
  const made = makeRows();
  list.rows = made.rows;
  list.body.style.height = drawnHeight() + "px";
  list.frame.setAttribute("aria-rowcount", String(list.rows.length + 1));
  list.frame.setAttribute("aria-label", listLabel());
  byId("found").textContent = foundText(made);
  for (const button of list.head.querySelectorAll("[role=columnheader]")) {
    const sorted = button.dataset.key === view.sort;
    button.setAttribute("aria-sort", !sorted ? "none" : view.down ? "descending" : "ascending");
  }
  drawRows();
}

function activate(node, keepInSight) {
  list.active = node;
  if (keepInSight) {
    const index = list.rows.indexOf(node);
    if (index >= 0) reveal(index);
  }
  drawRows();
  list.onselect(node);
}

function toggle(node, open) {
  if (view.flat || node.kids.length === 0) return;
  setOpen(node, open);
  refresh();
}

// Unfolds what is above a node and goes to it; a search that hides it ends.
function goTo(node) {
  const unfold = () => {
    for (let above = node.parent; above !== null; above = above.parent) setOpen(above, true);
  };
  if (view.flat && node.kind !== "tensor") setFlat(false);
  unfold();
  if (narrowed() && !makeRows().rows.includes(node)) {
    clearSearch();
    unfold();
  }
  refresh();
  const index = list.rows.indexOf(node);
  if (index >= 0) scrollToPixel(Math.max(0, index * ROW_HEIGHT - inSight() / 3));
  activate(node, true);
}

function listKey(event) {
  if (event.target !== list.frame || event.ctrlKey || event.altKey || event.metaKey || list.rows.length === 0) return;
  const at = Math.max(0, list.rows.indexOf(list.active));
  const node = list.rows[at];
  const page = Math.max(1, Math.floor(inSight() / ROW_HEIGHT) - 1);
  const steps = {ArrowDown: 1, ArrowUp: -1, PageDown: page, PageUp: -page, Home: -list.rows.length, End: list.rows.length};
  if (event.key in steps) {
    const unset = list.active === null || list.rows[at] !== list.active;
    const to = unset && Math.abs(steps[event.key]) === 1 ? 0 : at + steps[event.key];
    activate(list.rows[Math.max(0, Math.min(list.rows.length - 1, to))], true);
  } else if (event.key === "ArrowRight") {
    if (!view.flat && node.kids.length > 0 && !node.shown) toggle(node, true);
    else if (!view.flat && node.kids.length > 0 && at + 1 < list.rows.length) activate(list.rows[at + 1], true);
  } else if (event.key === "ArrowLeft") {
    if (!view.flat && node.kids.length > 0 && node.shown) toggle(node, false);
    else if (!view.flat && node.parent !== root) activate(node.parent, true);
  } else if (event.key === "Enter" || event.key === " ") {
    if (list.active === null) activate(node, true);
    toggle(node, !node.shown);
  } else return;
  event.preventDefault();
}

function sortBy(key) {
  const number = COLUMNS.find((column) => column.key === key).number === true;
  if (view.sort !== key) {
    view.sort = key;
    view.down = number;
  } else if (view.down === number) {
    view.down = !number;
  } else {
    view.sort = "order";
    view.down = false;
  }
  list.frame.scrollTop = 0;
  refresh();
  say(view.sort === "order" ? "In the order of the file" : "Sorted by " + COLUMNS.find((column) => column.key === key).title + (view.down ? ", largest first" : ""));
}

function makeList() {
  list.head = h("div", {role: "rowgroup", class: "head"}, h("div", {role: "row", class: "row", "aria-rowindex": 1}, COLUMNS.map((column) =>
    h("div", {role: "columnheader", class: column.key + (column.number ? " right" : ""), "data-key": column.key, "aria-sort": "none"},
      h("button", {type: "button", onclick: () => sortBy(column.key)}, column.title)))));
  list.body = h("div", {role: "rowgroup", class: "body"});
  list.frame = h("div", {
    role: "treegrid", class: "frame", tabindex: "0", "aria-colcount": COLUMNS.length, "aria-readonly": "true",
    onkeydown: listKey, onscroll: drawSoon,
  }, list.head, list.body);
  list.body.addEventListener("click", (event) => {
    const row = event.target.closest(".row");
    if (row === null) return;
    activate(row.node, false);
    if (event.target.closest(".twisty") !== null || (event.detail === 2 && row.node.kids.length > 0)) toggle(row.node, !row.node.shown);
  });
  byId("grid").append(list.frame);
  new ResizeObserver(drawSoon).observe(list.frame);
}
