// Figures of the LIVE that runs: the server drew them, messages move them on.

import { counted } from "../../../counted.js";

const at = (name) => document.getElementById(`count-${name}`);

function write(name, value) {
  const node = at(name);
  if (!node || Number(node.dataset.value) === value) return;
  node.dataset.value = value;
  node.textContent = counted(value);
}

function add(name, more) {
  if (at(name)) write(name, Number(at(name).dataset.value) + more);
}

/** A test counts for nothing. */
export function countUp(message) {
  if (message.test || !document.querySelector("#figures[data-live]")) return;
  if (message.type === "viewer") write("viewers", message.current);
  else if (message.type === "gift") add("diamonds", message.total_diamonds);
  else if (message.type === "like") write("likes", message.total);
  else if (message.type === "follow") add("follows", 1);
}
