// 워커 하나와 주고받는 실행 하나: 지금의 설정, 걸음마다의 손실, 재어 둔 정확도, 층마다의 신호.

const FIRST_ROOM = 1024;
const STOPPED = "계산을 맡은 워커가 멈추었습니다. 다시 누르면 처음부터 합니다.";

export class Run {
  /**
   * - open(): 새 워커를 엽니다. parts(이름): 워커가 만들지 못하는 자료를 (약속으로) 줍니다.
   * - onChange(run): 새 모습을 받을 때마다. onFailure(글): 워커가 더 나아가지 못할 때.
   */
  constructor({ open, parts, onChange, onFailure }) {
    Object.assign(this, { open, parts, onChange, onFailure, number: 0 });
    this.forget();
  }

  forget() {
    const fresh = { state: "", step: 0, count: 0, until: 0, loss: null, accuracy: null, where: null, looking: false };
    Object.assign(this, fresh, { points: [], layers: null, untrained: null, snapshot: null });
    this.losses = new Float64Array(FIRST_ROOM);
  }

  get busy() {
    return this.state === "running" || this.state === "pausing";
  }

  /** 망을 새로 만듭니다. 하던 일이 있는 워커는 긴 걸음의 가운데에 있을 수 있어, 기다리지 않고 새 워커를 씁니다. */
  async prepare(setting) {
    if (this.busy || this.preparing) this.close();
    this.forget();
    this.setting = setting;
    this.number += 1;
    this.wanted = 0;
    this.preparing = true;
    this.onChange(this);
    const run = this.number;
    try {
      await this.give(setting.data);
      if (run !== this.number) return;
      this.post({ do: "prepare", run, setting });
      this.sent = run;
      if (this.wanted) this.post({ do: "run", run, until: this.wanted, look: true });
    } catch (error) {
      if (run === this.number) this.fail(error.message);
    }
  }

  async give(name) {
    this.given ??= {};
    const parts = (this.given[name] ??= await this.parts(name));
    if (!this.worker) this.start();
    if (!parts || this.told.has(name)) return;
    this.told.add(name);
    this.post({ do: "give", name, parts });
  }

  /** 독자가 다시 고른 자료. 다음 prepare에서 워커에 넘깁니다. */
  replaceParts(name, parts) {
    this.given = { ...this.given, [name]: parts };
    this.told?.delete(name);
  }

  start() {
    this.told = new Set();
    this.worker = this.open();
    this.worker.onmessage = ({ data }) => data.run === this.number && this.hear(data);
    this.worker.onerror = ({ message }) => this.fail(`${STOPPED}${message ? ` 브라우저가 말한 까닭: ${message}` : ""}`);
  }

  post(message) {
    this.worker.postMessage(message);
  }

  hear(message) {
    if (message.kind === "error") this.fail(message.message);
    else this.take(message);
  }

  take(snapshot) {
    this.preparing = false;
    this.looking = false;
    const { state, step, loss, accuracy, layers, where } = snapshot;
    // 멈추라고 한 뒤의 모습도 다음에 멎을 때까지는 학습하는 중의 것입니다.
    const waiting = state === "ready" && this.wanted;
    if (!waiting && !(state === "running" && this.state === "pausing")) this.state = state;
    Object.assign(this, { step, loss, accuracy, layers, where, snapshot });
    if (step === 0) this.untrained ??= layers;
    if (state === "diverged") this.until = Math.max(step, 1);
    this.keepLosses(snapshot);
    this.points.push(...snapshot.points);
    this.onChange(this);
  }

  keepLosses({ from, losses }) {
    const count = from + losses.length;
    if (count > this.losses.length) {
      const larger = new Float64Array(Math.max(count, 2 * this.losses.length));
      larger.set(this.losses);
      this.losses = larger;
    }
    this.losses.set(losses, from);
    this.count = Math.max(this.count, count);
  }

  /** step까지 학습시킵니다. 아직 준비하는 중이면 준비한 뒤에 이어집니다. */
  run(until) {
    this.until = this.wanted = Math.min(until, this.setting.iterations);
    this.state = "running";
    if (this.sent === this.number) this.post({ do: "run", run: this.number, until: this.until, look: true });
    this.onChange(this);
  }

  pause() {
    if (this.state !== "running") return;
    const begun = this.sent === this.number;
    this.state = begun ? "pausing" : "";
    this.wanted = 0;
    if (begun) this.post({ do: "pause", run: this.number });
    this.onChange(this);
  }

  /** 지금의 모습을 묻습니다. 앞의 것에 답이 올 때까지는 다시 묻지 않습니다. */
  look(wants) {
    if (this.looking || this.preparing || !this.worker || this.sent !== this.number) return;
    this.looking = true;
    this.post({ do: "look", run: this.number, wants });
  }

  fail(message) {
    this.close();
    this.forget();
    this.onFailure(message);
  }

  close() {
    this.worker?.terminate();
    this.worker = null;
    this.preparing = false;
  }

  /** 남겨 둘 사본. 워커와는 이어져 있지 않습니다. */
  copy() {
    const { setting, number, step, count, until, loss, accuracy, state } = this;
    const losses = this.losses.slice(0, count);
    return { setting: { ...setting }, number, step, count, until, loss, accuracy, state, losses, points: [...this.points] };
  }
}
