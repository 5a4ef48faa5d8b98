import { bytes, digits, shape } from "./words.js";
import { figure, last, net } from "./network.js";
import { change, choose, drawn, folding, isBeside, opening, state, visible, watch } from "./store.js";
import { layout, width } from "./layout.js";
import { drawLegend } from "./legend.js";
import { onPaper } from "./paper.js";

/** The graph: boxes, opened blocks around them, shapes on the edges; moved and scaled by hand. */

const place = document.getElementById("graph");
const moved = shape("g");
const drawing = shape(
  "svg",
  { role: "group", "aria-label": "Graph of the network", tabindex: 0 },
  shape(
    "defs",
    {},
    shape(
      "marker",
      { id: "tip", viewBox: "0 0 8 8", refX: 7, refY: 4, markerWidth: 7, markerHeight: 7, orient: "auto" },
      shape("path", { d: "M0 0L8 4L0 8z", fill: "var(--aside)" }),
    ),
  ),
  moved,
);
place.append(drawing);

let size = { width: 1, height: 1, nodes: [] };
let view = { x: 0, y: 0, scale: 1 };
let nodes = new Map();
/** What chose the view, `fit` or `begin`; null once the graph was moved or opened by hand. */
let viewedBy = null;

function set(next, by = null) {
  view = next;
  viewedBy = by;
  moved.setAttribute("transform", `translate(${view.x} ${view.y}) scale(${view.scale})`);
}

/** The whole graph in the middle. */
function fit(by = fit) {
  const box = place.getBoundingClientRect();
  const scale = Math.min(1.25, box.width / size.width, box.height / size.height);
  set({ x: (box.width - size.width * scale) / 2, y: (box.height - size.height * scale) / 2, scale }, by);
}

/** The beginning of the graph, in letters that can be read. */
function begin() {
  const box = place.getBoundingClientRect();
  const whole = Math.min(box.width / size.width, box.height / size.height);
  if (whole >= 0.6) {
    fit(begin);
    return;
  }
  const scale = Math.max(
    Math.min(1, box[state.across ? "height" : "width"] / size[state.across ? "height" : "width"]),
    0.6,
  );
  const x = state.across ? 4 : (box.width - size.width * scale) / 2;
  const y = state.across ? (box.height - size.height * scale) / 2 : 4;
  set({ x, y, scale }, begin);
}

function zoom(factor, x = place.clientWidth / 2, y = place.clientHeight / 2) {
  const scale = Math.min(4, Math.max(0.02, view.scale * factor));
  const by = scale / view.scale;
  set({ x: x - (x - view.x) * by, y: y - (y - view.y) * by, scale });
}

function label(item) {
  const out = last(item);
  const found = [item.name, item.text, out ? `puts out ${out.shape}` : ""];
  for (const at of Object.values(state.shown)) {
    const value = figure(item, at);
    found.push(`${net.quantities[at].words} ${net.quantities[at].bytes ? bytes(value) : digits(value)}`);
  }
  return found.filter((part) => part).join(", ");
}

/** Where the titles of opened items stand: beside one another where they would touch. */
let titles = [];

function titleAt(text, x, y) {
  const made = { x, y, width: width(text, true) };
  for (let other = true; other;) {
    other = titles.find(
      (each) =>
        Math.abs(each.y - made.y) < 14 &&
        made.x < each.x + each.width + 8 &&
        each.x < made.x + made.width + 8,
    );
    if (other) {
      made.x = other.x + other.width + 9;
    }
  }
  titles.push(made);
  return made;
}

function redraw() {
  titles = [];
  const found = layout(visible());
  size = found;
  nodes = new Map();
  const clusters = shape("g");
  const lines = shape("g", { "aria-hidden": "true" });
  const boxes = shape("g");
  const outer = found.nodes.filter((node) => node.opened).sort((one, two) => one.item.level - two.item.level);
  for (const node of outer) {
    clusters.append(drawNode(node));
  }
  for (const edge of found.edges) {
    lines.append(
      shape(
        "g",
        { class: "edge" },
        shape("path", { d: edge.path, "marker-end": "url(#tip)" }),
        shape("text", { x: edge.x + 2, y: edge.y + 4, "text-anchor": "middle" }, edge.label),
      ),
    );
  }
  for (const node of found.nodes) {
    if (!node.opened) {
      boxes.append(drawNode(node));
    }
  }
  moved.replaceChildren(clusters, lines, boxes);
  document.getElementById("more").disabled = opening() === null;
  document.getElementById("less").disabled = state.opened.size === 0;
}

