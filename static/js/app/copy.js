// Puts words onto the clipboard, where the browser lets us.

/** Whether it worked: it is not allowed in every frame, and old web views have no clipboard. */
export async function copied(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return copiedByField(text);
  }
}

function copiedByField(text) {
  const field = document.createElement("textarea");
  field.value = text;
  field.readOnly = true;
  document.body.append(field);
  field.select();
  const isCopied = document.execCommand("copy");
  field.remove();
  return isCopied;
}

/** Marks the whole of an element, for a copy by hand. */
export function mark(node) {
  getSelection().selectAllChildren(node);
}
