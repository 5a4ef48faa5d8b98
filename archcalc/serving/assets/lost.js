import { element } from "./words.js";
import { address } from "./links.js";

/** A server that no longer answers: what a page says of it, and the way on. */

/** Nobody answers at the address of this page, or somebody who does not know it. */
export class LostError extends Error {}

/** What there is to say, with a field for the address of the next server; what is typed goes along. */
export function lostItem(error) {
  const field = element("input", { type: "url", id: "elsewhere", placeholder: "http://127.0.0.1:…" });
  const form = element(
    "form",
    { id: "move" },
    element("label", {}, "Address that it prints ", field),
    element("button", {}, "Go there with this spec"),
  );
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const place = local(field.value);
    if (place === null) {
      field.setCustomValidity("It begins with http://127.0.0.1:");
      field.reportValidity();
      field.setCustomValidity("");
    } else {
      window.location.assign(address(place));
    }
  });
  return element("li", { class: "bad" }, element("span", { id: "lost" }, error.message), form);
}

/** An address of a server on this machine, without what stands behind #; null of all else. */
function local(text) {
  try {
    const found = new URL(text.trim());
    const here = found.protocol === "http:" && ["127.0.0.1", "localhost"].includes(found.hostname);
    return here ? found.href.split("#")[0] : null;
  } catch {
    return null;
  }
}
