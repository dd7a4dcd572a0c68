// Calibrations and outcomes as small drawings: a probability or a share across, what came true upwards.

const SVG = "http://www.w3.org/2000/svg";
const SIZE = 240;
const EDGE = 40;
const inner = SIZE - EDGE - 24;
const x = (value) => EDGE + value * inner;
const y = (value) => 12 + (1 - value) * inner;

function shape(name, attributes, text) {
  const element = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  if (text) element.textContent = text;
  return element;
}

const path = (scores, values) => scores.map((score, index) => `${index ? "L" : "M"}${x(score).toFixed(1)} ${y(values[index]).toFixed(1)}`).join("");

/** An empty drawing with its grid and marks. */
function framed(label) {
  const drawing = shape("svg", { viewBox: `0 0 ${SIZE} ${SIZE}`, class: "curve", role: "img", "aria-label": label });
  for (const mark of [0, 0.5, 1]) {
    drawing.append(shape("line", { x1: x(0), x2: x(1), y1: y(mark), y2: y(mark), class: "curve__grid" }));
    drawing.append(shape("text", { x: EDGE - 6, y: y(mark) + 4, "text-anchor": "end" }, `${mark * 100} %`));
    drawing.append(shape("text", { x: x(mark), y: SIZE - 10, "text-anchor": "middle" }, `${mark * 100} %`));
  }
  return drawing;
}

export function drawCurve({ scores, probabilities, lows, highs }) {
  const drawing = framed(describe(scores, probabilities));
  const band = `${path(scores, highs)}${path([...scores].reverse(), [...lows].reverse()).replace("M", "L")}Z`;
  drawing.append(
    shape("line", { x1: x(0), y1: y(0), x2: x(1), y2: y(1), class: "curve__even" }),
    shape("path", { d: band, class: "curve__band" }),
    shape("path", { d: path(scores, probabilities), class: "curve__line" }),
  );
  return drawing;
}

function describe(scores, probabilities) {
  const at = (score) => Math.round(probabilities[scores.findIndex((one) => one >= score)] * 100);
  return `Of answers with a score of 0.5, ${at(0.5)} % are right; with 0.8, ${at(0.8)} %; with 0.95, ${at(0.95)} %.`;
}

export function drawReliability(bins) {
  const drawing = framed(`${bins.length} groups of answers: ${bins.map(([p, right]) => `foreseen ${Math.round(p * 100)} %, right ${Math.round(right * 100)} %`).join("; ")}.`);
  const most = Math.max(...bins.map(([, , number]) => number));
  drawing.append(shape("line", { x1: x(0), y1: y(0), x2: x(1), y2: y(1), class: "curve__even" }));
  for (const [p, right, number] of bins) drawing.append(shape("circle", { cx: x(p), cy: y(right), r: 2 + 5 * Math.sqrt(number / most), class: "curve__dot" }));
  return drawing;
}

export function drawRisk(points) {
  const [, last] = points.at(-1);
  const drawing = framed(`When all questions are answered, ${Math.round(last * 100)} % of the answers are wrong.`);
  drawing.append(shape("path", { d: path(points.map(([share]) => share), points.map(([, wrong]) => wrong)), class: "curve__line" }));
  return drawing;
}
