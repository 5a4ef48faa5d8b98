import { element } from "./words.js";
import { askFor } from "./derivation.js";
import { draw } from "./main.js";
import { address, begin, follow, held, keep, linked } from "./links.js";
import { LostError, lostItem } from "./lost.js";
import { ask } from "./asking.js";
import { answered, lines, marked, typed } from "./mirror.js";
import { showParameters, whenSet } from "./parameters.js";

/** The editor: what is typed is answered line by line at once, and drawn as a network where typing pauses. */

const spec = document.getElementById("spec");
const list = document.getElementById("diagnostics");
const choice = document.getElementById("net");
const status = document.getElementById("state");
const root = document.documentElement;

/** Milliseconds without a key after which the network is drawn anew: drawing holds up the keys. */
const PAUSE = 150;
const OLD = "graph, table and totals are those of the last text without errors";
/** Milliseconds until a server that is lost is asked again, at first and at most. */
const AGAIN = [1000, 8000];

/** Only one question of each kind is on its way; one that is asked meanwhile waits, and only the last of them. */
const way = { lines: false, page: false };
let waiting = false;
/** When what was typed last may be drawn. */
let due = 0;
let drawing = null;
/** What the last answer was about, and whether it had no errors. */
let clean = null;
/** The record that is drawn, as text, and what it was the answer to. */
let drawn = "";
let shown = null;
/** What is wrong with the address. */
let wrong = "";
/** What there is to say, as text. */
let words = "";
let again = AGAIN[0];
let retry = null;

function question(what) {
  return { what, text: held.text, parameters: held.given, net: held.net };
}

/** What is asked about now. */
function now() {
  return JSON.stringify(question(""));
}

/** Compute what is typed: its lines now, the network after a pause. */
function compute(wait = 0) {
  keep();
  root.dataset.busy = "true";
  due = performance.now() + wait;
  if (way.lines) {
    waiting = true;
  } else {
    computeLines();
  }
}

async function computeLines() {
  way.lines = true;
  const late = setTimeout(() => {
    status.textContent ||= "computing …";
  }, 400);
  try {
    do {
      waiting = false;
      const texts = lines();
      const asked = now();
      const found = await ask(question("lines"));
      const same = asked === now();
      take(found, texts);
      clean = found.shapes && same ? now() : null;
    } while (waiting);
    again = AGAIN[0];
    drawSoon();
  } catch (error) {
    failed(error);
  }
  clearTimeout(late);
  way.lines = false;
  if (!way.page) {
    status.textContent = "";
  }
}

/** Draw the network where typing has paused, unless its text has errors. */
function drawSoon() {
  clearTimeout(drawing);
  drawing = setTimeout(computePage, Math.max(0, due - performance.now()));
}

async function computePage() {
  const asked = now();
  if (way.page || way.lines) {
    return; // Whoever is on the way comes here again.
  }
  if (clean !== asked) {
    settled();
    return;
  }
  way.page = true;
  const late = setTimeout(() => {
    status.textContent ||= "computing …";
  }, 400);
  try {
    const found = await ask(question("page"));
    if (asked === now()) {
      const record = JSON.stringify(found.record ?? null);
      if (found.record && record !== drawn) {
        drawn = record;
        shown = question("derivation");
        draw(found.record);
      } else if (!found.record) {
        showDiagnostics(found.diagnostics);
      }
      if (linked()) {
        follow();
      }
      settled();
    }
  } catch (error) {
    failed(error);
  }
  clearTimeout(late);
  way.page = false;
  if (!way.lines) {
    status.textContent = "";
  }
  if (asked !== now() && !way.lines) {
    drawSoon();
  }
}

/** All that there is to compute is computed. */
function settled() {
  root.dataset.ready = "true";
  delete root.dataset.busy;
}

/** Say what went wrong; a server that is lost is asked again, for it may come back. */
function failed(error) {
  settled();
  if (error instanceof LostError) {
    if (document.getElementById("move")) {
      document.getElementById("lost").textContent = error.message;
    } else {
      list.replaceChildren(lostItem(error));
    }
    clearTimeout(retry);
    retry = setTimeout(() => compute(), again);
    again = Math.min(2 * again, AGAIN[1]);
  } else {
    words = "";
    list.replaceChildren(element("li", { class: "bad" }, error.message));
  }
}

function take(found, texts) {
  if (found.nets) {
    held.net = found.net;
    showNets(found.nets);
  }
  if (found.shapes) {
    showParameters(found.parameters);
  }
  answered(texts, found.shapes, found.diagnostics);
  showDiagnostics(found.diagnostics);
  root.dataset.answered = String(Number(root.dataset.answered ?? 0) + 1);
}

function showDiagnostics(diagnostics) {
  const text = JSON.stringify([wrong, diagnostics]);
  if (words !== text || document.getElementById("move")) {
    words = text;
    const about = wrong ? [element("li", { class: "bad" }, wrong)] : [];
    const old = drawn !== "" && diagnostics.some((each) => each.severity === "error");
    const note = old ? [element("li", { class: "aside" }, OLD)] : [];
    list.replaceChildren(...about, ...diagnostics.map(described), ...note);
  }
}

/** What there is to say, with a way to its place. */
function described(each) {
  const help = each.help ? ` (${each.help})` : "";
  const item = element("li", { class: each.severity === "error" ? "bad" : "aside" }, `${each.severity}: `);
  if (each.line !== null) {
    const place = element("button", { type: "button" }, `line ${each.line}`);
    place.addEventListener("click", () => {
      const texts = lines();
      const before = texts.slice(0, each.line - 1).reduce((sum, line) => sum + line.length + 1, 0);
      const [start, end] = marked(texts[each.line - 1] ?? "", each);
      spec.focus();
      spec.setSelectionRange(before + start, before + end);
    });
    item.append(place, ": ");
  }
  item.append(`${each.message}${help}`);
  return item;
}

function showNets(names) {
  const known = [...choice.options].map((option) => option.value);
  if (known.join() !== names.join()) {
    choice.replaceChildren(...names.map((name) => element("option", { value: name }, name)));
    choice.parentElement.hidden = names.length < 2;
  }
  choice.value = held.net ?? "";
}

/** Begin with what the address, or this tab, holds. */
function open() {
  document.getElementById("unstarted")?.remove();
  wrong = begin(JSON.parse(document.getElementById("data").textContent));
  spec.value = held.text;
  typed();
  compute();
}

spec.addEventListener("input", () => {
  held.text = spec.value;
  wrong = "";
  typed();
  compute(PAUSE);
});
choice.addEventListener("change", () => {
  held.net = choice.value;
  held.given = {};
  compute();
});
whenSet(() => compute());
document.getElementById("link").addEventListener("click", async () => {
  follow();
  try {
    await navigator.clipboard.writeText(address());
    status.textContent = "the link is copied";
  } catch {
    status.textContent = "the address of this page is the link";
  }
});
window.addEventListener("hashchange", open);
window.addEventListener("online", () => compute());
askFor(async (layer, quantity) => {
  const found = await ask({ ...shown, layer, quantity }).catch((error) => ({
    diagnostics: [{ message: error.message }],
  }));
  return found.derivation ?? found.diagnostics.map((each) => each.message).join("\n");
});
open();
