import { bytes, digits, element } from "./words.js";
import { network, quantities } from "./network.js";
import { change, ofKind, state, watch } from "./store.js";
import { startDepth } from "./depth.js";
import { startDerivation } from "./derivation.js";
import { startField } from "./field.js";
import { startGraph } from "./graph.js";
import { startTable } from "./table.js";

/** The head of the page, what is known of the network, and the first drawing of all parts. */

const TITLES = { parameters: "Parameters as", operations: "Operations as", memory: "Memory as" };

function totals() {
  const found = [
    ...["parameters", "operations"].map((kind) => state.shown[kind]),
    ...ofKind("memory").filter((at) => at === state.shown.memory),
  ].map((at) => [quantities[at].words, quantities[at].bytes ? bytes(network.totals[at]) : digits(network.totals[at])]);
  found.push(["peak of activations", bytes(network.memory.peak)]);
  document
    .getElementById("totals")
    .replaceChildren(...found.map(([word, value]) => element("div", {}, element("dt", {}, word), element("dd", {}, value))));
}

function choices() {
  const form = document.getElementById("choices");
  for (const [kind, title] of Object.entries(TITLES)) {
    const select = element(
      "select",
      { id: `as-${kind}` },
      ...ofKind(kind).map((at) =>
        element("option", { value: at, selected: at === state.shown[kind] }, quantities[at].words),
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
  let list = null;
  for (const [word, text] of network.facts) {
    if (word) {
      place.append(element("h3", {}, word));
    }
    place.append(element("p", {}, text));
  }
  if (network.published.length) {
    place.append(element("h3", {}, "Published figures"));
    list = element("ul");
    for (const [text, verdict] of network.published) {
      list.append(element("li", { class: verdict }, text));
    }
    place.append(list);
  }
  place.append(element("p", { class: "aside" }, network.conventions.join(" · ")));
  document.getElementById("foot").append(`archcalc ${network.archcalc}`);
}

document.getElementById("title").textContent = [network.title, ...network.papers].filter((part) => part).join(" · ");
totals();
choices();
facts();
startGraph();
startTable();
startDerivation();
startField();
startDepth();
watch(() => {});
document.documentElement.dataset.ready = "true";
