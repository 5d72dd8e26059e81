// 유닛 하나로 들어오는 가중치의 그림. 0은 가운데의 색이고, 양수와 음수는 색맹에도 갈리는 두 색입니다.

import { Cells } from "./cells.js";
import { Picture, make, say } from "./dom.js";
import { numberText } from "./setting.js";

const IMAGES = { digits: [8, 8], mnist: [28, 28] };
const LEVELS = 255; // 홀수여서 0이 가운데의 색입니다.
const STOPS = ["low", "middle", "high"];

export function makeWeights() {
  const cells = new Cells();
  const picture = new Picture(draw, { className: "wi-lab-weights" });
  const bar = new Picture(drawBar, { role: "presentation" });
  const [title, low, high, note] = [make("div", { className: "wi-lab-title" }), make("span"), make("span"), make("p")];
  const key = make("div", { className: "wi-lab-scale" }, low, bar.canvas, high);
  const element = make("div", { className: "wi-lab-weights-part", hidden: true }, title, picture.canvas, key, note);
  let shown = null;

  function paint(room) {
    cells.paint(STOPS.map(room.color), LEVELS, [room.color("none")]);
  }

  function draw(pen, room) {
    if (!shown) return;
    const { values, limit, rows, columns } = shown;
    cells.resize(columns, rows);
    values.forEach((value, i) => (cells.values[i] = level(value, limit)));
    paint(room);
    const side = Math.min(room.width / columns, room.height / rows);
    cells.draw(pen, 0, 0, columns * side, rows * side);
    // 마지막 줄에 남는 칸은 가중치가 아닙니다.
    const left = rows * columns - values.length;
    pen.clearRect((columns - left) * side, (rows - 1) * side, left * side, side);
  }

  function drawBar(pen, room) {
    cells.resize(LEVELS, 1);
    cells.values.forEach((_, i) => (cells.values[i] = i));
    paint(room);
    cells.draw(pen, 0, 0, room.width, room.height);
  }

  function show(weights, setting) {
    element.hidden = false;
    const { layer, unit, values } = weights;
    const [rows, columns] = shapeOf(values.length, layer === 1 && IMAGES[setting.data]);
    const limit = limitOf(weights);
    shown = { values, limit, rows, columns };
    picture.canvas.style.aspectRatio = `${columns} / ${rows}`;
    const name = layer > setting.depth ? "출력층" : `${layer}층`;
    say(title, `${name} ${unit + 1}번 유닛으로 들어오는 가중치 ${values.length}개`);
    say(low, numberText(-limit));
    say(high, `+${numberText(limit)}`);
    say(note, summary(values));
    picture.describe(`${title.textContent}. ${rows} × ${columns}칸의 그림. ${note.textContent}`);
    picture.redraw();
    bar.redraw();
  }

  return { element, seen: () => picture.seen || element.hidden, show };
}

/** 자료의 그림과 같은 모양이거나, 정사각형에 가까운 모양. */
function shapeOf(count, image) {
  if (image) return image;
  const columns = Math.ceil(Math.sqrt(count));
  return [Math.ceil(count / columns), columns];
}

/** 색의 끝은 층에서 가장 큰 크기입니다. 그것이 유한하지 않으면 이 유닛의 유한한 것에서 찾고, 모두 0이어도 눈금은 있습니다. */
function limitOf({ values, limit }) {
  if (Number.isFinite(limit)) return limit || 1;
  return values.reduce((most, value) => (Number.isFinite(value) ? Math.max(most, Math.abs(value)) : most), 0) || 1;
}

function level(value, limit) {
  if (!Number.isFinite(value)) return LEVELS;
  const share = Math.min(Math.max(value / limit, -1), 1);
  return Math.round(((share + 1) / 2) * (LEVELS - 1));
}

function summary(values) {
  if (!values.every(Number.isFinite)) return "유한하지 않은 가중치가 있습니다(회색).";
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const spread = Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length);
  const [least, most] = [values.reduce((a, b) => Math.min(a, b)), values.reduce((a, b) => Math.max(a, b))];
  return `평균 ${numberText(mean)}, 표준편차 ${numberText(spread)}, ${numberText(least)}에서 ${numberText(most)}까지`;
}
