// The model as the page was given it.

// What a tensor is to training: the colours of the page, in the order of its bars.
const STATES = [
  {key: "trainable", title: "Trainable", text: "weights that take a gradient"},
  {key: "frozen", title: "Frozen", text: "weights that must not change"},
  {key: "statistic", title: "Statistics", text: "running means and variances, never trained"},
  {key: "fixed", title: "Fixed by type", text: "weights stored as integers or small floats"},
  {key: "quantization", title: "Quantization", text: "scales and zero points"},
  {key: "constant", title: "Constants", text: "shapes, axes, tables"},
  {key: "unused", title: "Unused", text: "nothing reads them"},
];
const TRAINABLE = 0, FROZEN = 1, STATISTIC = 2, FIXED = 3, QUANTIZATION = 4, CONSTANT = 5, UNUSED = 6;
const PARAMETER_STATES = 4;  // the first of them are parameters
const ROLES = ["weight", "statistic", "quantization", "constant", "unused"];
const F_TRAINABLE = 1, F_FROZEN = 2, F_USED = 4, F_COUNTED = 8;

const layers = {
  count: data.layers.path.keep.length,
  path: unfront(data.layers.path),
  type: (i) => word(data.layers.type, i),
  shape: (i) => word(data.layers.shape, i),
  shared: (i) => word(data.layers.shared_with, i),
  base64: (i) => (data.layers.path.base64 || {})[i],
};

const tensors = (() => {
  const t = data.tensors;
  const names = unfront(t.reason.name);
  return {
    count: t.role.length,
    name: unfront(t.name),
    layer: t.layer,
    elements: t.elements,
    bytes: t.bytes,
    role: (i) => ROLES[t.role[i]],
    used: (i) => (t.flags[i] & F_USED) !== 0,
    counted: (i) => (t.flags[i] & F_COUNTED) !== 0,
    scope: (i) => word(t.scope, i),
    source: (i) => word(t.source, i),
    dtype: (i) => word(t.dtype, i),
    dtypes: t.dtype,
    shape: (i) => word(t.shape, i),
    kind: (i) => word(t.kind, i),
    reason: (i) => word(t.reason.head, i) + names[i] + word(t.reason.tail, i),
    storage: (i) => word(t.storage, i),
    where: (i) => t.where[i],
    location: (i) => t.locations[i],
    logical: (i) => t.logical[i],
    stored: (i) => t.stored[i],
    base64: (i) => (t.name.base64 || {})[i],
    // Elements as totals count them.
    weight: (i) => ((t.flags[i] & F_COUNTED) === 0 ? 0 : t.logical[i] !== undefined ? t.logical[i] : t.elements[i]),
    state(i) {
      switch (t.role[i]) {
        case 0:
          return (t.flags[i] & F_TRAINABLE) !== 0 ? TRAINABLE : (t.flags[i] & F_FROZEN) !== 0 ? FROZEN : FIXED;
        case 1:
          return STATISTIC;
        case 2:
          return QUANTIZATION;
        case 3:
          return CONSTANT;
        default:
          return UNUSED;
      }
    },
  };
})();

// What a row says in its column "Trainable", of a tensor's state or of elements by state.
function trainableWord(by) {
  const trainable = by[TRAINABLE];
  let other = 0;
  for (let state = TRAINABLE + 1; state < PARAMETER_STATES; ++state) other += by[state];
  if (trainable + other === 0) return "–";
  return other === 0 ? "yes" : trainable === 0 ? "no" : "part";
}
