/* 보이기: 물음을 어떻게 알아들었는지 말하고, 결과를 늘어놓습니다. searchtools.js의 Search.query를 바꿉니다. */

const SUFFIX = DOCUMENTATION_OPTIONS.LINK_SUFFIX;
const root = () => document.documentElement.dataset.content_root;
const quoted = (words) => words.map((word) => `‘${word}’`).join(", ");

function element(name, className, ...children) {
  const made = document.createElement(name);
  if (className) made.className = className;
  made.append(...children);
  return made;
}

function linkTo(text, address) {
  const link = element("a", "", text);
  link.href = root() + address;
  return link;
}

/** 찾은 자리의 앞뒤 글을 보이고, 맞은 낱말을 도드라지게 합니다. */
function snippet({ text, at = 0, patterns }) {
  const start = at < 70 ? 0 : text.indexOf(" ", at - 70) + 1;
  const end = text.length < start + 200 ? text.length : text.lastIndexOf(" ", start + 200);
  const shown = text.slice(Math.min(start, at), Math.max(end, at));
  return element("p", "context", start > 0 ? "… " : "", ...marked(shown, patterns), end < text.length ? " …" : "");
}

function marked(text, patterns) {
  if (!patterns.length) return [text];
  const parts = [];
  let from = 0;
  for (const match of allMatches(text.toLowerCase(), patterns.join("|"))) {
    parts.push(text.slice(from, match.index), element("span", "highlighted", text.slice(match.index, match.index + match[0].length)));
    from = match.index + match[0].length;
  }
  return [...parts, text.slice(from)];
}

function displayResult(result) {
  const link = linkTo(result.page + (result.anchor && ` › ${result.title}`), result.docname + SUFFIX + (result.anchor && `#${result.anchor}`));
  for (const event of ["click", "auxclick"]) link.addEventListener(event, () => rememberWords(result));
  Search.output.append(element("li", "", link, snippet(result)));
}

/**
 * 결과를 누르고 간 쪽에서 sphinx_highlight.js가 도드라지게 할, 글에 쓰인 그대로의 낱말. 짧은 영어는 the의 he까지 칠합니다.
 * 누를 때 적습니다: 찾을 때 적어 두면 다음에 여는 찾기 쪽이 지난번의 낱말을 칠합니다.
 */
function rememberWords({ text, patterns }) {
  const words = patterns.length ? allMatches(text.toLowerCase(), patterns.join("|")).map(([word]) => word) : [];
  const kept = [...new Set(words)].filter((word) => HANGUL.test(word) || word.length > 2);
  localStorage.setItem("sphinx_highlight_terms", kept.join(" "));
}

/** 물음을 어떻게 알아들었는지 알리는 문장들. 그대로 찾았으면 없습니다. */
function explain({ changed, corrected, missing, apart, topics, symptom }) {
  const arrows = (pairs) => pairs.map(([said, meant]) => `${said} → ${meant}`).join(", ");
  return [
    symptom && `‘${symptom}’: 이럴 때 볼 곳부터 보입니다.`,
    changed.length && `${arrows(changed)}: 이 책의 말로 바꾸어 찾았습니다.`,
    corrected.length && `${arrows(corrected)}: 책에 없는 말이라 비슷한 말로 찾았습니다.`,
    topics.length && `${quoted(topics)}: 이 책이 다루지 않는 것입니다. 어디에서 읽을 수 있는지 적어 두었습니다.`,
    missing.length && `${quoted(missing)}: 책에 없는 말이라 빼고 찾았습니다.`,
    apart.length && `${quoted(apart)}: 나머지와 함께 나오는 곳이 없어 빼고 찾았습니다.`,
  ].filter((sentence) => sentence);
}

/** 혹시 다른 말이었는지. 누르면 그 말로 다시 찾습니다. */
function guesses(near) {
  const names = [...new Set(near.map(({ name }) => name))].slice(0, 3);
  if (!names.length) return [];
  const links = names.flatMap((word) => [", ", linkTo(word, `search${SUFFIX}?q=${encodeURIComponent(word)}`)]);
  return [element("p", "wi-guess", "혹시 ", ...links.slice(1), "?")];
}

function display(answer) {
  const { results } = answer;
  const nothing =
    "찾은 쪽이 없습니다. 더 짧은 낱말이나 비슷한 말, 영어 이름으로 찾아 보십시오. 이 책에서 쓰는 말은 ";
  const count = results.length
    ? [`${results.length}쪽에서 찾았습니다.`]
    : [nothing, linkTo("용어집", `glossary${SUFFIX}`), "에, 다루지 않는 것은 ", linkTo("따로", `beyond${SUFFIX}`), " 모아 두었습니다."];
  Search.status.setAttribute("role", "status");
  Search.status.replaceChildren(...(results.length ? explain(answer).flatMap((each) => [each, element("br")]) : []), ...count);
  document.querySelectorAll(".wi-guess").forEach((old) => old.remove());
  Search.status.after(...guesses(answer.near));
  results.forEach(displayResult);
}

Search.query = (query) => {
  Search.stopPulse();
  Search.title.textContent = "검색 결과";
  display(search(query, Search._index));
};

// 테마는 닫힌 상자에 초점을 두려다 맙니다. 보이는 상자에 두면 Tab으로 바로 결과에 갑니다.
document.querySelector(".bd-search-container input[name=q]").focus();

// 찾을 말이 없으면 색인을 받지 않습니다.
if (new URLSearchParams(location.search).get("q")) Search.loadIndex(`${root()}searchindex.js`);
