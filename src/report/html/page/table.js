// What every page of a table has: numbers on top, a bar, chips, a search, and details of a row.

function row(term, ...value) {
  return [h("dt", {}, term), h("dd", {}, ...value)];
}

function factOf(term, text) {
  return h("div", {}, h("dt", {}, term), h("dd", {}, text));
}

function numberOf(title, value, note) {
  return h("div", {class: "number"}, h("span", {class: "title"}, title), h("span", {class: "value"}, value), h("span", {class: "quiet"}, note));
}

// `parts`: {key, title, text, n} each; those of none are left out. `what`: of what the bar is.
function drawBar(parts, what) {
  const bar = byId("summary-bar"), legend = byId("summary-legend"), said = [];
  const all = parts.reduce((sum, part) => sum + part.n, 0);
  for (const part of parts) {
    if (part.n === 0) continue;
    const piece = h("span", {class: "fill-" + part.key});
    piece.style.flexGrow = String(part.n / all);
    bar.append(piece);
    said.push(part.title.toLowerCase() + " " + count(part.n));
    legend.append(h("li", {}, h("span", {class: "swatch fill-" + part.key, "aria-hidden": "true"}),
      h("span", {class: "name"}, part.title), h("span", {class: "value"}, count(part.n)),
      h("span", {class: "quiet"}, percent(part.n, all) + " · " + part.text)));
  }
  bar.setAttribute("aria-label", said.length === 0 ? "Nothing" : what + ": " + said.join(", "));
  if (said.length === 0) bar.hidden = true;
}

// `chips`: {tag, title, key} each; `key` is the colour of its dot.
function drawChips(chips) {
  const there = new Set(nodes.flatMap((node) => node.tags));
  for (const {tag, title, key} of chips) {
    if (!there.has(tag)) continue;
    byId("states").append(h("button", {
      type: "button", class: "chip", "aria-pressed": "false",
      onclick(event) {
        const on = !view.states.has(tag);
        if (on) view.states.add(tag);
        else view.states.delete(tag);
        event.currentTarget.setAttribute("aria-pressed", String(on));
        view.folds.clear();
        list.frame.scrollTop = 0;
        refresh();
      },
    }, h("span", {class: "dot fill-" + key, "aria-hidden": "true"}), title));
  }
}

function makeTable(id, titles, rows) {
  byId(id).append(
    h("thead", {}, h("tr", {}, titles.map((title) => h("th", {scope: "col", class: title.number ? "right" : ""}, title.text)))),
    h("tbody", {}, rows.map((cells) => h("tr", {}, cells.map((cell, i) =>
      i === 0 ? h("th", {scope: "row", class: "code"}, cell) : h("td", {class: titles[i].number ? "right" : ""}, cell))))));
}

// The name cell of a row: its fold, if it has one, and the label.
function nameCell(node, more) {
  const name = h("div", {role: "gridcell", class: "name kind-" + (node.leaf ? "tensor" : "layer")});
  name.style.paddingLeft = 8 + (node.depth - 1) * 16 + "px";
  if (more.twisty) {
    name.append(h("span", {class: "twisty" + (node.kids.length === 0 ? " none" : node.shown ? " open" : ""), "aria-hidden": "true"}));
  }
  name.append(h("span", {class: "label"}, brief(node.label)));
  return name;
}

function cell(text, ...classes) {
  return h("div", {role: "gridcell", class: classes.join(" ")}, text);
}

// A cell with a number and a bar of its share behind it.
function meterCell(text, part, whole) {
  const meter = h("span", {class: "meter", "aria-hidden": "true"});
  meter.style.width = (whole > 0 ? (100 * part) / whole : 0) + "%";
  return h("div", {role: "gridcell", class: "right elements"}, part > 0 ? meter : null, h("span", {}, text));
}

function start() {
  list.onselect = drawDetails;
  listenToSearch();
  if (byId("folds") !== null) listenToFolds();
  drawDetails(null);
  refresh();
  document.documentElement.dataset.ready = "yes";
}
