/** The network of the page: layers, and the items in which they stand. */

const record = JSON.parse(document.getElementById("data").textContent);

export const network = record;
export const layers = record.layers;
export const quantities = record.quantities;

/** Every item by its name: `i0` … are boxes and groups, `l0` … layers within a box. */
export const items = new Map();

/** The item of each layer. */
export const boxOf = new Array(layers.length);

export const top = { id: "", name: "", text: "", members: [], layers: [], parent: null, level: -1 };

function add(member, parent) {
  const item = {
    id: `i${items.size}`,
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
  items.set(item.id, item);
  if (member.members) {
    item.members = member.members.map((inside) => add(inside, item));
    item.layers = item.members.flatMap((inside) => inside.layers);
    if (!item.name) {
      item.name = item.text;
      item.text = "";
    }
    return item;
  }
  for (const at of item.layers) {
    boxOf[at] = item;
  }
  return item;
}

top.members = record.members.map((member) => add(member, top));
top.layers = layers.map((_, at) => at);

for (const [at, layer] of layers.entries()) {
  const box = boxOf[at];
  if (box === undefined) {
    continue;
  }
  const alone = box.layers.length === 1;
  layer.item = alone
    ? box
    : {
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
  items.set(layer.item.id, layer.item);
}

/** The ends of the network's outputs: each reads a tensor, and stands for no layer. */
export const ends = [...items.values()].filter((item) => item.reads !== null);

/** What an item opens into, in the table: its members, or the layers of a box of several. */
export function parts(item) {
  if (item.members) {
    return item.members;
  }
  return item.layers.length > 1 ? item.layers.map((at) => layers[at].item) : [];
}

/** The figure of an item: the sum over its layers; of what is no sum that of the last. */
export function figure(item, quantity) {
  if (item === top) {
    return network.totals[quantity];
  }
  if (!quantities[quantity].summed) {
    return item.layers.length ? layers[item.layers.at(-1)].figures[quantity] : null;
  }
  let sum = 0;
  for (const at of item.layers) {
    const value = layers[at].figures[quantity];
    if (value === null) {
      return null;
    }
    sum += value;
  }
  return sum;
}

/** The layer whose tensor leaves an item. */
export function last(item) {
  return item.layers.length ? layers[item.layers.at(-1)] : null;
}
