// 격자에서 지금 자리의 값을 읽어 그립니다. 계산은 wi_lib.explorers가 모두 마쳤습니다.
// 모델의 p0, p1, …이 축마다의 칸의 번호이고, 조절기와는 link로 이어져 있습니다.

const SVG = "http://www.w3.org/2000/svg";
const SVG_TAGS = ["svg", "g", "path", "rect"];

function make(tag, attributes = {}, ...children) {
  const element = SVG_TAGS.includes(tag) ? document.createElementNS(SVG, tag) : document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    // 내용 보안 정책은 style 속성을 막고 cssText는 막지 않습니다.
    if (name === "style") element.style.cssText = value;
    else element.setAttribute(name, value);
  }
  element.append(...children);
  return element;
}

// 수를 글로 적는 규칙은 wi_lib/figures/numbers.py와 같습니다.
const superscript = (exponent) => String(exponent).replace(/./g, (c) => "⁻⁰¹²³⁴⁵⁶⁷⁸⁹"["-0123456789".indexOf(c)]);
function number(value) {
  if (Number.isNaN(value)) return "발산";
  const [digits, exponent] = value.toExponential(1).split("e").map(Number);
  if (digits === 0 || (-4 < exponent && exponent < 4)) return String(Number(value.toPrecision(2)));
  return `${digits}×10${superscript(exponent)}`;
}
function times(ratio) {
  const size = ratio >= 1 ? ratio : 1 / ratio;
  return (ratio >= 1 ? "×" : "÷") + (size >= 1e6 ? number(size) : Number(size.toPrecision(2)).toLocaleString("en"));
}
const percent = (share) => (Number.isNaN(share) ? "발산" : `${Math.floor(100 * share + 0.5)} %`);

// DataView는 바이트 경계가 맞지 않을 수 있어 잘라 옮겨야 Float32Array가 됩니다.
const typed = (view, Type) => new Type(view.buffer.slice(view.byteOffset, view.byteOffset + view.byteLength));

class Grid {
  constructor(model) {
    this.spec = model.get("spec");
    this.lengths = this.spec.axes.map((axis) => axis.texts.length);
    this.data = { bars: typed(model.get("bars"), Uint8Array), numbers: typed(model.get("numbers"), Float32Array) };
  }
  get(name, position) {
    const [kind, offset, length] = this.spec.fields[name];
    const cell = position.reduce((index, p, axis) => index * this.lengths[axis] + p, 0);
    const start = cell * this.spec.widths[kind] + offset;
    return this.data[kind].subarray(start, start + length);
  }
  along(name, axis, position) {
    return Array.from({ length: this.lengths[axis] }, (_, p) => this.get(name, position.with(axis, p)));
  }
  text(axis, position) {
    return this.spec.axes[axis].texts[position[axis]];
  }
  positions() {
    return this.lengths.reduce((all, n) => all.flatMap((p) => Array.from({ length: n }, (_, i) => [...p, i])), [[]]);
  }
  sentence(position) {
    return this.spec.says.replace(/\{(\w+)(:%)?\}/g, (_, name, share) => {
      const axis = this.spec.axes.findIndex((known) => known.name === name);
      if (axis >= 0) return this.text(axis, position);
      const [value] = this.get(name, position);
      return share ? percent(value) : number(value);
    });
  }
}

// 선의 굵기를 지키며 칸의 너비에 맞추어 늘어나는 그림판. 좌표는 자료의 값 그대로이고 위쪽이 양수입니다.
function board([x0, x1], [y0, y1], ...layers) {
  const flip = make("g", { transform: `translate(0 ${y0 + y1}) scale(1 -1)` }, ...layers);
  return make("svg", { viewBox: `${x0} ${y0} ${x1 - x0} ${y1 - y0}`, preserveAspectRatio: "none", "aria-hidden": "true" }, flip);
}
const stroke = (name) => make("path", { class: name, "vector-effect": "non-scaling-stroke" });
const short = (value) => Number(value.toPrecision(6));

