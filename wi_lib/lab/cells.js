// 칸마다 색이 하나인 그림: 칸의 값은 팔레트에서의 자리이고, 칸 하나를 픽셀 하나로 그린 뒤에 늘립니다.

/** 색의 글(#0072b2 따위)들을 count단계로 이은 팔레트. 뒤에 extras의 색을 하나씩 붙입니다. */
export function makePalette(pen, stops, count, extras) {
  const known = stops.map((text) => channels(pen, text));
  const colors = Array.from({ length: count }, (_, i) => {
    const at = (i / (count - 1)) * (known.length - 1);
    const from = Math.min(Math.floor(at), known.length - 2);
    return known[from].map((value, c) => value + (at - from) * (known[from + 1][c] - value));
  });
  const bytes = [...colors, ...extras.map((text) => channels(pen, text))].map((rgb) => [...rgb, 255]);
  return new Uint32Array(Uint8ClampedArray.from(bytes.flat()).buffer);
}

/** 브라우저가 아는 색의 글은 붓에 묻혔다가 꺼내면 #rrggbb가 됩니다. */
function channels(pen, text) {
  pen.fillStyle = "#000";
  pen.fillStyle = text;
  return [1, 3, 5].map((at) => parseInt(pen.fillStyle.slice(at, at + 2), 16));
}

export class Cells {
  constructor() {
    this.sheet = document.createElement("canvas");
    this.known = "";
  }

  resize(columns, rows) {
    const { sheet } = this;
    if (this.values && sheet.width === columns && sheet.height === rows) return;
    sheet.width = columns;
    sheet.height = rows;
    this.pen = sheet.getContext("2d");
    this.image = this.pen.createImageData(columns, rows);
    this.pixels = new Uint32Array(this.image.data.buffer);
    this.values = new Uint16Array(columns * rows);
  }

  /** 팔레트는 화면의 색이 바뀔 때에만 다시 만듭니다. */
  paint(stops, count, extras) {
    const key = [...stops, ...extras].join();
    if (key !== this.known) this.palette = makePalette(this.pen, stops, count, extras);
    this.known = key;
    for (let i = 0; i < this.values.length; i++) this.pixels[i] = this.palette[this.values[i]];
    this.pen.putImageData(this.image, 0, 0);
  }

  draw(pen, x, y, width, height) {
    pen.imageSmoothingEnabled = false;
    pen.drawImage(this.sheet, x, y, width, height);
  }
}
