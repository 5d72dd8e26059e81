// 설정을 나누는 두 길: 주소와 파이썬 코드. 작은 실험대에는 "실험대에서 열기"도 있습니다.

import { OWN_KEYS, make, makeButton, newId, say } from "./dom.js";
import { copyText, makeProgram } from "./code.js";
import { format } from "./setting.js";

/** page는 실험대 페이지의 주소(# 앞까지)이고, 모르면 빈 글입니다. small이면 여는 링크만 둡니다. */
export function makeShare({ page, small, places }) {
  let setting = null;
  const address = () => `${page}#${format(setting)}`;
  const link = make("a", { class: "wi-lab-open" }, "실험대에서 열기");
  const code = makeProgram(places);
  const place = makeAddress(address);
  const folds = [folded("이 설정의 코드", code.element, () => code.update(setting))];
  if (page) folds.unshift(folded("이 설정의 주소", place.element, place.write));
  const shown = small ? [] : folds;
  const buttons = [...shown.map(({ button }) => button), ...(small && page ? [link] : [])];
  return {
    element: make("div", { class: "wi-lab-share" }, make("div", { class: "wi-lab-row" }, ...buttons), ...shown.map(({ frame }) => frame)),
    update(given) {
      setting = given;
      link.href = address();
      for (const { refresh } of shown) refresh();
    },
  };
}

function makeAddress(address) {
  const shown = make("p", { class: "wi-lab-address", tabIndex: 0, role: "group", ariaLabel: "설정의 주소", ...OWN_KEYS });
  const said = make("span", { role: "status" });
  const copy = makeButton("주소 복사", async () => say(said, await copyText(shown.textContent, shown)));
  return {
    element: make("div", {}, shown, make("p", { class: "wi-lab-row" }, copy, said)),
    write() {
      say(shown, address());
      say(said, "");
    },
  };
}

/** 단추를 누르면 펼치는 것. */
function folded(title, panel, write) {
  const frame = make("div", { class: "wi-lab-folded", id: newId(), hidden: true }, panel);
  const refresh = () => frame.hidden || write();
  const button = makeButton(title, () => {
    frame.hidden = !frame.hidden;
    button.ariaExpanded = String(!frame.hidden);
    refresh();
  }, { ariaExpanded: "false", "aria-controls": frame.id });
  return { button, frame, refresh };
}
