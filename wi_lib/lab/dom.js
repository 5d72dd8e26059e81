// 요소를 만드는 일과, 보일 때에만 한 프레임에 한 번 다시 그리는 캔버스.

export function make(tag, properties = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (name in element) element[name] = value;
    else element.setAttribute(name, value);
  }
  element.append(...children);
  return element;
}

// JupyterLab은 이 표시가 없는 단추와 입력에서 화살표와 Enter를 가로챕니다.
export const OWN_KEYS = { "data-lm-suppress-shortcuts": "true" };

export function makeButton(text, act, properties = {}) {
  const made = make("button", { type: "button", textContent: text, ...OWN_KEYS, ...properties });
  made.addEventListener("click", () => made.ariaDisabled !== "true" && act());
  return made;
}

export function makeDetails(name, open, title, ...inside) {
  return make("details", { class: name, open }, make("summary", OWN_KEYS, ...title), ...inside);
}

/** 글이 바뀌었을 때에만 적습니다. 같은 글을 다시 적어도 화면을 읽어 주는 프로그램에는 바뀐 것입니다. */
export function say(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

let lastId = 0;
export function newId() {
  lastId += 1;
  return `wi-lab-${lastId}`;
}

const reduced = matchMedia("(prefers-reduced-motion: reduce)");
/** 한 번 그리고 다음에 그릴 때까지 기다릴 시간(ms). */
export const restBetween = () => (reduced.matches ? 500 : 0);

const pictures = new Set();

/** 어두운 화면이나 고대비로 바뀌면 그림도 그 색으로 다시 그립니다. */
function followColors() {
  const again = () => {
    for (const picture of pictures) {
      if (picture.canvas.isConnected) picture.redraw();
      else pictures.delete(picture);
    }
  };
  const themes = new MutationObserver(again);
  themes.observe(document.documentElement, { attributeFilter: ["data-theme"] });
  themes.observe(document.body, { attributeFilter: ["data-jp-theme-light", "class"] });
  for (const query of ["(prefers-color-scheme: dark)", "(forced-colors: active)"]) {
    matchMedia(query).addEventListener("change", again);
  }
}

/** 캔버스 하나. draw(pen, room)의 room은 { width, height, size, color(이름) }이고, 길이는 CSS의 픽셀입니다. */
export class Picture {
  constructor(draw, properties = {}) {
    if (!pictures.size) followColors();
    pictures.add(this);
    this.draw = draw;
    this.seen = false;
    this.canvas = make("canvas", { role: "img", ...properties });
    new IntersectionObserver(([entry]) => {
      this.seen = entry.isIntersecting;
      this.redraw();
    }, { rootMargin: "100px" }).observe(this.canvas);
    new ResizeObserver(() => this.redraw()).observe(this.canvas);
  }

  /** 그림이 보이면 다음 프레임에 다시 그립니다. */
  redraw() {
    if (this.frame || !this.seen) return;
    this.frame = requestAnimationFrame(() => {
      this.frame = 0;
      this.paint();
    });
  }

  paint() {
    const { canvas } = this;
    const [width, height, ratio] = [canvas.clientWidth, canvas.clientHeight, devicePixelRatio];
    const [columns, rows] = [Math.round(width * ratio), Math.round(height * ratio)];
    if (!columns || !rows) return;
    // 크기를 적으면 캔버스가 새로 만들어지므로 바뀐 때에만 적습니다.
    if (canvas.width !== columns) canvas.width = columns;
    if (canvas.height !== rows) canvas.height = rows;
    const pen = canvas.getContext("2d");
    const style = getComputedStyle(canvas);
    pen.setTransform(ratio, 0, 0, ratio, 0, 0);
    pen.clearRect(0, 0, width, height);
    const size = parseFloat(style.fontSize);
    pen.font = `${size}px ${style.fontFamily}`;
    const color = (name) => style.getPropertyValue(`--wi-${name}`).trim();
    this.draw(pen, { width, height, size, color });
  }

  describe(text) {
    if (this.canvas.ariaLabel !== text) this.canvas.ariaLabel = text;
  }
}
