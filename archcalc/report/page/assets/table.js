import { bytes, digits, element } from "./words.js";
import { figure, last, net, parts } from "./network.js";
import { change, choose, state, watch } from "./store.js";

/** The table of layers: folded as they nest; sorted or searched, a row for each layer. */

const place = document.getElementById("table");
const KINDS = ["parameters", "operations", "memory"];

/** Rows that are open in the table: whatever is open in the graph, and boxes of several layers. */
const unfolded = new Set();

function written(value, at) {
  return net.quantities[at].bytes ? bytes(value) : digits(value);
}

function isOpen(item) {
  return item.members ? state.opened.has(item.id) : unfolded.has(item.id);
}

function rows() {
  const words = state.search.trim().toLowerCase();
  if (words || state.sort) {
    let found = net.layers.filter((layer, at) => at >= net.record.inputs && layer.item);
    if (words) {
      found = found.filter((layer) =>
        `${layer.name} ${layer.text} ${layer.op} ${layer.shape}`.toLowerCase().includes(words),
      );
    }
    if (state.sort) {
      const { key, down } = state.sort;
      const value = (layer) => keyOf(layer, key);
      found = [...found].sort((one, other) => (down ? -1 : 1) * compare(value(one), value(other)));
    }
    return found.map((layer) => ({ item: layer.item, level: 0, name: layer.name }));
  }
  const found = [];
  const walk = (item) => {
    if (!item.layers.length) {
      return;
    }
    found.push({ item, level: item.level, name: item.name });
    if (isOpen(item)) {
      parts(item).forEach(walk);
    }
  };
  net.top.members.forEach(walk);
  return found;
}

function compare(one, other) {
  if (typeof one === "string") {
    return one.localeCompare(other, "en", { numeric: true });
  }
  return (one ?? -1) - (other ?? -1);
}

function keyOf(layer, key) {
  if (key === "layer") {
    return layer.name;
  }
  if (key === "what") {
    return layer.text;
  }
  if (key === "output") {
    return layer.sizes.reduce((product, size) => product * size, layer.channels);
  }
  if (key === "field") {
    return layer.field === "all" ? Infinity : Number.parseInt(layer.field, 10) || 0;
  }
  return layer.figures[state.shown[key]];
}

function heads() {
  return [
    ["layer", "layer", false],
    ["what", "what", false],
    ["output", "output", true],
    ...KINDS.map((kind) => [kind, net.quantities[state.shown[kind]].words, true]),
    ["field", "RF", true],
  ];
}

function head([key, words, right]) {
  const sorted = state.sort?.key === key ? state.sort : null;
  const direction = sorted ? (sorted.down ? "descending" : "ascending") : null;
  const sign = sorted ? (sorted.down ? " ↓" : " ↑") : "";
  return element(
    "th",
    { scope: "col", class: right ? "right" : key === "what" ? "what" : null, "aria-sort": direction },
    element("button", { type: "button", "data-sort": key, title: `Sort by ${words}` }, `${words}${sign}`),
  );
}

/** The largest figure of each column among the rows that are not opened. */
function largest(found) {
  const closed = found.filter(
    ({ item }) => !parts(item).length || !isOpen(item) || state.sort || state.search.trim(),
  );
  return Object.fromEntries(
    KINDS.map((kind) => [
      kind,
      Math.max(1, ...closed.map(({ item }) => figure(item, state.shown[kind]) ?? 0)),
    ]),
  );
}

function row({ item, level, name }, most) {
  const inside = parts(item).length > 0 && !state.sort && !state.search.trim();
  const out = last(item);
  const opened = isOpen(item);
  const fold = inside
    ? element(
        "button",
        {
          type: "button",
          class: "fold",
          "data-fold": item.id,
          "aria-expanded": String(opened),
          "aria-label": `${opened ? "Fold" : "Open"} ${name}`,
        },
        opened ? "▾" : "▸",
      )
    : element("span", { class: "fold" }, "");
  const what = item.text || (item.layers.length === 1 ? net.layers[item.layers[0]].text : "");
  const cells = [
    element(
      "th",
      { scope: "row" },
      fold,
      element("button", { type: "button", "data-choose": item.id, title: name }, name),
      element("span", { class: "below" }, what),
    ),
    element("td", { class: "what" }, what),
    figureCell(item, "output", out ? out.shape : ""),
    ...KINDS.map((kind) => {
      const value = figure(item, state.shown[kind]);
      const part = inside && opened ? 0 : (value ?? 0) / most[kind];
      return figureCell(item, state.shown[kind], written(value, state.shown[kind]), part);
    }),
    figureCell(item, "rf", out ? out.field : ""),
  ];
  const made = element("tr", { "data-item": item.id }, ...cells);
  made.firstChild.style.paddingLeft = `${level * 0.9 + 0.2}rem`;
  return made;
}

