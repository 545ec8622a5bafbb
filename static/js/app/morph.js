// Turns what is shown into what came, touching only what differs: focus, typed words, open details and
// running audio stay. Children are matched by `id` or `data-key`, else by their place and kind. A field takes
// what came only where the server says something else than before: what is typed and not yet saved stays.

/** Of whoever looks at the page, once it stands there: the server only says how they begin. */
const MINE = ["open", "aria-busy", "aria-expanded", "aria-invalid", "aria-describedby"];

const FOCUSABLE = "button:not([disabled]), a[href], input:not([disabled]), select, textarea, summary";

/** Where what had the focus goes, the one of its kind in its place then has it. */
export function keepingFocus(work) {
  const held = document.activeElement;
  const kin = (node) => [...node.querySelectorAll(FOCUSABLE)].filter(({ tagName }) => tagName === held.tagName);
  const around = [];
  for (let one = held?.parentElement; one && one.id !== "view"; one = one.parentElement) {
    around.push([one, kin(one).indexOf(held)]);
  }
  work();
  if (!held || held.isConnected) return;
  const [near, place] = around.find(([one]) => one.isConnected && kin(one).length) ?? [];
  const next = near ? (kin(near)[place] ?? kin(near).at(-1)) : document.getElementById("view");
  next.focus({ preventScroll: true });
}

/** The page was drawn whole: what had the focus has it again, where there is such. */
export function focusAgain(held, root) {
  const same = held.id ? `#${CSS.escape(held.id)}` : held.name && `[name="${CSS.escape(held.name)}"]`;
  if (same && !held.isConnected) root.querySelector(same)?.focus({ preventScroll: true });
}

/** `row` was hidden: the control of the next one has the focus, else of the one before it, else the page. */
export function focusBeside(row, control) {
  const others = [...row.parentElement.children].filter((one) => !one.hidden && one.querySelector(control));
  const next = others.find((one) => row.compareDocumentPosition(one) & Node.DOCUMENT_POSITION_FOLLOWING) ?? others.at(-1);
  (next?.querySelector(control) ?? document.getElementById("view")).focus({ preventScroll: true });
}

const keyOf = (node) => node.id || node.dataset?.key || "";

export function morph(from, to) {
  if (from.dataset?.keep !== undefined && keyOf(from) === keyOf(to)) return; // the page's script draws it
  if (from.matches(".problem")) return; // it goes with the next try
  const said = saidOf(from);
  const isField = said !== undefined;
  if (isField && from === document.activeElement && !isChecked(from)) return; // it is being typed
  attributes(from, to);
  if (from instanceof HTMLTextAreaElement) from.defaultValue = to.defaultValue;
  else if (!(from instanceof HTMLInputElement)) children(from, to);
  if (isField && (said !== saidOf(to) || isChecked(from))) take(from, to);
}

/** What the server said of a field; undefined for what is none. */
function saidOf(node) {
  if (node instanceof HTMLSelectElement) return [...node.options].find((one) => one.defaultSelected)?.value ?? "";
  if (node instanceof HTMLTextAreaElement) return node.defaultValue;
  if (node instanceof HTMLInputElement) return node.defaultValue;
  return undefined;
}

/** Nobody is halfway through choosing. */
const isChecked = ({ type }) => type === "checkbox" || type === "radio";

function take(from, to) {
  if (from instanceof HTMLInputElement && isChecked(from)) from.checked = to.checked;
  else from.value = to.value;
}

function attributes(from, to) {
  for (const { name, value } of to.attributes) {
    if (from.getAttribute(name) !== value && !MINE.includes(name)) from.setAttribute(name, value);
  }
  for (const { name } of [...from.attributes]) {
    if (!to.hasAttribute(name) && !MINE.includes(name)) from.removeAttribute(name);
  }
}

function children(from, to) {
  const keyed = new Map([...from.children].filter(keyOf).map((node) => [keyOf(node), node]));
  let here = from.firstChild;
  for (const wanted of [...to.childNodes]) {
    const kin = keyOf(wanted) ? keyed.get(keyOf(wanted)) : fitting(here, wanted);
    const found = kin?.nodeName === wanted.nodeName ? kin : null; // another kind of element is another one
    if (found) {
      if (found !== here) from.insertBefore(found, here);
      else here = here.nextSibling;
      if (found.nodeType === Node.ELEMENT_NODE) morph(found, wanted);
      else if (found.data !== wanted.data) found.data = wanted.data;
    } else from.insertBefore(wanted, here);
  }
  while (here) {
    const next = here.nextSibling;
    if (!here.matches?.(".field-problem")) here.remove(); // it goes with the next try
    here = next;
  }
}

function fitting(here, wanted) {
  if (!here || here.nodeName !== wanted.nodeName || keyOf(here)) return null;
  return here;
}
