// 실험대의 차례: 과제, 학습의 단추, 설정과 그 곁의 그림, 나누기.

import { make, makeDetails } from "./dom.js";

// 이보다 넓고 높으면 설정을 펼쳐 둡니다.
const [ROOMY, LOW] = [600, 480];

/** root에 차려 놓고, 나중에 여닫을 { fold: 설정, quests: 과제 }를 돌려줍니다. 작은 실험대에는 과제와 접는 설정이 없습니다. */
export function layOut(root, { small, setting, summary, errors, missions, controls, mnist, panel, curves, kept, layers, views, share }) {
  const [roomy, onMission] = [root.clientWidth > ROOMY && innerHeight > LOW, "mission" in setting];
  const quests = small ? "" : makeDetails("wi-lab-quests", onMission, [make("b", {}, "과제"), " ", missions.count], missions.element);
  const title = [make("b", {}, "설정"), " ", summary];
  const fold = small ? controls.element : makeDetails("wi-lab-setting", roomy || onMission, title, controls.element);
  const [plane, ...others] = views;
  // 평면의 경계는 학습하는 동안 보고 있을 그림이라, 손실과 나란히 둡니다.
  if (plane) curves.element.prepend(plane.element);
  const more = make("div", { class: "wi-lab-views" }, ...others.map((view) => view.element));
  const work = [curves.element, kept.element, ...panel.more, layers.element, more, share.element];
  const side = make("div", { class: "wi-lab-side" }, fold, mnist.element);
  const body = make("div", { class: "wi-lab-body" }, side, make("div", { class: "wi-lab-work" }, ...work));
  // 종이에는 그림 대신, 스크립트가 없을 때의 글을 찍습니다.
  const fallback = make("div", { class: "wi-lab-fallback" }, ...root.childNodes);
  root.replaceChildren(errors, quests, panel.bar, body, fallback);
  return { fold, quests };
}
