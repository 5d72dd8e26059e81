// 예상 상자: 답하면 답과 까닭을 펴고, 가려 둔 뒤의 글을 엽니다. 무엇이 맞는지는 book/predictions.py가 적었습니다.
document.addEventListener("DOMContentLoaded", () => {
  const article = document.querySelector("article");
  const boxes = [...document.querySelectorAll("[data-ask]")];
  if (!boxes.length) return;
  const KINDS = { choice: wiChoice, number: wiNumber, line: wiSketch };

  // 상자마다 답할 자리, 답한 뒤의 말, 접힌 답.
  const asked = boxes.map((box) => {
    const fold = box.querySelector(":scope > details");
    const title = box.querySelector(".admonition-title");
    title.id ||= `${box.id}-title`;
    box.setAttribute("role", "group");
    box.setAttribute("aria-labelledby", title.id);
    const verdict = wiMake("p", { className: "wi-verdict" });
    verdict.setAttribute("role", "status");
    const again = wiButton("다시 답하기", () => {
      wiRecord.change((record) => delete record.answers[box.id]);
      kind.first.focus();
    });
    const kind = KINDS[box.dataset.ask](box, (given) => {
      const { right } = kind.judge(given);
      wiRecord.change((record) => (record.answers[box.id] = { given, right, at: Date.now() }));
      if (document.activeElement === document.body) again.focus(); // 누른 단추가 사라졌습니다.
    });
    fold.before(wiMake("div", { className: "wi-answered" }, verdict, again));
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
  const bar = wiMake("div", { className: "wi-gate" });
  bar.append(
    wiMake("p", {}, "답하면 뒤의 글이 이어집니다."),
    wiButton("이 물음만 넘기기", () => leave(() => wiRecord.change((record) => (record.passed[bar.dataset.box] = 1)))),
    wiButton("이 쪽은 그냥 읽기", () => leave(() => wiRecord.change((record) => (record.open[wiRecord.page] = 1)))),
    wiButton("늘 그냥 읽기", () => leave(() => wiRecord.setPlain(true))),
  );
  const back = wiMake("p", { className: "wi-plain" }, "예상에 답하지 않고 읽는 중입니다. ", wiButton("답하며 읽기", () => {
    wiRecord.change((record) => {
      delete record.open[wiRecord.page];
      for (const { box } of walls) delete record.passed[box.id];
    });
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
  const pointed = () => {
    try {
      return document.getElementById(decodeURIComponent(location.hash.slice(1)));
    } catch {
      return null; // 깨진 주소(#%E0)
    }
  };
  const arrive = () => {
    const target = pointed();
    if (!article.contains(target)) return;
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
