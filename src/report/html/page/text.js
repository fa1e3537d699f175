// Words and numbers for people, and elements of the page. All text of a model goes through show() and
// into text nodes or attributes, never into markup.

const MANY = 200;  // characters of a name that a row shows

// Characters that hide, or that change the order of others.
const UNSAFE = /[\u0000-\u001f\u007f-\u009f\u00ad\u061c\u200b-\u200f\u2028-\u202f\u2060-\u206f\ufeff\ufff9-\ufffb]/g;

function show(text) {
  if (text === "") return "(no name)";
  return text.replace(UNSAFE, (c) => {
    const code = c.charCodeAt(0).toString(16);
    return code.length > 2 ? "\\u" + code.padStart(4, "0") : "\\x" + code.padStart(2, "0");
  });
}

// The middle of a long text left out.
function cut(text, most) {
  if (text.length <= most) return text;
  const half = (most - 1) >> 1;
  return text.slice(0, half) + "…" + text.slice(text.length - half);
}

const brief = (text) => show(cut(text, MANY));

const grouped = new Intl.NumberFormat("en-US");

function count(n) {
  return n <= Number.MAX_SAFE_INTEGER ? grouped.format(n) : "about " + n.toExponential(2);
}

function plural(n, word) {
  return count(n) + " " + word + (n === 1 ? "" : "s");
}

// 1234567 as "1.23 M".
function short(n) {
  if (n < 10000) return grouped.format(n);
  const units = ["", " K", " M", " B", " T"];
  let unit = 0;
  while (n >= 999.5 && unit + 1 < units.length) {
    n /= 1000;
    ++unit;
  }
  return (unit === 0 ? String(n) : n.toPrecision(3)) + units[unit];
}

function humanBytes(n) {
  const units = ["B", "KB", "MB", "GB", "TB", "PB", "EB"];
  let unit = 0;
  while (n >= 1024 && unit + 1 < units.length) {
    n /= 1024;
    ++unit;
  }
  return (unit === 0 ? count(n) : n.toFixed(2)) + " " + units[unit];
}

function percent(part, whole) {
  if (whole === 0 || part === 0) return "0 %";
  const share = (100 * part) / whole;
  if (share < 0.1) return "<0.1 %";
  if (share > 99.9 && part < whole) return ">99.9 %";
  return ((share >= 10 && share <= 99) || part === whole ? share.toFixed(0) : share.toFixed(1)) + " %";
}

const byId = (id) => document.getElementById(id);

function fill(element, name, value) {
  if (value === null || value === undefined || value === false) return;
  if (name === "class") element.setAttribute("class", value);
  else if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
  else element.setAttribute(name, value === true ? "" : String(value));
}

// An element with attributes ("onclick" and the like are listeners) and children; strings become text.
function h(tag, attributes, ...children) {
  const element = document.createElement(tag);
  for (const name in attributes) fill(element, name, attributes[name]);
  element.append(...children.flat(Infinity).filter((child) => child !== null));
  return element;
}

function s(tag, attributes, ...children) {
  const element = document.createElementNS("http://www.w3.org/2000/svg", tag);
  for (const name in attributes) fill(element, name, attributes[name]);
  element.append(...children);
  return element;
}

// For screen readers, what changed elsewhere.
function say(text) {
  byId("said").textContent = text;
}
