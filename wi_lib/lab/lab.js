// 실험대를 차립니다. 페이지에서는 mountAll이 .wi-lab마다, JupyterLab에서는 anywidget이 render를 부릅니다.

import { make } from "./dom.js";
import { Workbench } from "./workbench.js";

export function render({ model, el }) {
  const options = { address: model.get("address"), controls: model.get("controls"), digits: () => askDigits(model) };
  const bench = mount(el, options);
  return () => bench.close();
}

export function mountAll() {
  const roots = [...document.querySelectorAll(".wi-lab")];
  const namesOf = (root) => (root.dataset.controls ?? "").split(" ").filter(Boolean);
  // 페이지의 주소에는 모두 바꿀 수 있는 첫 실험대의 설정을 적습니다.
  const owner = roots.find((root) => !namesOf(root).length);
  for (const root of roots) {
    const page = root === owner ? location.href.split("#")[0] : new URL(fromRoot("lab.html"), location.href).href;
    const address = root.dataset.setting ?? "";
    mount(root, { address, controls: namesOf(root), digits: loadDigits, page, owner: root === owner });
  }
}

/** JupyterLab에서는 10만 자가 넘는 숫자를 커널에 물어서 받습니다. */
function askDigits(model) {
  if (model.get("digits")) return model.get("digits");
  return new Promise((resolve) => {
    model.on("change:digits", () => resolve(model.get("digits")));
    model.send({ wants: "digits" });
  });
}

const mount = (root, options) => new Workbench(root, { open: openWorker, ...options });

// 책의 페이지는 저마다 책의 첫 자리를 압니다.
const fromRoot = (path) => `${document.documentElement.dataset.content_root ?? ""}${path}`;

let digits = null;
/** 손글씨 숫자는 그것으로 학습시킬 때에만 받습니다. */
function loadDigits() {
  digits ??= new Promise((resolve, reject) => {
    const script = make("script", { src: fromRoot("_static/lab/digits.js") });
    const failed = () => {
      digits = null;
      script.remove();
      reject(new Error("손글씨 숫자를 받지 못했습니다. 인터넷에 이어져 있는지 보고 다시 누르십시오."));
    };
    // 로그인을 묻는 망에서는 스크립트 대신 다른 페이지가 오기도 합니다.
    script.onload = () => (globalThis.wiLabDigits ? resolve(wiLabDigits) : failed());
    script.onerror = failed;
    document.head.append(script);
  });
  return digits;
}

let engine = null;
// 파일에서 연 페이지는 다른 파일을 워커로 부르지 못하므로, 스크립트에 든 글에서 엽니다.
function openWorker() {
  try {
    engine ??= URL.createObjectURL(new Blob([ENGINE], { type: "text/javascript" }));
    return new Worker(engine);
  } catch {
    throw new Error("이 브라우저가 워커를 열지 못하게 하여 학습시킬 수 없습니다. 다른 브라우저에서 여십시오.");
  }
}
