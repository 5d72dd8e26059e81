// 커널 없이 움직이는 위젯. 페이지에 저장된 위젯 상태를 읽어 ipywidgets의 조절기를 브라우저의 것으로 그리고,
// link로 이어진 값을 함께 바꾸고, anywidget 보기에 모델을 건넵니다. 노트북에서는 진짜 ipywidgets가 같은 일을 합니다.
(() => {
  const MIME = "application/vnd.jupyter.widget-";
  const bytes = (base64) => new DataView(Uint8Array.from(atob(base64), (c) => c.charCodeAt(0)).buffer);

  class Model {
    constructor({ model_name, state, buffers = [] }) {
      Object.assign(this, { name: model_name, state, listeners: {} });
      for (const { path, data } of buffers) {
        const parent = path.slice(0, -1).reduce((inner, key) => inner[key], state);
        parent[path.at(-1)] = bytes(data);
      }
    }
    get(key) {
      return this.state[key];
    }
    // 값이 정말 바뀔 때만 알리므로, 양쪽으로 이은 link도 한 번 돌고 멈춥니다.
    set(key, value) {
      if (Object.is(this.state[key], value)) return;
      this.state[key] = value;
      for (const listener of [...(this.listeners[`change:${key}`] ?? [])]) listener();
    }
    save_changes() {}
    on(events, listener) {
      for (const event of events.split(" ")) (this.listeners[event] ??= []).push(listener);
    }
    off(events, listener) {
      for (const event of events.split(" ")) this.listeners[event] = (this.listeners[event] ?? []).filter((f) => f !== listener);
    }
    // 지금 값으로 한 번 그리고, key가 바뀔 때마다 다시 그립니다.
    follow(key, show) {
      this.on(`change:${key}`, show);
      show();
    }
  }

  function make(tag, properties = {}, ...children) {
    const element = Object.assign(document.createElement(tag), properties);
    element.append(...children);
    return element;
  }

  let drawn = 0;
  const THUMB = 16; // 브라우저가 그리는 손잡이의 너비
  const labels = (model) => model.get("_options_labels");
  const enable = (model, ...inputs) => model.follow("disabled", () => inputs.forEach((input) => (input.disabled = model.get("disabled"))));
  const named = (model, input, ...rest) =>
    make("label", { className: "wi-control" }, make("span", { textContent: model.get("description") }), input, ...rest);

  const CONTROLS = {
    SelectionSliderModel(model) {
      const input = make("input", { type: "range", min: 0, max: labels(model).length - 1, step: 1 });
      const output = make("output");
      input.addEventListener("input", () => model.set("index", Number(input.value)));
      // iOS의 조절기는 손잡이를 끌어야만 움직입니다. 손가락으로 짚은 곳으로도 가게 합니다.
      input.addEventListener("pointerup", ({ pointerType, clientX }) => {
        const { left, width } = input.getBoundingClientRect();
        if (pointerType !== "touch") return;
        input.value = ((clientX - left - THUMB / 2) / (width - THUMB)) * input.max;
        model.set("index", Number(input.value));
      });
      model.follow("index", () => {
        input.value = model.get("index");
        output.value = labels(model)[model.get("index")];
        input.setAttribute("aria-valuetext", output.value);
      });
      enable(model, input);
      return named(model, input, output);
    },
    DropdownModel(model) {
      const select = make("select", {}, ...labels(model).map((text) => make("option", { textContent: text })));
      select.addEventListener("change", () => model.set("index", select.selectedIndex));
      model.follow("index", () => (select.selectedIndex = model.get("index") ?? -1));
      enable(model, select);
      return named(model, select);
    },
    ToggleButtonsModel(model) {
      // 같은 모델이 두 번 보여도 라디오 묶음은 따로여야 합니다.
      const name = `wi-toggle-${drawn++}`;
      const radios = labels(model).map((_, index) => {
        const radio = make("input", { type: "radio", name });
        radio.addEventListener("change", () => model.set("index", index));
        return radio;
      });
      model.follow("index", () => radios.forEach((radio, index) => (radio.checked = index === model.get("index"))));
      enable(model, ...radios);
      const buttons = radios.map((radio, index) => make("label", {}, radio, make("span", { textContent: labels(model)[index] })));
      return make("fieldset", { className: "wi-control wi-toggle" }, make("legend", { textContent: model.get("description") }), ...buttons);
    },
    PlayModel(model) {
      const button = make("button", { type: "button", className: "wi-play" });
      const still = matchMedia("(prefers-reduced-motion: reduce)");
      let timer = null;
      const show = () => {
        button.textContent = still.matches ? "한 칸 앞으로" : timer ? "멈춤" : "재생";
        button.setAttribute("aria-label", `${model.get("description")} ${button.textContent}`);
      };
      const stop = () => {
        clearInterval(timer);
        timer = null;
        show();
      };
      const step = () => {
        const next = model.get("value") + model.get("step");
        if (next <= model.get("max")) model.set("value", next);
        if (next + model.get("step") > model.get("max")) stop();
      };
      button.addEventListener("click", () => {
        if (timer) return stop();
        if (model.get("value") >= model.get("max")) model.set("value", model.get("min"));
        else step();
        if (!still.matches && model.get("value") < model.get("max")) timer = setInterval(step, model.get("interval"));
        show();
      });
      still.addEventListener("change", stop);
      enable(model, button);
      show();
      return button;
    },
    VBoxModel: async (model, models) => withMain(await box("wi-column", model, models)),
    HBoxModel: (model, models) => box("wi-row", model, models),
    async AnyModel(model) {
      addStyle(model.get("_css"));
      const { default: view } = await load(model.get("_esm"));
      const element = make("div", { className: "wi-view" });
      await view.render({ model, el: element });
      return element;
    },
  };

  // 같은 코드는 한 번만 불러옵니다. 페이지를 다 읽기 전에 시작해 두면, 그릴 때는 이미 와 있습니다.
  const modules = new Map();
  function load(code) {
    if (!modules.has(code)) modules.set(code, import(URL.createObjectURL(new Blob([code], { type: "text/javascript" }))));
    return modules.get(code);
  }

  const styles = new Set();
  function addStyle(css) {
    if (!css || styles.has(css)) return;
    styles.add(css);
    // <style>은 내용 보안 정책이 막습니다.
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(css);
    document.adoptedStyleSheets.push(sheet);
  }

  const find = (models, reference) => models.get(reference.replace("IPY_MODEL_", ""));

  // 상자 안의, 축이 있는 보기.
  function viewIn(model, models) {
    if (model.get("spec")?.axes) return model;
    return (model.get("children") ?? []).map((child) => viewIn(find(models, child), models)).find(Boolean);
  }

  async function box(className, model, models) {
    return make("div", { className }, ...(await Promise.all(model.get("children").map((child) => draw(child, models)))));
  }

  // 보기 위의 조절기를 한데 묶고, 그 가운데 주된 것(첫 slider, 없으면 맨 앞의 것)에 표시를 답니다. widgets.css는 좁은
  // 화면에서 주된 조절기를 화면 아래에 붙여 두고, 눕힌 화면에서는 조절기를 그림의 옆에 둡니다.
  function withMain(column) {
    if (!column.lastChild?.matches(".wi-view")) return column;
    const controls = [...column.children].slice(0, -1);
    const main = controls.find((control) => control.querySelector("[type=range]")) ?? controls[0];
    main?.classList.add("wi-main");
    column.prepend(make("div", { className: "wi-controls" }, ...controls));
    return column;
  }

  async function draw(reference, models) {
    const model = find(models, reference);
    if (!CONTROLS[model.name]) throw new Error(`${model.name}은(는) 이 페이지가 그릴 줄 모르는 위젯입니다.`);
    const element = await CONTROLS[model.name](model, models);
    const layout = model.get("layout") ? find(models, model.get("layout")).state : {};
    for (const [key, value] of Object.entries(layout))
      if (value && !key.startsWith("_")) element.style.setProperty(key.replaceAll("_", "-"), value);
    return element;
  }

  function connect(models) {
    for (const link of models.values()) {
      if (link.name !== "LinkModel" && link.name !== "DirectionalLinkModel") continue;
      const [[source, from], [target, to]] = ["source", "target"].map((end) => {
        const [reference, key] = link.get(end);
        return [find(models, reference), key];
      });
      source.follow(from, () => target.set(to, source.get(from)));
      if (link.name === "LinkModel") target.on(`change:${to}`, () => source.set(from, target.get(to)));
    }
  }

  // 실험의 자리를 주소에 적고 주소에서 읽습니다: ?c=1.6&depth=30#fig-05-explorer. 처음과 같은 축은 적지 않습니다.
  class Place {
    constructor(figure, view) {
      Object.assign(this, { figure, view, axes: view.get("spec").axes });
      this.first = this.position;
    }
    get position() {
      return this.axes.map((_, i) => this.view.get(`p${i}`));
    }
    get address() {
      const url = new URL(location.href);
      for (const place of places.values()) for (const { name } of place.axes) url.searchParams.delete(name);
      this.position.forEach((p, i) => p !== this.first[i] && url.searchParams.set(this.axes[i].name, this.axes[i].texts[p]));
      url.hash = this.figure.id;
      return url.href;
    }
    // 지금 모습을 학습시킬 실험대의 주소. 틀은 글과 [축의 번호들, 자리마다의 글]이고, "-"는 실험대가 할 수 없는 자리입니다.
    get lab() {
      const at = (axes) => axes.reduce((sum, i) => sum * this.axes[i].texts.length + this.position[i], 0);
      const words = this.view.get("spec").lab.map((part) => (typeof part === "string" ? part : part[1][at(part[0])]));
      return words.includes("-") ? "" : `${document.documentElement.dataset.content_root ?? ""}lab.html#${words.join("")}`;
    }
    // 모르는 값인 축은 처음 자리에 둡니다.
    take(query) {
      this.axes.forEach(({ name, texts }, i) => {
        const p = texts.indexOf(query.get(name));
        this.view.set(`p${i}`, p < 0 ? this.first[i] : p);
      });
    }
    watch() {
      const moved = () => {
        last = this;
        writing ??= setTimeout(write, PAUSE);
      };
      this.axes.forEach((_, i) => this.view.on(`change:p${i}`, moved));
    }
  }

  const places = new Map();
  const PAUSE = 500; // Safari는 주소를 30초에 100번까지만 고치게 합니다.
  let last = null;
  let writing = null;
  function write() {
    writing = null;
    rewrite("replaceState", last.address);
  }
  function rewrite(how, href) {
    try {
      history[how](null, "", href);
    } catch {
      // 내려받은 파일의 주소는 고치지 못하는 브라우저가 있습니다. 그런 주소는 다시 쓰지도 읽지도 않습니다.
      writing = NaN;
    }
  }
  // #이 실험을 가리키지 않으면, 실험이 하나뿐인 페이지에서만 그것입니다.
  const placeOf = ({ hash }) => places.get(hash.slice(1)) ?? (places.size === 1 ? [...places.values()][0] : null);
  const takeAddress = () => placeOf(location)?.take(new URLSearchParams(location.search));

  // 같은 페이지의 "움직여 보기"는 페이지를 다시 읽지 않고 실험을 그 자리로 옮깁니다.
  function follow(event) {
    const link = event.target.closest(".wi-explore a");
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey || !places.has(link.hash.slice(1))) return;
    event.preventDefault();
    const place = placeOf(link);
    rewrite("pushState", link.href);
    place.take(new URLSearchParams(link.search));
    dispatchEvent(new HashChangeEvent("hashchange")); // pushState는 알리지 않습니다. 예상의 뒤에 가려진 실험이면 ask.js가 엽니다.
    place.figure.scrollIntoView();
    place.figure.querySelector(".wi-main :is(input:checked, [type=range], select)").focus({ preventScroll: true });
  }

  function share(place) {
    const button = make("button", { type: "button", textContent: "이 모습의 주소" });
    const field = make("input", { readOnly: true, hidden: true });
    const said = make("span");
    field.setAttribute("aria-label", button.textContent);
    said.setAttribute("role", "status");
    button.addEventListener("click", async () => {
      said.textContent = "";
      field.value = place.address;
      try {
        await navigator.clipboard.writeText(field.value);
        said.textContent = "주소를 복사했습니다.";
        field.hidden = true;
      } catch {
        said.textContent = "브라우저가 복사를 막았습니다. 고른 주소를 직접 복사하십시오.";
        field.hidden = false;
        field.select();
      }
    });
    const lab = place.view.get("spec").lab?.length ? toLab(place) : "";
    return make("div", { className: "wi-share" }, button, lab, said, field);
  }

  function toLab(place) {
    const link = make("a", { textContent: "실험대에서 학습시켜 보기" });
    const none = make("span", { textContent: "이 모습은 실험대에서 학습시킬 수 없습니다." });
    const show = () => {
      link.href = place.lab;
      link.hidden = !place.lab;
      none.hidden = !!place.lab;
    };
    place.axes.forEach((_, i) => place.view.on(`change:p${i}`, show));
    show();
    return make("span", {}, link, none);
  }

  // 멈춘 그림이 있던 자리에 들어가 캡션을 함께 씁니다. 그리지 못하면 멈춘 그림이 남습니다.
  async function replaceStill(script, models) {
    const figure = script.closest("figure");
    const place = make("div", { className: "wi-output" });
    (figure ?? script.parentElement).prepend(place);
    try {
      place.append(await draw(JSON.parse(script.textContent).model_id, models));
      if (places.has(figure?.id)) place.append(share(places.get(figure.id)));
      // 그림은 큰 그림으로 가는 링크 안에 있습니다. 이름 없는 링크가 남지 않도록 링크까지 거둡니다.
      const image = figure?.querySelector("img");
      (image?.closest("a") ?? image)?.classList.add("wi-still");
    } catch (error) {
      place.replaceChildren(make("p", { className: "wi-error" }, `움직이는 그림을 그리지 못했습니다. ${error.message}`));
      console.error(error);
    }
  }

  const saved = document.querySelector(`script[type="${MIME}state+json"]`);
  if (!saved) return;
  const models = new Map(Object.entries(JSON.parse(saved.textContent).state).map(([id, model]) => [id, new Model(model)]));
  connect(models);
  for (const model of models.values()) if (model.name === "AnyModel") load(model.get("_esm")).catch(() => {});
  const drawAll = () => {
    const scripts = [...document.querySelectorAll(`script[type="${MIME}view+json"]`)];
    for (const script of scripts) {
      const figure = script.closest("figure");
      const view = viewIn(models.get(JSON.parse(script.textContent).model_id), models);
      if (figure?.id && view) places.set(figure.id, new Place(figure, view));
    }
    takeAddress();
    for (const place of places.values()) place.watch();
    // 앞으로 가기와 뒤로 가기. 아직 적지 못한 자리가 있으면 옛 주소로 되돌리지 않습니다.
    addEventListener("popstate", () => writing ?? takeAddress());
    document.addEventListener("click", follow);
    for (const script of scripts) replaceStill(script, models);
  };
  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", drawAll);
  else drawAll();
})();
