import { net } from "./network.js";
import { choose, reveal, state, watch } from "./store.js";

/** The part of the page's address behind #: the name of the layer that is chosen, so that a link points at it. */

function nameOf(item) {
  return item.layers.length === 1 ? net.layers[item.layers[0]].name : item.name;
}

function follow() {
  let name;
  try {
    name = decodeURIComponent(window.location.hash.slice(1));
  } catch {
    return;
  }
  if (!name) {
    return;
  }
  const item =
    net.layers.find((layer) => layer.name === name)?.item ??
    [...net.items.values()].find((each) => each.name === name);
  if (item && item.layers.length && item.id !== state.chosen) {
    reveal(item);
    choose(item);
  }
}

/** Choose the layer that the address names, now and whenever it changes, and write there what is chosen. */
export function followAddress() {
  follow();
  window.addEventListener("hashchange", follow);
  watch((names) => {
    if (!names.has("chosen")) {
      return;
    }
    const name = state.chosen === null ? "" : `#${encodeURIComponent(nameOf(net.items.get(state.chosen)))}`;
    try {
      window.history.replaceState(null, "", `${window.location.href.split("#")[0]}${name}`);
    } catch {
      // A page in a frame has no address of its own.
    }
  });
}
