/** Numbers and elements, as the page writes them. */

const UNITS = ["bytes", "KiB", "MiB", "GiB", "TiB", "PiB"];

/** A whole number with its digits in groups of three; null is what has no rule. */
export function digits(value) {
  return value === null ? "?" : String(value).replace(/\B(?=(\d{3})+(?!\d))/g, ",");
}

/** Bytes in the largest unit of which there is one. */
export function bytes(value) {
  if (value === null) {
    return "?";
  }
  let unit = 0;
  let amount = value;
  while (amount >= 1024 && unit < UNITS.length - 1) {
    amount /= 1024;
    unit += 1;
  }
  return unit === 0 ? `${digits(value)} bytes` : `${amount.toFixed(amount < 10 ? 2 : 1)} ${UNITS[unit]}`;
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
