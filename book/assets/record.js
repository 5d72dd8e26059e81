// 읽은 자취: 예상에 한 답, 다 읽은 장, 읽던 곳. 이 브라우저의 저장소에만 두고 아무 데도 보내지 않습니다.
const wiRecord = (() => {
  const NAME = "wi-record", PLAIN = "wi-read";
  const empty = () => ({ version: 1, answers: {}, passed: {}, open: {}, done: {}, last: null });
  const isObject = (value) => typeof value === "object" && value !== null && !Array.isArray(value);
  // 다른 판이 적었거나 손으로 고친 것에서는 꼴이 맞는 것만 받습니다.
  function sane(found) {
    const kept = empty();
    if (!isObject(found)) return kept;
    for (const name of ["answers", "passed", "open", "done"]) if (isObject(found[name])) kept[name] = { ...found[name] };
    for (const [id, answer] of Object.entries(kept.answers))
      if (!/^ask-\d\d-[a-z-]+$/.test(id) || !isObject(answer) || typeof answer.right !== "boolean" || answer.given === undefined) delete kept.answers[id];
    const { page, anchor, title } = isObject(found.last) ? found.last : {};
    if (/^(chapters|exercises)\/\w+$/.test(page) && [anchor, title].every((text) => typeof text === "string")) kept.last = found.last;
    return kept;
  }

  let memory = {}; // 저장을 막아 두었거나 자리가 없는 브라우저에서는 이 쪽을 보는 동안만 기억합니다.
  let blocked = false;
  function get(name) {
    if (name in memory) return memory[name];
    try {
      return localStorage.getItem(name);
    } catch {
      blocked = true;
    }
    return null;
  }
  function put(name, text) {
    try {
      localStorage.setItem(name, text);
      delete memory[name];
    } catch {
      memory[name] = text;
      blocked = true;
    }
  }

  function read() {
    try {
      return sane(JSON.parse(get(NAME)));
    } catch {
      return empty();
    }
  }
  // 다른 창에서 그사이에 답한 것을 덮지 않도록 다시 읽어 고칩니다.
  function change(edit) {
    const record = read();
    edit(record);
    put(NAME, JSON.stringify(record));
    document.dispatchEvent(new Event("wi-record"));
  }
  // 같은 물음에 다시 답했으면 나중의 답을 남깁니다.
  function merge(text) {
    const found = JSON.parse(text);
    if (found?.version !== 1) throw new Error("version");
    const other = sane(found);
    change((record) => {
      for (const [id, answer] of Object.entries(other.answers))
        if (!((record.answers[id]?.at ?? 0) > (answer.at ?? 0))) record.answers[id] = answer;
      for (const name of ["passed", "open", "done"]) Object.assign(record[name], other[name]);
      if (!((record.last?.at ?? 0) > (other.last?.at ?? 0))) record.last = other.last ?? record.last;
    });
  }
  const erase = () => change((record) => Object.assign(record, empty()));
  const plain = () => get(PLAIN) === "plain";
  function setPlain(on) {
    put(PLAIN, on ? "plain" : "ask");
    document.dispatchEvent(new Event("wi-record"));
  }
  addEventListener("storage", ({ key }) => [NAME, PLAIN, null].includes(key) && document.dispatchEvent(new Event("wi-record")));
  // 뒤로 가서 되살아난 쪽은 그사이의 답을 모릅니다.
  addEventListener("pageshow", ({ persisted }) => persisted && document.dispatchEvent(new Event("wi-record")));

  const root = new URL(document.documentElement.dataset.content_root ?? "./", location.href);
  const page = decodeURI(location.pathname).slice(decodeURI(root.pathname).length).replace(/\.html$/, "") || "index";
  return { read, change, merge, erase, plain, setPlain, isBlocked: () => blocked, root, page };
})();

