// The words of this page in its language, as the server sent them along.

const catalogue = JSON.parse(document.getElementById("texts").textContent);
const numbers = new Intl.NumberFormat(document.documentElement.lang);

function shown(value) {
  return typeof value === "number" ? numbers.format(value) : (value ?? "");
}

/** The text at the dotted `path`, its `{fields}` filled in. */
export function text(path, fields = {}) {
  const template = path.split(".").reduce((branch, key) => branch?.[key], catalogue);
  return (template ?? path).replace(/\{(\w+)\}/g, (_, field) => shown(fields[field]));
}
