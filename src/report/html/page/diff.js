// The differences of two models as the page was given them.

// What can have happened to a tensor, in the order of the bar; `key` is its colour.
const KINDS = [
  {tag: "changed", key: "trainable", title: "Changed", text: "other values"},
  {tag: "reshaped", key: "constant", title: "Reshaped", text: "another shape"},
  {tag: "cast", key: "quantization", title: "Cast", text: "another type, the values rounded to it"},
  {tag: "renamed", key: "statistic", title: "Renamed", text: "the same bytes under another name"},
  {tag: "added", key: "added", title: "Added", text: "in B only"},
  {tag: "removed", key: "removed", title: "Removed", text: "in A only"},
  {tag: "unreadable", key: "unused", title: "Not compared", text: "bytes that cannot be had"},
];
const EQUAL = {tag: "equal", key: "frozen", title: "Equal", text: "every bit the same"};
const kindOf = (tag) => KINDS.find((kind) => kind.tag === tag) || {tag, key: "constant", title: tag, text: ""};

const changes = (() => {
  const t = data.tensors;
  const names = unfront(t.name), newNames = unfront(t.new_name);
  return {
    count: t.count,
    name: (i) => names[i],
    newName: (i) => newNames[i],
    scope: (i) => word(t.scope, i),
    layer: (i) => word(t.layer, i),
    kind: (i) => word(t.kind, i),
    role: (i) => word(t.role, i),
    type: (i) => word(t.type, i),
    newType: (i) => word(t.new_type, i),
    text: (i) => word(t.text, i),
    base64: (i) => (t.name.base64 || {})[i],
    elements: (i) => t.elements[i],
    changed: (i) => t.changed[i],
    maxAbs: (i) => t.max_abs[i],
    maxUlps: (i) => t.max_ulps[i],
    notFinite: (i) => t.not_finite[i] || 0,
    first: (i) => t.first[i],
  };
})();
