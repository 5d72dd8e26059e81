// 실험대 하나: 조절기와 단추, 실행, 그림을 한데 묶습니다.

import { addressed, writeAddress } from "./address.js";
import { placesOf } from "./code.js";
import { makeControls } from "./controls.js";
import { makeCurves } from "./curves.js";
import { make, restBetween } from "./dom.js";
import { makeKept, MOST_KEPT } from "./kept.js";
import { makeLayers } from "./layers.js";
import { layOut } from "./layout.js";
import { makeMissions } from "./missions.js";
import { makeMnistChooser } from "./mnist.js";
import { makePanel } from "./panel.js";
import { makePlane } from "./plane.js";
import { Run } from "./run.js";
import { FIELDS, check, describe, format, parse, scaled } from "./setting.js";
import { makeShare } from "./share.js";
import { lockedNames } from "./tasks.js";
import { makeUnits } from "./units.js";

const NEAR = "300px";
// 큰 망은 만드는 데 몇 초가 걸립니다. 이만큼 기다리면 그렇다고 말합니다.
const SLOW = 300;

export class Workbench {
  /**
   * address는 처음 설정, controls는 독자가 바꿀 설정의 이름들(비면 모두), digits()는 손글씨 숫자의 글,
   * page는 실험대 페이지의 주소, owner는 페이지의 주소를 이 실험대가 쓰는지, open()은 새 워커입니다.
   */
  constructor(root, { address, controls, digits, open, page = "", owner = false }) {
    Object.assign(this, { root, page, owner, names: controls.length ? controls : Object.keys(FIELDS), small: controls.length > 0 });
    const { setting, errors } = parse((owner && addressed()) || address);
    this.setting = setting;
    this.now = { letter: "지금", name: "지금 실행", color: "0", setting, losses: [], points: [], count: 0, step: 0, loss: null };
    this.run = new Run({
      open,
      parts: (name) => partsOf(name, digits),
      onChange: () => this.show(),
      onFailure: (message) => this.failed(message),
    });
    this.build();
    this.listen();
    this.list(errors);
    this.settle();
  }

  build() {
    const accuracy = !this.small;
    this.controls = makeControls({ names: this.names, onChange: (name, value) => this.change({ [name]: value }) });
    this.panel = makePanel({ acts: this.acts(), accuracy, scales: this.names.includes("initializer") });
    this.curves = makeCurves({ accuracy });
    this.layers = makeLayers();
    this.mnist = makeMnistChooser((parts) => this.adopt("mnist", parts));
    this.views = this.small ? [] : [makePlane(), makeUnits(() => this.look())];
    this.kept = makeKept({ onChange: () => this.show(), focus: () => this.panel.main, accuracy });
    this.share = makeShare({ page: this.page, small: this.small, places: placesOf(this.root) });
    [this.errors, this.summary] = [make("div", { class: "wi-lab-errors", role: "alert" }), make("span")];
    this.missions = makeMissions({ start: (setting) => this.begin(setting) });
    Object.assign(this, layOut(this.root, this));
    Object.assign(this.root, { role: "group", ariaLabel: "실험대" });
    this.root.classList.add("wi-lab");
    this.root.classList.toggle("wi-lab-small", this.small);
  }

  listen() {
    this.ending = new AbortController();
    const { signal } = this.ending;
    this.watcher = new IntersectionObserver((entries) => entries.some((entry) => entry.isIntersecting) && this.wake(), { rootMargin: NEAR });
    this.watcher.observe(this.root);
    // 보이지 않던 그림은 묻지 않았으므로, 멎어 있을 때 보이기 시작하면 묻습니다.
    this.late = new IntersectionObserver(() => requestAnimationFrame(() => this.run.busy || this.look()));
    for (const view of this.views) this.late.observe(view.element);
    addEventListener("pagehide", () => this.run.pause(), { signal });
    if (this.owner) addEventListener("hashchange", ({ newURL }) => this.follow(addressed(new URL(newURL).hash)), { signal });
  }

  close() {
    this.ending.abort();
    this.watcher.disconnect();
    this.late.disconnect();
    this.run.close();
  }

  /** 단추마다의 일. */
  acts() {
    const { run } = this;
    const from = (until) => {
      this.wake();
      run.run(until);
    };
    const anew = () => this.wakeAgain();
    return {
      press: () => {
        if (run.busy) return run.pause();
        if (run.state === "done" || run.state === "diverged") anew();
        from(this.setting.iterations);
      },
      step: () => from(run.step + 1),
      reach: (text) => {
        const problem = check("iterations", text);
        if (problem) return problem;
        if (Number(text) <= run.step || run.busy || run.state === "diverged") anew();
        from(Number(text));
        return "";
      },
      restart: anew,
      reseed: () => this.change({ seed: this.setting.seed < Number.MAX_SAFE_INTEGER ? this.setting.seed + 1 : 0 }),
      keep: () => this.keep(),
      read: () => this.missions.read(),
      scale: (times) => {
        const kept = this.kept.kept.some(({ number, step }) => number === run.number && step === run.step);
        if (run.step && !kept && this.kept.kept.length < MOST_KEPT) this.keep();
        this.change({ initializer: scaled(this.setting.initializer, times) });
      },
    };
  }

