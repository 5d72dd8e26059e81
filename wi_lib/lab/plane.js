// 평면 자료의 결정 경계: 망이 자리마다 답하는 클래스와 그 확신, 그 위의 학습 자료(채움)와 시험 자료(테두리).

import { makePalette } from "./cells.js";
import { Picture, make, say } from "./dom.js";
import { FIELDS, percentText } from "./setting.js";

// 점 하나가 (x, y)인 자료입니다.
const PLANES = ["spiral", "rings", "checkerboard"];
const REACH = 1.2; // 그림은 [−1.2, 1.2]²입니다.
const RADIUS = 3; // 점의 반지름(픽셀)
const KEY =
  "파란 바탕은 동그라미, 주황 바탕은 세모라고 답하는 곳이고, 짙을수록 확신합니다. 채운 점은 학습 자료, 테두리만 있는 점은 시험 자료입니다.";

/** look(): 그림이 보이기 시작해 새 모습을 물어야 할 때 부릅니다. */
export function makePlane(look = () => {}) {
  const sheet = document.createElement("canvas");
  const picture = new Picture(draw, { className: "wi-lab-plane" });
  const [title, accurate] = [make("div", { className: "wi-lab-title" }), make("p")];
  const element = make("div", { className: "wi-lab-plane-part", hidden: true }, title, picture.canvas, accurate, make("p", {}, KEY));
  let [boundary, points, resting] = [null, null, true];
  new IntersectionObserver(([entry]) => entry.isIntersecting && look()).observe(element);

  function draw(pen, room) {
    const side = Math.min(room.width, room.height);
    if (boundary) {
      fill(sheet, room, boundary);
      pen.imageSmoothingEnabled = false;
      pen.drawImage(sheet, 0, 0, side, side);
      drawEdge(pen, room, side, boundary);
    }
    if (points) drawPoints(pen, room, side, points);
  }

  return {
    element,
    wants: () => ({ boundary: !element.hidden && (resting || picture.seen) }),
    /** data: 평면 자료의 { x_train, y_train, x_test, y_test }. 다른 자료에서는 보이지 않습니다. */
    update(snapshot, setting, data) {
      element.hidden = !PLANES.includes(setting.data);
      if (element.hidden) return;
      const name = FIELDS.data.choices[setting.data];
      points = data ?? points;
      boundary = snapshot.boundary ?? boundary;
      resting = snapshot.state !== "running";
      const known = snapshot.accuracy === null ? snapshot.state === "diverged" ? "발산" : "아직 재지 않음" : percentText(snapshot.accuracy);
      say(title, `${name}: 망이 그은 경계`);
      say(accurate, `시험 정확도: ${known}`);
      picture.describe(`${name} 자료의 결정 경계. ${KEY} 시험 정확도: ${known}.`);
      if (boundary) delete element.dataset.stale;
      if (!("stale" in element.dataset)) picture.redraw();
    },
    /** 그림은 새 경계가 올 때까지 흐리게 남습니다. */
    clear() {
      boundary = points = null;
      element.dataset.stale = "";
    },
  };
}

/** 확신할수록 짙은 색. 칸마다 픽셀 하나이고, 두 클래스라 sure는 반(127)보다 작지 않습니다. */
function fill(sheet, room, { size, classes, sure }) {
  if (sheet.width !== size) sheet.width = sheet.height = size;
  const pen = sheet.getContext("2d");
  const palettes = [0, 1].map((k) => makePalette(pen, [room.color("middle"), room.color(`area-${k}`)], 256, []));
  const image = pen.createImageData(size, size);
  const pixels = new Uint32Array(image.data.buffer);
  for (let i = 0; i < pixels.length; i++) pixels[i] = palettes[classes[i]][Math.max(2 * sure[i] - 255, 0)];
  pen.putImageData(image, 0, 0);
}

/** 클래스가 바뀌는 자리에는 선을 그어, 색을 가리지 못해도 경계가 보입니다. */
function drawEdge(pen, room, side, { size, classes }) {
  const cell = side / size;
  pen.beginPath();
  for (let i = 0; i < classes.length; i++) {
    const [x, y] = [((i % size) + 1) * cell, (Math.floor(i / size) + 1) * cell];
    if ((i + 1) % size && classes[i + 1] !== classes[i]) line(pen, x, y - cell, x, y);
    if (i + size < classes.length && classes[i + size] !== classes[i]) line(pen, x - cell, y, x, y);
  }
  pen.strokeStyle = room.color("ink");
  pen.lineWidth = 1.5;
  pen.stroke();
}

function drawPoints(pen, room, side, { x_train, y_train, x_test, y_test }) {
  const at = (value) => ((value + REACH) / (2 * REACH)) * side;
  for (const [x, y, solid] of [[x_train, y_train, true], [x_test, y_test, false]]) {
    for (const k of [0, 1]) {
      pen.beginPath();
      for (let i = 0; i < y.length; i++) if (y[i] === k) mark(pen, k, at(x[2 * i]), side - at(x[2 * i + 1]));
      pen.fillStyle = room.color(solid ? `point-${k}` : "middle");
      pen.strokeStyle = room.color(solid ? "middle" : `point-${k}`);
      pen.lineWidth = solid ? 0.75 : 1.5;
      pen.fill();
      pen.stroke();
    }
  }
}

function line(pen, x0, y0, x1, y1) {
  pen.moveTo(x0, y0);
  pen.lineTo(x1, y1);
}

/** 클래스 0은 동그라미, 1은 세모. */
function mark(pen, k, x, y) {
  if (k === 0) {
    pen.moveTo(x + RADIUS, y);
    pen.arc(x, y, RADIUS, 0, 2 * Math.PI);
    return;
  }
  const r = RADIUS * 1.35;
  pen.moveTo(x, y - r);
  pen.lineTo(x + r, y + r * 0.8);
  pen.lineTo(x - r, y + r * 0.8);
  pen.closePath();
}
