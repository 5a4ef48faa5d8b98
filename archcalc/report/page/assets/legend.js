import { element } from "./words.js";
import { net } from "./network.js";

/** What the colours of the graph mean. */

const KINDS = {
  input: "input",
  weighted: "layer with parameters",
  free: "layer without",
  merge: "where paths meet",
  block: "block, folded",
};

/** Name the colours that the graph of this network has. */
export function drawLegend() {
  const used = new Set([...net.items.values()].map((item) => item.kind));
  const shown = Object.entries(KINDS).filter(([kind]) => used.has(kind));
  document
    .getElementById("legend")
    .replaceChildren(
      ...shown.map(([kind, words]) => element("li", {}, element("span", { class: `key-${kind}` }), words)),
    );
}
