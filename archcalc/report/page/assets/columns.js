import { element } from "./words.js";
import { net } from "./network.js";
import { change, COLUMNS, state, watch } from "./store.js";

/** Which columns the table shows: those of every table, and any further quantity. */

const place = document.getElementById("column-choices");
const menu = document.getElementById("columns");

/** The columns in their order: key, head, whether digits stand in it, and the number of its quantity. */
export function allColumns() {
  const kinds = { parameters: null, operations: null, memory: null };
  for (const kind of Object.keys(kinds)) {
    kinds[kind] = state.shown[kind];
  }
  const taken = new Set(Object.values(kinds));
  const usual = COLUMNS.map((key) =>
    key in kinds
      ? { key, words: net.quantities[kinds[key]].words, right: true, quantity: kinds[key] }
      : { key, words: key === "field" ? "RF" : key, right: key !== "what", quantity: null },
  );
  const further = net.quantities
    .map((quantity, at) => ({ key: quantity.name, words: quantity.words, right: true, quantity: at }))
    .filter(({ key, quantity }) => !taken.has(quantity) && !COLUMNS.includes(key));
  return [...usual, ...further];
}

/** The columns that are shown. */
export function columns() {
  return allColumns().filter(({ key }) => state.columns.includes(key));
}

/** Draw the choice of columns. */
export function drawColumns() {
  const shown = new Set(state.columns);
  const made = allColumns().map(({ key, words }) => {
    const box = element("input", { type: "checkbox", value: key, checked: shown.has(key) });
    box.addEventListener("change", () => {
      const chosen = new Set(state.columns);
      if (box.checked) {
        chosen.add(key);
      } else {
        chosen.delete(key);
      }
      change({ columns: allColumns().flatMap((each) => (chosen.has(each.key) ? [each.key] : [])) });
    });
    return element("label", {}, box, ` ${words}`);
  });
  const usual = element("button", { type: "button" }, "As at first");
  usual.addEventListener("click", () => change({ columns: [...COLUMNS] }));
  place.replaceChildren(...made, usual);
}

watch((names) => {
  if (names.has("shown") || names.has("columns")) {
    const focused = place.contains(document.activeElement) ? document.activeElement.value : null;
    drawColumns();
    if (focused !== null) {
      (place.querySelector(`input[value="${focused}"]`) ?? place.querySelector("button")).focus();
    }
  }
});
menu.addEventListener("keydown", (event) => {
  if (event.key === "Escape" && menu.open) {
    menu.open = false;
    menu.querySelector("summary").focus();
    event.stopPropagation();
  }
});
document.addEventListener("pointerdown", (event) => {
  if (menu.open && !menu.contains(event.target)) {
    menu.open = false;
  }
});
