import { net } from "./network.js";
import { drawn, state } from "./store.js";

/** Where the items of the graph stand: laid out by dagre. */

const HIGH = 15;
const MARGIN = 8;
/** Signs on a line of a box, and lines, at most. */
const LONGEST = 34;
const LINES = 3;

const pen = document.createElement("canvas").getContext("2d");

/** How wide a line is in a box. */
export function width(text, bold) {
  pen.font = `${bold ? "600 " : ""}12px system-ui, sans-serif`;
  return pen.measureText(text).width;
}

function cut(text) {
  return text.length > LONGEST ? `${text.slice(0, LONGEST - 1)}…` : text;
}

/** The lines in a closed item. */
export function linesOf(item) {
  const words = item.lines.length ? item.lines : [item.name, item.text];
  const found = words.filter((line) => line).map(cut);
  return found.length > LINES ? [...found.slice(0, LINES - 1), `${found[LINES - 1]} …`] : found;
}

/** The edges between drawn items: a tensor once for each item that reads it. */
function edges() {
  const found = new Map();
  for (const [at, layer] of net.layers.entries()) {
    if (net.boxOf[at] === undefined) {
      continue;
    }
    const target = drawn(net.boxOf[at]);
    for (const source of layer.inputs) {
      if (net.boxOf[source] === undefined) {
        continue;
      }
      const from = drawn(net.boxOf[source]);
      if (from !== target) {
        found.set(`${from.id} ${target.id} ${source}`, { from, to: target, tensor: source });
      }
    }
  }
  for (const end of net.ends) {
    const from = drawn(net.boxOf[end.reads]);
    const to = drawn(end);
    if (from !== to) {
      found.set(end.id, { from, to, tensor: end.reads });
    }
  }
  return [...found.values()];
}

/** Lay out some items. Gives the items with place and size, the edges with their points, and the size. */
export function layout(shown) {
  const graph = new dagre.graphlib.Graph({ compound: true, multigraph: true });
  graph.setGraph({
    rankdir: state.across ? "LR" : "TB",
    nodesep: 18,
    ranksep: 26,
    edgesep: 8,
    marginx: 12,
    marginy: 12,
  });
  for (const item of shown) {
    const opened = item.members && state.opened.has(item.id);
    if (opened) {
      graph.setNode(item.id, { item, opened });
    } else {
      const lines = linesOf(item);
      const wide = Math.max(...lines.map((line, at) => width(line, at === 0))) + (item.members ? 14 : 0);
      graph.setNode(item.id, {
        item,
        opened,
        lines,
        width: Math.max(46, wide + 2 * MARGIN),
        height: lines.length * HIGH + 2 * MARGIN - 2,
      });
    }
  }
  for (const item of shown) {
    if (item.parent && graph.hasNode(item.parent.id)) {
      graph.setParent(item.id, item.parent.id);
    }
  }
  for (const edge of edges()) {
    const label = net.layers[edge.tensor].shape;
    graph.setEdge(
      edge.from.id,
      edge.to.id,
      { ...edge, label, width: label.length * 6 + 4, height: 12, labelpos: "r", labeloffset: 4 },
      String(edge.tensor),
    );
  }
  dagre.layout(graph);
  return {
    nodes: graph.nodes().map((id) => graph.node(id)),
    edges: graph.edges().map((name) => graph.edge(name)),
    width: graph.graph().width,
    height: graph.graph().height,
  };
}
