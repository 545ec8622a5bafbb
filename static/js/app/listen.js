// One sound at a time: what plays stops where another begins, or the page goes.

const audio = document.createElement("audio");
document.body.append(audio);

let onEnd = null; // of what plays now

/**
 * `onMove`: how much of it was heard, 0 to 1. `onEnd`: once, however it ends; told whether it failed.
 */
export function listen(url, { volume = 1, onMove = () => {}, onEnd: ends = () => {} } = {}) {
  hush();
  onEnd = ends;
  audio.volume = volume;
  audio.src = url;
  audio.play().catch(() => onEnd === ends && hush(true));
  const move = () => {
    if (onEnd !== ends) return;
    onMove(Number.isFinite(audio.duration) && audio.duration > 0 ? audio.currentTime / audio.duration : 0);
    requestAnimationFrame(move);
  };
  move();
}

export function hush(hasFailed = false) {
  const ends = onEnd;
  onEnd = null;
  audio.pause();
  ends?.(hasFailed);
}

audio.addEventListener("ended", () => hush());
audio.addEventListener("error", () => onEnd && hush(true));
