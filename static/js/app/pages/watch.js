// A page of what others do, of which no message tells: looked at again and again while somebody sees it.

const EVERY = 5_000; // milliseconds after the last answer

export function mount(root, app) {
  let waiting;
  let isGone = false;
  async function look() {
    if (!document.hidden) await app.renew({ isQuiet: true });
    if (!isGone) wait();
  }
  function wait() {
    waiting = setTimeout(look, EVERY);
  }
  wait();
  return () => {
    isGone = true;
    clearTimeout(waiting);
  };
}
