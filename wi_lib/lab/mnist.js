// 독자의 MNIST 파일 네 개. 이 페이지 안에서만 읽고 어디로도 보내지 않습니다.
//
// 이름이 아니라 내용으로 알아봅니다: IDX의 머리말에 적힌 자료형과 모양이 넷 가운데 하나여야 합니다.

import { OWN_KEYS, make, say } from "./dom.js";

const counted = (n) => n.toLocaleString("en");

// 이름, 모양, 그리고 풀어 놓은 원본의 SHA-256의 앞부분. 압축을 다시 한 파일도 내용은 같습니다.
const FILES = Object.entries({
  x_train: ["train-images-idx3-ubyte", [60000, 28, 28], "ba891046e6505d7a"],
  y_train: ["train-labels-idx1-ubyte", [60000], "65a50cbbf4e906d7"],
  x_test: ["t10k-images-idx3-ubyte", [10000, 28, 28], "0fa7898d509279e4"],
  y_test: ["t10k-labels-idx1-ubyte", [10000], "ff7bcfd416de3373"],
}).map(([part, [name, shape, sha256]]) => {
  const header = 4 * (1 + shape.length);
  return { part, name, shape: shape.map(counted).join(" × "), sha256, header, bytes: shape.reduce((all, n) => all * n) + header };
});
const LARGEST = FILES[0].bytes;
const listed = (files) => files.map(({ name }) => name).join(", ");

/** onReady({ x_train, y_train, x_test, y_test }): 네 파일을 모두 읽었을 때. 값은 Uint8Array입니다. */
export function makeMnistChooser(onReady) {
  const parts = {};
  const notes = {};
  let busy = Promise.resolve();
  const input = make("input", { type: "file", multiple: true, ...OWN_KEYS });
  const status = make("p", { role: "status" });
  const problems = make("ul");
  const element = make("div", { className: "wi-lab-mnist", hidden: true },
    make("label", {}, "MNIST 파일 네 개를 고르거나 여기에 끌어다 놓으십시오. ", input),
    make("p", {}, `${listed(FILES)}, 또는 그 .gz. 이 페이지 안에서만 읽고 어디로도 보내지 않습니다.`),
    whereFrom(), status, make("div", { className: "wi-lab-problems", role: "alert" }, problems));

  async function take(files) {
    const failed = [];
    for (const file of files) {
      say(status, `${file.name}: 읽는 중입니다.`);
      try {
        const { part, values, original } = await readIdx(file);
        parts[part] = values;
        notes[part] = original ? "" : `${file.name}: 원본 MNIST와 다릅니다. 그래도 씁니다.`;
      } catch (error) {
        failed.push(`${file.name}: ${error.message}`);
      }
    }
    const said = [...failed, ...Object.values(notes).filter(Boolean)];
    problems.replaceChildren(...said.map((text) => make("li", {}, text)));
    const missing = FILES.filter(({ part }) => !parts[part]);
    say(status, missing.length ? `빠진 파일: ${listed(missing)}` : "MNIST를 읽었습니다: 학습 60,000장, 시험 10,000장.");
    if (!missing.length) onReady({ ...parts });
  }

  // 파일을 읽는 동안 또 골라도 차례대로 읽습니다.
  function accept(chosen) {
    const files = [...chosen];
    if (files.length) busy = busy.then(() => take(files));
  }

  input.addEventListener("change", () => accept(input.files));
  element.addEventListener("drop", (event) => accept(event.dataTransfer.files));
  // 상자를 빗나간 파일을 브라우저가 이 페이지 대신 열지 않게 합니다.
  const hold = (event) => element.checkVisibility() && event.dataTransfer.types.includes("Files") && event.preventDefault();
  for (const name of ["dragover", "drop"]) addEventListener(name, hold);

  return {
    element,
    update(snapshot, setting) {
      element.hidden = setting.data !== "mnist";
    },
  };
}

/** 책에서는 6장으로 가는 길도 적습니다. */
function whereFrom() {
  const root = document.documentElement.dataset.content_root;
  const chapter = root === undefined ? [] : [" ", make("a", { href: `${root}chapters/06_mnist.html` }, "MNIST를 쓰는 6장")];
  const code = (text) => make("code", {}, text);
  return make("p", {}, "없으면 파이썬에서 ", code("wi_lib.datasets.load_mnist()"), "를 한 번 부르십시오. 파일이 ",
    code('pooch.os_cache("wi_lib")'), "의 폴더에 남습니다.", ...chapter);
}

function refuse(text) {
  throw new Error(text);
}

/** 파일 하나: 넷 가운데 어느 것이고, 값이 무엇이고, 원본인지. */
async function readIdx(file) {
  const bytes = await plainBytes(file);
  const count = bytes[3];
  const known = bytes.length >= 4 && !bytes[0] && !bytes[1] && bytes[2] === 8 && count < 5 && bytes.length >= 4 * (1 + count);
  if (!known) refuse("MNIST의 파일(IDX)이 아닙니다.");
  const view = new DataView(bytes.buffer);
  const shape = Array.from({ length: count }, (_, i) => counted(view.getUint32(4 * (1 + i)))).join(" × ");
  const found = FILES.find((one) => one.shape === shape);
  if (!found) refuse(`모양이 ${shape}입니다. MNIST의 모양은 ${FILES.map((one) => one.shape).join(", ")}입니다.`);
  const { part, header, sha256 } = found;
  const extra = bytes.length - found.bytes;
  if (extra) refuse(`${counted(Math.abs(extra))}바이트가 ${extra < 0 ? "모자랍니다" : "남습니다"}. 다시 받으십시오.`);
  const values = bytes.subarray(header);
  if (part[0] === "y" && values.some((label) => label > 9)) refuse("0–9가 아닌 레이블이 있습니다.");
  return { part, values, original: await isOriginal(bytes, sha256) };
}

/** 풀어 놓은 바이트. 앞의 두 바이트가 gzip의 것이면 풉니다. */
async function plainBytes(file) {
  if (file.size > LARGEST) refuse("MNIST의 파일보다 큽니다.");
  const bytes = new Uint8Array(await file.arrayBuffer().catch(() => refuse("읽을 수 없습니다.")));
  if (bytes[0] !== 0x1f || bytes[1] !== 0x8b) return bytes;
  if (!globalThis.DecompressionStream) refuse("이 브라우저는 gzip을 풀지 못합니다. gunzip으로 풀어서 고르십시오.");
  return gathered(file.stream().pipeThrough(new DecompressionStream("gzip"))).catch(() => refuse("gzip이 깨졌습니다. 다시 받으십시오."));
}

/** 스트림을 이어 붙입니다. 가장 큰 파일을 넘는 만큼은 받지 않습니다: 어차피 모양이나 길이에서 걸립니다. */
async function gathered(stream) {
  const reader = stream.getReader();
  const bytes = new Uint8Array(LARGEST + 1);
  let length = 0;
  for (let got = await reader.read(); !got.done && length <= LARGEST; got = await reader.read()) {
    const chunk = got.value.subarray(0, bytes.length - length);
    bytes.set(chunk, length);
    length += chunk.length;
  }
  reader.cancel();
  return bytes.slice(0, length);
}

/** 모양이 같은 자료(Fashion-MNIST 따위)를 알아봅니다. 암호 함수가 없는 곳에서는 묻지 않습니다. */
async function isOriginal(bytes, sha256) {
  if (!globalThis.crypto?.subtle) return true;
  const digest = new DataView(await crypto.subtle.digest("SHA-256", bytes));
  return digest.getBigUint64(0) === BigInt(`0x${sha256}`);
}
