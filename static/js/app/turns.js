// Small changes go out one after the other: on a slow network the one made last is the one that holds.

let last = Promise.resolve();

/** What `work` answers, once everything before it is through. */
export function inTurn(work) {
  const mine = last.then(work);
  last = mine.catch(() => {}); // its own caller is told
  return mine;
}
