import { net } from "./network.js";
import { change, choose, chooseAll, COLUMNS, reveal, state, watch } from "./store.js";

/**
 * The part of the page's address behind #: the names of the layers that are chosen, and the columns of the table
 * where they are others than at first, so that a link shows them: `#conv4_3,conv5_1&columns=output,macs`.
 */

function nameOf(item) {
  return item.layers.length === 1 ? net.layers[item.layers[0]].name : item.name;
}

function itemOf(name) {
  return (
    net.layers.find((layer) => layer.name === name)?.item ??
    [...net.items.values()].find((each) => each.name === name && each.layers.length)
  );
}

function follow() {
  let names;
  let columns;
  try {
    const [first, ...rest] = window.location.hash.slice(1).split("&");
    names = first.split(",").map(decodeURIComponent);
    columns = rest.find((part) => part.startsWith("columns="))?.slice(8);
    columns = columns === undefined ? null : columns.split(",").map(decodeURIComponent);
  } catch {
    return;
  }
  if (columns !== null) {
    const known = new Set([...COLUMNS, ...net.quantities.map((quantity) => quantity.name)]);
    change({ columns: columns.filter((key) => known.has(key)) });
  }
  const items = [...new Set(names.map(itemOf))].filter((item) => item?.layers.length);
  if (!items.length || written(items.map(nameOf)) === chosen()) {
    return;
  }
  items.forEach(reveal);
  if (items.length > 1) {
    chooseAll(items);
  } else {
    choose(items[0], state.quantity, false);
  }
}

function written(names) {
  return names.map(encodeURIComponent).join(",");
}

function chosen() {
  return written([...state.selected].map((id) => nameOf(net.items.get(id))));
}

/** What the address says of the columns; nothing where they are those of every page. */
function columnsWritten() {
  return state.columns.join() === COLUMNS.join() ? "" : `&columns=${written(state.columns)}`;
}

/** Choose what the address names, now and whenever it changes, and write there what is chosen. */
export function followAddress() {
  follow();
  window.addEventListener("hashchange", follow);
  watch((names) => {
    if (!names.has("selected") && !names.has("columns")) {
      return;
    }
    const words = `${chosen()}${columnsWritten()}`;
    try {
      window.history.replaceState(null, "", window.location.href.split("#")[0] + (words ? `#${words}` : ""));
    } catch {
      // A page in a frame has no address of its own.
    }
  });
}
