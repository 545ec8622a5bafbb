// Small things kept in the browser. Where it forbids that, the page works without them.

export function kept(storage, key) {
  try {
    return window[storage].getItem(key);
  } catch {
    return null;
  }
}

export function keep(storage, key, value) {
  try {
    window[storage].setItem(key, value);
  } catch {
    // Storage is switched off or full: the next visit starts afresh.
  }
}
