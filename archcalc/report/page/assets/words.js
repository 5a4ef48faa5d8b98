/** Numbers and elements, as the page writes them. */

/** Units of memory and their sizes, the largest first: those of archcalc's other screens. */
const UNITS = { MiB: 2n ** 20n, KiB: 2n ** 10n, bytes: 1n };

/** A whole number with its digits in groups of three; null is what has no rule. */
export function digits(value) {
  return value === null ? "?" : String(value).replace(/\B(?=(\d{3})+(?!\d))/g, ",");
}

/** Bytes in a unit, rounded as Python rounds a fraction: the half to the even neighbour. */
export function binary(value, unit, places = 2) {
  if (value === null) {
    return "?";
  }
  if (!value) {
    return "0";
  }
  const size = UNITS[unit];
  const shown = size === 1n ? 0 : places;
  const scaled = BigInt(value) * 10n ** BigInt(shown);
  const rest = 2n * (scaled % size);
  let rounded = scaled / size;
  if (rest > size || (rest === size && rounded % 2n === 1n)) {
    rounded += 1n;
  }
  if (rounded === 0n) {
    return `<${(10 ** -shown).toFixed(shown)}`;
  }
  const text = String(rounded).padStart(shown + 1, "0");
  return shown ? `${digits(text.slice(0, -shown))}.${text.slice(-shown)}` : digits(text);
}

/** Bytes in the largest unit of which there is one. */
export function bytes(value) {
  if (value === null) {
    return "?";
  }
  const unit = Object.keys(UNITS).find((name) => value >= UNITS[name]) ?? "bytes";
  return `${binary(value, unit, 1)} ${unit}`;
}

/** A name that may be broken behind its signs. */
export function breakable(name) {
  return name.split(/(?<=[:./_])/).flatMap((part) => [part, element("wbr")]);
}

/** An element with attributes and children; text is text, whatever signs are in it. */
export function element(tag, attributes = {}, ...children) {
  return filled(document.createElement(tag), attributes, children);
}

/** The same of SVG. */
export function shape(tag, attributes = {}, ...children) {
  return filled(document.createElementNS("http://www.w3.org/2000/svg", tag), attributes, children);
}

function filled(made, attributes, children) {
  for (const [name, value] of Object.entries(attributes)) {
    if (value === true) {
      made.setAttribute(name, "");
    } else if (value !== false && value !== null && value !== undefined) {
      made.setAttribute(name, String(value));
    }
  }
  made.append(...children.filter((child) => child !== null));
  return made;
}
