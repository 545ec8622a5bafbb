// Money as the account's language writes it. Amounts are minor units.

const CENTS = 100;
const language = () => document.documentElement.lang;

export function money(minor, currency) {
  return new Intl.NumberFormat(language(), { style: "currency", currency }).format(minor / CENTS);
}

/** Minor units of what the API says as a number. */
export const minor = (number) => Math.round(number * CENTS);

/** Minor units of what somebody typed; `null` where it is no amount above zero with at most two decimals. */
export function amountOf(text) {
  const found = /^\s*(\d{1,10})(?:[.,](\d{1,2}))?\s*$/.exec(text);
  if (!found) return null;
  const amount = Number(found[1]) * CENTS + Number((found[2] ?? "").padEnd(2, "0"));
  return amount > 0 ? amount : null;
}

/** `12.50`, as addresses and the API take it. */
export const plain = (amount) => (amount / CENTS).toFixed(2);
