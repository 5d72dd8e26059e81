// 설정의 조절기: 고르는 것은 select, 수는 적는 칸과 막대, 초기화는 이름과 그 인자들.

import { OWN_KEYS, make, newId, say } from "./dom.js";
import { ARGUMENTS, formatInitializer, parseInitializer } from "./naming.js";
import { FIELDS, INITIALIZER_LABELS, parse } from "./setting.js";

const decades = (first, last, digits) =>
  Array.from({ length: last - first + 1 }, (_, i) => digits.map((digit) => Number(`${digit}e${first + i}`))).flat();
// 막대가 멈추는 자리. 사이의 수는 칸에 적습니다.
const STOPS = {
  depth: Array.from({ length: 50 }, (_, i) => i + 1),
  width: [2, 3, 4, 6, 8, 10, 16, 20, 32, 50, 64, 100, 128, 200, 256],
  learning_rate: decades(-6, 3, [1, 3]),
  batch_size: Array.from({ length: 11 }, (_, i) => 2 ** i),
  iterations: [...decades(1, 4, [1, 2, 5]), 100000],
};
const GROUPS = [
  ["자료와 망", ["data", "activation", "initializer", "depth", "width"]],
  ["학습", ["optimizer", "learning_rate", "batch_size", "iterations", "seed"]],
];

/** names의 조절기. 바뀌면 onChange(이름, 값)을 부릅니다. */
export function makeControls({ names, onChange }) {
  const fields = new Map(names.map((name) => [name, makeField(name, (value) => onChange(name, value))]));
  const groups = GROUPS.map(([title, known]) => {
    const shown = known.filter((name) => fields.has(name));
    const legend = make("legend", {}, title);
    return shown.length ? [make("fieldset", {}, legend, ...shown.map((name) => fields.get(name).element))] : [];
  });
  return {
    element: make("div", { class: "wi-lab-fields" }, ...groups.flat()),
    show: (setting) => fields.forEach((field, name) => field.show(setting[name])),
    /** 과제가 정해 둔 것은 치워, 고를 것만 남깁니다. 정해 둔 값은 설정의 한 줄 글에 있습니다. */
    lock: (locked) => fields.forEach((field, name) => (field.element.hidden = locked.includes(name))),
  };
}

function makeField(name, change) {
  if (name === "initializer") return initializerField(change);
  return FIELDS[name].choices ? choiceField(name, change) : numberField(name, change);
}

/** 이름표와 조절기와, 틀린 값의 까닭을 적는 자리. */
function framed(label, control, ...more) {
  control.id = newId();
  const problem = make("p", { class: "wi-lab-problem", id: newId(), role: "alert" });
  control.setAttribute("aria-describedby", problem.id);
  const head = make("div", { class: "wi-lab-head" }, make("label", { for: control.id }, label), control);
  const refuse = (message) => {
    say(problem, message);
    control.ariaInvalid = message ? "true" : null;
  };
  return { element: make("div", { class: "wi-lab-field" }, head, ...more, problem), refuse };
}

function makeSelect(choices) {
  const options = Object.entries(choices).map(([value, text]) => make("option", { value }, text));
  return make("select", OWN_KEYS, ...options);
}

const makeText = (properties) =>
  make("input", { type: "text", autocomplete: "off", spellcheck: false, ...OWN_KEYS, ...properties });

function choiceField(name, change) {
  const select = makeSelect(FIELDS[name].choices);
  const { element } = framed(FIELDS[name].label, select);
  select.addEventListener("change", () => change(select.value));
  return { element, show: (value) => (select.value = value) };
}

function numberField(name, change) {
  const { label, whole } = FIELDS[name];
  const text = makeText({ inputMode: whole ? "numeric" : "decimal" });
  const range = STOPS[name] && makeRange(label, STOPS[name]);
  const { element, refuse } = framed(label, text, ...(range ? [range.element] : []));
  const take = (given) => {
    const { setting, errors } = parse(`${name}=${encodeURIComponent(given)}`);
    refuse(errors[0]?.message ?? "");
    if (!errors.length) change(setting[name]);
  };
  text.addEventListener("change", () => take(text.value));
  range?.element.addEventListener("input", () => (text.value = range.settle()));
  range?.element.addEventListener("change", () => take(range.settle()));
  return {
    element,
    show(value) {
      refuse("");
      text.value = value;
      range?.place(value);
    },
  };
}

function makeRange(label, stops) {
  const element = make("input", { type: "range", min: 0, max: stops.length - 1, step: 1, ...OWN_KEYS });
  element.ariaLabel = `${label} 막대`;
  const settle = () => (element.ariaValueText = String(stops[element.value]));
  return {
    element,
    settle,
    place(value) {
      const far = stops.map((stop) => Math.abs(Math.log(stop / value)));
      element.value = far.indexOf(Math.min(...far));
      element.ariaValueText = String(value);
    },
  };
}

function initializerField(change) {
  const family = makeSelect(INITIALIZER_LABELS);
  const slots = make("div", { class: "wi-lab-arguments" });
  const { element, refuse } = framed(FIELDS.initializer.label, family, slots);
  let inputs = [];
  const take = () => {
    const { setting, errors } = parse(`initializer=${encodeURIComponent(written())}`);
    refuse(errors[0]?.message ?? "");
    for (const input of inputs) input.ariaInvalid = errors.length ? "true" : null;
    if (!errors.length) change(setting.initializer);
  };
  const written = () => formatInitializer(family.value, inputs.map((input) => input.value));
  const lay = (values) => {
    const problem = family.getAttribute("aria-describedby");
    inputs = ARGUMENTS[family.value].map((argument, i) => argumentInput(argument, values[i], problem, take));
    slots.replaceChildren(...inputs.map((input, i) => make("label", {}, ARGUMENTS[family.value][i].label, input)));
  };
  family.addEventListener("change", () => {
    // 꼭 적어야 하는 인자도 고르자마자 학습시킬 수 있게 채워 둡니다.
    lay(ARGUMENTS[family.value].map((argument) => argument.initial ?? 0.1));
    take();
  });
  return {
    element,
    show(text) {
      if (inputs.length && text === written()) return;
      const { name, values } = parseInitializer(text);
      refuse("");
      family.value = name;
      lay(values);
    },
  };
}

function argumentInput({ choices, whole }, value, problem, take) {
  const input = choices ? makeSelect(choices) : makeText({ inputMode: whole ? "numeric" : "decimal" });
  input.value = value;
  input.setAttribute("aria-describedby", problem);
  input.addEventListener("change", take);
  return input;
}
