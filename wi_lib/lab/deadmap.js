// 층 × 유닛의 지도: 유닛마다 배치의 얼마가 포화되었는지. 모든 입력에서 그런 유닛은 따로 표시합니다.

import { Cells } from "./cells.js";
import { OWN_KEYS, Picture, make, say } from "./dom.js";

const ALL = 255; // 배치의 모든 입력에서 포화되었습니다.
const LABELS = 34; // 층의 번호를 적는 왼쪽의 너비
const WIDEST = 24; // 칸의 가장 큰 너비
const SENTENCE = 6; // 문장에 따로 적는 층의 수
const MOVES = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] };

/** 활성화 함수마다의 말: 모든 입력에서 그런 유닛의 이름, 한 입력에서 그런 것과 그것의 꼴바꿈. */
const wordsOf = ({ activation }) => (activation.endsWith("relu") ? ["죽은 유닛", "꺼짐", "꺼진"] : ["포화된 유닛", "포화", "포화된"]);

/** onPick(층, 유닛): 독자가 유닛을 골랐을 때. 번호는 1부터입니다. */
export function makeDeadMap(onPick) {
  const cells = new Cells();
  const picture = new Picture((pen, room) => shown && drawMap(pen, room, cells, shown), {
    className: "wi-lab-map",
    role: "application",
    "aria-roledescription": "화살표로 다니는 지도",
    tabIndex: 0,
    ...OWN_KEYS,
  });
  const [title, says, reads] = [make("div", { className: "wi-lab-title" }), make("p"), make("p", { className: "wi-lab-reads" })];
  const last = make("span", { className: "wi-lab-all" });
  const key = make("div", { className: "wi-lab-scale" }, "0 %", make("span", { className: "wi-lab-ramp" }), "99 %", last);
  const element = make("div", { className: "wi-lab-map-part", hidden: true }, title, picture.canvas, key, reads, says);
  let shown = null; // { shares: 층마다의 Uint8Array, setting, chosen: [층, 유닛], over: [층, 유닛] | null }

  /** spoken이면 화면을 읽어 주는 프로그램이 바로 읽습니다. */
  function read(spoken) {
    reads.ariaLive = spoken ? "polite" : "off";
    say(reads, unitText(shown));
    picture.redraw();
  }

  listen(picture.canvas, onPick, () => shown, (over) => {
    shown.over = over;
    read(false);
  });

  return {
    element,
    seen: () => picture.seen || element.hidden,
    /** 독자가 골랐으면(spoken) 그 유닛의 말을 바로 읽어 줍니다. 학습하는 동안 바뀌는 말은 읽어 주지 않습니다. */
    show(shares, setting, chosen, spoken) {
      element.hidden = false;
      const over = spoken || !shown?.over || shareOf(shares, shown.over) === undefined ? null : shown.over;
      shown = { shares, setting, chosen, over };
      const [name, , past] = wordsOf(setting);
      say(title, `유닛마다 배치에서 ${past} 비율`);
      say(last, `${name}(100 %)`);
      say(says, countSentence(shares, name));
      picture.canvas.style.height = `${shares.length * heightOf(shares)}px`;
      picture.describe(`은닉층 ${shares.length}개 × 유닛 ${shares[0].length}개의 지도. ${says.textContent}`);
      read(spoken);
    },
  };
}

const shareOf = (shares, [layer, unit]) => shares[layer - 1]?.[unit - 1];
const heightOf = ({ length }) => (length > 25 ? 7 : length > 10 ? 11 : 18);
const widthOf = (shares, width) => Math.min((width - LABELS) / shares[0].length, WIDEST);

/** 가리키면 그 유닛을 읽고(onOver), 누르거나 화살표로 가면 고릅니다(onPick). */
function listen(canvas, onPick, now, onOver) {
  const placeAt = ({ clientX, clientY }) => {
    const { shares } = now();
    const box = canvas.getBoundingClientRect();
    const unit = Math.ceil((clientX - box.left - LABELS) / widthOf(shares, box.width));
    const place = [Math.ceil((clientY - box.top) / heightOf(shares)), unit];
    return shareOf(shares, place) === undefined ? null : place;
  };
  const hover = (event) => {
    if (!now()) return;
    const over = event.type === "pointerleave" ? null : placeAt(event);
    if (String(over) !== String(now().over)) onOver(over);
  };
  canvas.addEventListener("pointermove", hover);
  canvas.addEventListener("pointerleave", hover);
  canvas.addEventListener("click", (event) => {
    const place = now() && placeAt(event);
    if (place) onPick(...place);
  });
  canvas.addEventListener("keydown", (event) => {
    const step = MOVES[event.key];
    if (!step || !now()) return;
    event.preventDefault();
    const { chosen, shares } = now();
    onPick(Math.min(Math.max(chosen[0] + step[0], 1), shares.length), chosen[1] + step[1]);
  });
}

