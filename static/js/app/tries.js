// Tries of what must happen once. Where an answer got lost the next try of the same thing carries the same
// idempotency key, wherever on the app it is made from: a page made fresh, or come back to, knows it too.

const keys = new Map(); // by what is done, until it has worked

const thingOf = ({ id, dataset }) => `${dataset.call ?? id} ${dataset.body ?? ""}`;

/** Of a form or a button with `data-idempotent`; undefined for another. */
export function keyOf(source) {
  if (source.dataset.idempotent === undefined) return undefined;
  const thing = thingOf(source);
  if (!keys.has(thing)) keys.set(thing, crypto.randomUUID());
  return keys.get(thing);
}

/** It worked, or its key stands for something else: the next time is another thing. */
export function settled(source) {
  keys.delete(thingOf(source));
}
