import { net } from "./network.js";

/** What somebody has chosen on the page, and who is to know. */

/** Boxes that are drawn at first, at most, and that can be drawn at all. */
const FEW = 40;
/** The quantity of each column at first. */
const USUAL = { parameters: "params", operations: "macs", memory: "memory" };
export const MOST = 600;

const readers = new Set();

/** The columns of the table at first, besides the layer's name. */
export const COLUMNS = ["what", "output", "parameters", "operations", "memory", "field"];

/**
 * chosen    the item that was chosen last
 * selected  what is chosen together; of one item it is that alone
 * several   each click adds to what is selected, or takes away
 * columns   what the table shows: of COLUMNS, and names of further quantities
 */
export const state = {
  opened: new Set(),
  chosen: null,
  selected: new Set(),
  several: false,
  columns: [...COLUMNS],
  quantity: null,
  marked: null,
  sort: null,
  search: "",
  across: false,
  shown: {},
  shownNames: {},
  names: new Map(),
  layer: null,
  unit: null,
};

/** Call a function with the names of what has changed. */
export function watch(reader) {
  readers.add(reader);
}

/** Change what is chosen. */
export function change(changes) {
  const names = new Set(Object.keys(changes));
  Object.assign(state, changes);
  for (const [kind, at] of Object.entries(changes.shown ?? {})) {
    state.shownNames[kind] = net.quantities[at].name;
  }
  for (const reader of readers) {
    reader(names);
  }
}

/** The items that are drawn, with those that are opened. */
export function visible(opened = state.opened) {
  const found = [];
  const walk = (item) => {
    found.push(item);
    if (item.members && opened.has(item.id)) {
      item.members.forEach(walk);
    }
  };
  net.top.members.forEach(walk);
  return found;
}

/** The groups of one level more than are opened now; none where there would be too many boxes. */
export function opening(most = MOST) {
  const opened = new Set(state.opened);
  for (const item of visible()) {
    if (item.members) {
      opened.add(item.id);
    }
  }
  return visible(opened).length <= most && opened.size > state.opened.size ? opened : null;
}

/** The groups that stay open where the deepest level is folded. */
export function folding() {
  const deepest = Math.max(-1, ...[...state.opened].map((id) => net.items.get(id).level));
  return new Set([...state.opened].filter((id) => net.items.get(id).level < deepest));
}

/** The drawn item that an item stands in, or is. */
export function drawn(item) {
  let at = item;
  let found = item;
  while (at.parent !== null) {
    if (at.parent !== net.top && !(at.parent.members && state.opened.has(at.parent.id))) {
      found = at.parent;
    }
    at = at.parent;
  }
  return found;
}

/** Open whatever an item stands in. */
export function reveal(item) {
  const opened = new Set(state.opened);
  for (let at = item.parent; at !== null && at !== net.top; at = at.parent) {
    opened.add(at.id);
  }
  if (opened.size !== state.opened.size) {
    change({ opened });
  }
}

/** What is selected together, as an item: each layer once, in the order of the text; null of one item alone. */
export function selection() {
  if (state.selected.size < 2) {
    return null;
  }
  const layers = new Set([...state.selected].flatMap((id) => net.items.get(id).layers));
  return {
    name: `sum of ${state.selected.size} rows`,
    layers: [...layers].sort((one, other) => one - other),
    members: null,
    reads: null,
  };
}

/** Choose an item beside those that are chosen; one that is chosen already no longer is. */
function along(item) {
  const selected = new Set(state.selected);
  if (!selected.delete(item.id)) {
    selected.add(item.id);
  }
  change({ chosen: [...selected].at(-1) ?? null, selected });
}

/** Whether a click or a key chooses beside what is chosen. */
export function isBeside(event) {
  return state.several || event.ctrlKey || event.metaKey || event.shiftKey;
}

/** Choose several items. */
export function chooseAll(items) {
  change({ chosen: items.at(-1).id, selected: new Set(items.map((item) => item.id)) });
}

/** Choose an item and a quantity; its last layer with positions is the one whose field is shown. */
export function choose(item, quantity = state.quantity, beside = state.several) {
  if (beside) {
    along(item);
    return;
  }
  const mapped = [...item.layers].reverse().find((at) => net.layers[at].sizes.length > 0);
  const changes = { chosen: item.id, selected: new Set([item.id]), quantity };
  if (mapped !== undefined && mapped !== state.layer) {
    changes.layer = mapped;
    changes.unit = middle(mapped);
  }
  change(changes);
}

/** The unit in the middle of a map. */
export function middle(layer) {
  return net.layers[layer].sizes.map((size) => Math.floor(size / 2));
}

/** The quantities of a kind. */
export function ofKind(kind) {
  return net.quantities.map((_, at) => at).filter((at) => net.quantities[at].kind === kind);
}

/** What is chosen at first, of a network that was put in the place of another: what there was of it stays. */
export function begin() {
  const names = new Set([...state.opened].map((id) => state.names.get(id)));
  const known = [...net.items.values()].filter((item) => item.members && names.has(path(item)));
  state.opened = new Set(known.map((item) => item.id));
  if (!state.opened.size) {
    for (let more = opening(FEW); more !== null; more = opening(FEW)) {
      state.opened = more;
    }
  }
  const chosen = state.chosen === null ? null : state.names.get(state.chosen);
  state.chosen = [...net.items.values()].find((item) => path(item) === chosen)?.id ?? null;
  state.selected = new Set(state.chosen === null ? [] : [state.chosen]);
  state.names = new Map([...net.items.values()].map((item) => [item.id, path(item)]));
  state.marked = null;
  for (const [kind, usual] of Object.entries(USUAL)) {
    const now = state.shownNames[kind] ?? usual;
    state.shown[kind] = net.quantities.findIndex((quantity) => quantity.name === now);
  }
  if (typeof state.quantity !== "string") {
    state.quantity = state.shown.parameters;
  }
  const mapped = (layer, at) => at >= net.record.inputs && layer.sizes.some((size) => size > 1);
  const least = Math.min(...net.layers.slice(0, net.record.inputs).flatMap((layer) => layer.sizes));
  const partial = (layer, at) => mapped(layer, at) && layer.field !== "all" && 2 * widest(layer) <= least;
  const most = Math.max(...net.layers.filter(partial).map(widest));
  const found = net.layers.findLastIndex((layer, at) => partial(layer, at) && widest(layer) === most);
  state.layer = found >= 0 ? found : net.layers.findLastIndex(mapped);
  state.unit = state.layer >= 0 ? middle(state.layer) : null;
}

/** The longest side of a layer's field; a sign behind it says how it was come by. */
function widest(layer) {
  return Math.max(...layer.field.split("x").map((side) => Number.parseFloat(side)));
}

/** The names of all that an item stands in, and its own. */
function path(item) {
  return item.parent === null ? "" : `${path(item.parent)}/${item.name}`;
}
