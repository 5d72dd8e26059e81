// 예상 상자: 고르거나 적거나 그리면 답과 까닭을 펴고, 가려 둔 뒤의 글을 엽니다. 무엇이 맞는지는 book/predictions.py가 적었습니다.
document.addEventListener("DOMContentLoaded", () => {
  const article = document.querySelector("article");
  const boxes = [...document.querySelectorAll("[data-ask]")];
  if (!boxes.length) return;

  const make = (tag, properties = {}, ...children) => {
    const element = Object.assign(document.createElement(tag), properties);
    element.append(...children);
    return element;
  };
  const button = (text, act, className = "") => {
    const made = make("button", { type: "button", textContent: text, className });
    made.addEventListener("click", act);
    return made;
  };

  // 답하는 방법마다: 상자에 답할 자리를 만들고 {show(given)}을 돌려줍니다. show(null)은 답하기 전으로 되돌립니다.
  // answer(given, right, said, why)는 답했음을 알립니다: why는 펴진 까닭 가운데 도드라지게 할 것의 이름입니다.
  const KINDS = {
    choice(box, answer) {
      const list = box.querySelector(":scope > ol"), right = Number(box.dataset.right);
      const items = [...list.children];
      const judge = (given) => ({
        right: given === right,
        said: given === right ? "맞았습니다." : `다릅니다. 답은 ${right}번입니다.`,
        why: String(given),
      });
      const buttons = items.map((item, i) => {
        for (const link of item.querySelectorAll("a")) link.replaceWith(...link.childNodes); // 단추 안에는 링크를 두지 못합니다.
        const name = spoken(item);
        const choose = button("", () => list.dataset.given || answer(i + 1), "wi-choice");
        choose.append(...[...item.childNodes].flatMap((node) => (node.tagName === "P" ? [...node.childNodes] : [node])), make("span", { className: "visually-hidden" }));
        if (choose.querySelector("math")) choose.dataset.name = name;
        item.replaceChildren(choose);
        return choose;
      });
      list.classList.add("wi-choices");
      return {
        judge: (given) => (Number.isInteger(given) && items[given - 1] ? judge(given) : null),
        show(given) {
          if (given) list.dataset.given = given;
          else delete list.dataset.given;
          buttons.forEach((choose, i) => {
            choose.setAttribute("aria-disabled", Boolean(given));
            items[i].classList.toggle("wi-given", i + 1 === given);
            items[i].classList.toggle("wi-right", Boolean(given) && i + 1 === right);
            choose.lastChild.textContent = [[i + 1 === given, " (고른 답)"], [given && i + 1 === right, " (맞는 답)"]].map(([is, text]) => (is ? text : "")).join("");
            if (choose.dataset.name) choose.setAttribute("aria-label", choose.dataset.name + choose.lastChild.textContent);
          });
        },
        first: buttons[0],
      };
    },

    number(box, answer) {
      const blank = [...box.querySelectorAll(":scope > p")].at(-1);
      const { unit } = box.dataset;
      const [low, high] = [box.dataset.low, box.dataset.high].map(Number);
      const read = (text) => readNumber(unit && text.trim().endsWith(unit) ? text.trim().slice(0, -unit.length) : text);
      const input = make("input", { type: "text", inputMode: "decimal", autocomplete: "off" });
      input.setAttribute("aria-label", `답${unit && `, 단위는 ${unit}`}`);
      const refused = make("span", { className: "wi-refused", role: "alert" });
      const form = make("form", { className: "wi-number" }, input, unit, make("button", { textContent: "답하기" }), refused);
      form.addEventListener("submit", (event) => {
        event.preventDefault();
        const given = read(input.value);
        input.setAttribute("aria-invalid", given === null);
        refused.textContent = given === null ? "수로 적어 주십시오. 0.02나 1/50이나 2e-2처럼 적을 수 있습니다." : "";
        if (given === null) input.focus();
        else answer(input.value.trim());
      });
      blank.classList.add("wi-on-paper");
      blank.after(form);
      return {
        judge(text) {
          const given = typeof text === "string" ? read(text) : null;
          if (given === null) return null;
          const side = given < low ? "low" : given > high ? "high" : "";
          const said = { low: "맞은 것으로 보는 범위보다 작습니다.", high: "맞은 것으로 보는 범위보다 큽니다.", "": "맞았습니다." }[side];
          return { right: side === "", said, why: side };
        },
        show(given) {
          input.value = given ?? "";
          input.readOnly = given !== null;
          form.querySelector("button").hidden = given !== null;
        },
        first: input,
      };
    },

    line: (box, answer) => wiSketch(box, answer),
  };

  // 단추의 이름에서는 식이 빠지므로 글로 적습니다: 10^−4, b^(3), σ_w^2.
  function spoken(item) {
    const copy = item.cloneNode(true);
    for (const low of copy.querySelectorAll("msub, msubsup")) low.children[1].prepend("_");
    for (const raised of copy.querySelectorAll("msup, msubsup")) raised.lastElementChild.prepend("^");
    for (const fraction of copy.querySelectorAll("mfrac")) fraction.lastElementChild.prepend("/");
    return copy.textContent.replace(/\s+/g, " ").trim();
  }

  // "1,500", "1/50", "2e-5", "3×10^-5", "10⁻³"을 수로. 수가 아니면 null입니다. "0,5"는 0.5인지 5인지 모릅니다.
  function readNumber(text) {
    const raised = text.replace(/10([⁰¹²³⁴⁵⁶⁷⁸⁹⁻]+)/g, (_, digits) => `10^${[...digits].map((c) => "⁰¹²³⁴⁵⁶⁷⁸⁹".indexOf(c)).map((n) => (n < 0 ? "-" : n)).join("")}`);
    const spaceless = raised.normalize("NFKC").replace(/\s/g, "");
    const digits = spaceless.replace(/\b[1-9]\d{0,2}(?:,\d{3})+(?![\d,])/g, (thousands) => thousands.replaceAll(",", ""));
    const written = digits.replace(/[−–]/g, "-").replace(/[x*]/gi, "×");
    const power = written.replace(/^(?:(.+)×)?10\^\(?([-+]?\d+)\)?$/, (_, digits = "1", exponent) => `${digits}e${exponent}`);
    const [top, bottom = "1", ...more] = power.split("/");
    const plain = /^[-+]?(\d+\.?\d*|\.\d+)(e[-+]?\d+)?$/i;
    const value = plain.test(top) && plain.test(bottom) && !more.length ? Number(top) / Number(bottom) : NaN;
    return Number.isFinite(value) ? value : null;
  }

  // 상자마다 답할 자리, 답한 뒤의 말, 접힌 답.
  const asked = boxes.map((box) => {
    const fold = box.querySelector(":scope > details");
    const title = box.querySelector(".admonition-title");
    title.id ||= `${box.id}-title`;
    box.setAttribute("role", "group");
    box.setAttribute("aria-labelledby", title.id);
    const verdict = make("p", { className: "wi-verdict" });
    verdict.setAttribute("role", "status");
    const again = button("다시 답하기", () => {
      wiRecord.change((record) => delete record.answers[box.id]);
      kind.first.focus();
    });
    const kind = KINDS[box.dataset.ask](box, (given) => {
      const { right } = kind.judge(given);
      wiRecord.change((record) => (record.answers[box.id] = { given, right, at: Date.now() }));
    });
    fold.before(make("div", { className: "wi-answered" }, verdict, again));
    const show = (given) => {
      const judged = given === undefined ? null : kind.judge(given);
      kind.show(judged ? given : null);
      const text = judged?.said ?? "";
      if (verdict.textContent !== text) verdict.textContent = text;
      verdict.classList.toggle("wi-hit", Boolean(judged?.right));
      again.hidden = !judged;
      for (const item of fold.querySelectorAll("li[class*=wi-why]")) item.classList.toggle("wi-yours", Boolean(judged?.why) && item.classList.contains(`wi-why-${judged.why}`));
      return Boolean(judged);
    };
    return { box, fold, show, known: undefined };
  });

  // 답하지 않은 첫 상자의 뒤를 가립니다. 찾아온 자리가 그 뒤이면, 거기까지는 이 쪽을 보는 동안 엽니다.
  const visited = new Set();
  const walls = asked.filter(({ box }) => box.dataset.gate !== undefined);
  const bar = make("div", { className: "wi-gate" });
  bar.append(
    make("p", {}, "답하면 이어집니다."),
    button("이 상자만 넘기기", () => leave(() => wiRecord.change((record) => (record.passed[bar.dataset.box] = 1)))),
    button("이 쪽은 그냥 읽기", () => leave(() => wiRecord.change((record) => (record.open[wiRecord.page] = 1)))),
    button("늘 그냥 읽기", () => leave(() => wiRecord.setPlain(true))),
  );
  const back = make("p", { className: "wi-plain" }, "예상에 답하지 않고 읽는 중입니다. ", button("답하며 읽기", () => {
    wiRecord.change((record) => { delete record.open[wiRecord.page]; record.passed = {}; });
    visited.clear();
    wiRecord.setPlain(false);
    focusOn(walls[0].box);
  }));
  // 누른 단추는 사라지므로, 초점은 열린 글의 앞이나 다시 묻는 상자에 둡니다.
  function focusOn(element) {
    element.tabIndex = -1;
    element.focus({ preventScroll: true });
  }
  function leave(open) {
    const next = hidden[0] ?? bar.previousElementSibling;
    open();
    focusOn(next);
  }

  // 절은 그 안의 글마다 따로 가려야, 찾은 글까지만 열 수 있습니다.
  const blocks = (element) => (element.tagName === "SECTION" ? [...element.children].flatMap(blocks) : [element]);
  let hidden = [], standing;
  function gate(record) {
    const free = wiRecord.plain() || record.open[wiRecord.page];
    const wall = free ? null : walls.find(({ box, answered }) => !answered && !record.passed[box.id] && !visited.has(box));
    for (const one of asked) one.fold.hidden = !one.answered && one === wall;
    // 그대로이면 건드리지 않습니다. 단추를 뺐다가 넣으면 그 위의 초점이 달아납니다.
    const now = wall ?? Boolean(free);
    if (now === standing) return;
    standing = now;
    for (const element of hidden) element.hidden = false;
    hidden = [];
    bar.remove();
    back.remove();
    if (wall) {
      bar.dataset.box = wall.box.id;
      for (let inside = wall.box; inside !== article; inside = inside.parentElement)
        for (let next = inside.nextElementSibling; next; next = next.nextElementSibling) hidden.push(...blocks(next));
      // 브라우저의 쪽에서 찾기는 가려 둔 글도 찾고, 찾으면 beforematch로 알립니다.
      for (const element of hidden) element.hidden = "until-found";
      wall.box.after(bar);
    } else if (free && walls.length) walls[0].box.before(back);
  }
  function visit(element) {
    for (const { box } of walls) if (box.compareDocumentPosition(element) & Node.DOCUMENT_POSITION_FOLLOWING) visited.add(box);
    update();
  }
  article.addEventListener("beforematch", ({ target }) => visit(target));
  const arrive = () => {
    const target = location.hash && document.getElementById(decodeURIComponent(location.hash.slice(1)));
    if (!target || !article.contains(target)) return;
    visit(target);
    target.scrollIntoView();
  };
  addEventListener("hashchange", arrive);

  function update() {
    const record = wiRecord.read();
    for (const one of asked) {
      // 바뀐 것만 다시 그립니다. 적고 있던 수와 그리던 선을 지우지 않습니다.
      const known = JSON.stringify(record.answers[one.box.id]?.given ?? null);
      if (one.known === known) continue;
      one.known = known;
      one.fold.open = one.answered = one.show(record.answers[one.box.id]?.given);
    }
    gate(record);
  }
  // 찾기에서 온 독자는 물음이 아니라 찾은 글을 보러 왔습니다.
  // 스크립트가 늦어 글이 먼저 나왔으면(shared_files.py) 읽던 글을 가리지 않습니다.
  const isLate = !("asking" in document.documentElement.dataset);
  if (isLate || /\/search\.html$/.test(document.referrer.split("?")[0])) walls.forEach(({ box }) => visited.add(box));
  update();
  document.documentElement.dataset.asked = "";
  document.addEventListener("wi-record", update);
  if (location.hash) arrive();
});
