/* 화면에서 재어, 한 슬라이드에 들지 않는 글을 다음 슬라이드로 나눈 다음 reveal.js를 켭니다. */
(async () => {
  await document.fonts.ready;
  await Promise.allSettled([...document.images].map((image) => image.decode()));

  const flowOf = (slide) => slide.querySelector(":scope > .flow");
  const bottom = (slide) => slide.getBoundingClientRect().bottom - parseFloat(getComputedStyle(slide).paddingBottom);
  const overflows = (slide) =>
    slide.scrollWidth > slide.clientWidth + 1 || slide.scrollHeight > slide.clientHeight + 1 ||
    flowOf(slide).getBoundingClientRect().bottom > bottom(slide) + 1;

  /* 코드를 메모로 옮깁니다. */
  const hideCode = (slide) => {
    for (const code of slide.querySelectorAll(".flow .code")) {
      const notes = document.createElement("aside");
      notes.className = "notes";
      slide.append(notes);
      notes.append(code);
    }
  };

  /* 덜 중요한 문장을 뒤에서부터 메모에만 둡니다. 그래도 다 들지 않으면 그대로 둡니다. */
  const hideSpare = (slide) => {
    const hidden = [];
    for (const sentence of [...slide.querySelectorAll(".spare > :not(.notes)")].reverse()) {
      if (!overflows(slide)) return;
      sentence.hidden = true;
      hidden.push(sentence);
    }
    if (overflows(slide)) for (const sentence of hidden) sentence.hidden = false;
  };

  /* 글(rest)을 앞 슬라이드로 올립니다. 찍힌 글의 아래에는 드는 만큼, 물음과 표의 아래에는 모두 들 때만 둡니다.
     찍힌 글과 표를 읽는 문장은 글쇠를 한 번 더 눌러야 보입니다. */
  const join = (slide, rest) => {
    const { kind } = slide.dataset, units = [...flowOf(rest).children];
    const back = () => flowOf(rest).prepend(units.pop());
    flowOf(slide).append(...units);
    if (kind === "output") {
      if (overflows(slide)) hideCode(slide);
      hideSpare(slide);
      while (units.length && overflows(slide)) back();
    } else if (overflows(slide)) {
      while (units.length) back();
    }
    for (const unit of kind === "section" ? [] : units) {
      for (const shown of unit.querySelectorAll(":scope > :not(.notes)")) {
        shown.classList.add("fragment");
        shown.dataset.fragmentIndex = 0;
      }
    }
    if (!flowOf(rest).children.length) rest.remove();
  };

  /* 나눌 수 있는 자리: 글 한 조각, 그것이 슬라이드보다 길면 목록의 항목과 표의 줄. */
  const pieces = (slide, room) =>
    [...flowOf(slide).children].flatMap((unit) => {
      const items = unit.offsetHeight > room ? [...unit.querySelectorAll(":scope > :is(ul, ol) > li, tbody > tr")] : [];
      return [unit, ...items.slice(1)];
    });

  /* 한 묶음이 room을 넘지 않게 나눌 때 새 묶음이 시작하는 자리. edges는 조각의 위쪽과 마지막 조각의 아래쪽입니다. */
  const breaks = (edges, room) => {
    const found = [];
    for (let i = 1, from = edges[0]; i + 1 < edges.length; i++) {
      if (edges[i + 1] - from <= room) continue;
      from = edges[i];
      found.push(i);
    }
    return found;
  };

  /* 넘치는 슬라이드를 나눕니다. 슬라이드의 수는 그대로 두고 가장 긴 것을 줄여, 마지막에 한 줄만 남지 않게 합니다. */
  const split = (slide) => {
    const flow = flowOf(slide), head = flow.querySelector("thead");
    const room = bottom(slide) - flow.getBoundingClientRect().top - (head?.offsetHeight ?? 0);
    const found = pieces(slide, room);
    const edges = [...found.map((piece) => piece.getBoundingClientRect().top), flow.getBoundingClientRect().bottom];
    let best = breaks(edges, room);
    for (let lower = room; lower > 0; lower -= 20) {
      const tried = breaks(edges, lower);
      if (tried.length > best.length) break;
      best = tried;
    }
    for (const list of flow.querySelectorAll("ol")) {
      [...list.children].forEach((item, i) => (item.value = list.start + i));
    }
    for (const at of best.reverse()) {
      const range = document.createRange();
      range.setStartBefore(found[at]);
      range.setEndAfter(flow.lastElementChild);
      const rest = range.extractContents(), next = slide.cloneNode(true), body = rest.querySelector("tbody");
      if (body && !rest.querySelector("thead")) body.before(head.cloneNode(true));
      flowOf(next).replaceChildren(rest);
      next.querySelector(":scope > h2")?.append(" (이어서)");
      slide.after(next);
    }
  };

  const pages = () => document.querySelectorAll(".page");
  for (const rest of document.querySelectorAll("[data-joins]")) join(rest.previousElementSibling, rest);
  for (const slide of pages()) {
    if (overflows(slide)) hideCode(slide);
    if (overflows(slide)) split(slide);
  }
  /* 나눌 수 없는 것(긴 식)이 넘치면 글자를 줄입니다. */
  for (const slide of pages()) {
    for (let size = 1; overflows(slide) && size > 0.6; size -= 0.04) slide.style.setProperty("--size", size);
  }
  document.querySelector(".reveal").classList.remove("measuring");

  await Reveal.initialize({
    width: 1280,
    height: 720,
    margin: 0,
    center: false,
    display: "flex",
    transition: "none",
    backgroundTransition: "none",
    hash: true,
    slideNumber: "c/t",
    // 절마다 세로로 쌓았지만 → 하나로 끝까지 갑니다. Esc를 누르면 절이 한눈에 보입니다.
    navigationMode: "linear",
    // 주소 끝에 ?print-pdf를 붙이고 인쇄하면 PDF가 됩니다.
    pdfSeparateFragments: false,
    plugins: [RevealNotes],
  });
})();
