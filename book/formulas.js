// 표준 입력의 [[TeX, 따로 선 식인지], ...]를 MathJax로 그려 {formulas, glyphs}로 내놓습니다. 인자는 MathJax의 폴더입니다.
const [folder] = process.argv.slice(2);

globalThis.MathJax = {
  loader: {
    paths: { mathjax: folder },
    load: ["input/tex", "output/svg", "adaptors/liteDOM", "a11y/assistive-mml"],
    require,
  },
  startup: { typeset: false },
  // 글자의 윤곽은 한 번만 적고 식은 그것을 가리킵니다.
  svg: { fontCache: "global", unknownFamily: "inherit" },
};
require(`${folder}/startup.js`);

MathJax.startup.promise.then(() => {
  const { adaptor, output } = MathJax.startup;
  // 식 안의 한글은 페이지의 글꼴로 쓰므로 너비를 미리 잴 수 없습니다. 흔한 한글 글꼴의 글자 너비로 어림합니다.
  adaptor.options.cjkCharWidth = 0.82;
  const asked = JSON.parse(require("fs").readFileSync(0, "utf8"));
  const formulas = asked.map(([tex, display]) => adaptor.outerHTML(MathJax.tex2svg(tex, { display })));
  const glyphs = adaptor.childNodes(output.fontCache.getCache()).map((path) => [adaptor.getAttribute(path, "id"), adaptor.getAttribute(path, "d")]);
  process.stdout.write(JSON.stringify({ formulas, glyphs: Object.fromEntries(glyphs) }));
});