// 그림 하나를 지금 자리와 남겨 둔 자리에 한 번씩 그립니다: draw(position)이 path의 d를 돌려줍니다.
function trace(name, draw) {
  const now = stroke(name);
  const kept = stroke(`wi-kept ${name}`);
  return {
    layers: [kept, now],
    update(position, keptPosition) {
      now.setAttribute("d", draw(position));
      kept.setAttribute("d", keptPosition ? draw(keptPosition) : "");
    },
  };
}

function histograms(grid, view) {
  const columns = grid.spec.fields.layers[2];
  const updates = [];
  const cells = (tag, name) => Array.from({ length: columns }, () => make(tag, name ? { class: name } : {}));
  const heads = cells("th");
  heads.forEach((head) => (head.scope = "col"));
  const table = make("table", { class: "wi-layers" }, make("thead", {}, make("tr", {}, make("td"), ...heads)));
  const body = table.appendChild(make("tbody"));
  const label = (text, name = "") => make("th", { scope: "row", class: name }, text);

  for (const row of view.rows) {
    const plots = cells("td", "wi-plot");
    plots.forEach((plot, column) => updates.push(histogram(grid, view, row, column, plot)));
    body.append(make("tr", {}, label(row.label), ...plots));
    for (const stat of view.stats.filter((known) => known.row === row.name)) {
      const values = cells("td");
      body.append(make("tr", {}, label(stat.label, `wi-key-${stat.name}`), ...values));
      updates.push((position) => {
        const found = grid.get(stat.name, position);
        values.forEach((cell, i) => (cell.textContent = stat.percent ? percent(found[i]) : number(found[i])));
      });
    }
  }
  return [table, (position, kept) => {
    grid.get("layers", position).forEach((layer, i) => (heads[i].textContent = `${layer}층`));
    for (const update of updates) update(position, kept);
  }];
}

function histogram(grid, { bins, top, stats }, row, column, cell) {
  const heights = (position) => grid.get(row.name, position).subarray(column * bins, (column + 1) * bins);
  const bars = trace(`wi-bars wi-${row.name}`, (position) =>
    heights(position).reduce((d, height, bin) => `${d}V${short((height / 255) * top)}H${bin + 1}`, "M0 0") + "V0Z");
  // 로그 축에는 RMS와 중앙값의 자리를 세로선으로 긋습니다. 둘이 갈라지면 몇 유닛만 신호를 나르는 것입니다.
  const lines = !row.log ? [] : stats.filter((stat) => stat.row === row.name).map((stat) => {
    const [low, high] = row.span;
    return trace(`wi-at-${stat.name}`, (position) => {
      const value = grid.get(stat.name, position)[column];
      const at = ((Math.log10(value) - low) / (high - low)) * bins;
      return at >= 0 && at <= bins ? `M${short(at)} 0V${top}` : "";
    });
  });
  const zeros = make("span", { class: "wi-zeros" });
  cell.append(
    board([0, bins], [0, top], ...bars.layers, ...lines.map((line) => line.layers[1])),
    ...(row.log ? [zeros] : []),
    make("div", { class: "wi-ends", "aria-hidden": "true" }, make("span", {}, row.ends[0]), make("span", {}, row.ends[1])),
  );
  return (position, kept) => {
    bars.update(position, kept);
    lines.forEach((line) => line.update(position));
    const [share] = grid.get("zeros", position).subarray(column);
    zeros.textContent = share > 0.005 ? `0: ${percent(share)}` : "";
  };
}

function curves(grid, view) {
  const panels = view.panels.map((panel) => curvePanel(grid, panel));
  const element = make("div", {}, make("div", { class: "wi-panels" }, ...panels.map(([panel]) => panel)),
    legend(view.panels.flatMap((panel) => panel.lines)));
  return [element, (position, kept) => panels.forEach(([, update]) => update(position, kept))];
}

