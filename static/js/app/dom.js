// Elements without markup: what a person wrote is always text.

const SVG = "http://www.w3.org/2000/svg";
const LIT = 2_500; // milliseconds

/** `h("button", { type: "button", onclick: run }, "Go")`. False, null and undefined are left out. */
export function h(tag, properties = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (name.startsWith("on")) made.addEventListener(name.slice(2), value);
    else if (value === true) made.setAttribute(name, "");
    else if (value !== false && value !== null && value !== undefined) made.setAttribute(name, value);
  }
  made.append(...children.flat().filter((one) => one !== null && one !== undefined && one !== false));
  return made;
}

/** One of `static/app/icons.svg`, found where the frame has its own. */
export function icon(name) {
  const file = document.querySelector("#frame use").getAttribute("href").split("#")[0];
  const made = document.createElementNS(SVG, "svg");
  made.setAttribute("class", "icon");
  made.setAttribute("aria-hidden", "true");
  const use = document.createElementNS(SVG, "use");
  use.setAttribute("href", `${file}#${name}`);
  made.append(use);
  return made;
}

/** The JSON a page brings along: `data-words`, `data-state`. */
export function brought(root, name) {
  return JSON.parse(root.querySelector(`script[data-${name}]`).textContent);
}

/** The one element of what the server sent. */
export function rootOf(html) {
  const came = document.createElement("template");
  came.innerHTML = html;
  return came.content.firstElementChild;
}

/** Brings into sight what has just been made, and lights it for a moment; nothing where it is not there. */
export function pointOut(selector) {
  const found = document.querySelector(selector);
  found?.scrollIntoView({ block: "center" });
  if (!matchMedia("(prefers-reduced-motion: reduce)").matches) {
    found?.animate({ backgroundColor: ["var(--glow)", "transparent"] }, LIT);
  }
}