function figureCell(item, quantity, text, part = 0) {
  return element(
    "td",
    {
      class: part > 0 ? "right part" : "right",
      style: part > 0 ? `--part: ${(100 * part).toFixed(1)}%` : null,
    },
    text === ""
      ? null
      : element("button", { type: "button", class: "figure", "data-quantity": quantity }, text),
  );
}

function foot() {
  const total = (kind) => {
    const at = state.shown[kind];
    const value = net.record.totals[at];
    return element(
      "td",
      { class: "right" },
      element(
        "button",
        { type: "button", class: "figure", "data-quantity": at, "data-total": true },
        written(value, at),
      ),
    );
  };
  return element(
    "tr",
    {},
    element("th", { scope: "row" }, "total"),
    element("td", { class: "what" }),
    element("td"),
    ...KINDS.map(total),
    element("td"),
  );
}

/** Draw the table. */
export function drawTable() {
  const found = rows();
  const most = largest(found);
  const above = place.scrollTop;
  const focused = document.activeElement?.closest?.("#table") ? mark(document.activeElement) : null;
  place.replaceChildren(
    element(
      "table",
      {},
      element("caption", { class: "hidden" }, `Layers of ${net.record.name}`),
      element("thead", {}, element("tr", {}, ...heads().map(head))),
      element("tbody", {}, ...found.map((each) => row(each, most))),
      element("tfoot", {}, foot()),
    ),
  );
  place.scrollTop = above;
  light();
  if (focused) {
    place.querySelector(focused)?.focus({ preventScroll: true });
  }
}

/** How the element that has the focus is found again. */
function mark(active) {
  for (const name of ["sort", "fold", "choose"]) {
    if (active.dataset[name]) {
      return `[data-${name}="${active.dataset[name]}"]`;
    }
  }
  const item = active.closest("tr")?.dataset.item;
  return item && active.dataset.quantity
    ? `tr[data-item="${item}"] [data-quantity="${active.dataset.quantity}"]`
    : null;
}

/** The row of an item, or of the nearest around it that is shown. */
function rowOf(id) {
  for (let item = net.items.get(id); item && item !== net.top; item = item.parent) {
    const found = place.querySelector(`tr[data-item="${item.id}"]`);
    if (found) {
      return found;
    }
  }
  return null;
}

function light(follow = false) {
  for (const [name, id] of [
    ["marked", state.marked],
    ["chosen", state.chosen],
  ]) {
    place.querySelector(`tr.${name}`)?.classList.remove(name);
    const found = id === null ? null : rowOf(id);
    found?.classList.add(name);
    if (follow && name === "chosen" && found) {
      const outer = place.getBoundingClientRect();
      const inner = found.getBoundingClientRect();
      if (inner.top < outer.top + 30 || inner.bottom > outer.bottom - 30) {
        place.scrollTop += inner.top - outer.top - place.clientHeight / 2;
      }
    }
  }
}

place.addEventListener("click", (event) => {
  const button = event.target.closest("button");
  const line = event.target.closest("tbody tr");
  if (button?.dataset.sort) {
    const key = button.dataset.sort;
    const now = state.sort?.key === key ? state.sort : null;
    change({ sort: now === null ? { key, down: true } : now.down ? { key, down: false } : null });
  } else if (button?.dataset.fold) {
    const item = net.items.get(button.dataset.fold);
    if (item.members) {
      const opened = new Set(state.opened);
      if (!opened.delete(item.id)) {
        opened.add(item.id);
      }
      change({ opened });
    } else {
      if (!unfolded.delete(item.id)) {
        unfolded.add(item.id);
      }
      drawTable();
    }
  } else if (button?.dataset.quantity) {
    const quantity = Number.isNaN(Number(button.dataset.quantity))
      ? button.dataset.quantity
      : Number(button.dataset.quantity);
    if (button.dataset.total !== undefined) {
      change({ chosen: null, quantity });
    } else {
      choose(net.items.get(line.dataset.item), quantity);
    }
  } else if (line) {
    choose(net.items.get(line.dataset.item));
  }
});
place.addEventListener("pointerover", (event) => {
  const id = event.target.closest("tbody tr")?.dataset.item ?? null;
  if (id !== state.marked) {
    change({ marked: id });
  }
});
place.addEventListener("pointerleave", () => change({ marked: null }));
place.addEventListener("focusin", (event) => {
  change({ marked: event.target.closest("tbody tr")?.dataset.item ?? null });
});
document
  .getElementById("search")
  .addEventListener("input", (event) => change({ search: event.target.value }));

watch((names) => {
  if (names.has("opened") || names.has("sort") || names.has("search") || names.has("shown")) {
    drawTable();
  } else if (names.has("marked") || names.has("chosen")) {
    light(names.has("chosen"));
  }
});
