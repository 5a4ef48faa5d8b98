import { columns } from "./columns.js";
import { binary, digits, element } from "./words.js";
import { figure, last, least, net, parts } from "./network.js";
import { change, choose, chooseAll, isBeside, selection, state, watch } from "./store.js";

/** The table of layers: folded as they nest; sorted or searched, a row for each layer. */

const place = document.getElementById("table");

/** The column that is always there. */
const NAME = { key: "layer", words: "layer", right: false, quantity: null };

/** Rows that are open in the table: whatever is open in the graph, and boxes of several layers. */
const unfolded = new Set();

/** A figure as its column writes it: all bytes of a network in one unit. */
function written(value, at) {
  return net.quantities[at].bytes ? binary(value, net.record.unit) : digits(value);
}

/** Whether a row has rows of its own below it. */
function canOpen(item) {
  return parts(item).length > 0 && !state.sort && !state.search.trim();
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
      const column = [NAME, ...columns()].find((each) => each.key === key) ?? NAME;
      const value = (layer) => keyOf(layer, column);
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
  const [first, second] = [one ?? -1, other ?? -1];
  return first < second ? -1 : Number(first > second);
}

function keyOf(layer, { key, quantity }) {
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
  return layer.figures[quantity];
}

function head({ key, words, right, quantity }) {
  const unit = quantity !== null && net.quantities[quantity].bytes ? `, ${net.record.unit}` : "";
  const sorted = state.sort?.key === key ? state.sort : null;
  const direction = sorted ? (sorted.down ? "descending" : "ascending") : null;
  const sign = sorted ? (sorted.down ? " ↓" : " ↑") : "";
  return element(
    "th",
    { scope: "col", class: right ? "right" : key === "what" ? "what" : null, "aria-sort": direction },
    element(
      "button",
      { type: "button", "data-sort": key, title: `Sort by ${words}` },
      `${words}${unit}${sign}`,
    ),
  );
}

/** The columns of figures. */
function counted() {
  return columns().filter(({ quantity }) => quantity !== null);
}

/** The largest figure of each column among the rows that are not opened. */
function largest(found) {
  const closed = found.filter(
    ({ item }) => !parts(item).length || !isOpen(item) || state.sort || state.search.trim(),
  );
  const most = (quantity) => Math.max(1, ...closed.map(({ item }) => Number(figure(item, quantity) ?? 0)));
  return new Map(counted().map(({ key, quantity }) => [key, most(quantity)]));
}

function row({ item, level, name }, most) {
  const inside = canOpen(item);
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
      state.columns.includes("what") ? element("span", { class: "below" }, what) : null,
    ),
    ...columns().map(({ key, quantity }) => {
      if (quantity !== null) {
        const value = figure(item, quantity);
        const part = inside && opened ? 0 : Number(value ?? 0) / most.get(key);
        return figureCell(quantity, written(value, quantity), part);
      }
      if (key === "what") {
        return element("td", { class: "what" }, what);
      }
      return key === "output"
        ? figureCell("output", out ? out.shape : "")
        : figureCell("rf", out ? out.field : "");
    }),
  ];
  const made = element("tr", { "data-item": item.id }, ...cells);
  made.firstChild.style.paddingLeft = `${level * 0.9 + 0.2}rem`;
  return made;
}

