/** Members of an item that stand side by side, at most: longer rows are cut into parts of so many. */
const MOST = 120;
const PART = 40;

/** The network of the page: layers, and the items in which they stand. `show` puts another in its place. */

/**
 * record      what the page was given
 * layers      inputs and layers, in the order of the text
 * quantities  what has a figure for each of them
 * items       every item by its name: `i0` … are boxes and groups, `l0` … layers within a box
 * top         the item around all others
 * ends        the ends of the network's outputs: each reads a tensor, and stands for no layer
 * boxOf       the item of each layer
 */
export const net = {
  record: null,
  layers: [],
  quantities: [],
  items: new Map(),
  top: null,
  ends: [],
  boxOf: [],
};

/** Figures that are text become whole numbers of any size: those of a record have one kind. */
function revive(record) {
  const whole = (value) => (value === null ? null : BigInt(value));
  for (const layer of record.layers) {
    layer.figures = layer.figures.map(whole);
  }
  record.totals = record.totals.map(whole);
  const { peak, at, alive, live } = record.memory;
  record.memory = {
    peak: whole(peak),
    at,
    alive: alive.map(([layer, size]) => [layer, whole(size)]),
    live: live.map(whole),
  };
}

/** Take a record in the place of the one before. */
export function show(record) {
  if (record.large) {
    revive(record);
  }
  const top = { id: "", name: "", text: "", members: [], layers: [], parent: null, level: -1, reads: null };
  Object.assign(net, {
    record,
    layers: record.layers,
    quantities: record.quantities,
    items: new Map(),
    boxOf: new Array(record.layers.length),
    top,
  });
  top.members = inParts(record.members).map((member) => add(member, top));
  top.layers = record.layers.map((_, at) => at);
  net.ends = [...net.items.values()].filter((item) => item.reads !== null);
  for (const [at, layer] of record.layers.entries()) {
    const box = net.boxOf[at];
    if (box !== undefined) {
      layer.item = box.layers.length === 1 ? box : inside(box, layer, at);
      net.items.set(layer.item.id, layer.item);
    }
  }
}

/** Members, where they are too many, in parts that can be folded: nobody draws or reads thousands in a row. Inputs
 * before them, and ends of outputs behind them, stand alone. */
function inParts(members) {
  if (members.length <= MOST) {
    return members;
  }
  const whole = (member) => member.members || (member.layers.length && member.kind !== "input");
  const start = members.findIndex(whole);
  const end = members.findLastIndex(whole) + 1;
  const found = [];
  for (let at = start; at < end; at += PART) {
    const part = members.slice(at, Math.min(at + PART, end));
    const first = part[0].first ?? nameOf(part[0]);
    const last = part.at(-1).last ?? nameOf(part.at(-1));
    found.push({ name: `${first} … ${last}`, text: "", members: part, first, last });
  }
  const shorter = [...members.slice(0, start), ...found, ...members.slice(end)];
  return shorter.length < members.length ? inParts(shorter) : members;
}

function nameOf(member) {
  return member.name || member.text || member.lines[0];
}

function add(member, parent) {
  const item = {
    id: `i${net.items.size}`,
    parent,
    level: parent.level + 1,
    kind: member.kind ?? "block",
    members: null,
    layers: member.layers ?? [],
    name: member.name ?? member.lines[0],
    text: member.text ?? member.lines.slice(1).join(" "),
    lines: member.lines ?? [],
    reads: member.reads ?? null,
  };
  net.items.set(item.id, item);
  if (member.members) {
    item.members = inParts(member.members).map((part) => add(part, item));
    item.layers = item.members.flatMap((part) => part.layers);
    if (!item.name) {
      item.name = item.text;
      item.text = "";
    }
    return item;
  }
  for (const at of item.layers) {
    net.boxOf[at] = item;
  }
  return item;
}

/** A layer of a box of several. */
function inside(box, layer, at) {
  return {
    id: `l${at}`,
    parent: box,
    level: box.level + 1,
    kind: box.kind,
    members: null,
    layers: [at],
    name: layer.name,
    text: layer.text,
    lines: [layer.name],
    reads: null,
  };
}

/** What an item opens into, in the table: its members, or the layers of a box of several. */
export function parts(item) {
  if (item.members) {
    return item.members;
  }
  return item.layers.length > 1 ? item.layers.map((at) => net.layers[at].item) : [];
}

/** The figure of an item: the sum over its layers, of what those of a quantity add up; else that of the last. */
export function figure(item, quantity) {
  if (item === net.top) {
    return net.record.totals[quantity];
  }
  if (item.layers.length > 1 && net.quantities[quantity].over !== quantity) {
    return figure(item, net.quantities[quantity].over);
  }
  if (!net.quantities[quantity].summed) {
    return item.layers.length ? net.layers[item.layers.at(-1)].figures[quantity] : null;
  }
  let sum = net.record.large ? 0n : 0;
  for (const at of item.layers) {
    const value = net.layers[at].figures[quantity];
    if (value === null) {
      return null;
    }
    sum += value;
  }
  return sum;
}

/** Before a total: that it is no more than a part of the whole, where a layer has no rule. */
export function least(quantity) {
  const { over } = net.quantities[quantity];
  const unknown = net.layers.some((layer) => layer.figures[over] === null);
  return unknown && net.record.totals[quantity] !== null ? "≥ " : "";
}

/** The layer whose tensor leaves an item. */
export function last(item) {
  return item.layers.length ? net.layers[item.layers.at(-1)] : null;
}
