// 멎었을 때 한 번씩 말하는 문장: 무엇을 했고, 얼마이며, 터졌다면 어디에서 터졌는지.

import { shareText } from "./curves.js";
import { numberText } from "./setting.js";

const OVER = "float32의 범위(3.4×10³⁸)를 넘었습니다";
const WHAT = {
  activation: (layer, last) => (layer === last ? "출력층의 로짓이" : `${layer}층의 활성화값이`),
  loss: () => "손실이",
  gradient: (layer, last) => `${layer === last ? "출력층" : `${layer}층`}의 가중치 기울기가`,
  update: (layer, last) => `${layer === last ? "출력층" : `${layer}층`}의 갱신한 가중치가`,
};

/** 실행의 지금을 말하는 문장. 말할 것이 없으면 빈 글입니다. */
export function statusText(run) {
  const { state, step, setting } = run;
  if (state === "ready") return `준비했습니다. 학습은 ${setting.iterations.toLocaleString("en")}걸음에서 멈춥니다.`;
  if (state === "running") return "학습하고 있습니다.";
  if (state === "pausing") return "하던 걸음을 마치고 멈춥니다.";
  if (state === "paused") return `${step.toLocaleString("en")}걸음에서 멈추었습니다. ${figures(run)}`;
  if (state === "done") return `${step.toLocaleString("en")}걸음을 마쳤습니다. ${figures(run)}`;
  return state === "diverged" ? diverged(run) : "";
}

function figures({ loss, accuracy }) {
  const parts = [];
  if (loss !== null) parts.push(`손실 ${numberText(loss)}`);
  if (accuracy !== null) parts.push(`시험 정확도 ${shareText(accuracy)}`);
  return parts.length ? `${parts.join(", ")}.` : "";
}

function diverged({ where, step, setting, loss }) {
  const advice = "학습률이나 초깃값의 크기를 줄여 보십시오.";
  const last = loss === null ? "" : ` 그 앞의 손실은 ${numberText(loss)}입니다.`;
  if (!where) return `${step}걸음에서 발산했습니다.${last} ${advice}`;
  const place = WHAT[where.what](where.layer, setting.depth + 1);
  return `${where.step.toLocaleString("en")}걸음에서 발산했습니다: ${place} ${OVER}.${last} ${advice}`;
}