function figureCell(quantity, text, part = 0) {
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

/** A row at the foot: a figure in each column that adds up. */
function footRow(words, cell) {
  return element(
    "tr",
    {},
    element("th", { scope: "row" }, words),
    ...columns().map((column) => {
      if (column.quantity === null) {
        return element("td", column.key === "what" ? { class: "what" } : {});
      }
      return element("td", { class: "right" }, ...cell(column.quantity));
    }),
  );
}

function footButton(text, quantity, attributes) {
  const made = { type: "button", class: "figure", "data-quantity": quantity, ...attributes };
  return element("button", made, text);
}

/** A part of a whole, as a percentage with one decimal. */
function share(value, quantity) {
  const whole = net.record.totals[quantity];
  return value === null || !whole || least(quantity)
    ? ""
    : `${((100 * Number(value)) / Number(whole)).toFixed(1)}% `;
}

/** The sum of what is selected; none where that is one row, or none. */
function sumRow() {
  const item = selection();
  if (item === null) {
    return null;
  }
  const made = footRow(item.name, (quantity) => {
    if (!net.quantities[net.quantities[quantity].over].summed) {
      return [];
    }
    const value = figure(item, quantity);
    const part = element("span", { class: "aside" }, share(value, quantity));
    return [part, footButton(written(value, quantity), quantity, { "data-sum": true })];
  });
  made.className = "sum";
  return made;
}

function totalRow() {
  return footRow("total", (quantity) => [
    footButton(least(quantity) + written(net.record.totals[quantity], quantity), quantity, {
      "data-total": true,
    }),
  ]);
}

function drawFoot() {
  place.querySelector("tfoot").replaceChildren(...[sumRow(), totalRow()].filter((each) => each !== null));
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
      element("thead", {}, element("tr", {}, ...[NAME, ...columns()].map(head))),
      element("tbody", {}, ...found.map((each) => row(each, most))),
      element("tfoot"),
    ),
  );
  drawFoot();
  place.firstChild.classList.toggle("flat", !found.some(({ item }) => canOpen(item)));
  place.scrollTop = above;
  light();
  press();
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
  for (const [name, ids] of [
    ["marked", state.marked === null ? [] : [state.marked]],
    ["chosen", [...state.selected]],
  ]) {
    for (const line of place.querySelectorAll(`tr.${name}`)) {
      line.classList.remove(name);
    }
    for (const id of ids) {
      rowOf(id)?.classList.add(name);
    }
  }
  const line = follow && state.chosen !== null ? rowOf(state.chosen) : null;
  if (line) {
    const outer = place.getBoundingClientRect();
    const inner = line.getBoundingClientRect();
    if (inner.top < outer.top + 30 || inner.bottom > outer.bottom - 60) {
      place.scrollTop += inner.top - outer.top - place.clientHeight / 2;
    }
  }
}

/** Choose a row; with Shift all from the one that was chosen last, with Ctrl that one too. */
function chooseRow(event, item, quantity = state.quantity) {
  if (event.shiftKey && state.chosen !== null) {
    const shown = [...place.querySelectorAll("tbody tr")].map((each) => net.items.get(each.dataset.item));
    const [one, other] = [shown.indexOf(net.items.get(state.chosen)), shown.indexOf(item)].sort(
      (a, b) => a - b,
    );
    if (one >= 0 && one < other) {
      chooseAll(shown.slice(one, other + 1));
      return;
    }
  }
  choose(item, quantity, isBeside(event));
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
    if (button.dataset.sum !== undefined) {
      change({ quantity });
    } else if (button.dataset.total !== undefined) {
      change({ chosen: null, selected: new Set(), quantity });
    } else {
      chooseRow(event, net.items.get(line.dataset.item), quantity);
    }
  } else if (line) {
    chooseRow(event, net.items.get(line.dataset.item));
  }
});
/** Names are buttons that are pressed or not, where each click adds or takes away. */
function press() {
  for (const button of place.querySelectorAll("[data-choose]")) {
    if (state.several) {
      button.setAttribute("aria-pressed", String(state.selected.has(button.dataset.choose)));
    } else {
      button.removeAttribute("aria-pressed");
    }
  }
}

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
// Shift and a click selects rows, not their letters.
place.addEventListener("mousedown", (event) => {
  if (event.shiftKey) {
    event.preventDefault();
  }
});
const several = document.getElementById("several");
several.addEventListener("click", () => {
  several.setAttribute("aria-pressed", String(!state.several));
  change({ several: !state.several });
});
document
  .getElementById("search")
  .addEventListener("input", (event) => change({ search: event.target.value }));

watch((names) => {
  if (["opened", "sort", "search", "shown", "columns"].some((name) => names.has(name))) {
    drawTable();
  } else if (names.has("marked") || names.has("selected") || names.has("several")) {
    if (names.has("selected") || names.has("several")) {
      drawFoot();
      press();
    }
    light(names.has("chosen"));
  }
});
