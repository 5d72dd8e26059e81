// 독자의 MNIST 파일 네 개. 이 페이지 안에서만 읽고 어디로도 보내지 않습니다.
//
// 이름이 아니라 내용으로 알아봅니다: IDX의 머리말에 적힌 자료형과 모양이 넷 가운데 하나여야 합니다.

import { OWN_KEYS, make, say } from "./dom.js";

// 풀어 놓은 원본의 SHA-256. 압축을 다시 한 파일도 내용은 같습니다.
const FILES = [
  idx("x_train", "train-images-idx3-ubyte", [60000, 28, 28], "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db"),
  idx("y_train", "train-labels-idx1-ubyte", [60000], "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5"),
  idx("x_test", "t10k-images-idx3-ubyte", [10000, 28, 28], "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7"),
  idx("y_test", "t10k-labels-idx1-ubyte", [10000], "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2"),
];
const LARGEST = Math.max(...FILES.map((file) => file.bytes));
const times = (shape) => shape.map((n) => n.toLocaleString("en")).join(" × ");

function idx(part, name, shape, sha256) {
  const header = 4 * (1 + shape.length);
  return { part, name, shape, sha256, header, bytes: header + shape.reduce((all, n) => all * n, 1) };
}

/** onReady({ x_train, y_train, x_test, y_test }): 네 파일을 모두 읽었을 때. 값은 Uint8Array입니다. */
export function makeMnistChooser(onReady) {
  let [read, notes, busy] = [{}, [], Promise.resolve()];
  const input = make("input", { type: "file", multiple: true, ...OWN_KEYS });
  const status = make("p", { className: "wi-lab-status", role: "status" });
  const problems = make("ul");
  const element = make("div", { className: "wi-lab-mnist", hidden: true },
    make("label", {}, "MNIST 파일 네 개를 고르거나 여기에 끌어다 놓으십시오. ", input),
    make("p", {}, `${FILES.map((file) => `${file.name}.gz`).join(", ")}. 이 페이지 안에서만 읽고 어디로도 보내지 않습니다.`),
    whereFrom(), status, make("div", { className: "wi-lab-problems", role: "alert" }, problems));

  async function take(files) {
    const failed = [];
    for (const [i, file] of files.entries()) {
      say(status, `${file.name}을(를) 읽습니다(${files.length}개 가운데 ${i + 1}번째).`);
      try {
        const { part, values, note } = await readIdx(file);
        read[part] = values;
        notes = [...notes.filter((known) => known.part !== part), ...(note ? [{ part, note }] : [])];
      } catch (error) {
        failed.push(error instanceof Refusal ? error.message : `${file.name}: 읽을 수 없습니다(${error.message}).`);
      }
    }
    problems.replaceChildren(...[...failed, ...notes.map(({ note }) => note)].map((text) => make("li", {}, text)));
    const missing = FILES.filter(({ part }) => !read[part]);
    if (!missing.length) {
      say(status, "MNIST를 읽었습니다: 학습 60,000장, 시험 10,000장.");
      return onReady({ ...read });
    }
    return say(status, `넷 가운데 ${4 - missing.length}개를 읽었습니다. 빠진 파일: ${missing.map(({ name }) => name).join(", ")}`);
  }

  function accept(files) {
    const list = [...files];
    if (list.length) busy = busy.then(() => take(list));
  }

  input.addEventListener("change", () => accept(input.files));
  element.addEventListener("dragover", (event) => {
    event.preventDefault();
    element.dataset.over = "";
  });
  element.addEventListener("dragleave", () => delete element.dataset.over);
  element.addEventListener("drop", (event) => {
    event.preventDefault();
    delete element.dataset.over;
    accept(event.dataTransfer.files);
  });

  return {
    element,
    wants: () => ({}),
    update(snapshot, setting) {
      element.hidden = setting.data !== "mnist";
    },
    clear() {
      [read, notes] = [{}, []];
      input.value = "";
      say(status, "");
      problems.replaceChildren();
    },
  };
}

