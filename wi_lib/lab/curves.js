// 걸음에 따른 손실과 정확도: 지금의 실행과 남겨 둔 실행.

import { clipped, drawAxes, drawDots, drawLine, drawNames, evenTicks, powerTicks, roundUp } from "./chart.js";
import { Picture, make } from "./dom.js";
import { numberText, percentText } from "./setting.js";
import { goalText } from "./tasks.js";

// 손실의 선은 이만큼의 칸마다 평균한 것이고, 점은 배치마다의 손실입니다.
const BINS = 80;
const WIDE = 20;

const classesOf = (data) => (["spiral", "rings", "checkerboard"].includes(data) ? 2 : 10);

/** records는 { setting, losses, count, points, step, until, color, name }의 목록이고, 첫째가 지금의 실행입니다. */
export function makeCurves({ accuracy }) {
  let records = [];
  const loss = new Picture((pen, room) => drawLosses(pen, room, records));
  const share = accuracy ? new Picture((pen, room) => drawAccuracies(pen, room, records)) : null;
  const panel = (title, note, picture) =>
    make("div", { class: "wi-lab-plot" }, make("div", { class: "wi-lab-title" }, title, make("small", {}, note)), picture.canvas);
  const panels = [panel("손실", "점은 배치마다, 선은 그 평균", loss)];
  if (share) panels.push(panel("정확도", "실선은 시험, 점선은 학습", share));
  return {
    element: make("div", { class: "wi-lab-pair" }, ...panels),
    update(given, resting) {
      records = given;
      loss.redraw();
      share?.redraw();
      if (!resting) return;
      loss.describe(`손실과 걸음의 그림. ${records.map(lossSentence).join(" ")}`);
      share?.describe(`정확도와 걸음의 그림. ${records.map(accuracySentence).join(" ")}`);
    },
  };
}

function lossSentence({ name, losses, count }) {
  if (!count) return `${name}: 아직 학습하지 않았습니다.`;
  return `${name}: 첫 손실 ${numberText(losses[0])}, ${count}걸음의 손실 ${numberText(losses[count - 1])}.`;
}

function accuracySentence({ name, points }) {
  const last = points.at(-1);
  if (!last) return `${name}: 아직 재지 않았습니다.`;
  return `${name}: ${last.step}걸음에 학습 ${shareText(last.train)}, 시험 ${shareText(last.test)}.`;
}

/** 정확도를 백분율로. 재지 않은 것은 줄표입니다. */
export const shareText = (share) => (Number.isFinite(share) ? percentText(share) : "–");

/** 가로축: 어느 실행도 잘리지 않고, 한 걸음씩 옮길 때에는 몇 걸음만 보입니다. */
function stepAxis(records, width) {
  const [now, ...kept] = records;
  const reach = now.until || (kept.length ? 0 : now.setting.iterations);
  const last = Math.max(reach, now.step, ...kept.map((record) => record.step), 1);
  const high = last < 10 ? 10 : last;
  const ticks = evenTicks(0, high, Math.max(2, Math.floor(width / 70))).filter(Number.isInteger);
  return { low: 0, high, ticks: ticks.map((step, i) => [step, `${step.toLocaleString("en")}${i === ticks.length - 1 ? "걸음" : ""}`]) };
}

/** 칸마다의 평균을 이웃과 한 번 더 고른 [걸음, 손실]. */
function trend({ losses, count }, high) {
  const bin = Math.max(1, Math.round(high / BINS));
  const means = [];
  for (let from = 0; from < count; from += bin) {
    const to = Math.min(from + bin, count);
    let sum = 0;
    for (let i = from; i < to; i++) sum += losses[i];
    means.push([(from + 1 + to) / 2, sum / (to - from)]);
  }
  const weights = [1, 2, 3, 2, 1];
  return means.map(([step], i) => {
    let [sum, total] = [0, 0];
    weights.forEach((weight, k) => {
      const near = means[i + k - 2];
      if (near) [sum, total] = [sum + weight * near[1], total + weight];
    });
    return [step, sum / total];
  });
}

/** 세로축: 선이 스무 배 넘게 벌어지면 로그입니다. 로그이면 low와 high도 10의 지수입니다. */
function lossAxis(lines, guess) {
  const values = [guess, ...lines.flat().map(([, value]) => value)];
  const high = values.reduce((a, b) => Math.max(a, b));
  const low = values.reduce((a, b) => Math.min(a, b));
  if (!(high > WIDE * low)) {
    const top = roundUp(high * 1.02) > high * 1.6 ? high * 1.25 : roundUp(high * 1.02);
    return { log: false, low: 0, high: top, ticks: evenTicks(0, top, 4).map((v) => [v, String(v)]) };
  }
  const [bottom, top] = [Math.floor(Math.log10(Math.max(low, 1e-9))), Math.ceil(Math.log10(high))];
  return { log: true, low: bottom, high: top, ticks: powerTicks(bottom, top, 5) };
}