document.addEventListener("DOMContentLoaded", () => {
  // 책의 차례: 장마다 답한 예상의 수와, 끝까지 읽었는지.
  const answered = (record, chapter) => Object.keys(record.answers).filter((id) => id.startsWith(`ask-${chapter}-`)).length;
  function mark() {
    const record = wiRecord.read();
    for (const place of document.querySelectorAll(".wi-progress")) {
      const page = new URL(place.closest("a").href).pathname.match(/(chapters\/(\d+)\w*)\.html$/);
      const [, name, chapter] = page ?? [null, wiRecord.page, wiRecord.page.match(/\d+/)?.[0]];
      const all = Number(place.className.match(/wi-of-(\d+)/)[1]);
      const count = Math.min(all, answered(record, chapter)); // 책의 옛 판에만 있던 물음의 답도 남아 있습니다.
      place.replaceChildren();
      if (!count && !record.done[name]) continue;
      const said = `, 예상 ${all}개 가운데 ${count}개에 답함${record.done[name] ? ", 다 읽음" : ""}`;
      place.append(wiMake("span", { className: "visually-hidden", textContent: said }));
      place.append(wiMake("span", { ariaHidden: "true", textContent: `${record.done[name] ? "✓ " : ""}${count}/${all}` }));
    }
  }

  // 첫 페이지: 읽던 곳으로 가는 링크.
  const resume = wiMake("p", { className: "wi-resume", hidden: true });
  function offer() {
    const { last } = wiRecord.read();
    resume.hidden = !last;
    if (!last) return;
    const href = new URL(`${last.page}.html${last.anchor && `#${last.anchor}`}`, wiRecord.root).href;
    resume.replaceChildren("이어 읽기: ", wiMake("a", { href, textContent: last.title }));
  }
  if (["index", "intro"].includes(wiRecord.page)) document.querySelector("article h1")?.after(resume);

  // 첫 페이지의 ‘내 기록’: 내보내기, 불러오기, 지우기.
  const home = document.getElementById("sec-record");
  const state = wiMake("p", { role: "status" });
  function tell(text) {
    state.textContent = text;
  }
  function save() {
    const blob = new Blob([JSON.stringify(wiRecord.read(), null, 1)], { type: "application/json" });
    const link = wiMake("a", { href: URL.createObjectURL(blob), download: "weight-init-record.json" });
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
    tell("기록을 weight-init-record.json으로 내려받았습니다.");
  }
  const file = wiMake("input", { type: "file", accept: ".json,application/json", hidden: true });
  file.addEventListener("change", async () => {
    try {
      wiRecord.merge(await file.files[0].text());
      tell("기록을 불러와 이 브라우저의 것과 합쳤습니다.");
    } catch {
      tell("이 책에서 내보낸 기록이 아닙니다. weight-init-record.json을 고르십시오.");
    }
    file.value = "";
  });
  function summary(record) {
    const answers = Object.values(record.answers), right = answers.filter((answer) => answer.right).length;
    const kept = wiRecord.isBlocked() ? " 이 브라우저에 저장하지 못하므로, 이 쪽을 떠나면 사라집니다." : "";
    if (!answers.length && !Object.keys(record.done).length) return `아직 적힌 것이 없습니다.${kept}`;
    return `예상 ${answers.length}개에 답했고 그 가운데 ${right}개가 맞았습니다. 끝까지 읽은 장은 ${Object.keys(record.done).length}개입니다.${kept}`;
  }
  if (home) {
    const said = wiMake("p", {});
    const asking = wiMake("input", { type: "checkbox" });
    asking.addEventListener("change", () => wiRecord.setPlain(!asking.checked));
    const sure = wiMake("span", { hidden: true }, "정말 지울까요? 되돌릴 수 없습니다. ");
    const wipe = wiButton("지우기", () => {
      wiRecord.erase();
      sure.hidden = true;
      tell("기록을 모두 지웠습니다.");
      erase.focus();
    });
    const erase = wiButton("모두 지우기", () => {
      sure.hidden = false;
      wipe.focus();
    });
    sure.append(wipe, wiButton("그만두기", () => { sure.hidden = true; erase.focus(); }));
    const row = wiMake("p", { className: "wi-buttons" }, wiButton("내보내기", save), wiButton("불러오기", () => file.click()), erase, sure);
    const label = wiMake("label", {}, asking, " 예상에 답하기 전에는 뒤의 글을 가립니다");
    (home.tagName === "SECTION" ? home : home.parentElement).append(wiMake("div", { className: "wi-mine" }, said, row, file, wiMake("p", {}, label), state));
    const show = () => {
      said.textContent = summary(wiRecord.read());
      asking.checked = !wiRecord.plain();
    };
    document.addEventListener("wi-record", show);
    show();
  }

  // 읽던 곳: 화면의 위쪽 절반에 든 마지막 제목, 그림, 물음. 전화기에서는 절 하나가 여덟 화면도 됩니다.
  const isHeading = (place) => /^H\d$/.test(place.tagName);
  const places = [...document.querySelectorAll("article :is(h1, h2, h3, figure[id], [data-ask])")];
  const headings = places.filter(isHeading);
  const words = (heading) => [...heading.childNodes].filter((node) => !node.classList?.contains("headerlink")).map((node) => node.textContent).join("").trim();
  const isShown = (place) => place.checkVisibility() && !place.closest("[hidden]");
  const isReadable = (page) => /^(chapters|exercises)\//.test(page);
  function standing() {
    const seen = places.filter((place) => isShown(place) && place.getBoundingClientRect().top < innerHeight / 2);
    if (!seen.length) return null;
    const at = seen.at(-1), here = seen.filter(isHeading).at(-1) ?? headings[0];
    const anchor = at.tagName === "H1" ? "" : isHeading(at) ? at.parentElement.id : at.id;
    return { page: wiRecord.page, anchor, title: here === headings[0] ? words(here) : `${words(headings[0])} › ${words(here)}` };
  }
  /** 장을 다 읽고 아래의 ‘다음’까지 왔으면, 이어 읽을 곳은 다음 장입니다. */
  const next = document.querySelector("a.right-next");
  function following() {
    const page = next?.href.slice(wiRecord.root.href.length).replace(/\.html.*$/, "");
    if (!next || !isReadable(page) || next.getBoundingClientRect().top > innerHeight) return null;
    return { page, anchor: "", title: next.querySelector(".prev-next-title").textContent.trim() };
  }
  function remember() {
    const place = standing();
    if (!place || !isReadable(wiRecord.page)) return;
    const record = wiRecord.read(), end = headings.at(-1);
    const ended = wiRecord.page.startsWith("chapters/") && isShown(end) && end.getBoundingClientRect().top < innerHeight;
    const last = (ended && following()) || place;
    if (record.last?.page === last.page && record.last.anchor === last.anchor && (!ended || record.done[wiRecord.page])) return;
    wiRecord.change((now) => {
      now.last = { ...last, at: Date.now() };
      if (ended) now.done[wiRecord.page] = Date.now();
    });
  }
  let waiting = null;
  addEventListener("scroll", () => (waiting ??= setTimeout(() => { waiting = null; remember(); }, 500)), { passive: true });

  document.addEventListener("wi-record", () => { mark(); offer(); });
  mark();
  offer();
});