/** Leave what somebody looks at where it was: the item that is marked, or the one nearest to the middle. */
function hold(before) {
  const now = new Map(size.nodes.map((node) => [node.item.id, node]));
  const top = (node) => ({ x: node.x, y: node.y - node.height / 2 });
  const marked = state.marked === null ? null : drawn(net.items.get(state.marked)).id;
  const apart = (node) =>
    node.item.id === marked
      ? -1
      : Math.hypot(
          view.x + top(node).x * view.scale - place.clientWidth / 2,
          view.y + top(node).y * view.scale - place.clientHeight / 2,
        );
  const kept = before.filter((node) => now.has(node.item.id)).sort((one, two) => apart(one) - apart(two));
  if (kept.length) {
    const [was, is] = [top(kept[0]), top(now.get(kept[0].item.id))];
    set({
      ...view,
      x: view.x + (was.x - is.x) * view.scale,
      y: view.y + (was.y - is.y) * view.scale,
    });
  }
}

function drawNode(node) {
  const { item, opened } = node;
  const left = node.x - node.width / 2;
  const above = node.y - node.height / 2;
  const group = shape("g", {
    class: `item ${opened ? "opened" : item.kind}`,
    tabindex: 0,
    role: "button",
    "aria-label": label(item),
    "aria-expanded": item.members ? String(Boolean(opened)) : null,
    "data-item": item.id,
  });
  group.append(shape("rect", { x: left, y: above, width: node.width, height: node.height, rx: 4 }));
  if (opened) {
    const text = `− ${item.name.length > 40 ? `${item.name.slice(0, 39)}…` : item.name}`;
    const { x, y } = titleAt(text, left + 2, above - 4);
    group.append(shape("text", { x, y, class: "name" }, text));
  } else {
    node.lines.forEach((line, at) => {
      const folded = at === 0 && item.members ? `+ ${line}` : line;
      group.append(
        shape(
          "text",
          { x: node.x, y: above + 19 + 15 * at, "text-anchor": "middle", class: at === 0 ? "name" : null },
          folded,
        ),
      );
    });
  }
  nodes.set(item.id, group);
  return group;
}

function mark() {
  for (const [name, ids] of [
    ["marked", state.marked === null ? [] : [state.marked]],
    ["chosen", [...state.selected]],
  ]) {
    const shown = new Set(ids.map((id) => nodes.get(drawn(net.items.get(id)).id)));
    for (const group of nodes.values()) {
      group.classList.toggle(name, shown.has(group));
    }
  }
}

/** Bring an item into sight, where it is out of it. */
function approach(id) {
  const group = nodes.get(drawn(net.items.get(id)).id);
  if (!group) {
    return;
  }
  const box = place.getBoundingClientRect();
  const seen = group.getBoundingClientRect();
  const opened = group.classList.contains("opened");
  // Of an opened item the beginning is enough: it may be larger than all there is room for.
  const high = opened ? 0 : seen.height;
  const [left, right] = opened
    ? [seen.left + seen.width / 2, seen.left + seen.width / 2]
    : [seen.left, seen.right];
  if (left < box.left || right > box.right || seen.top < box.top || seen.top + high > box.bottom) {
    set({
      ...view,
      x: view.x + box.left + box.width / 2 - (seen.left + seen.width / 2),
      y: view.y + box.top + (opened ? 24 : box.height / 2 - high / 2) - seen.top,
    });
  }
}

function toggle(item) {
  const opened = new Set(state.opened);
  if (opened.has(item.id)) {
    opened.delete(item.id);
  } else {
    opened.add(item.id);
  }
  change({ opened });
}

function itemAt(event) {
  const group = event.target.closest?.("[data-item]");
  return group ? net.items.get(group.dataset.item) : null;
}

/** Open or fold an item, and choose it; beside others it is chosen alone. */
function activate(item, beside) {
  if (item.members && !beside) {
    toggle(item);
    nodes.get(item.id)?.focus();
  }
  if (item.layers.length) {
    choose(item, state.quantity, beside);
  }
}

let held = null;
/** Fingers on the graph: one scrolls the page up and down and moves the graph aside, two move and scale it. */
const fingers = new Map();

function between() {
  const [one, two] = [...fingers.values()];
  const box = place.getBoundingClientRect();
  return {
    x: (one.x + two.x) / 2 - box.left,
    y: (one.y + two.y) / 2 - box.top,
    apart: Math.max(1, Math.hypot(one.x - two.x, one.y - two.y)),
  };
}

