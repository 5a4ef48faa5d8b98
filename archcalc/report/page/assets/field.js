import { breakable, element, shape } from "./words.js";
import { net } from "./network.js";
import { change, middle, state, watch } from "./store.js";
import { windowsOf } from "./windows.js";

/** The receptive field: a unit of a map, and its window on every tensor before it. */

const LARGE = 300;
const SMALL = 110;
/** Tensors on the way that are drawn, at most. */
const MOST = 60;

const place = document.getElementById("field");
/** The address of the image that was dropped: one that this page alone can read. */
let image = null;

/** The maps whose units can be chosen. */
let maps = [];

const select = element("select", { id: "map" });
const slider = element("input", { type: "range", min: 0, id: "along" });
const file = element("input", { type: "file", accept: "image/*", id: "image" });
const numbers = element("span", { class: "unit" });
const map = shape("svg", { id: "map-drawing", tabindex: 0, role: "img" });
const input = shape("svg", { id: "input-drawing", role: "img" });
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

/** Positions around a tensor that a window reaches beyond it, on each side alike: rows and columns. */
function rim(sizes, ends) {
  if (!ends) {
    return [0, 0];
  }
  const beyond = ends.map(([low, high], axis) => Math.max(0, -low, high - sizes[axis] + 1));
  return sizes.length === 1 ? [0, beyond[0]] : beyond.slice(-2);
}

/** Lines between the positions of a tensor. */
function lines(rows, columns, by) {
  const path = [];
  for (let row = 1; row < rows; row += 1) {
    path.push(`M0 ${row * by}h${columns * by}`);
  }
  for (let column = 1; column < columns; column += 1) {
    path.push(`M${column * by} 0v${rows * by}`);
  }
  return path.join("");
}

/** How high a tensor is drawn, where its longer side is as long as may be. */
function height(sizes, by) {
  return sizes.length === 1 ? Math.max(24, by) : Math.max(1, flat(sizes)[0] * by);
}

/** A tensor with the part that is seen, and around it the padding that the window reaches. */
function draw(drawing, sizes, ends, most, picture = null) {
  const [above, beside] = rim(sizes, ends);
  const [rows, columns] = flat(sizes);
  const by = most / Math.max(rows + 2 * above, columns + 2 * beside);
  const wide = Math.max(1, columns * by);
  const high = height(sizes, by);
  const [x0, y0] = [beside * by, above * by];
  const [width, whole] = [wide + 2 * x0, high + 2 * y0];
  drawing.setAttribute("viewBox", `${-x0 - 1} ${-y0 - 1} ${width + 2} ${whole + 2}`);
  drawing.setAttribute("width", width.toFixed(1));
  drawing.setAttribute("height", whole.toFixed(1));
  const box = { x: 0, y: 0, width: wide, height: high };
  const parts = [shape("rect", { class: "plate", ...box })];
  if (picture) {
    parts.push(shape("image", { href: picture, preserveAspectRatio: "none", ...box }));
  } else if (by >= 4) {
    parts.push(shape("path", { class: "grid", d: lines(sizes.length === 1 ? 1 : rows, columns, by) }));
  }
  parts.push(shape("rect", { class: "frame", ...box }));
  if (ends) {
    const [[top, bottom], [left, right]] = ends.length === 1 ? [[0, 0], ends[0]] : ends.slice(-2);
    const down = sizes.length === 1 ? high : by;
    parts.push(
      shape("rect", {
        class: "seen",
        x: left * by,
        y: top * down,
        width: Math.max(1, (right - left + 1) * by),
        height: Math.max(1, (bottom - top + 1) * down),
      }),
    );
  }
  drawing.replaceChildren(...parts);
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
    "Unit",
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
  mapCaption.replaceChildren(
    `${layer.name} ${layer.shape}`,
    element("span", { class: "screen" }, ": choose a unit"),
  );
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
  const others = [...seen.keys()]
    .filter((key) => key < net.record.inputs && key !== source && seen.get(key).length)
    .map((key) => `; ${size(seen.get(key))} of ${net.layers[key].name}: ${extent(seen.get(key))}`);
  said.textContent =
    `Unit ${state.unit.join(", ")} of ${layer.name} sees ${size(window)} positions of ` +
    `${net.layers[source].name}: ${extent(window)}${beyond ? "; beyond its edge there is padding" : ""}` +
    `${others.join("")}.`;
  showSteps(seen, at);
}

/** The tensors on the way whose window is another than that of the tensor behind, and all inputs. */
function showSteps(seen, at) {
  const found = [];
  let before = "";
  for (const key of [...seen.keys()].sort((one, two) => two - one)) {
    const ends = seen.get(key);
    const text = `${size(ends)} of ${net.layers[key].sizes.join("x")}`;
    if (key !== at && ends.length && (text !== before || key < net.record.inputs)) {
      found.push(key);
    }
    before = text;
  }
  steps.replaceChildren(
    ...found.slice(0, MOST).map((key) => {
      const drawing = shape("svg", {
        role: "img",
        "aria-label": `${net.layers[key].name}: ${extent(seen.get(key))}`,
      });
      draw(drawing, net.layers[key].sizes, seen.get(key), SMALL, key < net.record.inputs ? image : null);
      return element(
        "figure",
        {},
        drawing,
        element(
          "figcaption",
          {},
          element("span", { class: "cut", title: net.layers[key].name }, ...breakable(net.layers[key].name)),
          size(seen.get(key)),
        ),
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
    (await createImageBitmap(chosen)).close();
  } catch {
    said.textContent = `${chosen.name} is no image that this browser can read.`;
    return;
  }
  if (image !== null) {
    URL.revokeObjectURL(image);
  }
  image = URL.createObjectURL(chosen);
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
    numbers,
    element("label", {}, "Image ", file),
  ),
  said,
  element(
    "div",
    { class: "ways" },
    element(
      "div",
      { class: "maps" },
      element("figure", {}, map, mapCaption),
      element("figure", {}, input, inputCaption),
    ),
    steps,
  ),
  element(
    "p",
    { class: "aside screen" },
    "An image can be dropped on the input; it does not leave this page.",
  ),
);
place.append(nothing, shown);

/** Show the field of the map that is chosen. */
export function drawField() {
  const mapped = (at) => at >= net.record.inputs && net.layers[at].sizes.length > 0;
  maps = net.layers.map((_, at) => at).filter(mapped);
  select.replaceChildren(
    ...maps.map((at) => element("option", { value: at }, `${net.layers[at].name} ${net.layers[at].shape}`)),
  );
  const sides = [...maps, ...Array(net.record.inputs).keys()].map((at) => net.layers[at].sizes);
  const tallest = Math.max(
    0,
    ...sides.filter((each) => each.length).map((each) => height(each, LARGE / Math.max(...flat(each)))),
  );
  shown.style.setProperty("--tallest", `${Math.round(tallest)}px`);
  slider.max = String(Math.max(0, maps.length - 1));
  nothing.hidden = state.layer >= 0;
  shown.hidden = state.layer < 0;
  if (state.layer >= 0) {
    show();
  }
}
