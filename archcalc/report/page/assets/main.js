import { breakable, bytes, digits, element } from "./words.js";
import { least, net, show } from "./network.js";
import { begin, change, ofKind, state } from "./store.js";
import { drawColumns } from "./columns.js";
import { drawDepth } from "./depth.js";
import { drawDerivation } from "./derivation.js";
import { drawField } from "./field.js";
import { drawGraph } from "./graph.js";
import { drawTable } from "./table.js";

/** The head of the page, what is known of the network, and the first drawing of all parts. */

const TITLES = { parameters: "Parameters as", operations: "Operations as", memory: "Memory as" };

/** A total, below the choice of what is counted. */
function total(kind) {
  const value = element("dd", {});
  const write = () => {
    const at = state.shown[kind];
    const whole = net.record.totals[at];
    value.textContent = least(at) + (net.quantities[at].bytes ? bytes(whole) : digits(whole));
  };
  const select = element(
    "select",
    { id: `as-${kind}`, "aria-label": TITLES[kind], title: TITLES[kind] },
    ...ofKind(kind).map((at) =>
      element("option", { value: at, selected: at === state.shown[kind] }, net.quantities[at].words),
    ),
  );
  select.addEventListener("change", () => {
    const at = Number(select.value);
    change({ shown: { ...state.shown, [kind]: at }, quantity: at });
    write();
  });
  write();
  return element("div", {}, element("dt", {}, select), value);
}

function totals() {
  const peak = element("dd", {}, bytes(net.record.memory.peak));
  document
    .getElementById("totals")
    .replaceChildren(
      ...Object.keys(TITLES).map(total),
      element("div", {}, element("dt", {}, "peak of activations"), peak),
    );
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
    const lines = net.record.published.map(([text, words, verdict]) =>
      element("li", { class: verdict }, `${text} `, element("span", { class: verdict || "aside" }, words)),
    );
    place.append(element("h3", {}, "Published figures"), element("ul", { class: "published" }, ...lines));
  }
  place.append(element("p", { class: "aside" }, net.record.conventions.join(" · ")));
  document.getElementById("foot").textContent = `archcalc ${net.record.archcalc}`;
}

/** Escape leaves what is chosen: then the whole network is. */
document.addEventListener("keydown", (event) => {
  if (event.key === "Escape" && !event.target.closest?.("input, textarea, select") && state.chosen !== null) {
    change({ chosen: null, selected: new Set() });
    document.getElementById("derivation-section").classList.remove("docked");
  }
});

/** Show a network, in the place of the one that was shown. */
export function draw(record) {
  const first = net.record === null;
  show(record);
  begin();
  document.getElementById("name").replaceChildren(...breakable(record.name));
  const words = [record.title, ...record.papers].filter((part) => part);
  document.getElementById("title").textContent = words.join(" · ");
  totals();
  facts();
  drawGraph(first);
  drawColumns();
  drawTable();
  drawDerivation();
  drawField();
  drawDepth();
}