// 이름이 같은 선은 한 번만 적습니다.
function legend(lines) {
  const known = new Map(lines.map((line) => [line.label, line]));
  return make("ul", { class: "wi-legend" }, ...[...known.values()].map((line) =>
    make("li", {}, make("span", { class: `wi-key wi-${line.style} wi-color-${line.color}` }), line.label)));
}

function curvePanel(grid, panel) {
  const { along, xEnds, yEnds } = panel;
  // 축을 따라가면 칸의 번호가, 아니면 주어진 x가 가로 자리입니다. 로그의 0은 그림판보다 한참 아래로 보냅니다.
  const x = along < 0 ? panel.x : grid.spec.axes[along].texts.map((_, i) => i);
  const height = (value) => short(panel.log ? Math.log10(Math.max(value, 1e-45)) : value);
  const rows = (name, position) => (along < 0 ? [...grid.get(name, position)].map((v) => [v]) : grid.along(name, along, position));
  const dots = (values) => values.map((v, i) => (Number.isNaN(v) ? "" : `M${x[i]} ${height(v)}h0`)).join("");
  const line = (values) => values.map((v, i) =>
    Number.isNaN(v) ? "" : `${i === 0 || Number.isNaN(values[i - 1]) ? "M" : "L"}${x[i]} ${height(v)}`).join("");

  const traces = panel.lines.flatMap(({ name, style, band, color }) => {
    const draw = style === "dots" ? dots : line;
    const curve = trace(`wi-${style} wi-color-${color}`, (position) => {
      const found = rows(name, position);
      return found[0].reduce((d, _, k) => d + draw(found.map((row) => row[k])), "");
    });
    if (!band.length) return [curve];
    const area = trace(`wi-band wi-color-${color}`, (position) => {
      const [low, high] = band.map((end) => rows(end, position).map(([v]) => v));
      const known = x.flatMap((at, i) => (Number.isNaN(low[i] + high[i]) ? [] : [[at, height(low[i]), height(high[i])]]));
      const points = [...known.map(([at, a]) => `${at} ${a}`), ...known.reverse().map(([at, , b]) => `${at} ${b}`)];
      return points.length ? `M${points.join("L")}Z` : "";
    });
    return [area, curve];
  });
  const straight = (name, d) => { const path = stroke(name); path.setAttribute("d", d); return path; };
  const rules = panel.yTicks.map(([v]) => `M${xEnds[0]} ${v}H${xEnds[1]}`).join("");
  const marks = panel.marks.map((at) => `M${at} ${yEnds[0]}V${yEnds[1]}`).join("");
  const level = panel.level.length ? `M${xEnds[0]} ${panel.level[0]}H${xEnds[1]}` : "";
  const cursor = stroke("wi-cursor");

  const share = (value, [low, high]) => `${(100 * (value - low)) / (high - low)}%`;
  const tick = (text, side, at) => make("span", { style: `${side}:${at}` }, text);
  const plot = make("div", { class: "wi-plot" },
    board(xEnds, yEnds, straight("wi-rule", rules), straight("wi-mark", marks + level), cursor,
      ...traces.flatMap(({ layers }) => layers)),
    make("div", { class: "wi-y" }, ...panel.yTicks.map(([v, text]) => tick(text, "bottom", share(v, yEnds)))),
    make("div", { class: "wi-x" }, ...panel.xTicks.map(([v, text]) => tick(text, "left", share(v, xEnds)))),
    ...(panel.level.length ? [make("span", { class: "wi-level", style: `bottom:${share(panel.level[0], yEnds)}` }, panel.level[1])] : []));
  const element = make("div", { class: "wi-panel" }, make("div", { class: "wi-title" }, panel.title), plot,
    make("div", { class: "wi-xlabel" }, panel.xlabel), legend(panel.lines));
  return [element, (position, kept) => {
    traces.forEach((known) => known.update(position, kept));
    if (along >= 0) cursor.setAttribute("d", `M${position[along]} ${yEnds[0]}V${yEnds[1]}`);
  }];
}

