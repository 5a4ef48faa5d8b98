import { net } from "./network.js";

/** What the colours of the graph mean: of all kinds, those that the graph of this network has. */
export function drawLegend() {
  const used = new Set([...net.items.values()].map((item) => item.kind));
  for (const shown of document.querySelectorAll("#legend li")) {
    shown.hidden = !used.has(shown.dataset.kind);
  }
}
