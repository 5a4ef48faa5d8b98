import { shape } from "./words.js";
import { state } from "./store.js";

/** The graph on paper: in columns beside one another where it is long, or in rows where it goes from left to right. */

/** Room on a sheet, and between columns. */
const SHEET = { along: 760, beside: 680 };
const BETWEEN = 24;
const MOST = 8;
/** Larger than on the screen nothing is drawn. */
const LARGEST = 1;

/** How many parts make the drawing largest, and how large it is then. */
function parting(long, wide) {
  let best = { count: 1, scale: 0 };
  const sheet = state.across ? [SHEET.beside, SHEET.along] : [SHEET.along, SHEET.beside];
  for (let count = 1; count <= MOST; count += 1) {
    const room = (sheet[1] - BETWEEN * (count - 1)) / count;
    const scale = Math.min(LARGEST, room / wide, (sheet[0] * count) / long);
    if (scale > best.scale * 1.02) {
      best = { count, scale };
    }
  }
  return best;
}

/** Where a drawing is cut: near equal parts, and through no box where that can be. */
function cuts(boxes, long, count) {
  const found = [0];
  const margin = 6;
  for (let part = 1; part < count; part += 1) {
    const middle = (long * part) / count;
    const reach = long / count / 4;
    const places = [middle];
    for (let step = 2; step < reach; step += 2) {
      places.push(middle - step, middle + step);
    }
    const cut = (at) => boxes.filter(([low, high]) => low - margin < at && at < high + margin).length;
    const least = Math.min(...places.map(cut));
    found.push(places.find((at) => cut(at) === least));
  }
  return [...found, long];
}

/** Show a drawing in parts while the page is printed. */
export function onPaper(place, drawing, sizeOf) {
  const paper = document.createElement("div");
  paper.className = "sheets";
  paper.setAttribute("aria-hidden", "true");
  window.addEventListener("beforeprint", () => {
    const { width, height, nodes } = sizeOf();
    const [long, wide] = state.across ? [width, height] : [height, width];
    const boxes = nodes
      .filter((node) => !node.opened)
      .map((node) => {
        const [middle, half] = state.across ? [node.x, node.width / 2] : [node.y, node.height / 2];
        return [middle - half, middle + half];
      });
    const { count, scale } = parting(long, wide);
    const ends = cuts(boxes, long, count);
    const sheets = ends.slice(1).map((end, at) => {
      const start = ends[at];
      const box = state.across ? [start, 0, end - start, wide] : [0, start, wide, end - start];
      const whole = drawing.cloneNode(true);
      whole.removeAttribute("transform");
      return shape("svg", { viewBox: box.join(" "), width: box[2] * scale, height: box[3] * scale }, whole);
    });
    paper.classList.toggle("across", state.across);
    paper.replaceChildren(...sheets);
    place.append(paper);
  });
  window.addEventListener("afterprint", () => paper.remove());
}
