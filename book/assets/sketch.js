// 선으로 하는 예상: 열마다 손잡이 하나. 그림 위를 끌어 그리거나, 손잡이마다 화살표로 옮깁니다.
function wiSketch(box, answer) {
  const SVG = "http://www.w3.org/2000/svg";
  const make = (tag, attributes = {}, ...children) => {
    const element = ["svg", "path"].includes(tag) ? document.createElementNS(SVG, tag) : document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
    element.append(...children);
    return element;
  };
  const { scale, values } = box.dataset;
  const log = scale === "log", level = (value) => (log ? Math.log10(value) : value);
  const [low, high] = [box.dataset.low, box.dataset.high].map((end) => level(Number(end)));
  const truth = values.split(" ").map((value) => (level(Number(value)) - low) / (high - low));
  const STEPS = 40; // 세로축의 눈금. 글쇠 한 번에 한 눈금입니다.
  const NEAR = 0.1; // 세로축의 길이의 10분의 1까지 맞은 것으로 봅니다.
  const table = box.querySelector(":scope > .pst-scrollable-table-container, :scope > table");
  const [head, row] = [...table.querySelectorAll("tr")].map((line) => [...line.children].map((cell) => cell.textContent.trim()));
  const columns = head.slice(1);

  const raise = (exponent) => `10${String(exponent).replace(/./g, (c) => "⁻⁰¹²³⁴⁵⁶⁷⁸⁹"["-0123456789".indexOf(c)])}`;
  function text(share) {
    const at = low + share * (high - low);
    if (!log) return String(Number(at.toPrecision(2)));
    const [digits, exponent] = (10 ** at).toExponential(0).split("e").map(Number);
    if (-4 < exponent && exponent < 4) return String(Number((10 ** at).toPrecision(1)));
    return digits === 1 ? raise(exponent) : `${digits}×${raise(exponent)}`;
  }

  const x = (i) => (i + 0.5) / columns.length;
  const path = (name) => make("path", { class: name, "vector-effect": "non-scaling-stroke" });
  const [drawn, told] = [path("wi-sketched"), path("wi-measured")];
  const d = (shares) => shares.map((share, i) => `${i ? "L" : "M"}${x(i)} ${1 - share}`).join("");
  const handles = columns.map((column, i) => {
    const handle = make("input", { type: "range", min: 0, max: STEPS, "aria-label": `${head[0]} ${column}`, "aria-orientation": "vertical" });
    handle.addEventListener("input", () => put(i, handle.value / STEPS));
    return handle;
  });
  // 손잡이의 자리는 그것을 담은 점이 정합니다. 누르고 끄는 것은 그림판이 받습니다.
  const dots = handles.map((handle, i) => {
    const dot = make("div", { class: "wi-dot" }, handle);
    dot.style.left = `${100 * x(i)}%`;
    return dot;
  });
  const board = make("div", { class: "wi-board" }, make("svg", { viewBox: "0 0 1 1", preserveAspectRatio: "none", "aria-hidden": "true" }, drawn, told), ...dots);
  const ends = [1, 0.5, 0].map((share) => make("span", {}, text(share)));
  const names = make("div", { class: "wi-columns", "aria-hidden": "true" }, ...columns.map((column) => make("span", {}, column)));
  const refused = make("span", { class: "wi-refused", role: "alert" });
  const done = make("button", { type: "button" }, "이렇게 답하기");
  const hint = make("span", { class: "wi-hint" }, "점을 모두 위아래로 끌어 선을 그리십시오.");
  const tools = make("div", { class: "wi-number" }, hint, done, refused);
  const figure = make("div", { class: "wi-sketch" },
    make("div", { class: "wi-row-name" }, row[0]),
    make("div", { class: "wi-heights", "aria-hidden": "true" }, ...ends), board, names, make("div", { class: "wi-axis-name", "aria-hidden": "true" }, head[0]), tools);
  table.classList.add("wi-on-paper");
  table.after(figure);

  let shares, answered = false;
  function draw() {
    drawn.setAttribute("d", d(shares));
    handles.forEach((handle, i) => {
      dots[i].style.top = `${100 * (1 - shares[i])}%`;
      handle.value = Math.round(STEPS * shares[i]);
      handle.setAttribute("aria-valuetext", text(shares[i]));
    });
  }
  function put(i, share) {
    if (answered) return;
    shares[i] = Math.round(STEPS * Math.min(1, Math.max(0, share))) / STEPS;
    dots[i].classList.add("wi-placed");
    draw();
  }
  const point = (event) => {
    const { left, top, width, height } = board.getBoundingClientRect();
    const i = Math.min(columns.length - 1, Math.max(0, Math.floor(((event.clientX - left) / width) * columns.length)));
    put(i, 1 - (event.clientY - top) / height);
    return i;
  };
  board.addEventListener("pointerdown", (event) => {
    if (answered) return;
    event.preventDefault();
    board.setPointerCapture(event.pointerId);
    handles[point(event)].focus({ preventScroll: true });
  });
  board.addEventListener("pointermove", (event) => board.hasPointerCapture(event.pointerId) && point(event));
  done.addEventListener("click", () => {
    const left = handles.filter((_, i) => !dots[i].classList.contains("wi-placed"));
    refused.textContent = left.length ? `아직 정하지 않은 점이 ${left.length}개 있습니다. 그림 위를 끌거나, 점마다 화살표 글쇠로 옮기십시오.` : "";
    if (left.length) left[0].focus();
    else answer([...shares]);
  });

  return {
    judge(given) {
      if (!Array.isArray(given) || given.length !== truth.length || !given.every((share) => share >= 0 && share <= 1)) return null;
      const hits = given.filter((share, i) => Math.abs(share - truth[i]) <= NEAR).length;
      const right = hits >= 0.8 * truth.length;
      return { right, why: "", said: `${right ? "맞았습니다. " : "다릅니다. "}${truth.length}곳 가운데 ${hits}곳이 잰 값에서 세로축의 10분의 1 안에 들었습니다. 굵은 선이 잰 값입니다.` };
    },
    show(given) {
      answered = given !== null;
      shares = given ?? shares?.slice() ?? columns.map(() => 0.5);
      told.setAttribute("d", answered ? d(truth) : "");
      for (const handle of handles) handle.disabled = answered;
      for (const dot of dots) dot.classList.toggle("wi-placed", answered);
      hint.hidden = done.hidden = answered;
      draw();
    },
    first: handles[0],
  };
}
