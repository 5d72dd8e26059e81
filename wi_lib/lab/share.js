// 설정을 나누는 두 길: 주소와 파이썬 코드. 작은 실험대에는 "실험대에서 열기"도 있습니다.

import { OWN_KEYS, make, makeButton, newId, say } from "./dom.js";
import { program } from "./program.js";
import { format } from "./setting.js";

/** page는 실험대 페이지의 주소(# 앞까지)이고, 모르면 빈 글입니다. small이면 여는 링크만 둡니다. */
export function makeShare({ page, small }) {
  let setting = null;
  const address = () => `${page}#${format(setting)}`;
  const link = make("a", { class: "wi-lab-open" }, "실험대에서 열기");
  const code = folded("이 설정의 코드", "파이썬 코드", () => program(setting), "pre");
  const place = folded("이 설정의 주소", "설정의 주소", address, "p");
  const shown = small ? [] : [...(page ? [place] : []), code];
  const parts = [...shown.map(({ button }) => button), ...(small && page ? [link] : [])];
  const row = make("div", { class: "wi-lab-row" }, ...parts);
  return {
    element: make("div", { class: "wi-lab-share" }, row, ...shown.map(({ panel }) => panel)),
    update(given) {
      setting = given;
      link.href = address();
      for (const part of shown) part.write();
    },
  };
}

/** 단추를 누르면 펼치고 복사하는 글. */
function folded(title, name, text, tag) {
  const shown = make(tag, { class: "wi-lab-text", tabIndex: 0, role: "group", ariaLabel: name, ...OWN_KEYS });
  const said = make("span", { role: "status" });
  const copy = makeButton("복사", () => copyText(shown, said));
  const panel = make("div", { id: newId(), hidden: true, class: "wi-lab-folded" }, shown, make("div", { class: "wi-lab-row" }, copy, said));
  const write = () => {
    if (panel.hidden) return;
    say(shown, text());
    say(said, "");
  };
  const button = makeButton(title, () => {
    panel.hidden = !panel.hidden;
    button.ariaExpanded = String(!panel.hidden);
    write();
  }, { ariaExpanded: "false", "aria-controls": panel.id });
  return { button, panel, write };
}

/** 복사하지 못하는 곳(파일에서 연 페이지의 낡은 브라우저)에서는 글을 골라 둡니다. */
async function copyText(element, said) {
  try {
    await navigator.clipboard.writeText(element.textContent);
    say(said, "복사했습니다.");
  } catch {
    getSelection().selectAllChildren(element);
    say(said, "골라 두었습니다. Ctrl+C(맥에서는 ⌘C)로 복사하십시오.");
  }
}
