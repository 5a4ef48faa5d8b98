import { element } from "./words.js";
import { net } from "./network.js";
import { change, middle, state, watch } from "./store.js";
import { windowsOf } from "./windows.js";

/** The receptive field: a unit of a map, and its window on every tensor before it. */

const LARGE = 300;
const SMALL = 110;
/** Tensors on the way that are drawn, at most. */
const MOST = 60;

const place = document.getElementById("field");
let image = null;

/** The maps whose units can be chosen. */
let maps = [];

const select = element("select", { id: "map" });
const slider = element("input", { type: "range", min: 0, id: "along" });
const file = element("input", { type: "file", accept: "image/*", id: "image" });
const numbers = element("span", { class: "field-tools", style: null });
const map = element("canvas", { width: LARGE, height: LARGE, tabindex: 0, role: "img" });
const input = element("canvas", { width: LARGE, height: LARGE, role: "img" });
const said = element("p", { "aria-live": "polite" });
const steps = element("div", {
  id: "steps",
  tabindex: 0,
  role: "region",
  "aria-label": "Windows on the way",
});
const mapCaption = element("figcaption");
const inputCaption = element("figcaption");

/** Rows and columns of a map as it is drawn: of a sequence one row, of a volume its last two axes. */
function flat(sizes) {
  return sizes.length === 1 ? [1, sizes[0]] : sizes.slice(-2);
}

function colours() {
  const style = getComputedStyle(document.documentElement);
  const value = (name) => style.getPropertyValue(name).trim();
  return { plate: value("--plate"), rule: value("--rule"), accent: value("--accent") };
}

/** Positions around a tensor that a window reaches beyond it, on each side alike: rows and columns. */
function rim(sizes, ends) {
  if (!ends) {
    return [0, 0];
  }
  const beyond = ends.map(([low, high], axis) => Math.max(0, -low, high - sizes[axis] + 1));
  return sizes.length === 1 ? [0, beyond[0]] : beyond.slice(-2);
}

/** A tensor with the part that is seen, and around it the padding that the window reaches. */
function draw(canvas, sizes, ends, most, picture = null) {
  const [above, beside] = rim(sizes, ends);
  const [rows, columns] = flat(sizes);
  const by = most / Math.max(rows + 2 * above, columns + 2 * beside);
  const wide = Math.max(1, columns * by);
  const high = sizes.length === 1 ? Math.max(24, by) : Math.max(1, rows * by);
  const x0 = beside * by;
  const y0 = above * by;
  canvas.width = Math.round(wide + 2 * x0);
  canvas.height = Math.round(high + 2 * y0);
  const pen = canvas.getContext("2d");
  const { plate, rule, accent } = colours();
  pen.fillStyle = plate;
  pen.fillRect(x0, y0, wide, high);
  if (picture) {
    pen.drawImage(picture, x0, y0, wide, high);
  } else if (by >= 4) {
    pen.strokeStyle = rule;
    pen.lineWidth = 1;
    pen.beginPath();
    for (let row = 1; row < rows; row += 1) {
      pen.moveTo(x0, Math.round(y0 + row * by) + 0.5);
      pen.lineTo(x0 + wide, Math.round(y0 + row * by) + 0.5);
    }
    for (let column = 1; column < columns; column += 1) {
      pen.moveTo(Math.round(x0 + column * by) + 0.5, y0);
      pen.lineTo(Math.round(x0 + column * by) + 0.5, y0 + high);
    }
    pen.stroke();
  }
  pen.strokeStyle = rule;
  pen.lineWidth = 1;
  pen.strokeRect(x0 + 0.5, y0 + 0.5, wide - 1, high - 1);
  if (!ends) {
    return;
  }
  const [[top, bottom], [left, right]] = ends.length === 1 ? [[0, 0], ends[0]] : ends.slice(-2);
  const down = sizes.length === 1 ? high : by;
  const box = [x0 + left * by, y0 + top * down, (right - left + 1) * by, (bottom - top + 1) * down];
  pen.fillStyle = accent;
  pen.globalAlpha = 0.3;
  pen.fillRect(...box);
  pen.globalAlpha = 1;
  pen.strokeStyle = accent;
  pen.lineWidth = 2;
  pen.strokeRect(box[0] + 1, box[1] + 1, Math.max(1, box[2] - 2), Math.max(1, box[3] - 2));
}

function extent(ends) {
  return ends.map(([low, high]) => `${low} … ${high}`).join(" x ");
}

function size(ends) {
  return ends.map(([low, high]) => high - low + 1).join("x");
}

