// Rows in the order that was asked for: by sortValue[KEY], which each page has for its columns.

const collator = new Intl.Collator("en", {numeric: true});

function sorted(list) {
  if (view.sort === "order") return list;
  const value = sortValue[view.sort], sign = view.down ? -1 : 1;
  const keyed = list.map((node, i) => [value(node), node, i]);
  const compare = typeof (keyed.length > 0 ? keyed[0][0] : 0) === "number" ? (a, b) => a - b : collator.compare;
  keyed.sort((a, b) => sign * compare(a[0], b[0]) || a[2] - b[2]);
  return keyed.map((entry) => entry[1]);
}
