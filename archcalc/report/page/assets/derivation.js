import { bytes, digits, element } from "./words.js";
import { figure, net } from "./network.js";
import { selection, state, watch } from "./store.js";

/** How the chosen number comes about. */

/** Terms of a sum that are written out, at most. */
const MOST = 40;

const section = document.getElementById("derivation-section");
const heading = document.getElementById("derived");
const place = document.getElementById("derivation");
/** Which derivation was asked for last: an answer to an earlier question comes too late. */
let turn = 0;

/** The place of a quantity's text among those of a layer. */
function placeOf(quantity) {
  return quantity === "output"
    ? net.quantities.length
    : quantity === "rf"
      ? net.quantities.length + 1
      : quantity;
}

function words(quantity) {
  return { output: "output", rf: "receptive field" }[quantity] ?? net.quantities[quantity].words;
}

/** A figure that is named by the words of its column, and the figures of layers that sum to it. */
function sum(item, column) {
  const quantity = net.quantities[column].over;
  const terms = item.layers.map((at) => [net.layers[at].name, net.layers[at].figures[quantity]]);
  const said = terms.filter(([, value]) => value === null || Number(value) !== 0);
  const wide = Math.max(1, ...said.map(([, value]) => digits(value).length));
  const long = Math.max(1, ...said.map(([name]) => name.length));
  const lines = said
    .slice(0, MOST)
    .map(([name, value]) => `${name.padEnd(long)}  ${digits(value).padStart(wide)}`);
  if (said.length > MOST) {
    lines.push(`and ${said.length - MOST} more`);
  }
  const value = figure(item, column);
  const inBytes = net.quantities[column].bytes ? ` bytes, ${bytes(value)}` : "";
  const over = quantity === column ? "over" : "of what is stored anew by";
  const whole = `${net.quantities[column].words} ${digits(value)}${inBytes}`;
  return [`${whole}: the sum ${over} ${terms.length} layers`, ...lines].join("\n");
}

/** Who is asked where the page does not hold the texts: a function of a layer's number and a quantity. */
let asked = null;

/** Have somebody asked for derivations. */
export function askFor(ask) {
  asked = ask;
}

function held(layer, quantity) {
  const numbers = layer === null ? net.record.sums : net.layers[layer].derivations;
  const at = numbers[placeOf(quantity)];
  if (at !== undefined) {
    return net.record.texts[at];
  }
  if (asked === null || (layer !== null && layer < net.record.inputs)) {
    return layer === null ? "" : `${net.layers[layer].name} is given`;
  }
  return asked(layer, typeof quantity === "string" ? quantity : net.quantities[quantity].name);
}

/** The layer that makes the shape or the field of an item: behind it nothing but activations and the like stand. */
function maker(item) {
  const macs = net.quantities.findIndex(({ name }) => name === "macs");
  let at = item.layers.at(-1);
  for (let layer = net.layers[at]; Number(layer.figures[macs] ?? 1) === 0; layer = net.layers[at]) {
    const [before] = layer.inputs;
    const same = ({ shape, field }) => shape === layer.shape && field === layer.field;
    if (layer.inputs.length !== 1 || !item.layers.includes(before) || !same(net.layers[before])) {
      break;
    }
    at = before;
  }
  return at;
}

/** Whether a layer alone has another figure than the one that it has as part of a sum. */
function differ(layer, quantity, over) {
  return net.layers[layer].figures[quantity] !== net.layers[layer].figures[over];
}

/** The text, or a promise of it. */
function text(item, quantity) {
  if (item === null) {
    return held(null, quantity);
  }
  const over = typeof quantity === "number" ? net.quantities[quantity].over : null;
  if (item.layers.length === 1 || over === null || !net.quantities[over].summed) {
    return held(over === null ? maker(item) : item.layers.at(-1), quantity);
  }
  const counted = item.layers.filter((at) => Number(net.layers[at].figures[over] ?? 1) !== 0);
  const only = counted[0] ?? item.layers.at(-1);
  return counted.length > 1 || differ(only, quantity, over) ? sum(item, quantity) : held(only, quantity);
}

/** Lines of tables keep their columns, and scroll where the page is too narrow; sentences are wrapped. */
function fill(working, text) {
  const parts = [];
  for (const line of text.split("\n")) {
    const grid = / {2}|─/.test(line);
    if (!parts.length || parts.at(-1).grid !== grid) {
      parts.push({ grid, lines: [] });
    }
    parts.at(-1).lines.push(line);
  }
  working.replaceChildren(
    ...parts.map(({ grid, lines }) =>
      element(
        "pre",
        grid ? { class: "grid", tabindex: 0, role: "group", "aria-label": "Table" } : {},
        lines.join("\n"),
      ),
    ),
  );
}

async function copy() {
  const working = place.querySelector(".working");
  const lines = [...working.children].map((part) => part.textContent);
  const note = document.getElementById("copied");
  try {
    await navigator.clipboard.writeText(`${[heading.textContent, ...lines].join("\n")}\n`);
    note.textContent = "copied";
  } catch {
    window.getSelection().selectAllChildren(working);
    note.textContent = "selected: copy it with the keyboard";
  }
}

document.getElementById("copy").addEventListener("click", copy);
document.getElementById("close").addEventListener("click", () => section.classList.remove("docked"));

/** Show how the chosen number comes about. */
export function drawDerivation() {
  const quantity = state.quantity;
  const one = state.chosen === null ? null : net.items.get(state.chosen);
  const item = (typeof quantity === "number" ? selection() : null) ?? one;
  const what = item === null ? "the whole network" : item.name;
  const meaning = typeof quantity === "number" ? net.quantities[quantity].means : "";
  const found = text(item, quantity);
  const now = (turn += 1);
  const working = element("div", { class: "working" });
  fill(working, typeof found === "string" ? found : "");
  if (typeof found !== "string") {
    found.then((late) => {
      if (now === turn) {
        fill(working, late);
      }
    });
  }
  heading.textContent = `${what}: ${words(quantity)}`;
  place.scrollTop = 0;
  place.replaceChildren(working, element("p", { class: "aside" }, meaning));
}

watch((names) => {
  if (names.has("chosen") || names.has("selected") || names.has("quantity")) {
    document.getElementById("copied").textContent = "";
    section.classList.add("docked");
    drawDerivation();
  }
});
