import { element } from "./words.js";

/** The text again behind the editor: marks under what is wrong, and the shape behind each line. What is typed
 * changes its own lines alone, so that a long text can be typed in as a short one. */

const spec = document.getElementById("spec");
const behind = document.getElementById("behind");
const place = document.getElementById("line");
/** Lines that have a mirror, at most: a text with more has none. */
const MOST = 20_000;

/** What is drawn of each line: its text, its shape, whether that is the shape of an earlier text, marks, and the
 * element. */
let drawn = [];

/** How many lines two texts share at the beginning, and how many of the others at the end. */
function shared(one, other) {
  const most = Math.min(one.length, other.length);
  let before = 0;
  while (before < most && one[before] === other[before]) {
    before += 1;
  }
  let after = 0;
  while (after < most - before && one[one.length - 1 - after] === other[other.length - 1 - after]) {
    after += 1;
  }
  return [before, after];
}

/** The lines of the text. */
export function lines() {
  return spec.value.split("\n");
}

/** Follow what was typed: lines that are as they were keep their shapes and marks. */
export function typed() {
  const all = lines();
  const texts = all.length > MOST ? [] : all;
  const old = drawn.map((line) => line.text);
  const [before, after] = shared(old, texts);
  const gone = drawn.slice(before, drawn.length - after);
  const come = texts
    .slice(before, texts.length - after)
    .map((text, at) => ({ text, shape: gone[at]?.shape ?? "", stale: true, marks: [], node: null }));
  const nodes = document.createDocumentFragment();
  for (const line of come) {
    line.node = element("div");
    fill(line);
    nodes.append(line.node);
  }
  const next = after ? drawn[drawn.length - after].node : null;
  if (gone.length === drawn.length) {
    behind.replaceChildren(nodes);
  } else {
    gone.forEach((line) => line.node.remove());
    behind.insertBefore(nodes, next);
  }
  drawn = [...drawn.slice(0, before), ...come, ...(after ? drawn.slice(-after) : [])];
  scrolled();
  caret();
}

/** Show what was answered of a text, on those of its lines that are still there. Without shapes, as of a text
 * with errors, those of before stay on lines that are as they were. */
export function answered(texts, shapes, diagnostics) {
  const marks = new Map();
  for (const each of diagnostics) {
    if (each.line !== null && each.column !== null) {
      marks.set(each.line, [...(marks.get(each.line) ?? []), each]);
    }
  }
  const now = drawn.map((line) => line.text);
  const [before, after] = shared(texts, now);
  texts.forEach((_, at) => {
    const behindIt = texts.length - at;
    const line = at < before ? drawn[at] : behindIt <= after ? drawn[drawn.length - behindIt] : null;
    if (line === null) {
      return;
    }
    const shape = shapes ? (shapes[at + 1] ?? "") : line.stale ? "" : line.shape;
    const found = marks.get(at + 1) ?? [];
    if (shape !== line.shape || found.length || line.marks.length) {
      Object.assign(line, { shape, marks: found });
      fill(line);
    }
    line.stale = false;
  });
  caret();
}

/** The place in a line behind some characters: an astral one has two places. */
function placeOf(text, characters) {
  let at = 0;
  for (let left = characters; left > 0 && at < text.length; left -= 1) {
    at += text.codePointAt(at) > 0xffff ? 2 : 1;
  }
  return at;
}

/** Where a diagnostic begins and ends on its line. */
export function marked(text, { column, length }) {
  const start = placeOf(text, column - 1);
  return [start, start + placeOf(text.slice(start), length)];
}

/** Fill the element of a line anew. */
function fill({ text, shape, marks, node }) {
  const parts = [];
  let done = 0;
  for (const mark of [...marks].sort((one, two) => one.column - two.column)) {
    const [start, end] = marked(text, mark);
    if (start >= done && (start < text.length || done <= text.length)) {
      parts.push(text.slice(done, start));
      parts.push(element("mark", { class: mark.severity }, text.slice(start, end) || " "));
      done = Math.max(end, start + 1);
    }
  }
  parts.push(text.slice(done));
  if (shape) {
    parts.push(element("span", { class: "ghost" }, shape));
  } else if (!text && !marks.length) {
    parts.push(" ");
  }
  node.replaceChildren(...parts);
}

/** Stand where the editor stands. */
function scrolled() {
  behind.scrollTop = spec.scrollTop;
  behind.scrollLeft = spec.scrollLeft;
}

/** Say where the caret is; the shape of that line covers no text. */
function caret() {
  let number = 1;
  const { value, selectionEnd } = spec;
  for (let at = value.indexOf("\n"); at >= 0 && at < selectionEnd; at = value.indexOf("\n", at + 1)) {
    number += 1;
  }
  const line = drawn[number - 1];
  if (!line?.node.classList.contains("here")) {
    behind.querySelector(".here")?.classList.remove("here");
    line?.node.classList.add("here");
  }
  const words = `line ${number}${line?.shape ? `: ${line.shape}` : ""}`;
  if (place.textContent !== words) {
    place.textContent = words;
  }
}

spec.addEventListener("scroll", scrolled);
document.addEventListener("selectionchange", () => {
  if (document.activeElement === spec) {
    caret();
  }
});
