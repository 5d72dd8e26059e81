// 유닛 들여다보기: 죽거나 포화된 유닛의 지도와, 고른 유닛으로 들어오는 가중치의 그림.
//
// 층과 유닛의 번호는 1부터이고, depth + 1층은 출력층입니다. 워커와 주고받는 유닛의 번호만 0부터입니다.

import { makeDeadMap } from "./deadmap.js";
import { OWN_KEYS, make } from "./dom.js";
import { makeWeights } from "./weights.js";

/** look(): 멈추어 있어도 새 모습을 물어야 할 때 부릅니다. 고른 유닛이 바뀌었거나 그림이 보이기 시작했습니다. */
export function makeUnits(look = () => {}) {
  let [layer, unit, setting, saturation, last] = [1, 1, null, null, null];
  const weights = makeWeights();
  const map = makeDeadMap(pick);
  const layers = make("select", OWN_KEYS);
  const units = make("input", { type: "number", min: 1, inputMode: "numeric", ...OWN_KEYS });
  const choose = make("div", { className: "wi-lab-choose" }, make("label", {}, "층 ", layers), make("label", {}, "유닛 ", units));
  const element = make("div", { className: "wi-lab-units", hidden: true }, map.element, make("div", {}, choose, weights.element));
  new IntersectionObserver(([entry]) => entry.isIntersecting && look()).observe(element);
  layers.addEventListener("change", () => pick(Number(layers.value), unit));
  units.addEventListener("change", () => pick(layer, Number(units.value) || unit));

  function place(toLayer, toUnit) {
    layer = Math.min(toLayer, setting.depth + 1);
    const most = layer > setting.depth ? classesOf(setting) : setting.width;
    unit = Math.min(Math.max(Math.round(toUnit), 1), most);
    layers.value = layer;
    units.max = most;
  }

  function pick(toLayer, toUnit) {
    if (!setting) return;
    place(toLayer, toUnit);
    units.value = unit;
    if (saturation) map.show(saturation, setting, [layer, unit], true);
    look();
  }

  function adopt(given) {
    setting = given;
    if (layers.length !== setting.depth + 1) {
      const names = Array.from({ length: setting.depth }, (_, i) => `${i + 1}층`);
      layers.replaceChildren(...[...names, "출력층"].map((name, i) => make("option", { value: i + 1 }, name)));
    }
    place(layer, unit);
    // 독자가 적고 있는 수는 건드리지 않습니다.
    if (document.activeElement !== units) units.value = unit;
  }

  return {
    element,
    /** 설정을 알기 전에는 묻지 않습니다: 앞의 망에서 고른 층이 새 망에는 없을 수 있습니다. 학습하는 동안은 보이는 것만 묻습니다. */
    wants() {
      const resting = last?.state !== "running";
      return {
        weights: setting && (resting || weights.seen()) ? { layer, unit: unit - 1 } : null,
        saturation: Boolean(setting) && (resting || map.seen()),
      };
    },
    update(snapshot, given) {
      adopt(given);
      element.hidden = false;
      // 앞의 물음에 답이 오는 동안 고른 유닛은 아직 묻지 못했습니다.
      const { weights: got } = snapshot;
      if (snapshot !== last && got && (got.layer !== layer || got.unit !== unit - 1)) look();
      last = snapshot;
      saturation = snapshot.saturation ?? saturation;
      if (!saturation) return;
      delete element.dataset.stale;
      map.show(saturation, setting, [layer, unit], false);
      if (snapshot.weights) weights.show(snapshot.weights, setting);
    },
    /** 그림은 새 모습이 올 때까지 흐리게 남겨, 설정을 바꿀 때마다 페이지가 오르내리지 않습니다. */
    clear() {
      [setting, saturation] = [null, null];
      element.dataset.stale = "";
    },
  };
}

const classesOf = ({ data }) => (["spiral", "rings", "checkerboard"].includes(data) ? 2 : 10);
