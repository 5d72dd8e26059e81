/* 수식을 먼저 그린 다음, 기기의 글꼴이 넓어 넘치는 슬라이드만 글자를 줄이고, reveal.js를 켭니다. */
(async () => {
  await window.MathJax?.startup?.promise;
  await document.fonts.ready;
  // 수식과 바로 뒤의 조사 사이에서 줄을 바꾸지 않습니다.
  for (const formula of document.querySelectorAll("mjx-container:not([display])")) {
    const next = formula.nextSibling, particle = next?.nodeType === Node.TEXT_NODE && next.data.match(/^\S+/)?.[0];
    if (!particle) continue;
    const together = document.createElement("span");
    together.style.whiteSpace = "nowrap";
    formula.replaceWith(together);
    together.append(formula, particle);
    next.data = next.data.slice(particle.length);
  }

  const overflows = (slide) => slide.scrollHeight > slide.clientHeight + 1 || slide.scrollWidth > slide.clientWidth + 1;
  for (const slide of document.querySelectorAll("section section")) {
    slide.classList.add("page");
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
