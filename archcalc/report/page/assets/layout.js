import { net } from "./network.js";
import { drawn, state } from "./store.js";

/** Where the items of the graph stand: laid out by dagre. */

const HIGH = 15;
const LABEL = 12;
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

/** How far from the corner of a box a line meets it. */
const CORNER = 9;

/** Where a line meets a box: below it or above, as near to its next point as may be. Sides are exchanged where
 * the graph goes from left to right. */
function meeting(node, toward, end) {
  const [along, beside, long, wide] = state.across
    ? ["x", "y", "width", "height"]
    : ["y", "x", "height", "width"];
  const room = Math.max(0, node[wide] / 2 - CORNER);
  return {
    [along]: node[along] + (end * node[long]) / 2,
    [beside]: node[beside] + Math.min(room, Math.max(-room, toward[beside] - node[beside])),
  };
}

/** A line through all points of an edge, which leaves a box straight and comes to one straight. */
function curve(edge, from, to) {
  const inner = edge.points.slice(1, -1);
  const axis = state.across ? "x" : "y";
  // Beside its label a line is straight.
  const beside = inner.flatMap((point) =>
    Math.abs(point[axis] - edge[axis]) < 1
      ? [-LABEL / 2, LABEL / 2].map((by) => ({ ...point, [axis]: point[axis] + (state.across ? 0 : by) }))
      : [point],
  );
  const points = [meeting(from, inner[0] ?? to, 1), ...beside, meeting(to, inner.at(-1) ?? from, -1)];
  const parts = points.slice(1).map((point, at) => {
    const before = points[at];
    const half = state.across ? (before.x + point.x) / 2 : (before.y + point.y) / 2;
    return state.across
      ? `C${half} ${before.y} ${half} ${point.y} ${point.x} ${point.y}`
      : `C${before.x} ${half} ${point.x} ${half} ${point.x} ${point.y}`;
  });
  return `M${points[0].x} ${points[0].y}${parts.join("")}`;
}

/** Lay out some items. Gives the items with place and size, the edges with their lines, and the size. */
export function layout(shown) {
  const graph = new dagre.graphlib.Graph({ compound: true, multigraph: true });
  graph.setGraph({
    rankdir: state.across ? "LR" : "TB",
    nodesep: 18,
    ranksep: 30,
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
      { ...edge, label, width: label.length * 6 + 4, height: LABEL, labelpos: "r", labeloffset: 4 },
      String(edge.tensor),
    );
  }
  dagre.layout(graph);
  return {
    nodes: graph.nodes().map((id) => graph.node(id)),
    edges: graph.edges().map((name) => {
      const edge = graph.edge(name);
      return { ...edge, path: curve(edge, graph.node(name.v), graph.node(name.w)) };
    }),
    width: graph.graph().width,
    height: graph.graph().height,
  };
}
