// What the page was given, and its columns undone where they are shortened (columns.h).

const data = JSON.parse(byId("data").textContent);
byId("data").remove();

function unfront(column) {
  const {keep, rest} = column;
  const out = new Array(keep.length);
  let last = "";
  for (let i = 0; i < keep.length; ++i) {
    last = keep[i] === 0 ? rest[i] : last.slice(0, keep[i]) + rest[i];
    out[i] = last;
  }
  return out;
}

// Of a column with one word for all rows there are only the words.
const wordIndex = (column, i) => (column.of === undefined ? 0 : column.of[i]);
const word = (column, i) => column.words[wordIndex(column, i)];
