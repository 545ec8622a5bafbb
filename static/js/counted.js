/** A number as the page's language writes it; always grouped, as the server does, also where a language leaves it to taste. */
export const counted = (number) => number.toLocaleString(document.documentElement.lang, { useGrouping: "always" });
