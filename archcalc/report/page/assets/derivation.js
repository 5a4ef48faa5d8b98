import { bytes, digits, element } from "./words.js";
import { figure, items, layers, network, quantities } from "./network.js";
import { state, watch } from "./store.js";

/** How the chosen number comes about. */

/** Terms of a sum that are written out, at most. */
const MOST = 40;

const place = document.getElementById("derivation");

/** The place of a quantity's text among those of a layer. */
function placeOf(quantity) {
  return quantity === "output" ? quantities.length : quantity === "rf" ? quantities.length + 1 : quantity;
}

function words(quantity) {
  return { output: "output", rf: "receptive field" }[quantity] ?? quantities[quantity].words;
}

function sum(item, quantity) {
  const write = quantities[quantity].bytes ? bytes : digits;
  const terms = item.layers.map((at) => [layers[at].name, layers[at].figures[quantity]]);
  const said = terms.filter(([, value]) => value !== 0);
  const wide = Math.max(1, ...said.map(([, value]) => write(value).length));
  const long = Math.max(1, ...said.map(([name]) => name.length));
  const lines = said.slice(0, MOST).map(([name, value]) => `${name.padEnd(long)}  ${write(value).padStart(wide)}`);
  if (said.length > MOST) {
    lines.push(`and ${said.length - MOST} more`);
  }
  const whole = write(figure(item, quantity));
  return [`${quantities[quantity].name} ${whole}, the sum over ${terms.length} layers`, ...lines].join("\n");
}

function text(item, quantity) {
  if (item === null) {
    const at = network.sums[placeOf(quantity)];
    return at === undefined ? "" : network.texts[at];
  }
  const summed = typeof quantity === "number" && quantities[quantity].summed;
  const counted = summed ? item.layers.filter((at) => layers[at].figures[quantity] !== 0) : item.layers.slice(-1);
  if (summed && counted.length > 1) {
    return sum(item, quantity);
  }
  const layer = layers[counted[0] ?? item.layers.at(-1)];
  const at = layer?.derivations[placeOf(quantity)];
  return at === undefined ? `${layer?.name ?? item.name} is given` : network.texts[at];
}

function draw() {
  const item = state.chosen === null ? null : items.get(state.chosen);
  const quantity = state.quantity;
  const what = item === null ? "the whole network" : item.name;
  const meaning = typeof quantity === "number" ? quantities[quantity].means : "";
  place.replaceChildren(
    element("p", {}, element("strong", {}, `${what}: ${words(quantity)}`)),
    element("pre", {}, text(item, quantity)),
    element("p", { class: "aside" }, meaning),
  );
}

watch((names) => {
  if (names.has("chosen") || names.has("quantity")) {
    draw();
  }
});

/** Show the first derivation. */
export function startDerivation() {
  draw();
}
