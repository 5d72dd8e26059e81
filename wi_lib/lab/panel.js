// 학습을 부리는 단추와, 지금의 걸음과 손실과 정확도.

import { shareText } from "./curves.js";
import { OWN_KEYS, make, makeButton, newId, say } from "./dom.js";
import { MOST_KEPT } from "./kept.js";
import { numberText, scaled } from "./setting.js";
import { statusText } from "./status.js";
import { goalText, lockedNames } from "./tasks.js";

const PRESS = { running: "멈춤", pausing: "멈춤", paused: "이어서", done: "다시 학습", diverged: "다시 학습" };
const SCALES = [[0.1, "÷10"], [0.5, "÷2"], [2, "×2"], [10, "×10"]];

/** acts는 단추마다의 일 { press, step, reach, restart, reseed, keep, scale, read }입니다. */
export function makePanel({ acts, accuracy, scales }) {
  const main = makeButton("학습 시작", acts.press, { class: "wi-lab-run" });
  const step = makeButton("한 걸음", acts.step);
  const goal = make("input", { type: "text", inputMode: "numeric", value: "50", autocomplete: "off", ariaLabel: "몇 걸음까지", ...OWN_KEYS });
  const problem = make("p", { class: "wi-lab-problem wi-lab-reach-problem", role: "alert", id: newId() });
  goal.setAttribute("aria-describedby", problem.id);
  const reach = () => say(problem, acts.reach(goal.value.trim()));
  goal.addEventListener("keydown", (event) => event.key === "Enter" && reach());
  const reacher = make("span", { class: "wi-lab-reach" }, goal, makeButton("걸음까지", reach));
  const keep = makeButton("이 실행 남기기", acts.keep);
  const size = scales ? scaleButtons(acts.scale) : null;
  const readout = makeReadout(accuracy);
  const lesson = makeButton("✓ 목표에 닿았습니다. 배운 것 읽기", acts.read, { class: "wi-lab-reached", hidden: true });
  const status = make("p", { class: "wi-lab-status", role: "status" });
  const reseed = makeButton("다른 난수로", acts.reseed);
  const full = make("span", { class: "wi-lab-note" });
  const again = [makeButton("같은 난수로 처음부터", acts.restart), reseed, keep, full];
  const bar = make("div", { class: "wi-lab-bar" }, main, step, readout.element, status, lesson);
  const row = make("div", { class: "wi-lab-row" }, reacher, ...again, ...(size ? [size.element] : []));
  return {
    main,
    bar,
    more: [make("div", { class: "wi-lab-more-acts" }, row, problem)],
    /** verdict는 과제의 판정이고, 과제가 없거나 학습하는 동안에는 null입니다. */
    update(run, keptCount, verdict) {
      say(main, PRESS[run.state] ?? "학습 시작");
      step.ariaDisabled = String(run.busy || run.state === "done" || run.state === "diverged");
      keep.ariaDisabled = String(!run.step || keptCount >= MOST_KEPT);
      say(full, keptCount < MOST_KEPT ? "" : `${MOST_KEPT}개까지 남깁니다. 하나를 지우면 다시 남길 수 있습니다.`);
      const locked = lockedNames(run.setting);
      reseed.ariaDisabled = String(locked.includes("seed"));
      readout.update(run);
      const missed = verdict && !verdict.reached && run.state === "done";
      // 만드는 중에 눌러도 아직 학습하지 않습니다. 무엇을 하는지는 부르는 쪽이 말합니다.
      if (run.state && !run.preparing) say(status, `${statusText(run)}${missed ? " 과제의 목표에는 아직 닿지 않았습니다." : ""}`);
      lesson.hidden = !verdict?.reached;
      size?.update(run.setting, locked.includes("initializer"));
    },
    say: (text) => say(status, text),
  };
}

function makeReadout(accuracy) {
  const entry = (label) => {
    const value = make("dd", {}, "–");
    const term = make("dt", {}, label);
    return [make("div", {}, term, value), value, term];
  };
  const entries = ["걸음", "손실", ...(accuracy ? ["시험 정확도"] : [])].map(entry);
  const bar = make("progress", { max: 1, value: 0, ariaLabel: "학습한 걸음" });
  return {
    element: make("div", { class: "wi-lab-readout" }, make("dl", {}, ...entries.map(([box]) => box)), bar),
    update({ state, step, setting, loss, accuracy: share }) {
      const texts = [`${step.toLocaleString("en")} / ${setting.iterations.toLocaleString("en")}`];
      texts.push(loss === null ? "–" : numberText(loss), state === "diverged" ? "발산" : shareText(share));
      entries.forEach(([, value], i) => say(value, texts[i]));
      const goal = goalText(setting);
      if (accuracy) say(entries[2][2], goal ? `시험 정확도(목표 ${goal})` : "시험 정확도");
      bar.value = step / setting.iterations;
    },
  };
}

/** 같은 난수, 다른 크기. 0처럼 크기가 없는 초기화에서는 까닭을 적고 누르지 못하게 합니다. */
function scaleButtons(act) {
  const buttons = SCALES.map(([times, text]) => makeButton(text, () => act(times), { ariaLabel: `초깃값의 크기 ${text}` }));
  const note = make("span", { class: "wi-lab-note" });
  const name = make("span", { id: newId() }, "같은 난수로 크기만 바꾸기");
  const element = make("div", { class: "wi-lab-scales", role: "group", "aria-labelledby": name.id }, name, ...buttons, note);
  return {
    element,
    update({ initializer }, locked) {
      const possible = SCALES.map(([times]) => scaled(initializer, times) !== null);
      buttons.forEach((button, i) => (button.ariaDisabled = String(locked || !possible[i])));
      say(note, possible.some(Boolean) ? "" : `${initializer}에는 바꿀 크기가 없습니다.`);
    },
  };
}