function whereFrom() {
  const root = document.documentElement.dataset.content_root;
  const chapter = root === undefined ? [] : [" ", make("a", { href: `${root}chapters/06_mnist.html` }, "MNIST를 쓰는 6장")];
  return make("p", {},
    "파일이 없으면 파이썬에서 ", make("code", {}, "wi_lib.datasets.load_mnist()"), "를 한 번 부르십시오. 내려받은 네 파일이 ",
    make("code", {}, 'pooch.os_cache("wi_lib")'), "의 폴더에 남습니다.", ...chapter);
}

class Refusal extends Error {}
function refuse(file, text) {
  throw new Refusal(`${file.name}: ${text}`);
}

/** 파일 하나: 넷 가운데 어느 것이고 값이 무엇인지. note는 원본과 다를 때의 말입니다. */
async function readIdx(file) {
  const bytes = await plainBytes(file);
  if (bytes.length < 8 || bytes[0] || bytes[1] || bytes[2] !== 8) refuse(file, "MNIST의 파일(IDX)이 아닙니다.");
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  const count = bytes[3];
  if (bytes.length < 4 * (1 + count)) refuse(file, "머리말이 잘렸습니다. 파일을 다시 받으십시오.");
  const shape = Array.from({ length: count }, (_, i) => view.getUint32(4 * (1 + i)));
  const known = FILES.find((candidate) => String(candidate.shape) === String(shape));
  if (!known) {
    refuse(file, `모양이 ${times(shape)}입니다. MNIST의 모양은 ${FILES.map((one) => times(one.shape)).join(", ")}입니다.`);
  }
  if (bytes.length !== known.bytes) {
    refuse(file, `${known.bytes.toLocaleString("en")}바이트여야 하는데 ${bytes.length < known.bytes ? "모자랍니다" : "남습니다"}. 파일을 다시 받으십시오.`);
  }
  const values = bytes.subarray(known.header);
  if (known.shape.length === 1 && values.some((label) => label > 9)) refuse(file, "0–9가 아닌 레이블이 있습니다.");
  const note = (await isOriginal(bytes, known)) ? "" : `${file.name}: 원본 MNIST와 다릅니다. 그래도 씁니다.`;
  return { part: known.part, values, note };
}

/** 풀어 놓은 바이트. 앞의 두 바이트가 gzip의 것이면 풉니다. */
async function plainBytes(file) {
  if (file.size > LARGEST) refuse(file, "MNIST의 파일보다 큽니다.");
  const head = new Uint8Array(await file.slice(0, 2).arrayBuffer());
  if (head[0] !== 0x1f || head[1] !== 0x8b) return new Uint8Array(await file.arrayBuffer());
  if (!globalThis.DecompressionStream) {
    refuse(file, "이 브라우저는 gzip을 풀지 못합니다. gunzip으로 풀어, .gz가 없는 파일을 고르십시오.");
  }
  try {
    return await gathered(file.stream().pipeThrough(new DecompressionStream("gzip")));
  } catch {
    return refuse(file, "gzip이 깨져 있습니다. 파일을 다시 받으십시오.");
  }
}

/** 스트림을 이어 붙입니다. MNIST보다 길면 거기서 멈춥니다. 긴 것은 모양에서 걸립니다. */
async function gathered(stream) {
  const reader = stream.getReader();
  const chunks = [];
  let length = 0;
  while (length <= LARGEST) {
    const { done, value } = await reader.read();
    if (done) break;
    chunks.push(value);
    length += value.length;
  }
  reader.cancel();
  const bytes = new Uint8Array(length);
  chunks.reduce((at, chunk) => (bytes.set(chunk, at), at + chunk.length), 0);
  return bytes;
}

/** 모양이 같은 자료(Fashion-MNIST 따위)를 알아봅니다. 암호 함수가 없는 곳에서는 묻지 않습니다. */
async function isOriginal(bytes, known) {
  if (!globalThis.crypto?.subtle) return true;
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
  return Array.from(digest, (byte) => byte.toString(16).padStart(2, "0")).join("") === known.sha256;
}
