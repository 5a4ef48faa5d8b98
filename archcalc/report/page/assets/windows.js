import { net } from "./network.js";

/** What a unit sees of every tensor before it: the windows that the page was given, followed backwards. */

function at([offsets, step], position) {
  const period = offsets.length;
  const turn = Math.floor(position / period);
  return offsets[position - turn * period] + step * turn;
}

/**
 * The first and last position, an axis, that a unit of a layer sees of each tensor before it, by the
 * number of that; null where a layer on the way cannot be followed. Beyond a tensor a window goes on.
 */
export function windowsOf(layer, unit) {
  const needs = new Map([[layer, unit.map((position) => [position, position])]]);
  const whole = new Set();
  for (let reader = layer; reader >= net.record.inputs; reader -= 1) {
    const need = needs.get(reader);
    if (need === undefined) {
      continue;
    }
    const reads = net.layers[reader].reads;
    if (reads === null) {
      return null;
    }
    for (const [source, window] of reads) {
      const sizes = net.layers[source].sizes;
      if (sizes.length && (whole.has(reader) || window === null)) {
        whole.add(source);
      }
      if (whole.has(source) || !sizes.length) {
        needs.set(
          source,
          sizes.map((size) => [0, size - 1]),
        );
        continue;
      }
      const known = needs.get(source);
      needs.set(
        source,
        net.record.windows[window].map(([along, first, last], axis) => {
          const [low, high] = along === null ? [0, 0] : need[along];
          const end = at(last, high);
          const start = Math.min(at(first, low), end);
          return known ? [Math.min(start, known[axis][0]), Math.max(end, known[axis][1])] : [start, end];
        }),
      );
    }
  }
  return needs;
}
