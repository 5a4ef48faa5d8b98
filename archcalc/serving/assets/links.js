/** Addresses that hold a spec, and what a tab keeps of what is typed. */

/** What an editor holds: the text, values that somebody has set by the names of parameters, and of a text with
 * several networks the one that is shown. */
export const held = { text: "", given: {}, net: null };

/** A text in the part of an address that no server gets. */
function packed(text) {
  const bytes = new TextEncoder().encode(text);
  const letters = Array.from(bytes, (byte) => String.fromCharCode(byte)).join("");
  return btoa(letters).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

function unpacked(letters) {
  const bytes = Uint8Array.from(atob(letters.replaceAll("-", "+").replaceAll("_", "/")), (sign) =>
    sign.charCodeAt(0),
  );
  return new TextDecoder().decode(bytes);
}

/** The address of a page that begins with what is held here. */
export function address(page = window.location.href.split("#")[0]) {
  const { text, given, net } = held;
  const set =
    net === null && !Object.keys(given).length ? "" : `&set=${packed(JSON.stringify({ given, net }))}`;
  return `${page}#spec=${packed(text)}${set}`;
}

/** Have the address of this page hold what is typed. */
export function follow() {
  const before = key();
  try {
    window.history.replaceState(null, "", address());
    if (key() !== before) {
      window.sessionStorage.removeItem(before);
    }
  } catch {
    // The address would be too long, or the browser has had enough changes of it.
  }
  keep();
}

/** Whether the address holds a spec: then it is kept in step with what is typed. */
export function linked() {
  return window.location.hash.startsWith("#spec=");
}

/** What is typed is there again after the page was loaded again, in this tab alone. */
function key() {
  return `archcalc ${window.location.pathname} ${window.location.hash}`;
}

/** Keep what is held until the tab is closed. */
export function keep() {
  try {
    window.sessionStorage.setItem(key(), JSON.stringify(held));
  } catch {
    // The browser keeps nothing, or no more.
  }
}

function kept() {
  try {
    return JSON.parse(window.sessionStorage.getItem(key()));
  } catch {
    return null;
  }
}

/** Hold what the page begins with: what this tab has kept, else what the address holds, else what was given.
 * Gives what is wrong with the address. */
export function begin(data) {
  const before = kept();
  const match = /^#spec=([\w-]*)(?:&set=([\w-]*))?$/.exec(window.location.hash);
  Object.assign(held, { text: data.text, given: data.parameters, net: null });
  if (before !== null) {
    Object.assign(held, before);
    return "";
  }
  if (match) {
    try {
      const text = unpacked(match[1]);
      const set = match[2] ? JSON.parse(unpacked(match[2])) : {};
      Object.assign(held, { text, given: set.given ?? {}, net: set.net ?? null });
      return "";
    } catch {
      return "the link holds no spec that can be read";
    }
  }
  return window.location.hash.startsWith("#spec") ? "the link holds no spec that can be read" : "";
}