function heatmap(grid, view, go) {
  const [rows, columns] = [view.rows, view.columns].map((axis) => grid.spec.axes[axis]);
  const move = (row, column) => go([[view.rows, row], [view.columns, column]]);
  const buttons = rows.texts.map((_, row) => columns.texts.map((_, column) => {
    const button = make("button", { type: "button" });
    button.addEventListener("click", () => move(row, column));
    return button;
  }));
  const head = columns.texts.map((text) => make("th", { scope: "col" }, text));
  const many = columns.texts.length > 7 ? " wi-many" : "";
  const table = make("table", { class: `wi-heatmap${many}`, style: `--wi-rows:${rows.texts.length}` }, make("caption", {}, view.title),
    make("thead", {}, make("tr", {}, make("th", { scope: "col", class: "wi-corner" }, columns.label), ...head)),
    make("tbody", {}, ...rows.texts.map((text, row) =>
      make("tr", {}, make("th", { scope: "row" }, text), ...buttons[row].map((button) => make("td", {}, button))))));
  // 표 전체가 Tab 한 번이고, 칸 사이는 화살표로 다닙니다.
  table.addEventListener("keydown", (event) => {
    const step = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] }[event.key];
    const row = buttons.findIndex((line) => line.includes(event.target));
    if (!step || row < 0) return;
    event.preventDefault();
    const next = buttons[row + step[0]]?.[buttons[row].indexOf(event.target) + step[1]];
    next?.focus();
    next?.click();
  });
  return [table, (position) => buttons.forEach((line, row) => line.forEach((button, column) => {
    const here = position.with(view.rows, row).with(view.columns, column);
    const [value] = grid.get(view.value, here);
    const [ratio] = view.ratio ? grid.get(view.ratio, here) : [NaN];
    const [shade, ink] = view.shades[Math.round((value || 0) * (view.shades.length - 1))];
    const chosen = here.every((p, axis) => p === position[axis]);
    button.style.cssText = `background:${shade};color:${ink}`;
    const count = Number.isNaN(value) ? "발산" : String(Math.floor((view.most ?? 100) * value + 0.5));
    button.textContent = Number.isNaN(ratio) ? count : times(ratio);
    button.setAttribute("aria-pressed", chosen);
    button.tabIndex = chosen ? 0 : -1;
  }))];
}

// 칸마다 네모 하나. 값이 클수록 검습니다.
function images(grid, { title, name, shape: [height, width], names }) {
  const pictures = names.map((label) => {
    const cells = Array.from({ length: height * width }, (_, i) =>
      make("rect", { x: i % width, y: Math.floor(i / width), width: 1, height: 1 }));
    const viewBox = `0 0 ${width} ${height}`;
    return [make("svg", { viewBox, role: "img", "aria-label": `${title}: ${label}` }, ...cells), cells];
  });
  const element = make("div", { class: "wi-images" }, make("div", { class: "wi-title" }, title),
    make("div", { class: "wi-pictures" }, ...pictures.map(([svg]) => svg)));
  return [element, (position) => {
    const values = grid.get(name, position);
    pictures.flatMap(([, cells]) => cells).forEach((cell, i) => {
      const grey = 255 - values[i];
      cell.setAttribute("fill", `rgb(${grey} ${grey} ${grey})`);
    });
  }];
}

const VIEWS = { histograms, curves, heatmap, images };

