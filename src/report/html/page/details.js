// The panel beside the list: all there is to say of a tensor, a layer or a group.

function row(term, ...value) {
  return [h("dt", {}, term), h("dd", {}, ...value)];
}

function whereText(t) {
  const where = tensors.where(t), kind = tensors.storage(t);
  if (kind === "external") {
    const [location, offset, length] = where;
    return "external data " + brief(tensors.location(location)) + ", from byte " + count(offset) +
      (length === null ? "" : ", " + plural(length, "byte"));
  }
  const way = kind === "inline" ? "in the model file" : "in the model file, as typed fields";
  if (typeof where === "number") return way + ", from byte " + count(where);
  if (where.length === 0) return way;
  const spans = [];
  for (let i = 0; i < where.length && i < 8; i += 2) spans.push(count(where[i]) + " + " + count(where[i + 1]));
  return way + ", " + spans.join("; ") + (where.length > 8 ? "; …" : "");
}

function tensorDetails(node) {
  const t = node.tensor, state = STATES[node.state];
  const owner = node.parent;
  const logical = tensors.logical(t), stored = tensors.stored(t), base64 = tensors.base64(t);
  return [
    h("p", {class: "reason"}, h("span", {class: "badge kind"}, tensors.kind(t)), " ", show(cut(tensors.reason(t), 4000))),
    h("dl", {},
      row("State", h("span", {class: "dot fill-" + state.key, "aria-hidden": "true"}), " " + state.title.toLowerCase()),
      row("Role", tensors.role(t)),
      row("Type", brief(tensors.dtype(t))),
      row("Shape", tensors.shape(t)),
      row("Elements", count(tensors.elements[t])),
      logical === undefined ? [] : row("Weights in them", count(logical)),
      stored === undefined ? [] : row("Stored", count(stored)),
      row("Bytes", humanBytes(tensors.bytes[t]) + (tensors.bytes[t] >= 1024 ? " (" + count(tensors.bytes[t]) + ")" : "")),
      row("Used", tensors.used(t) ? "yes" : "nothing reads it"),
      tensors.counted(t) ? [] : row("Counted", "no: in no total"),
      row("Layer", owner.layer >= 0 ? linkTo(owner, brief(layers.path[owner.layer])) : "none"),
      row("Scope", tensors.scope(t) === "" ? "main graph" : brief(tensors.scope(t))),
      row("Source", tensors.source(t).replace("_", " ")),
      row("Lies", whereText(t)),
      base64 === undefined ? [] : row("Exact name", h("code", {}, cut(base64, 4000)), " (base64: it is no valid UTF-8)")),
  ];
}

function linkTo(node, text) {
  return h("button", {type: "button", class: "link", onclick: () => goTo(node)}, text);
}

function sumDetails(node) {
  const layer = node.layer, parts = [];
  for (let state = 0; state < STATES.length; ++state) {
    if (node.by[state] === 0) continue;
    parts.push(row(STATES[state].title, h("span", {class: "dot fill-" + STATES[state].key, "aria-hidden": "true"}), " " + count(node.by[state])));
  }
  const bar = h("div", {class: "bar small", "aria-hidden": "true"});
  for (const [state, part] of node.parameters === 0 ? [] : partsOf(node)) {
    const piece = h("span", {class: "fill-" + STATES[state].key});
    piece.style.flexGrow = String(part);
    bar.append(piece);
  }
  const shared = layer >= 0 ? layers.shared(layer) : "";
  const kids = node.kids.slice(0, 40);
  return [
    h("p", {class: "sum"}, h("strong", {}, count(node.parameters)), " parameters, " + percent(node.parameters, root.parameters) + " of the model"),
    node.parameters === 0 ? null : bar,
    h("dl", {},
      layer < 0 ? [] : row("Type", brief(layers.type(layer))),
      layer < 0 ? [] : row("Output shape", layers.shape(layer) === "" ? "not in the file" : brief(layers.shape(layer))),
      parts,
      row("Bytes", humanBytes(node.bytes)),
      shared === "" ? [] : row("Shared with", brief(shared))),
    h("h4", {}, node.kind === "layer" && node.kids.every((kid) => kid.kind === "tensor") ? "Tensors" : "In it"),
    h("ul", {class: "inside"}, kids.map((kid) => h("li", {}, linkTo(kid, brief(kid.label)), " ",
      h("span", {class: "quiet"}, kid.kind === "tensor" ? tensors.shape(kid.tensor) : count(kid.parameters)))),
      node.kids.length > kids.length ? h("li", {class: "quiet"}, "and " + count(node.kids.length - kids.length) + " more") : null),
  ];
}

function fullName(node) {
  if (node.kind === "tensor") return tensors.name[node.tensor];
  return node.layer >= 0 ? layers.path[node.layer] : trail(node).slice(1).map((above) => above.label).join(" › ");
}

function drawDetails(node) {
  const place = byId("details");
  place.scrollTop = 0;
  if (node === null || node === root) {
    place.replaceChildren(h("p", {class: "quiet hint"}, "Select a row to see what it is, why, and where its bytes lie."));
    return;
  }
  const word = node.kind === "tensor" ? "Tensor" : node.kind === "layer" ? "Layer" : "Group of layers";
  place.replaceChildren(
    h("p", {class: "quiet kind"}, word),
    h("h3", {class: "code"}, show(cut(fullName(node), 4000))),
    ...(node.kind === "tensor" ? tensorDetails(node) : sumDetails(node)).filter((part) => part !== null),
    node.parameters > 0 ? h("p", {}, h("button", {type: "button", class: "plain", onclick: () => {
      pointAt(node, false);
      zoomTo(node.kind === "tensor" ? node.parent : node);
      byId("chart-frame").scrollIntoView({block: "center", behavior: still() ? "auto" : "smooth"});
      chart.svg.focus({preventScroll: true});
    }}, "Show in the chart")) : "");
}
