// 캔버스의 좌표축: 눈금, 로그 축, 선의 끝에 적는 이름.

/** 10ⁿ. 위 첨자는 글자입니다. */
export const powerText = (exponent) =>
  `10${String(exponent).replace(/./g, (c) => "⁻⁰¹²³⁴⁵⁶⁷⁸⁹"["-0123456789".indexOf(c)])}`;

/** most를 넘지 않는 수의 눈금: 1, 2, 5의 10ⁿ 배마다. */
export function evenTicks(low, high, most) {
  const rough = (high - low) / most;
  const unit = 10 ** Math.floor(Math.log10(rough));
  const step = unit * [1, 2, 5, 10].find((times) => times * unit >= rough * 0.999);
  const count = Math.floor((high - low) / step + 1e-9);
  return Array.from({ length: count + 1 }, (_, i) => Number((low + i * step).toPrecision(12)));
}

/** 로그 축의 눈금: 10ⁿ마다 [값, 글]. 많으면 몇 칸씩 건너뜁니다. */
export function powerTicks(low, high, most) {
  const [first, last] = [Math.ceil(low - 1e-9), Math.floor(high + 1e-9)];
  const step = Math.max(1, Math.ceil((last - first) / most));
  const exponents = Array.from({ length: last - first + 1 }, (_, i) => first + i);
  return exponents.filter((n) => n % step === 0).map((n) => [n, powerText(n)]);
}

/** value보다 작지 않은 1, 2, 5의 10ⁿ 배. */
export function roundUp(value) {
  const unit = 10 ** Math.floor(Math.log10(value));
  return [1, 2, 5, 10].map((times) => times * unit).find((known) => known >= value * 0.999999);
}

/**
 * 축과 눈금을 그리고 자리를 구하는 함수를 돌려줍니다. x와 y는 { low, high, ticks: [[값, 글]] }입니다.
 * right는 선의 이름을 적을 오른쪽의 너비입니다.
 */
export function drawAxes(pen, room, x, y, right = 8) {
  const { width, height, size, color } = room;
  const labels = y.ticks.map(([, text]) => pen.measureText(text).width);
  const box = { left: Math.max(size * 2.4, ...labels) + 8, right: width - right, top: size * 0.7, bottom: height - size * 1.7 };
  const place = (axis, from, to) => (value) => from + ((value - axis.low) / (axis.high - axis.low)) * (to - from);
  box.x = place(x, box.left, box.right);
  box.y = place(y, box.bottom, box.top);
  pen.lineWidth = 1;
  pen.strokeStyle = color("rule");
  pen.fillStyle = color("muted");
  pen.textAlign = "right";
  pen.textBaseline = "middle";
  for (const [value, text] of y.ticks) {
    const at = Math.round(box.y(value)) + 0.5;
    pen.globalAlpha = 0.6;
    drawLine(pen, [[box.left, at], [box.right, at]]);
    pen.globalAlpha = 1;
    pen.fillText(text, box.left - 5, at);
  }
  pen.textBaseline = "top";
  for (const [value, text] of x.ticks) {
    const half = pen.measureText(text).width / 2;
    pen.textAlign = "center";
    pen.fillText(text, Math.min(box.x(value), width - half), box.bottom + 5);
  }
  pen.strokeStyle = color("muted");
  drawLine(pen, [[box.left + 0.5, box.top], [box.left + 0.5, box.bottom + 0.5], [box.right, box.bottom + 0.5]]);
  return box;
}

/** 이어지는 점. NaN인 곳에서 끊습니다. */
export function drawLine(pen, points) {
  pen.beginPath();
  let drawing = false;
  for (const [x, y] of points) {
    const known = !Number.isNaN(x + y);
    if (known && drawing) pen.lineTo(x, y);
    else if (known) pen.moveTo(x, y);
    drawing = known;
  }
  pen.stroke();
}

export function drawDots(pen, points, radius) {
  pen.beginPath();
  for (const [x, y] of points) {
    if (Number.isNaN(x + y)) continue;
    pen.moveTo(x + radius, y);
    pen.arc(x, y, radius, 0, 2 * Math.PI);
  }
  pen.fill();
}

/** 선의 끝에 이름을 적습니다. 이웃한 이름이 겹치지 않게 세로로 벌립니다. names는 [{ x, y, text, color }]. */
export function drawNames(pen, { height, size }, names) {
  const gap = size * 1.1;
  const sorted = names.filter(({ y }) => !Number.isNaN(y)).sort((a, b) => a.y - b.y);
  sorted.forEach((name, i) => (name.at = i ? Math.max(name.y, sorted[i - 1].at + gap) : name.y));
  const extra = Math.max(0, (sorted.at(-1)?.at ?? 0) - (height - size * 2));
  pen.textAlign = "left";
  pen.textBaseline = "middle";
  for (const { x, at, text, color } of sorted) {
    pen.fillStyle = color;
    pen.fillText(text, x + 5, at - extra);
  }
}

/** 고른 구간의 box 안에만 그립니다. */
export function clipped(pen, box, draw) {
  pen.save();
  pen.beginPath();
  pen.rect(box.left, box.top - 3, box.right - box.left + 3, box.bottom - box.top + 6);
  pen.clip();
  draw();
  pen.restore();
}
