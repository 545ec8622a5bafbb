// Fields such as {user}, put into a text by a button.

/** What stands for the name of a counter until somebody writes it; no counter can be called so. */
export const GAP = "…";

/** Where the caret is, with a blank where it would touch a word or another field. A gap in it is what is typed next. */
export function insert(input, text) {
  const { value, selectionStart: start, selectionEnd: end } = input;
  const before = /[\p{L}\p{N}},.;:!?]$/u.test(value.slice(0, start)) ? " " : "";
  const after = /^[\p{L}\p{N}{]/u.test(value.slice(end)) ? " " : "";
  input.setRangeText(before + text + after, start, end, "end");
  input.focus();
  const gap = text.indexOf(GAP);
  if (gap >= 0) input.setSelectionRange(start + before.length + gap, start + before.length + gap + GAP.length);
}
