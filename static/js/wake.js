// Keeps the phone's screen on. Browsers let go of the lock whenever the page is hidden.

let lock = null;

async function acquire() {
  try {
    lock = await navigator.wakeLock.request("screen");
    return true;
  } catch {
    return false; // a low battery, or a page that is hidden by now
  }
}

/** Tells `onChange` whether the screen is kept on, now and later. */
export function keepAwake(onChange) {
  if (!("wakeLock" in navigator)) {
    onChange(false);
    return;
  }
  const again = async () => {
    if (!document.hidden && (lock === null || lock.released)) onChange(await acquire());
  };
  document.addEventListener("visibilitychange", again);
  again();
}