function show() {
  const at = state.layer;
  const layer = net.layers[at];
  select.value = String(at);
  slider.value = String(maps.indexOf(at));
  slider.setAttribute("aria-valuetext", `${layer.name}, field ${layer.field}`);
  numbers.replaceChildren(
    ...state.unit.map((position, axis) => {
      const box = element("input", {
        type: "number",
        min: 0,
        max: layer.sizes[axis] - 1,
        value: position,
        "aria-label": `Position along axis ${axis + 1} of ${layer.sizes.length}`,
      });
      box.addEventListener("change", () => move(axis, Number(box.value)));
      return box;
    }),
  );
  const unit = state.unit.map((position) => [position, position]);
  draw(map, layer.sizes, unit, LARGE);
  map.setAttribute("aria-label", `Map of ${layer.name}, ${layer.shape}; arrow keys move the unit`);
  mapCaption.textContent = `${layer.name} ${layer.shape}: choose a unit`;
  const seen = windowsOf(at, state.unit);
  if (seen === null) {
    said.textContent = `Units of ${layer.name} are not followed here; archcalc rf --at follows them.`;
    steps.replaceChildren();
    draw(input, net.layers[0].sizes, null, LARGE, image);
    return;
  }
  const source = [...seen.keys()].filter((key) => key < net.record.inputs).sort((one, two) => one - two)[0];
  if (source === undefined || !net.layers[source].sizes.length) {
    said.textContent = `Units of ${layer.name} see no positions of an input.`;
    steps.replaceChildren();
    return;
  }
  const window = seen.get(source);
  draw(input, net.layers[source].sizes, window, LARGE, image);
  input.setAttribute("aria-label", `${net.layers[source].name}: the window is ${extent(window)}`);
  inputCaption.textContent = `${net.layers[source].name} ${net.layers[source].shape}: what the unit sees`;
  const beyond = window.some(([low, high], axis) => low < 0 || high >= net.layers[source].sizes[axis]);
  said.textContent =
    `Unit ${state.unit.join(", ")} of ${layer.name} sees ${size(window)} positions of ` +
    `${net.layers[source].name}: ${extent(window)}${beyond ? "; beyond its edge there is padding" : ""}.`;
  showSteps(seen, at);
}

/** The tensors on the way whose window is another than that of the tensor behind. */
function showSteps(seen, at) {
  const found = [];
  let before = "";
  for (const key of [...seen.keys()].sort((one, two) => two - one)) {
    const ends = seen.get(key);
    const text = `${size(ends)} of ${net.layers[key].sizes.join("x")}`;
    if (key !== at && ends.length && text !== before) {
      found.push(key);
    }
    before = text;
  }
  steps.replaceChildren(
    ...found.slice(0, MOST).map((key) => {
      const canvas = element("canvas", {
        role: "img",
        "aria-label": `${net.layers[key].name}: ${extent(seen.get(key))}`,
      });
      draw(canvas, net.layers[key].sizes, seen.get(key), SMALL, key < net.record.inputs ? image : null);
      return element(
        "figure",
        {},
        canvas,
        element("figcaption", {}, `${net.layers[key].name} ${size(seen.get(key))}`),
      );
    }),
  );
}

function move(axis, position) {
  const most = net.layers[state.layer].sizes[axis] - 1;
  const unit = [...state.unit];
  unit[axis] = Math.min(most, Math.max(0, Math.round(position) || 0));
  change({ unit });
}

function to(at) {
  change({ layer: at, unit: middle(at) });
}

map.addEventListener("pointerdown", (event) => {
  const sizes = net.layers[state.layer].sizes;
  const [rows, columns] = flat(sizes);
  const box = map.getBoundingClientRect();
  const row = Math.floor(((event.clientY - box.top) / box.height) * rows);
  const column = Math.floor(((event.clientX - box.left) / box.width) * columns);
  const unit = [...state.unit];
  if (sizes.length > 1) {
    unit[sizes.length - 2] = Math.min(rows - 1, Math.max(0, row));
  }
  unit[sizes.length - 1] = Math.min(columns - 1, Math.max(0, column));
  change({ unit });
});
map.addEventListener("keydown", (event) => {
  const axes = net.layers[state.layer].sizes.length;
  const moves = {
    ArrowLeft: [axes - 1, -1],
    ArrowRight: [axes - 1, 1],
    ArrowUp: [axes - 2, -1],
    ArrowDown: [axes - 2, 1],
  };
  const [axis, step] = moves[event.key] ?? [-1, 0];
  if (axis >= 0) {
    event.preventDefault();
    move(axis, state.unit[axis] + step);
  }
});
select.addEventListener("change", () => to(Number(select.value)));
slider.addEventListener("input", () => to(maps[Number(slider.value)]));

async function take(chosen) {
  if (!chosen || !chosen.type.startsWith("image/")) {
    return;
  }
  try {
    image = await createImageBitmap(chosen);
  } catch {
    said.textContent = `${chosen.name} is no image that this browser can read.`;
    return;
  }
  show();
}

file.addEventListener("change", () => take(file.files[0]));
input.addEventListener("dragover", (event) => event.preventDefault());
input.addEventListener("drop", (event) => {
  event.preventDefault();
  take(event.dataTransfer.files[0]);
});

watch((names) => {
  if (state.layer >= 0 && (names.has("layer") || names.has("unit"))) {
    show();
  }
});

const nothing = element("p", {}, "No layer of this network has positions.");
const shown = element(
  "div",
  {},
  element(
    "div",
    { class: "field-tools" },
    element("label", {}, "Map ", select),
    element("label", {}, "Along the depth ", slider),
    element("span", {}, "Unit "),
    numbers,
    element("label", {}, "Image ", file),
  ),
  said,
  element(
    "div",
    { class: "maps" },
    element("figure", {}, map, mapCaption),
    element("figure", {}, input, inputCaption),
  ),
  steps,
  element("p", { class: "aside" }, "An image can be dropped on the input; it does not leave this page."),
);
place.append(nothing, shown);
window
  .matchMedia("(prefers-color-scheme: dark)")
  .addEventListener("change", () => state.layer >= 0 && show());

/** Show the field of the map that is chosen. */
export function drawField() {
  const mapped = (at) => at >= net.record.inputs && net.layers[at].sizes.length > 0;
  maps = net.layers.map((_, at) => at).filter(mapped);
  select.replaceChildren(
    ...maps.map((at) => element("option", { value: at }, `${net.layers[at].name} ${net.layers[at].shape}`)),
  );
  slider.max = String(Math.max(0, maps.length - 1));
  nothing.hidden = state.layer >= 0;
  shown.hidden = state.layer < 0;
  if (state.layer >= 0) {
    show();
  }
}
