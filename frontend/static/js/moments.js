// Times and numbers in the reader's own language.

const STEPS = [
  ["year", 31_536_000],
  ["month", 2_592_000],
  ["day", 86_400],
  ["hour", 3600],
  ["minute", 60],
];
const locale = document.documentElement.lang || undefined;
const relative = new Intl.RelativeTimeFormat(locale, { numeric: "auto", style: "short" });
const exact = new Intl.DateTimeFormat(locale, { dateStyle: "medium", timeStyle: "short" });
const clock = new Intl.DateTimeFormat(locale, { timeStyle: "short" });
const whole = new Intl.NumberFormat(locale);
const share = new Intl.NumberFormat(locale, { style: "percent" });

export function ago(moment) {
  const seconds = (new Date(moment) - Date.now()) / 1000;
  const [unit, size] = STEPS.find(([, length]) => Math.abs(seconds) >= length) ?? ["second", 0];
  return size ? relative.format(Math.round(seconds / size), unit) : "just now";
}

/** Fills a `<time>`: short to read, exact to hover. */
export function tell(element, moment, short = ago) {
  element.dateTime = moment;
  element.title = exact.format(new Date(moment));
  element.textContent = short(moment);
  return element;
}

export function time(moment, short = ago) {
  return tell(document.createElement("time"), moment, short);
}

export const exactly = (moment) => exact.format(new Date(moment));
export const atClock = (moment) => clock.format(new Date(moment));
export const count = (number) => whole.format(number ?? 0);
export const percent = (number) => share.format(number ?? 0);
export const several = (number, one, many = `${one}s`) => `${count(number)} ${number === 1 ? one : many}`;

/** Ages on the page grow older while it is open. */
setInterval(() => {
  for (const element of document.querySelectorAll("time[data-ago]")) element.textContent = ago(element.dateTime);
}, 30_000);
