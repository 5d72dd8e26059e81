// "이 설정의 코드": 코드를 보이고, 복사하고, 붙여 넣을 노트북을 엽니다.

import { make, makeButton, say } from "./dom.js";
import { program } from "./program.js";

/** 글을 복사하고, 한 일을 말하는 문장을 돌려줍니다. 브라우저가 막으면 shown의 글을 골라 둡니다. */
export async function copyText(text, shown) {
  try {
    await navigator.clipboard.writeText(text);
    return "복사했습니다.";
  } catch {
    getSelection().selectAllChildren(shown);
    if (document.execCommand("copy")) return "복사했습니다.";
    return "브라우저가 복사를 막았습니다. 골라 둔 글을 Ctrl+C(⌘C)나 길게 눌러 복사하십시오.";
  }
}

/** 책이 아는, 이 노트북을 여는 곳: 실험대의 요소에 적힌 {이름: 주소}. */
export const placesOf = (root) => Object.entries(JSON.parse(root.dataset.places ?? "{}"));

/** places는 [여는 곳의 이름, 주소]의 목록입니다. 주소에는 코드를 실을 수 없어, 붙여 넣을 노트북을 엽니다. */
export function makeProgram(places) {
  const code = make("code");
  const shown = make("pre", { className: "wi-lab-code", tabIndex: 0, ariaLabel: "이 설정의 코드" }, code);
  const said = make("span", { role: "status" });
  const copy = makeButton("코드 복사", async () => say(said, await copyText(code.textContent, code)));
  const links = places.map(([place, href]) =>
    make("a", { href, textContent: `${place}에서 노트북 열기`, target: "_blank", rel: "noopener" }),
  );
  const how = places.length ? "코드를 복사하고, 여는 노트북의 빈 셀에 붙여 넣어 실행하십시오." : "";
  const element = make("div", {}, shown, make("p", { className: "wi-lab-tools" }, copy, ...links, said), make("p", {}, how));
  return { element, update: (setting) => say(code, program(setting)) };
}
