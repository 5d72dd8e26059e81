// 남겨 둔 실행과, 지금의 실행까지 한 줄씩 적은 표. 표가 그림의 범례이기도 합니다.

import { shareText } from "./curves.js";
import { make, makeButton, say } from "./dom.js";
import { FIELDS, numberText } from "./setting.js";

export const MOST_KEPT = 4;
const LETTERS = ["가", "나", "다", "라"];
const HEADS = ["실행", "걸음", "손실", "학습 정확도", "시험 정확도"];

/** names는 실행의 표에서 견줄 설정의 이름들, focus()는 지운 단추 대신 초점을 받을 요소입니다. */
export function makeKept({ onChange, focus, accuracy }) {
  const kept = [];
  const body = make("tbody");
  const heads = (accuracy ? HEADS : HEADS.slice(0, 3)).map((text) => make("th", { scope: "col" }, text));
  const last = make("td", { class: "wi-lab-erase" });
  const table = make("table", { class: "wi-lab-runs" }, make("thead", {}, make("tr", {}, ...heads, last)), body);
  const rows = new Map();

  const remove = (record) => {
    kept.splice(kept.indexOf(record), 1);
    rows.get(record).row.remove();
    rows.delete(record);
    onChange();
    (body.querySelector("button") ?? focus()).focus();
  };
  const rowOf = (record) => {
    if (!rows.has(record)) rows.set(record, makeRow(record, accuracy, record.kept && (() => remove(record))));
    const made = rows.get(record);
    if (!made.row.isConnected) body.append(made.row);
    return made;
  };
  return {
    element: table,
    kept,
    add(copy) {
      const slot = LETTERS.findIndex((letter) => !kept.some((record) => record.letter === letter));
      kept.push({ ...copy, kept: true, letter: LETTERS[slot], color: String(slot + 1), name: `실행 ${LETTERS[slot]}` });
      onChange();
    },
    update(records) {
      const differing = Object.keys(FIELDS).filter((name) => records.some((r) => r.setting[name] !== records[0].setting[name]));
      for (const record of records) rowOf(record).write(record, differing);
    },
  };
}

function makeRow(record, accuracy, erase) {
  const key = make("span", { class: `wi-lab-key wi-lab-color-${record.color}` });
  const [letter, text] = [make("b", {}, record.letter), make("span")];
  const cells = Array.from({ length: accuracy ? 4 : 2 }, () => make("td"));
  const last = make("td", { class: "wi-lab-erase" });
  const button = erase && makeButton("×", erase);
  if (button) last.append(button);
  const row = make("tr", {}, make("th", { scope: "row" }, key, letter, " ", text), ...cells, last);
  return {
    row,
    write({ setting, step, loss, points, accuracy: share }, differing) {
      const difference = differing.map((name) => `${FIELDS[name].label} ${setting[name]}`).join(", ");
      say(text, difference);
      if (button) button.ariaLabel = `남겨 둔 실행 ${record.letter} 지우기`;
      const values = [step.toLocaleString("en"), loss === null ? "–" : numberText(loss)];
      values.push(shareText(points.at(-1)?.train), shareText(share ?? points.at(-1)?.test));
      cells.forEach((cell, i) => say(cell, values[i]));
    },
  };
}
