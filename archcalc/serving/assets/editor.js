import { element } from "./words.js";
import { askFor } from "./derivation.js";
import { draw } from "./main.js";
import { ask } from "./own0.js";

/** The editor: a spec, the shape behind each of its lines, what is wrong with it, and its parameters. */

const spec = document.getElementById("spec");
const behind = document.getElementById("behind");
const list = document.getElementById("diagnostics");
const sliders = document.getElementById("parameters");

/** Values that somebody has set, by the names of parameters. */
let given = {};
/** What was answered last. */
let shapes = {};
let diagnostics = [];
/** Only one question is on its way; one that is asked meanwhile waits, and only the last of them. */
let busy = false;
let waiting = false;

function question(what, more = {}) {
  return { what, text: spec.value, parameters: given, ...more };
}

async function compute() {
  if (busy) {
    waiting = true;
    return;
  }
  busy = true;
  try {
    do {
      waiting = false;
      const text = spec.value;
      const lines = await ask(question("lines"));
      take(lines);
      if (!waiting && lines.shapes && text === spec.value) {
        const page = await ask(question("page"));
        if (page.record && text === spec.value) {
          draw(page.record);
        }
      }
      document.documentElement.dataset.ready = "true";
    } while (waiting);
  } catch (error) {
    list.replaceChildren(element("li", { class: "bad" }, `no answer: ${error.message}`));
  }
  busy = false;
}

function take(found) {
  diagnostics = found.diagnostics;
  if (found.shapes) {
    shapes = found.shapes;
    showParameters(found.parameters);
  }
  mirror();
  list.replaceChildren(
    ...diagnostics.map((each) => {
      const where = each.line === null ? "" : `line ${each.line}: `;
      const help = each.help ? ` (${each.help})` : "";
      const bad = each.severity === "error" ? "bad" : "aside";
      return element("li", { class: bad }, `${each.severity}: ${where}${each.message}${help}`);
    }),
  );
  document.documentElement.dataset.answered = String(Number(document.documentElement.dataset.answered ?? 0) + 1);
}

/** The text again behind the editor: marks under what is wrong, shapes behind its lines. */
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
    parts.push(shape ? element("span", { class: "ghost" }, `  ${shape}`) : "");
    return element("div", {}, ...parts, line || parts.length > 2 || shape ? "" : " ");
  });
  behind.replaceChildren(...lines);
  behind.scrollTop = spec.scrollTop;
  behind.scrollLeft = spec.scrollLeft;
}

function showParameters(values) {
  const names = Object.keys(values);
  const shown = [...sliders.children].map((child) => child.dataset.name);
  if (names.join() === shown.join()) {
    return;
  }
  given = Object.fromEntries(Object.entries(given).filter(([name]) => names.includes(name)));
  sliders.replaceChildren(...names.map((name) => slider(name, values[name])));
}

function slider(name, value) {
  const whole = /^\d{1,6}$/.test(value);
  const field = element("input", { type: "text", value, "aria-label": `${name}, as text` });
  const made = element("label", { "data-name": name }, name);
  const set = (text) => {
    given = { ...given, [name]: text };
    compute();
  };
  if (whole) {
    const range = element("input", { type: "range", min: 1, max: Math.max(8, 4 * Number(value)), value, "aria-label": name });
    range.addEventListener("input", () => {
      field.value = range.value;
      set(range.value);
    });
    field.addEventListener("change", () => {
      range.value = field.value;
      set(field.value);
    });
    made.append(range, field);
  } else {
    field.addEventListener("change", () => set(field.value));
    made.append(field);
  }
  return made;
}

/** A text in the part of an address that no server gets. */
function packed(text) {
  const bytes = new TextEncoder().encode(text);
  const letters = Array.from(bytes, (byte) => String.fromCharCode(byte)).join("");
  return btoa(letters).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

function unpacked(letters) {
  const bytes = Uint8Array.from(atob(letters.replaceAll("-", "+").replaceAll("_", "/")), (sign) => sign.charCodeAt(0));
  return new TextDecoder().decode(bytes);
}

function begin() {
  const match = /^#spec=([\w-]*)$/.exec(window.location.hash);
  try {
    spec.value = match ? unpacked(match[1]) : JSON.parse(document.getElementById("data").textContent).text;
  } catch {
    list.replaceChildren(element("li", { class: "bad" }, "the link holds no spec that can be read"));
  }
  mirror();
  compute();
}

spec.addEventListener("input", () => {
  mirror();
  compute();
});
spec.addEventListener("scroll", () => {
  behind.scrollTop = spec.scrollTop;
  behind.scrollLeft = spec.scrollLeft;
});
document.getElementById("link").addEventListener("click", async () => {
  const address = `${window.location.href.split("#")[0]}#spec=${packed(spec.value)}`;
  window.history.replaceState(null, "", address);
  try {
    await navigator.clipboard.writeText(address);
  } catch {
    // The address bar has it.
  }
});
window.addEventListener("hashchange", begin);
askFor(async (layer, quantity) => {
  const found = await ask(question("derivation", { layer, quantity }));
  return found.derivation ?? found.diagnostics.map((each) => each.message).join("\n");
});
begin();
