// 층마다의 신호: 활성화값, δ, 가중치 기울기의 RMS, 가중치에 견준 갱신의 크기, 포화된 유닛의 비율.

import { clipped, drawAxes, drawDots, drawLine, powerTicks } from "./chart.js";
import { Picture, make, makeDetails, restBetween, say } from "./dom.js";
import { numberText, percentText } from "./setting.js";

const SIGNALS = {
  activation_rms: "활성화값의 RMS",
  delta_rms: "역전파 신호 δ의 RMS",
  weight_gradient_rms: "가중치 기울기의 RMS",
  update_ratio: "갱신 ÷ 가중치",
};
const SHARES = { saturated: "포화된 비율", dead: "모든 입력에서 포화된 유닛" };
const TITLES = { ...SIGNALS, saturated: "포화된 비율" };
const NOTES = {
  activation_rms: "층이 내보내는 값의 크기",
  delta_rms: "거꾸로 돌아온 신호의 크기",
  weight_gradient_rms: "가중치를 바꾸라는 신호의 크기",
  update_ratio: "한 걸음에 가중치가 바뀐 비율",
  saturated: "기울기가 0에 가까운 유닛의 비율",
};
const TABLE_REST = 300;

/** record는 { layers, untrained, resting, setting }입니다. */
export function makeLayers() {
  let record = null;
  const spans = {};
  const pictures = Object.keys(TITLES).map((name) => [name, new Picture((pen, room) => record?.layers && paint(name, pen, room))]);
  const paint = (name, pen, room) => {
    if (name === "saturated") drawShares(pen, room, record);
    else drawSignal(pen, room, record, name, (spans[name] = widened(spans[name], name, record)));
  };
  const table = layerTable();
  const panels = pictures.map(([name, picture]) =>
    make("div", { class: "wi-lab-plot" }, make("div", { class: "wi-lab-title" }, TITLES[name], make("small", {}, NOTES[name])), picture.canvas));
  return {
    element: make("div", { class: "wi-lab-layers" }, make("div", { class: "wi-lab-signals" }, ...panels, legend()), table.element),
    update(given) {
      // 축은 한 실행 동안 넓어지기만 합니다. 새로 만든 망에서는 다시 잡습니다.
      if (given.untrained !== record?.untrained) for (const name of Object.keys(spans)) delete spans[name];
      record = given;
      for (const [name, picture] of pictures) {
        picture.redraw();
        if (record.resting) picture.describe(sentence(name, record));
      }
      table.update(record);
    },
  };
}

function legend() {
  const item = (name, text) => make("li", {}, make("span", { class: `wi-lab-key wi-lab-${name}` }), text);
  const items = [["now", "지금"], ["before", "학습하기 전"], ["dead", "배치의 모든 입력에서 포화된(죽은) 유닛"]];
  const axes = make("li", {}, "가로는 층(끝은 출력층), 세로는 로그입니다.");
  return make("ul", { class: "wi-lab-legend" }, ...items.map(([name, text]) => item(name, text)), axes);
}

const lastOf = (values) => values.length - 1;

/** 활성화값의 마지막은 로짓이고, 포화는 은닉층에만 있습니다. */
function sentence(name, { layers, untrained }) {
  if (!layers) return `${TITLES[name]}: 아직 재지 않았습니다.`;
  const text = name === "saturated" ? percentText : textOf;
  const last = lastOf(layers[name]) - (name === "saturated" ? 1 : 0);
  const end = name === "saturated" ? `${last + 1}층` : "출력층";
  const ends = (values) => `1층 ${text(values[0])}, ${end} ${text(values[last])}`;
  return `${TITLES[name]}, 층마다의 그림. 지금: ${ends(layers[name])}. 학습하기 전: ${ends(untrained[name])}.`;
}

const textOf = (value) => (Number.isNaN(value) ? "–" : numberText(value));
const shareOf = (value) => (Number.isNaN(value) ? "–" : percentText(value));

/** 0보다 큰 값이 모두 들도록 10ⁿ까지 넓힌 축. 적어도 두 칸입니다. */
function widened(span, name, { layers, untrained }) {
  const known = [...layers[name], ...untrained[name]].filter((value) => value > 0 && Number.isFinite(value)).map(Math.log10);
  const ends = [...known, ...(span ?? (known.length ? [] : [-1]))];
  const [low, high] = [Math.floor(Math.min(...ends)), Math.ceil(Math.max(...ends))];
  return high - low >= 2 ? [low, high] : [low - 1, low + 1];
}

