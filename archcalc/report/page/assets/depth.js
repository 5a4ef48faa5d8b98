import { bytes, digits, element, shape } from "./words.js";
import { net } from "./network.js";
import { change, choose, state, watch } from "./store.js";

/** Bars along the depth: parameters, operations, memory, and what lives after each layer. */

const WIDE = 1000;
const HIGH = 90;

const place = document.getElementById("depth");
let counted = [];
let across = WIDE;
/** Bars for which there is room at least: those of a short network are no walls. */
const FEWEST = 8;

function bars(values) {
  const most = Math.max(1, ...values.map(Number));
  return values
    .map(Number)
    .map((value, at) => {
      if (!value) {
        return "";
      }
      const high = Math.max(1, (HIGH * value) / most);
      return `M${(at * across).toFixed(2)} ${HIGH}v${(-high).toFixed(2)}h${(across > 6 ? across * 0.85 : across).toFixed(2)}v${high.toFixed(2)}z`;
    })
    .join("");
}

function chart(title, values, write) {
  const at = values.indexOf(values.reduce((most, value) => (value > most ? value : most), values[0]));
  const words = values.length ? `most in ${net.layers[counted[at]].name}: ${write(values[at])}` : "";
  const drawing = shape(
    "svg",
    {
      viewBox: `0 0 ${WIDE} ${HIGH}`,
      preserveAspectRatio: "none",
      role: "img",
      "aria-label": `${title}, ${words}`,
    },
    shape("path", { class: "bars", d: bars(values) }),
    shape("rect", { class: "at", y: 0, height: HIGH, width: Math.max(2, across), visibility: "hidden" }),
  );
  const place = (event) => {
    const box = drawing.getBoundingClientRect();
    return Math.min(
      counted.length - 1,
      Math.max(0, Math.floor((((event.clientX - box.left) / box.width) * WIDE) / across)),
    );
  };
  drawing.addEventListener("pointermove", (event) => {
    const layer = net.layers[counted[place(event)]];
    if (layer.item && layer.item.id !== state.marked) {
      change({ marked: layer.item.id });
    }
    said.textContent = `${layer.name}: ${write(values[place(event)])}`;
  });
  drawing.addEventListener("pointerleave", () => {
    said.textContent = words;
    change({ marked: null });
  });
  drawing.addEventListener("click", (event) => {
    const layer = net.layers[counted[place(event)]];
    if (layer.item) {
      choose(layer.item);
    }
  });
  const said = element("span", { class: "aside" }, words);
  return element("div", {}, element("h3", {}, `${title} `, said), drawing);
}

/** Draw the bars. */
export function drawDepth() {
  counted = net.layers.map((_, at) => at).filter((at) => at >= net.record.inputs);
  across = WIDE / Math.max(FEWEST, counted.length);
  const memory = net.record.memory;
  const parts = ["parameters", "operations", "memory"].map((kind) => {
    const at = state.shown[kind];
    const values = counted.map((layer) => net.layers[layer].figures[at] ?? 0);
    return chart(net.quantities[at].words, values, net.quantities[at].bytes ? bytes : digits);
  });
  parts.push(chart("memory that lives after each layer", memory.live, bytes));
  if (memory.at !== null) {
    const alive = memory.alive.map(([at, size]) =>
      element("li", {}, `${net.layers[at].name}: ${bytes(size)}`),
    );
    const words = `At the peak, after ${net.layers[memory.at].name}, ${bytes(memory.peak)} live`;
    parts.push(element("div", { class: "peak" }, element("h3", {}, words), element("ul", {}, ...alive)));
  }
  place.replaceChildren(...parts);
  light();
}

function light() {
  const id = state.marked ?? state.chosen;
  for (const rect of place.querySelectorAll(".at")) {
    const found =
      id === null
        ? []
        : counted.map((at, place) => [net.layers[at], place]).filter(([layer]) => within(layer, id));
    rect.setAttribute("visibility", found.length ? "visible" : "hidden");
    if (found.length) {
      rect.setAttribute("x", String(found[0][1] * across));
      rect.setAttribute("width", String(Math.max(2, (found.at(-1)[1] - found[0][1] + 1) * across)));
    }
  }
}

function within(layer, id) {
  for (let item = layer.item; item; item = item.parent) {
    if (item.id === id) {
      return true;
    }
  }
  return false;
}

watch((names) => {
  if (names.has("shown")) {
    drawDepth();
  } else if (names.has("marked") || names.has("chosen")) {
    light();
  }
});
