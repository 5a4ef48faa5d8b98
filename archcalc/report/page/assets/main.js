import { bytes, digits, element } from "./words.js";
import { net, show } from "./network.js";
import { begin, change, ofKind, state } from "./store.js";
import { drawDepth } from "./depth.js";
import { drawDerivation } from "./derivation.js";
import { drawField } from "./field.js";
import { drawGraph } from "./graph.js";
import { drawTable } from "./table.js";

/** The head of the page, what is known of the network, and the first drawing of all parts. */

const TITLES = { parameters: "Parameters as", operations: "Operations as", memory: "Memory as" };

function totals() {
  const found = [
    ...["parameters", "operations"].map((kind) => state.shown[kind]),
    ...ofKind("memory").filter((at) => at === state.shown.memory),
  ].map((at) => [
    net.quantities[at].words,
    net.quantities[at].bytes ? bytes(net.record.totals[at]) : digits(net.record.totals[at]),
  ]);
  found.push(["peak of activations", bytes(net.record.memory.peak)]);
  document
    .getElementById("totals")
    .replaceChildren(
      ...found.map(([word, value]) => element("div", {}, element("dt", {}, word), element("dd", {}, value))),
    );
}

function choices() {
  const form = document.getElementById("choices");
  form.replaceChildren();
  for (const [kind, title] of Object.entries(TITLES)) {
    const select = element(
      "select",
      { id: `as-${kind}` },
      ...ofKind(kind).map((at) =>
        element("option", { value: at, selected: at === state.shown[kind] }, net.quantities[at].words),
      ),
    );
    select.addEventListener("change", () => {
      const at = Number(select.value);
      change({ shown: { ...state.shown, [kind]: at }, quantity: at });
      totals();
    });
    form.append(element("label", {}, `${title} `, select));
  }
}

function facts() {
  const place = document.getElementById("facts");
  place.replaceChildren();
  for (const [word, text] of net.record.facts) {
    if (word) {
      place.append(element("h3", {}, word));
    }
    place.append(element("p", {}, text));
  }
  if (net.record.published.length) {
    const lines = net.record.published.map(([text, verdict]) => element("li", { class: verdict }, text));
    place.append(element("h3", {}, "Published figures"), element("ul", {}, ...lines));
  }
  place.append(element("p", { class: "aside" }, net.record.conventions.join(" · ")));
  document.getElementById("foot").textContent = `archcalc ${net.record.archcalc}`;
}

/** Escape leaves what is chosen: then the whole network is. */
document.addEventListener("keydown", (event) => {
  if (event.key === "Escape" && !event.target.closest?.("input, textarea, select") && state.chosen !== null) {
    change({ chosen: null });
    document.getElementById("derivation-section").classList.remove("docked");
  }
});

/** Show a network, in the place of the one that was shown. */
export function draw(record) {
  const first = net.record === null;
  show(record);
  begin();
  document.getElementById("name").textContent = record.name;
  const words = [record.title, ...record.papers].filter((part) => part);
  document.getElementById("title").textContent = words.join(" · ");
  totals();
  choices();
  facts();
  drawGraph(first);
  drawTable();
  drawDerivation();
  drawField();
  drawDepth();
}