function layerAxis(count, width) {
  const stride = Math.ceil(count / Math.max(2, Math.floor(width / 26)));
  const nice = [1, 2, 5, 10, 25].find((step) => step >= stride);
  const layers = Array.from({ length: count }, (_, i) => i + 1).filter((l) => l === 1 || (nice === 1 ? true : l % nice === 0));
  return { low: count > 1 ? 1 - count * 0.03 : 0, high: count > 1 ? count * 1.03 : 2, ticks: layers.map((l) => [l, l === 1 ? "1층" : String(l)]) };
}

function drawSignal(pen, room, { layers, untrained }, name, [low, high]) {
  const count = layers[name].length;
  const ticks = powerTicks(low, high, 4);
  // 0과 넘친 값은 축의 두 끝에 두고, 0이 있으면 아래의 끝을 0이라고 적습니다.
  if (layers[name].includes(0) || untrained[name].includes(0)) ticks.splice(0, ticks[0][0] - low < (high - low) / 8 ? 1 : 0, [low, "0"]);
  const box = drawAxes(pen, room, layerAxis(count, room.width), { low, high, ticks });
  const height = (value) => Math.min(Math.max(box.y(Math.log10(value)), box.top), box.bottom);
  const points = (values) => Array.from(values, (value, i) => [box.x(i + 1), height(value)]);
  clipped(pen, box, () => {
    drawSeries(pen, room, points(untrained[name]), "muted", 1.25);
    drawSeries(pen, room, points(layers[name]), "0", 2);
  });
}

function drawSeries(pen, { color }, points, name, width) {
  pen.strokeStyle = pen.fillStyle = color(name);
  pen.lineWidth = width;
  drawLine(pen, points);
  const apart = points.length > 1 ? points[1][0] - points[0][0] : 20;
  drawDots(pen, points, Math.min(width + 1, Math.max(1.25, apart / 4)));
}

function drawShares(pen, room, { layers, untrained }) {
  const count = layers.saturated.length;
  const y = { low: 0, high: 1, ticks: [0, 0.5, 1].map((v) => [v, `${100 * v} %`]) };
  const box = drawAxes(pen, room, layerAxis(count, room.width), y);
  // 넘친 층에는 포화랄 것이 없습니다.
  const points = (values, { activation_rms }) =>
    Array.from(values, (value, i) => [box.x(i + 1), Number.isFinite(activation_rms[i]) ? box.y(value) : NaN]);
  const bar = Math.max(2, Math.min(14, (box.x(2) - box.x(1)) * 0.5));
  pen.fillStyle = room.color("1");
  points(layers.dead, layers).forEach(([x, top]) => Number.isNaN(top) || pen.fillRect(x - bar / 2, top, bar, box.bottom - top));
  drawSeries(pen, room, points(untrained.saturated, untrained), "muted", 1.25);
  drawSeries(pen, room, points(layers.saturated, layers), "0", 2);
}

/** 펼치면 층마다의 수. 학습하는 동안에는 눈으로 읽을 만큼만 고쳐 씁니다. */
function layerTable() {
  const names = [...Object.keys(SIGNALS), ...Object.keys(SHARES)];
  const heads = Object.values({ ...SIGNALS, ...SHARES }).map((text) => make("th", { scope: "col" }, text));
  const body = make("tbody");
  const table = make("table", {}, make("thead", {}, make("tr", {}, make("th", { scope: "col" }, "층"), ...heads)), body);
  const frame = make("div", { class: "wi-lab-scroll", tabIndex: 0, role: "region", ariaLabel: "층마다의 수" }, table);
  const element = makeDetails("wi-lab-more", false, ["층마다의 수를 표로"], frame);
  let [record, written] = [null, 0];
  const write = () => {
    const { layers } = record;
    const count = layers.activation_rms.length;
    while (body.rows.length > count) body.lastChild.remove();
    while (body.rows.length < count) body.append(make("tr", {}, make("th", { scope: "row" }), ...names.map(() => make("td"))));
    for (let l = 0; l < count; l++) {
      const [head, ...cells] = body.rows[l].cells;
      say(head, l + 1 < count ? `${l + 1}` : "출력");
      names.forEach((name, i) => say(cells[i], (name in SHARES ? shareOf : textOf)(layers[name][l])));
    }
    written = performance.now();
  };
  element.addEventListener("toggle", () => element.open && record?.layers && write());
  return {
    element,
    update(given) {
      record = given;
      const due = record.resting || performance.now() - written > Math.max(TABLE_REST, restBetween());
      if (element.open && record.layers && due) write();
    },
  };
}