function pinch(event) {
  const before = between();
  fingers.set(event.pointerId, { x: event.clientX, y: event.clientY });
  const now = between();
  set({ ...view, x: view.x + now.x - before.x, y: view.y + now.y - before.y });
  zoom(now.apart / before.apart, now.x, now.y);
}

drawing.addEventListener("pointerdown", (event) => {
  fingers.set(event.pointerId, { x: event.clientX, y: event.clientY });
  held = fingers.size > 1 ? null : { x: event.clientX, y: event.clientY, view, moved: false };
});
drawing.addEventListener("pointermove", (event) => {
  if (fingers.size === 2 && fingers.has(event.pointerId)) {
    pinch(event);
  }
  if (held === null) {
    return;
  }
  const x = event.clientX - held.x;
  const y = event.clientY - held.y;
  const touch = event.pointerType === "touch";
  if (touch && !held.moved && Math.abs(y) > Math.abs(x)) {
    held = Math.abs(y) > 4 ? null : held;
    return;
  }
  if (held.moved || Math.hypot(x, y) > 4) {
    if (!held.moved) {
      drawing.setPointerCapture(event.pointerId);
    }
    held.moved = true;
    drawing.classList.add("moving");
    set({ ...held.view, x: held.view.x + x, y: held.view.y + (touch ? 0 : y) });
  }
});
for (const name of ["pointerup", "pointercancel"]) {
  drawing.addEventListener(name, (event) => {
    fingers.delete(event.pointerId);
    const item = held && !held.moved && name === "pointerup" ? itemAt(event) : null;
    held = null;
    drawing.classList.remove("moving");
    if (item) {
      activate(item, isBeside(event));
    }
  });
}
drawing.addEventListener(
  "wheel",
  (event) => {
    if (!event.ctrlKey && !event.metaKey) {
      return;
    }
    event.preventDefault();
    const box = place.getBoundingClientRect();
    zoom(Math.exp(-event.deltaY / 200), event.clientX - box.left, event.clientY - box.top);
  },
  { passive: false },
);
drawing.addEventListener("pointerover", (event) => {
  change({ marked: itemAt(event)?.id ?? null });
});
drawing.addEventListener("pointerleave", (event) => {
  fingers.delete(event.pointerId);
  change({ marked: null });
});
drawing.addEventListener("focusin", (event) => change({ marked: itemAt(event)?.id ?? null }));
drawing.addEventListener("keydown", (event) => {
  const item = itemAt(event);
  const step = 60;
  const moves = { ArrowLeft: [step, 0], ArrowRight: [-step, 0], ArrowUp: [0, step], ArrowDown: [0, -step] };
  if (item && (event.key === "Enter" || event.key === " ")) {
    activate(item, isBeside(event));
  } else if (event.key === "+" || event.key === "=") {
    zoom(1.25);
  } else if (event.key === "-") {
    zoom(0.8);
  } else if (event.key === "0") {
    fit();
  } else if (event.key in moves) {
    const [x, y] = moves[event.key];
    set({ ...view, x: view.x + x, y: view.y + y });
  } else {
    return;
  }
  event.preventDefault();
});

document.getElementById("in").addEventListener("click", () => zoom(1.25));
document.getElementById("out").addEventListener("click", () => zoom(0.8));
document.getElementById("fit").addEventListener("click", () => fit());
document
  .getElementById("more")
  .addEventListener("click", () => change({ opened: opening() ?? state.opened }));
document.getElementById("less").addEventListener("click", () => change({ opened: folding() }));
document.getElementById("turn").addEventListener("click", (event) => {
  change({ across: !state.across });
  event.target.setAttribute("aria-pressed", String(state.across));
  begin();
});
watch((names) => {
  if (names.has("opened") || names.has("across")) {
    const [before, by] = [size.nodes, viewedBy];
    redraw();
    mark();
    if (by && state.marked === null) {
      by();
    } else {
      hold(before);
    }
  }
  if (names.has("marked") || names.has("selected")) {
    mark();
  }
  if (names.has("chosen") && state.chosen !== null) {
    approach(state.chosen);
  }
});

/** Draw the graph of a network; at first from its beginning, then from where it was looked at. */
export function drawGraph(first) {
  redraw();
  mark();
  drawLegend();
  if (first) {
    begin();
  }
}

onPaper(place, moved, () => size);

/** A frame may get its size, or another one, when the graph is drawn already; on paper it has none. */
new ResizeObserver(() => {
  if (viewedBy && place.clientWidth && !place.querySelector(".sheets")) {
    viewedBy();
  }
}).observe(place);
