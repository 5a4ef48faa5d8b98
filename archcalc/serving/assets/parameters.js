import { element } from "./words.js";
import { held } from "./links.js";

/** A slider, a choice or a field for each parameter of the network. */

const sliders = document.getElementById("parameters");
/** What is called where somebody sets one. */
let changed = () => {};

/** Have a function called where somebody sets a parameter. */
export function whenSet(reader) {
  changed = reader;
}

/** Show the parameters that a text has, with the values that they have now. */
export function showParameters(values) {
  const names = Object.keys(values);
  const known = [...sliders.children].map((child) => [child.dataset.name, child.dataset.kind].join());
  held.given = Object.fromEntries(Object.entries(held.given).filter(([name]) => names.includes(name)));
  if (names.map((name) => [name, kindOf(values[name])].join()).join(";") !== known.join(";")) {
    if (!sliders.contains(document.activeElement)) {
      sliders.replaceChildren(...names.map((name) => control(name, values[name])));
    }
  }
  for (const child of sliders.children) {
    const { name } = child.dataset;
    for (const field of child.querySelectorAll("input, select")) {
      if (field !== document.activeElement && name in values) {
        if (field.type === "range") {
          field.max = Math.max(Number(field.max), Number(values[name]));
        }
        field.value = values[name];
      }
    }
    child.querySelector("button").hidden = !(name in held.given);
  }
}

/** How a parameter is set: whole numbers by a slider, yes or no by a choice, all else as text. */
function kindOf(value) {
  if (/^\d{1,6}$/.test(value)) {
    return "whole";
  }
  return value === "yes" || value === "no" ? "choice" : "text";
}

function set(name, text) {
  held.given = { ...held.given, [name]: text };
  changed();
}

function control(name, value) {
  const kind = kindOf(value);
  const made = element("span", { "data-name": name, "data-kind": kind }, name);
  if (kind === "choice") {
    const options = ["yes", "no"].map((word) => element("option", { value: word }, word));
    const select = element("select", { "aria-label": name }, ...options);
    select.value = value;
    select.addEventListener("change", () => set(name, select.value));
    made.append(select);
  } else {
    const field = element("input", { type: "text", value, maxlength: 40, "aria-label": `${name}, as text` });
    if (kind === "whole") {
      const most = Math.max(8, 4 * Number(value));
      const range = element("input", { type: "range", min: 1, max: most, value, "aria-label": name });
      range.addEventListener("input", () => {
        field.value = range.value;
        set(name, range.value);
      });
      made.append(range);
    }
    field.addEventListener("change", () => set(name, field.value));
    made.append(field);
  }
  const back = element(
    "button",
    { type: "button", "aria-label": `${name} as in the text`, hidden: true },
    "×",
  );
  back.addEventListener("click", () => {
    held.given = Object.fromEntries(Object.entries(held.given).filter(([other]) => other !== name));
    changed();
  });
  made.append(back);
  return made;
}
