import { element } from "./words.js";
import { askFor } from "./derivation.js";
import { draw } from "./main.js";
import { ask } from "./own0.js";

/** The editor: a spec, the shape behind each of its lines, what is wrong with it, and its parameters. */

const spec = document.getElementById("spec");
const behind = document.getElementById("behind");
const list = document.getElementById("diagnostics");
const sliders = document.getElementById("parameters");

const choice = document.getElementById("net");
const status = document.getElementById("state");

/** Values that somebody has set, by the names of parameters. */
let given = {};
/** The network that is shown, where the text holds several. */
let net = null;
/** What was answered last. */
let shapes = {};
let values = {};
let diagnostics = [];
/** Only one question is on its way; one that is asked meanwhile waits, and only the last of them. */
let busy = false;
let waiting = false;

function question(what, more = {}) {
  return { what, text: spec.value, parameters: given, net, ...more };
}

async function compute() {
  keep();
  if (busy) {
    waiting = true;
    return;
  }
  busy = true;
  const late = setTimeout(() => {
    status.textContent ||= "computing …";
  }, 400);
  try {
    do {
      waiting = false;
      const now = JSON.stringify(question(""));
      const lines = await ask(question("lines"));
      take(lines);
      if (!waiting && lines.shapes && now === JSON.stringify(question(""))) {
        const page = await ask(question("page"));
        if (page.record && now === JSON.stringify(question(""))) {
          draw(page.record);
        }
      }
    } while (waiting);
  } catch (error) {
    const lost =
      error instanceof TypeError ? "the server does not answer: it may have been stopped" : error.message;
    list.replaceChildren(element("li", { class: "bad" }, lost));
  }
  clearTimeout(late);
  status.textContent = "";
  document.documentElement.dataset.ready = "true";
  busy = false;
}

function take(found) {
  diagnostics = found.diagnostics;
  if (found.nets) {
    net = found.net;
    showNets(found.nets);
  }
  if (found.shapes) {
    shapes = found.shapes;
    values = found.parameters;
    showParameters();
  }
  mirror();
  list.replaceChildren(...diagnostics.map(described));
  document.documentElement.dataset.answered = String(
    Number(document.documentElement.dataset.answered ?? 0) + 1,
  );
}