function unitText({ shares, setting, chosen, over }) {
  const [layer, unit] = over ?? chosen;
  const [name, word] = wordsOf(setting);
  const share = shareOf(shares, [layer, unit]);
  if (share === undefined) return "출력층에는 활성화 함수가 없어 지도에 없습니다.";
  // 한 입력에서라도 아니면 100 %라고 적지 않습니다.
  const percent = Math.min(Math.round((100 * share) / ALL), 99);
  const what = share === ALL ? `${name}(배치의 모든 입력에서 ${word})` : `배치의 ${percent} %에서 ${word}`;
  return `${layer}층 ${unit}번 유닛: ${what}`;
}

function drawMap(pen, room, cells, { shares, chosen, over }) {
  const [rows, columns] = [shares.length, shares[0].length];
  const [width, height] = [widthOf(shares, room.width), heightOf(shares)];
  cells.resize(columns, rows);
  shares.forEach((row, l) => cells.values.set(row, l * columns));
  cells.paint([room.color("empty"), room.color("full")], ALL, [room.color("all")]);
  cells.draw(pen, LABELS, 0, columns * width, rows * height);
  drawLabels(pen, room, rows, height);
  if (width >= 6) markAll(pen, room, shares, width, height);
  pen.lineWidth = 2;
  for (const [place, color] of [[over, "muted"], [chosen, "ink"]]) {
    if (!place || place[0] > rows) continue;
    pen.strokeStyle = room.color(color);
    // 칸이 아주 좁아도 고른 자리는 보입니다.
    const [w, h] = [Math.max(width, 5), Math.max(height, 5)];
    pen.strokeRect(LABELS + (place[1] - 0.5) * width - w / 2, (place[0] - 0.5) * height - h / 2, w, h);
  }
}

/** 층의 번호. 겹치지 않을 만큼 건너뛰며 적습니다. */
function drawLabels(pen, room, rows, height) {
  const every = [1, 2, 5, 10].find((step) => step * height >= room.size * 1.1) ?? 10;
  pen.fillStyle = room.color("muted");
  pen.textAlign = "right";
  pen.textBaseline = "middle";
  for (let layer = 1; layer <= rows; layer++) {
    if (layer === 1 || layer % every === 0) pen.fillText(layer, LABELS - 6, (layer - 0.5) * height);
  }
}

/** 칸이 넉넉하면 모든 입력에서 그런 유닛에 ×를 긋습니다. 색만으로 가르지 않습니다. */
function markAll(pen, room, shares, width, height) {
  const arm = Math.min(width, height) * 0.28;
  pen.strokeStyle = room.color("on-all");
  pen.lineWidth = 1.5;
  pen.beginPath();
  shares.forEach((row, l) => row.forEach((share, u) => {
    if (share !== ALL) return;
    const [x, y] = [LABELS + (u + 0.5) * width, (l + 0.5) * height];
    pen.moveTo(x - arm, y - arm);
    pen.lineTo(x + arm, y + arm);
    pen.moveTo(x + arm, y - arm);
    pen.lineTo(x - arm, y + arm);
  }));
  pen.stroke();
}

/** "죽은 유닛: 2층 50개 가운데 3개, …". 층이 많으면 많은 층부터 적고 나머지는 합합니다. */
export function countSentence(shares, name) {
  const width = shares[0].length;
  const counts = shares.map((row, l) => [l + 1, row.reduce((sum, share) => sum + (share === ALL), 0)]);
  const some = counts.filter(([, count]) => count);
  if (!some.length) return `${name}: 이 배치에서는 없습니다(은닉층 ${shares.length}개, 층마다 ${width}개).`;
  const worst = [...some].sort((a, b) => b[1] - a[1]).slice(0, SENTENCE).sort((a, b) => a[0] - b[0]);
  const total = some.reduce((sum, [, count]) => sum + count, 0);
  const left = total - worst.reduce((sum, [, count]) => sum + count, 0);
  const parts = worst.map(([layer, count]) => `${layer}층 ${width}개 가운데 ${count}개`);
  const others = left ? `, 그 밖의 ${some.length - worst.length}개 층에 ${left}개` : "";
  return `${name}: ${parts.join(", ")}${others}. 모두 ${(shares.length * width).toLocaleString("en")}개 가운데 ${total.toLocaleString("en")}개입니다.`;
}
