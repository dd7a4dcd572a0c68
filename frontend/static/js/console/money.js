// Money and times as the console tells them. The server counts millionths of a US dollar.

const cents = new Intl.NumberFormat(document.documentElement.lang || undefined, { style: "currency", currency: "USD" });
const fine = new Intl.NumberFormat(document.documentElement.lang || undefined, { style: "currency", currency: "USD", maximumSignificantDigits: 2 });

/** Small sums keep two digits that say something. */
export function money(micro) {
  const dollars = (micro ?? 0) / 1e6;
  return (dollars !== 0 && Math.abs(dollars) < 0.1 ? fine : cents).format(dollars);
}

const compact = new Intl.NumberFormat(document.documentElement.lang || undefined, { notation: "compact", maximumFractionDigits: 1 });
export const short = (number) => compact.format(number ?? 0);
export const seconds = (ms) => (ms === null || ms === undefined ? "–" : ms < 1000 ? `${ms} ms` : `${(ms / 1000).toFixed(1)} s`);