  keep() {
    this.kept.add(this.run.copy());
  }

  change(changes) {
    this.restart({ ...this.setting, ...changes });
  }

  /** 과제를 고르면 바꿀 것이 바로 아래에 펼쳐져 있습니다. */
  begin(setting) {
    this.restart(setting);
    if (setting.mission) this.fold.open = true;
    this.quests.scrollIntoView({ block: "nearest" });
  }

  restart(setting) {
    this.setting = setting;
    this.awake = true;
    this.settle();
    if (this.owner) writeAddress(setting);
  }

  /** 지금의 설정을 조절기와 페이지에 적고, 깨어 있으면 망을 새로 만듭니다. */
  settle() {
    this.controls.show(this.setting);
    this.controls.lock(lockedNames(this.setting));
    this.root.dataset.setting = format(this.setting);
    this.summary.textContent = describe(this.setting);
    this.root.classList.toggle("wi-lab-on-mission", "mission" in this.setting);
    this.share.update(this.setting);
    this.mnist.update(null, this.setting);
    this.run.setting = this.setting;
    if (this.awake) this.wakeAgain();
    else this.show();
  }

  /** 독자가 고른 파일로 그 자료의 망을 다시 만듭니다. */
  adopt(name, parts) {
    this.run.replaceParts(name, parts);
    if (this.setting.data === name) this.wakeAgain();
  }

  wakeAgain() {
    this.awake = true;
    this.run.prepare(this.setting);
    setTimeout(() => this.sayMaking(), SLOW);
  }

  sayMaking() {
    if (this.run.preparing) this.panel.say("망을 만들고 있습니다.");
  }

  /** 화면에 가까워지거나 쓰기 시작하면 워커를 열고 망을 만듭니다. */
  wake() {
    if (this.awake) return;
    this.watcher.disconnect();
    this.wakeAgain();
  }

  /** 주소가 text로 바뀌었습니다. 그 뒤에 미루어 둔 지난 설정이 적혔을 수 있으므로, 지금의 주소는 읽지 않습니다. */
  follow(text) {
    if (text === null) return;
    const { setting, errors } = parse(text);
    this.list(errors);
    // 무엇이 왜 잠겼는지는 과제에 적혀 있습니다.
    if (setting.mission) this.quests.open = true;
    this.restart(setting);
  }

  list(errors) {
    const items = errors.map(({ message }) => make("li", {}, message));
    const said = make("p", {}, "주소에 적힌 설정에서 읽지 못한 것이 있어, 그것은 처음 값으로 두었습니다.");
    this.errors.replaceChildren(...(items.length ? [said, make("ul", {}, ...items)] : []));
  }

  failed(message) {
    this.awake = false;
    this.show();
    this.panel.say(message);
  }

  show() {
    const { run, root } = this;
    const { state, step, loss, accuracy } = run;
    if (state) root.dataset.state = state === "pausing" ? "running" : state;
    else delete root.dataset.state;
    root.dataset.step = step;
    root.dataset.loss = loss ?? "";
    root.dataset.accuracy = accuracy ?? "";
    const { losses, points, count, until, layers, untrained } = run;
    Object.assign(this.now, { setting: this.setting, losses, points, count, step, until, loss, accuracy });
    const [records, resting] = [[this.now, ...this.kept.kept], !run.busy];
    const verdict = resting ? this.missions.update({ state, accuracy, layers }, this.setting) : null;
    this.panel.update(run, this.kept.kept.length, verdict);
    this.curves.update(records, resting);
    this.kept.update(records);
    this.layers.update({ layers, untrained, resting });
    this.showViews();
    if (run.busy) this.ask();
  }

  /** 유닛과 경계. 물어야 오므로, 멎은 자리마다 한 번은 따로 묻습니다. */
  showViews() {
    const { snapshot, state, step, number } = this.run;
    for (const view of this.views) {
      if (snapshot) view.update(snapshot, this.setting, snapshot.plane);
      else view.clear();
    }
    const place = `${number} ${state} ${step}`;
    if (!snapshot || this.run.busy || place === this.looked) return;
    this.looked = place;
    this.look();
  }

  look() {
    const wants = Object.assign({ weights: null, saturation: false, boundary: false }, ...this.views.map((view) => view.wants()));
    this.run.look(wants);
  }

  /** 학습하는 동안 한 프레임에 한 번까지 지금의 모습을 묻습니다. */
  ask() {
    if (this.asking) return;
    this.asking = true;
    const again = () => {
      this.asking = false;
      if (!this.run.busy) return;
      this.look();
      this.ask();
    };
    setTimeout(() => requestAnimationFrame(again), restBetween());
  }
}

/** 워커가 스스로 만들지 못하는 자료. */
function partsOf(name, digits) {
  if (name === "mnist") throw new Error("MNIST는 파일 네 개를 골라야 학습시킬 수 있습니다.");
  return name === "digits" ? digits() : null;
}