// 바로 갈 수 있는 자리마다 단추 하나.
function markButtons(grid, go) {
  const groups = grid.spec.axes.flatMap((axis, i) => {
    if (!axis.marks.length) return [];
    const buttons = axis.marks.map(([text, p]) => {
      const button = make("button", { type: "button" }, text);
      button.addEventListener("click", () => go([[i, p]]));
      return [button, i, p];
    });
    const name = `${axis.label} 바로 가기`;
    return [[make("div", { role: "group", class: "wi-marks" }, make("span", {}, name), ...buttons.map(([b]) => b)), buttons]];
  });
  groups.forEach(([group]) => group.setAttribute("aria-label", group.firstChild.textContent));
  const update = (position) => groups.flatMap(([, buttons]) => buttons).forEach(([button, axis, p]) =>
    button.setAttribute("aria-pressed", position[axis] === p));
  return [groups.map(([group]) => group), update];
}

// 좁은 곳에서는 나란하던 그림을 하나씩 보이고, 단추로 고릅니다. 넓은 곳에서는 explorer.css가 단추를 감추고 모두 보입니다.
function pager(pages) {
  const buttons = pages.map((page) => {
    const button = make("button", { type: "button" }, page.querySelector(".wi-title")?.textContent ?? "층별 분포");
    button.addEventListener("click", () => choose(page));
    return button;
  });
  const choose = (chosen) => pages.forEach((page, i) => {
    page.classList.toggle("wi-aside", page !== chosen);
    buttons[i].setAttribute("aria-pressed", page === chosen);
  });
  choose(pages[0]);
  return make("div", { role: "group", class: "wi-pager", "aria-label": "그림 고르기" }, ...buttons);
}

function render({ model, el }) {
  const grid = new Grid(model);
  const { axes, title, views } = grid.spec;
  const now = () => axes.map((_, i) => model.get(`p${i}`));
  const go = (moves) => {
    for (const [axis, p] of moves) model.set(`p${axis}`, p);
    model.save_changes();
  };
  let kept = null;
  const keep = make("button", { type: "button", class: "wi-keep", "aria-pressed": "false" }, "지금 모습 남겨 두기");
  const keptText = make("span", { class: "wi-kept-text" });
  keep.addEventListener("click", () => {
    kept = kept ? null : now();
    keep.setAttribute("aria-pressed", Boolean(kept));
    keptText.textContent = kept ? `회색: ${axes.map((axis, i) => `${axis.label} ${grid.text(i, kept)}`).join(", ")}` : "";
    update();
  });

  const [marks, updateMarks] = markButtons(grid, go);
  const drawn = views.map((view) => VIEWS[view.kind](grid, view, go));
  const said = make("span");
  // 움직이는 동안 아래의 그림이 오르내리지 않게, 가장 긴 문장의 자리를 비워 둡니다.
  const longest = grid.positions().map((position) => grid.sentence(position)).reduce((a, b) => (b.length > a.length ? b : a));
  const says = make("p", { class: "wi-says", "aria-live": "polite", "data-longest": longest }, said);
  const tools = make("div", { class: "wi-tools" }, ...marks, ...(views.some((view) => !["heatmap", "images"].includes(view.kind)) ? [keep, keptText] : []));
  el.classList.add("wi-explorer");
  el.setAttribute("role", "group");
  el.setAttribute("aria-label", title);
  el.append(tools, says, ...drawn.map(([element]) => element));
  const pages = [...el.querySelectorAll(".wi-layers, .wi-panel")];
  if (pages.length > 1) (pages[0].closest(".wi-explorer > div") ?? pages[0]).before(pager(pages));
  // JupyterLab은 이 표시가 없는 단추에서 화살표와 Enter를 가로챕니다.
  for (const button of el.querySelectorAll("button")) button.dataset.lmSuppressShortcuts = "true";

  function update() {
    const position = now();
    updateMarks(position);
    for (const [, draw] of drawn) draw(position, kept);
    said.textContent = grid.sentence(position);
    el.dataset.position = position.join(" ");
  }
  update();
  const events = axes.map((_, i) => `change:p${i}`);
  for (const event of events) model.on(event, update);
  return () => events.forEach((event) => model.off(event, update));
}

export default { render };