function drawLosses(pen, room, records) {
  const x = stepAxis(records, room.width);
  const lines = records.map((record) => trend(record, x.high));
  const classes = classesOf(records[0].setting.data);
  const guess = Math.log(classes);
  const y = lossAxis(lines, guess);
  const names = records.length > 1;
  const box = drawAxes(pen, room, x, y, names ? room.size * 2.6 : room.size);
  const height = (value) => box.y(y.log ? Math.log10(Math.max(value, 1e-12)) : value);
  const place = ([step, value]) => [box.x(step), height(value)];
  clipped(pen, box, () => {
    drawRaw(pen, room, records[0], box, height);
    records.toReversed().forEach((record) => {
      const line = lines[records.indexOf(record)].map(place);
      strokeAs(pen, room, record);
      drawLine(pen, line);
      if (line.length === 1) drawDots(pen, line, 3);
    });
  });
  drawLevel(pen, room, box, height(guess), `찍을 때 ln ${classes}`);
  if (names) drawNames(pen, room, records.map((record, i) => ended(record, lines[i].at(-1), place, room)));
}

function strokeAs(pen, { color }, record) {
  pen.strokeStyle = pen.fillStyle = color(record.color);
  pen.lineWidth = record.kept ? 1.5 : 2.25;
  pen.lineJoin = "round";
}

const ended = (record, last, place, { color }) => {
  const [x, y] = last ? place(last) : [NaN, NaN];
  return { x, y, text: record.letter, color: color(record.color) };
};

/** 배치마다의 손실. 한 픽셀에 여럿이면 가장 작은 것에서 큰 것까지를 잇습니다. */
function drawRaw(pen, { color }, { losses, count, color: name }, box, height) {
  pen.globalAlpha = 0.3;
  pen.fillStyle = pen.strokeStyle = color(name);
  const apart = box.x(1) - box.x(0);
  if (apart >= 1) {
    const points = Array.from({ length: count }, (_, i) => [box.x(i + 1), height(losses[i])]);
    drawDots(pen, points, Math.min(2, 0.8 + apart / 8));
  } else {
    const stride = Math.ceil(1 / apart);
    pen.lineWidth = 1;
    for (let from = 0; from < count; from += stride) {
      let [low, high] = [Infinity, -Infinity];
      for (let i = from; i < Math.min(from + stride, count); i++) [low, high] = [Math.min(low, losses[i]), Math.max(high, losses[i])];
      pen.fillRect(box.x(from + 1), height(high), 1, Math.max(1, height(low) - height(high)));
    }
  }
  pen.globalAlpha = 1;
}

/** 견줄 높이: 아무것도 배우지 않고 고르게 찍을 때, 과제의 목표. 글은 선 위에서도 읽힙니다. */
function drawLevel(pen, { size, color }, box, at, text) {
  pen.strokeStyle = pen.fillStyle = color("muted");
  pen.lineWidth = 1;
  pen.setLineDash([2, 3]);
  drawLine(pen, [[box.left, at], [box.right, at]]);
  pen.setLineDash([]);
  pen.textAlign = "right";
  pen.textBaseline = "middle";
  const place = [text, box.right - 2, at + size * (at < box.top + size * 1.5 ? 0.9 : -0.9)];
  pen.strokeStyle = color("ground");
  pen.lineWidth = 3;
  pen.strokeText(...place);
  pen.fillText(...place);
}

function drawAccuracies(pen, room, records) {
  const x = stepAxis(records, room.width);
  const y = { low: 0, high: 1, ticks: [0, 0.25, 0.5, 0.75, 1].map((v) => [v, `${100 * v} %`]) };
  const box = drawAxes(pen, room, x, y, room.size * 2.6);
  const place = (key) => (point) => [box.x(point.step), box.y(point[key] ?? NaN)];
  records.toReversed().forEach((record) => {
    strokeAs(pen, room, record);
    const test = record.points.map(place("test"));
    drawLine(pen, test);
    drawDots(pen, test, record.kept ? 1.5 : 2);
    if (record.kept) return;
    pen.lineWidth = 1.25;
    pen.setLineDash([4, 3]);
    drawLine(pen, record.points.map(place("train")));
    pen.setLineDash([]);
  });
  const [now] = records;
  drawLevel(pen, room, box, box.y(1 / classesOf(now.setting.data)), "찍을 때");
  const goal = goalText(now.setting);
  if (goal) drawLevel(pen, room, box, box.y(parseFloat(goal) / 100), `목표 ${goal}`);
  const alone = records.length === 1;
  const names = records.map((record) => ended(record, record.points.at(-1), place("test"), room));
  if (alone) {
    names[0].text = "시험";
    names.push({ ...ended(now, now.points.at(-1), place("train"), room), text: "학습" });
  }
  drawNames(pen, room, names);
}