/** What there is to say, with a way to its place. */
function described(each) {
  const help = each.help ? ` (${each.help})` : "";
  const item = element("li", { class: each.severity === "error" ? "bad" : "aside" }, `${each.severity}: `);
  if (each.line !== null) {
    const place = element("button", { type: "button" }, `line ${each.line}`);
    place.addEventListener("click", () => {
      const before = spec.value.split("\n").slice(0, each.line - 1);
      const at = before.reduce((sum, line) => sum + line.length + 1, 0) + (each.column ?? 1) - 1;
      spec.focus();
      spec.setSelectionRange(at, at + Math.max(0, each.length));
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
  choice.value = net ?? "";
}

choice.addEventListener("change", () => {
  net = choice.value;
  given = {};
  compute();
});

/** The number of the line in which the caret is. */
function here() {
  return spec.value.slice(0, spec.selectionEnd).split("\n").length;
}

/** The text again in front of the editor: marks under what is wrong, shapes behind its lines. */
function mirror() {
  const lines = spec.value.split("\n").map((line, at) => {
    const number = at + 1;
    const marks = diagnostics.filter((each) => each.line === number && each.column !== null);
    const parts = [];
    let done = 0;
    for (const mark of marks.sort((one, two) => one.column - two.column)) {
      const start = mark.column - 1;
      if (start < done) {
        continue;
      }
      const end = Math.min(Math.max(line.length, start + 1), start + mark.length);
      parts.push(line.slice(done, start));
      parts.push(element("mark", { class: mark.severity }, line.slice(start, end) || " "));
      done = Math.max(end, start);
    }
    parts.push(line.slice(done));
    const shape = shapes[number];
    parts.push(shape ? element("span", { class: "ghost" }, shape) : "");
    return element("div", {}, ...parts, line || parts.length > 2 || shape ? "" : " ");
  });
  behind.replaceChildren(...lines);
  scrolled();
  caret();
}

function scrolled() {
  behind.scrollTop = spec.scrollTop;
  behind.scrollLeft = spec.scrollLeft;
}

/** Say where the caret is; the shape of that line covers no text. */
function caret() {
  const number = here();
  behind.querySelector(".here")?.classList.remove("here");
  behind.children[number - 1]?.classList.add("here");
  const shape = shapes[number];
  const words = `line ${number}${shape ? `: ${shape}` : ""}`;
  const place = document.getElementById("line");
  if (place.textContent !== words) {
    place.textContent = words;
  }
}

/** Put a text in the place of what is selected, so that undo knows of it. */
function insert(text) {
  if (!document.execCommand("insertText", false, text)) {
    spec.setRangeText(text, spec.selectionStart, spec.selectionEnd, "end");
    spec.dispatchEvent(new Event("input"));
  }
}

/** Move the selected lines to the right, or back. */
function indent(back) {
  const { selectionStart: start, selectionEnd: end, value } = spec;
  if (start === end && !back) {
    insert("  ");
    return;
  }
  const from = value.lastIndexOf("\n", start - 1) + 1;
  const last = end > start && value[end - 1] === "\n" ? end - 1 : end;
  const after = value.indexOf("\n", last);
  const to = after < 0 ? value.length : after;
  const before = value.slice(from, to);
  const moved = before.replace(back ? /^ {1,2}|^\t/gm : /^(?=.)/gm, back ? "" : "  ");
  if (moved === before) {
    return;
  }
  spec.setSelectionRange(from, to);
  insert(moved);
  if (start === end) {
    const at = Math.max(from, start - (before.length - moved.length));
    spec.setSelectionRange(at, at);
  } else {
    spec.setSelectionRange(from, from + moved.length);
  }
}

/** After Escape the next Tab leaves the editor. */
let leaving = false;

spec.addEventListener("keydown", (event) => {
  if (event.key === "Tab" && !leaving && !event.ctrlKey && !event.altKey && !event.metaKey) {
    event.preventDefault();
    indent(event.shiftKey);
  } else if (event.key === "Enter" && !event.isComposing && !event.ctrlKey && !event.metaKey) {
    const line = spec.value.slice(0, spec.selectionStart).split("\n").at(-1);
    event.preventDefault();
    insert(`\n${/^ */.exec(line)[0]}`);
  }
  if (event.key !== "Shift") {
    leaving = event.key === "Escape";
  }
});
spec.addEventListener("blur", () => {
  leaving = false;
});
document.addEventListener("selectionchange", () => {
  if (document.activeElement === spec) {
    caret();
  }
});

function showParameters() {
  const names = Object.keys(values);
  const known = [...sliders.children].map((child) => [child.dataset.name, child.dataset.kind].join());
  given = Object.fromEntries(Object.entries(given).filter(([name]) => names.includes(name)));
  if (names.map((name) => [name, kindOf(values[name])].join()).join(";") !== known.join(";")) {
    if (!sliders.contains(document.activeElement)) {
      sliders.replaceChildren(...names.map(control));
    }
  }
  for (const child of sliders.children) {
    const { name } = child.dataset;
    for (const field of child.querySelectorAll("input, select")) {
      if (field !== document.activeElement && name in values) {
        if (field.type === "range") {
          field.max = Math.max(Number(field.max), Number(values[name]));
        }
        field.value = values[name];
      }
    }
    child.querySelector("button").hidden = !(name in given);
  }
}

/** How a parameter is set: whole numbers by a slider, yes or no by a choice, all else as text. */
function kindOf(value) {
  if (/^\d{1,6}$/.test(value)) {
    return "whole";
  }
  return value === "yes" || value === "no" ? "choice" : "text";
}

function control(name) {
  const value = values[name];
  const kind = kindOf(value);
  const made = element("span", { "data-name": name, "data-kind": kind }, name);
  const set = (text) => {
    given = { ...given, [name]: text };
    compute();
  };
  if (kind === "choice") {
    const options = ["yes", "no"].map((word) => element("option", { value: word }, word));
    const select = element("select", { "aria-label": name }, ...options);
    select.value = value;
    select.addEventListener("change", () => set(select.value));
    made.append(select);
  } else {
    const field = element("input", { type: "text", value, maxlength: 40, "aria-label": `${name}, as text` });
    if (kind === "whole") {
      const most = Math.max(8, 4 * Number(value));
      const range = element("input", { type: "range", min: 1, max: most, value, "aria-label": name });
      range.addEventListener("input", () => {
        field.value = range.value;
        set(range.value);
      });
      made.append(range);
    }
    field.addEventListener("change", () => set(field.value));
    made.append(field);
  }
  const back = element(
    "button",
    { type: "button", "aria-label": `${name} as in the text`, hidden: true },
    "×",
  );
  back.addEventListener("click", () => {
    given = Object.fromEntries(Object.entries(given).filter(([other]) => other !== name));
    compute();
  });
  made.append(back);
  return made;
}

/** A text in the part of an address that no server gets. */
function packed(text) {
  const bytes = new TextEncoder().encode(text);
  const letters = Array.from(bytes, (byte) => String.fromCharCode(byte)).join("");
  return btoa(letters).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

function unpacked(letters) {
  const bytes = Uint8Array.from(atob(letters.replaceAll("-", "+").replaceAll("_", "/")), (sign) =>
    sign.charCodeAt(0),
  );
  return new TextDecoder().decode(bytes);
}

/** What is typed is there again after the page was loaded again, in this tab alone. */
const KEPT = `archcalc ${window.location.pathname}`;

function keep() {
  try {
    const whole = { hash: window.location.hash, text: spec.value, given, net };
    window.sessionStorage.setItem(KEPT, JSON.stringify(whole));
  } catch {
    // The browser keeps nothing.
  }
}

function kept() {
  try {
    const found = JSON.parse(window.sessionStorage.getItem(KEPT));
    return found !== null && found.hash === window.location.hash ? found : null;
  } catch {
    return null;
  }
}

function begin() {
  const match = /^#spec=([\w-]*)(?:&set=([\w-]*))?$/.exec(window.location.hash);
  const data = JSON.parse(document.getElementById("data").textContent);
  const before = kept();
  let wrong = "";
  [spec.value, given, net] = [data.text, data.parameters, null];
  try {
    if (before !== null) {
      [spec.value, given, net] = [before.text, before.given, before.net];
    } else if (match) {
      const set = match[2] ? JSON.parse(unpacked(match[2])) : {};
      [spec.value, given, net] = [unpacked(match[1]), set.given ?? {}, set.net ?? null];
    } else if (window.location.hash.startsWith("#spec")) {
      wrong = "the link holds no spec that can be read";
    }
  } catch {
    wrong = "the link holds no spec that can be read";
  }
  mirror();
  compute().then(() => {
    if (wrong) {
      list.prepend(element("li", { class: "bad" }, wrong));
    }
  });
}

spec.addEventListener("input", () => {
  mirror();
  compute();
});
spec.addEventListener("scroll", scrolled);
document.getElementById("link").addEventListener("click", async () => {
  const set =
    net === null && !Object.keys(given).length ? "" : `&set=${packed(JSON.stringify({ given, net }))}`;
  const address = `${window.location.href.split("#")[0]}#spec=${packed(spec.value)}${set}`;
  window.history.replaceState(null, "", address);
  keep();
  try {
    await navigator.clipboard.writeText(address);
    status.textContent = "the link is copied";
  } catch {
    status.textContent = "the address of this page is the link";
  }
});
window.addEventListener("hashchange", begin);
askFor(async (layer, quantity) => {
  const found = await ask(question("derivation", { layer, quantity }));
  return found.derivation ?? found.diagnostics.map((each) => each.message).join("\n");
});
begin();
