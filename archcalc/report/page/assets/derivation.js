import { bytes, digits, element } from "./words.js";
import { figure, net } from "./network.js";
import { state, watch } from "./store.js";

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

function sum(item, quantity) {
  const write = net.quantities[quantity].bytes ? bytes : digits;
  const terms = item.layers.map((at) => [net.layers[at].name, net.layers[at].figures[quantity]]);
  const said = terms.filter(([, value]) => value !== 0);
  const wide = Math.max(1, ...said.map(([, value]) => write(value).length));
  const long = Math.max(1, ...said.map(([name]) => name.length));
  const lines = said
    .slice(0, MOST)
    .map(([name, value]) => `${name.padEnd(long)}  ${write(value).padStart(wide)}`);
  if (said.length > MOST) {
    lines.push(`and ${said.length - MOST} more`);
  }
  const whole = write(figure(item, quantity));
  return [`${net.quantities[quantity].name} ${whole}, the sum over ${terms.length} layers`, ...lines].join(
    "\n",
  );
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

/** The text, or a promise of it. */
function text(item, quantity) {
  if (item === null) {
    return held(null, quantity);
  }
  if (typeof quantity === "number" && item.layers.length > 1 && net.quantities[quantity].over !== quantity) {
    return text(item, net.quantities[quantity].over);
  }
  const summed = typeof quantity === "number" && net.quantities[quantity].summed;
  const counted = summed
    ? item.layers.filter((at) => net.layers[at].figures[quantity] !== 0)
    : item.layers.slice(-1);
  if (summed && counted.length > 1) {
    return sum(item, quantity);
  }
  return held(counted[0] ?? item.layers.at(-1), quantity);
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
  const item = state.chosen === null ? null : net.items.get(state.chosen);
  const quantity = state.quantity;
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
  if (names.has("chosen") || names.has("quantity")) {
    document.getElementById("copied").textContent = "";
    section.classList.add("docked");
    drawDerivation();
  }
});
