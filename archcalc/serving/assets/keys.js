/** Keys of the editor: Tab and Enter indent, and undo knows of it. */

const spec = document.getElementById("spec");

/** Signs that are put in so that undo knows of it, at most: browsers take the square of the lines. */
const MOST = 5000;

/** Put a text in the place of what is selected, so that undo knows of it. */
function insert(text) {
  if (text.length > MOST || !document.execCommand("insertText", false, text)) {
    spec.setRangeText(text, spec.selectionStart, spec.selectionEnd, "end");
    spec.dispatchEvent(new Event("input"));
  }
}

/** Move the selected lines to the right, or back. */
function indent(back) {
  const { selectionStart: start, selectionEnd: end, value } = spec;
  if (start === end && !back) {
    insert("  ");
    return;
  }
  const from = value.lastIndexOf("\n", start - 1) + 1;
  const last = end > start && value[end - 1] === "\n" ? end - 1 : end;
  const after = value.indexOf("\n", last);
  const to = after < 0 ? value.length : after;
  const before = value.slice(from, to);
  const moved = before.replace(back ? /^ {1,2}|^\t/gm : /^(?=.)/gm, back ? "" : "  ");
  if (moved === before) {
    return;
  }
  spec.setSelectionRange(from, to);
  insert(moved);
  if (start === end) {
    const at = Math.max(from, start - (before.length - moved.length));
    spec.setSelectionRange(at, at);
  } else {
    spec.setSelectionRange(from, from + moved.length);
  }
}

/** After Escape the next Tab leaves the editor. */
let leaving = false;

spec.addEventListener("keydown", (event) => {
  if (event.key === "Tab" && !leaving && !event.ctrlKey && !event.altKey && !event.metaKey) {
    event.preventDefault();
    indent(event.shiftKey);
  } else if (event.key === "Enter" && !event.isComposing && !event.ctrlKey && !event.metaKey) {
    const line = spec.value.slice(
      spec.value.lastIndexOf("\n", spec.selectionStart - 1) + 1,
      spec.selectionStart,
    );
    event.preventDefault();
    insert(`\n${/^[ \t]*/.exec(line)[0]}`);
  }
  if (event.key !== "Shift") {
    leaving = event.key === "Escape";
  }
});
spec.addEventListener("blur", () => {
  leaving = false;
});
