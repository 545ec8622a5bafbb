// Files that come with the token: fetched, then handed to the browser.

const STAYS = 60_000; // milliseconds a browser may take to begin

/** Has the browser save `blob` under `name`. */
export function saved(blob, name) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(blob);
  link.download = name;
  document.body.append(link);
  link.click();
  link.remove();
  setTimeout(() => URL.revokeObjectURL(link.href), STAYS);
}
