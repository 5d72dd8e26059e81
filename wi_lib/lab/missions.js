// 과제의 목록: 고르고, 얼마나 왔는지 보고, 닿으면 무엇을 배웠는지 읽습니다. 닿은 과제는 이 브라우저가 기억합니다.

import { make, makeButton, say } from "./dom.js";
import { DEFAULTS, FIELDS } from "./setting.js";
import { judge, MISSIONS, targetText } from "./tasks.js";

const KEY = "wi-missions";

/** 저장을 막은 브라우저에서는 페이지를 떠날 때까지만 기억합니다. */
function remembered() {
  try {
    return new Set(JSON.parse(localStorage.getItem(KEY) ?? "[]"));
  } catch {
    return new Set();
  }
}

function remember(slugs) {
  try {
    localStorage.setItem(KEY, JSON.stringify([...slugs]));
  } catch {
    // 기억하지 못해도 과제는 그대로 할 수 있습니다.
  }
}

/** start(설정)은 그 설정으로 새로 시작합니다. */
export function makeMissions({ start }) {
  const reached = remembered();
  const cards = Object.keys(MISSIONS).map((slug) => makeCard(slug, start));
  const count = make("span", {});
  const element = make("section", { class: "wi-lab-missions", ariaLabel: "과제" }, make("ol", {}, ...cards.map((card) => card.element)));
  return {
    element,
    count,
    /** 닿고 나서 읽을 글로 갑니다. */
    read: () => element.querySelector("[aria-current]").focus(),
    /** 실행의 지금 모습({ state, accuracy, layers })과 설정을 받아 지금 과제의 카드를 고치고, 그 과제의 판정을 돌려줍니다. */
    update(snapshot, setting) {
      const { mission } = setting;
      const verdict = mission ? judge(setting, snapshot) : null;
      if (verdict?.reached && verdict.own && !reached.has(mission)) remember(reached.add(mission));
      for (const card of cards) card.update(card.slug === mission ? { setting, verdict } : null, reached.has(card.slug));
      say(count, `${cards.length}개 가운데 ${cards.filter(({ slug }) => reached.has(slug)).length}개에 닿았습니다.`);
      return verdict;
    },
  };
}

function makeCard(slug, start) {
  const { title, asks, teaches, chapter, free, start: first } = MISSIONS[slug];
  const mark = make("span", { class: "wi-lab-mark" });
  const said = make("p", { class: "wi-lab-verdict", role: "status" });
  const [file, name] = chapter;
  // 책 밖(JupyterLab)에서는 장의 페이지가 어디에 있는지 모릅니다.
  const root = document.documentElement.dataset.content_root;
  const link = root === undefined ? `『${name}』` : make("a", { href: `${root}chapters/${file}.html` }, name);
  const lesson = make("p", { hidden: true }, `${teaches} `, link);
  const about = make("p");
  let now = null;
  const button = makeButton("", () => start(now ? withoutMission(now.setting) : { ...DEFAULTS, ...first, mission: slug }));
  const element = make("li", { class: "wi-lab-mission", tabIndex: -1 }, make("p", {}, make("b", {}, title), " ", mark), make("p", {}, asks), about, said, lesson, button);
  return {
    slug,
    element,
    update(present, done) {
      now = present;
      const reached = present?.verdict.reached ?? false;
      say(mark, done ? "✓ 닿음" : "");
      say(said, present?.verdict.text ?? "");
      say(button, present ? "이 과제 그만두기" : done ? "다시 해 보기" : "이 과제 하기");
      say(about, present ? `바꿀 수 있는 것: ${free.map((name) => FIELDS[name].label).join(", ")}.` : targetText({ ...first, mission: slug }));
      button.ariaLabel = `${title}: ${button.textContent}`;
      lesson.hidden = !(present ? reached : done);
      if (present) element.ariaCurrent = "true";
      else element.removeAttribute("aria-current");
    },
  };
}

function withoutMission({ mission, goal, ...setting }) {
  return setting;
}
