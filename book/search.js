/* 한국어 찾기. searchtools.js의 Search.query를 바꾸어, 색인에 든 글에서 바로 찾습니다. search.py가 싣습니다. */

const HANGUL = /[가-힣]/;
const LATIN = /[\p{Script=Latin}\d]/u;
const JOSA =
  "(?:(?:에서|에게|으로|로|에|까지|부터|보다|처럼|마다|만|와|과)(?:는|도|만|의|부터|서|써)?|이란|란|이라는|라는|이나|이면" +
  "|입니다|인가요?|일까요?|이랑|밖에|뿐|은|는|이|가|을|를|의|도)";
const ENDS_IN_JOSA = new RegExp(`^(.{2,}?)${JOSA}$`, "su");
const ONLY_JOSA = new RegExp(`^${JOSA}$`, "u");
// 명사에 붙는 `하다`, `되다`의 꼴.
const ENDS_IN_VERB =
  /^(.{2,}?)(?:[하되](?:는|기|다|면|고|며|지|여|어|려면|나요|는가|도록)|한다?|할까?|합니다|했다|해서?|해야|된다?|될까?|됩니다|됐다)$/su;
// 움직씨의 끝맺음. 남은 끝소리의 ㄴ, ㄹ, ㅂ도 어미입니다: 사라집니다 → 사라지.
const ENDS_IN_SENTENCE = /^(.{2,}?)(?:는지|는데|지만|거나|려면|니다|면|다|까요?|나요)$/su;
// 낱말의 앞부분만 책에 있을 때, 나머지가 이런 꼴이면 어미로 봅니다.
const ENDING = /^.{0,2}(?:다|까|요|기|고|면|서|지|는|은|을|던|게|데|니|어|아)$/su;
// 묻는 말은 찾을 말이 아닙니다: `기울기 소실은 왜 생기나요`.
const QUESTION = /^(?:왜|언제|어디서?|어떻게|무엇|무엇인가요?|뭐|뭔가요?|무슨|.+(?:나요|까요|가요|죠))$/su;
// 합성어는 `가중치 초기화`, `가중치를 초기화`처럼 띄어 쓰기도 합니다.
const JOINT = "(?:[을를의]?\\s)?";
const WINDOW = 25; // 여러 낱말은 이만큼(글자) 안에 함께 있어야 합니다.
const ENOUGH = 10; // 이보다 자주 쓴 쪽끼리는 책의 차례를 따릅니다.

const escapeRegExp = (text) => text.replace(/[.*+?^${}()|[\]\\/]/g, "\\$&");
const finalConsonant = (syllable) => (syllable.charCodeAt(0) - 0xac00) % 28;

/** 띄어 쓴 낱말로 나눕니다. `fan_in이`의 조사는 떼고, 앞뒤의 문장 부호는 버립니다. */
function splitQuery(query) {
  const words = query
    .normalize("NFC")
    .toLowerCase()
    .split(/[\s,;:!?"'“”‘’()[\]{}『』「」]+/u)
    .map((word) => word.replace(/^[^\p{L}\p{N}√_]+|[^\p{L}\p{N}_²³]+$/gu, ""))
    .filter((word) => word && !ONLY_JOSA.test(word));
  const asked = words.filter((word) => !QUESTION.test(word));
  return asked.length ? asked : words;
}

/** 조사와 `하다`의 어미를 뗍니다. 두 글자는 늘 남기므로 `차이`와 `깊이`는 그대로입니다. */
class Stemmer {
  stemWord(word) {
    const foreign = word.match(/^(.*[^가-힣])([가-힣]+)$/su);
    if (foreign && LATIN.test(foreign[1]) && ONLY_JOSA.test(foreign[2])) return this.stemWord(foreign[1]);
    if (/^[a-z]{4,}[^s]s$/.test(word)) return word.slice(0, -1);
    const [, verb] = (!ENDS_IN_VERB.test(word) && !ENDS_IN_JOSA.test(word) && word.match(ENDS_IN_SENTENCE)) || [];
    if (verb && HANGUL.test(verb.at(-1))) return withoutFinal(verb);
    const [, stem] = word.match(ENDS_IN_VERB) ?? word.match(ENDS_IN_JOSA) ?? [];
    return stem && HANGUL.test(stem) && agrees(stem, word.slice(stem.length)) ? stem : word;
  }
}

function withoutFinal(verb) {
  const last = verb.at(-1), final = finalConsonant(last);
  return [4, 8, 17].includes(final) ? verb.slice(0, -1) + String.fromCharCode(last.charCodeAt(0) - final) : verb;
}

/** `평균을`의 을은 조사이지만, 받침 뒤의 `를`이나 홀소리 뒤의 `을`은 조사가 아닙니다. */
function agrees(stem, particle) {
  const last = stem.at(-1);
  if (!HANGUL.test(last)) return true;
  if (/^(?:은|을|과|이|이란|이나|이랑|이라는|이면|으로.*)$/u.test(particle)) return finalConsonant(last) > 0;
  if (/^(?:는|를|와|가|란|라는)$/u.test(particle)) return finalConsonant(last) === 0;
  return true;
}

/** 줄기가 쓰인 자리를 찾는 정규식의 글. 사이시옷(초기값, 초깃값)과 합성어의 띄어쓰기는 가리지 않습니다. */
function pattern(stem) {
  const letters = [...stem];
  const written = letters.map((letter, i) => {
    const plain = HANGUL.test(letter) && [0, 19].includes(finalConsonant(letter));
    const base = letter.charCodeAt(0) - (plain ? finalConsonant(letter) : 0);
    if (plain && letters[i + 1] === "값") return `[${String.fromCharCode(base, base + 19)}]`;
    // 사라지는 → 사라집니다: 줄기의 끝소리에 받침이 붙을 수 있습니다.
    if (i > 0 && i === letters.length - 1 && HANGUL.test(letter) && finalConsonant(letter) === 0)
      return `[${letter}-${String.fromCharCode(base + 27)}]`;
    return escapeRegExp(letter);
  });
  const spaced = written.reduce((text, letter, i) => {
    const inside = i > 1 && letters.length - i > 1 && HANGUL.test(letters[i]) && HANGUL.test(letters[i - 1]);
    const border = i > 0 && HANGUL.test(letters[i]) !== HANGUL.test(letters[i - 1]);
    return text + (inside ? JOINT : border ? "\\s?" : "") + letter;
  }, "");
  const first = letters[0], last = letters.at(-1);
  if (letters.length === 1 && HANGUL.test(first)) return `(?<![가-힣])${spaced}(?=${JOSA}?(?![가-힣]))`;
  const before = /\d/.test(first) ? "(?<![\\d.])" : /[a-z]/.test(first) ? "(?<![a-z\\d])" : "";
  const short = /^[a-z]{1,3}$/.test(stem);
  const after = /\d/.test(last) ? "(?![\\d])(?!\\.\\d)" : short ? "(?![a-z\\d])" : "";
  return before + spaced + after;
}

/** 독자가 쓴 말을, 책에서 찾을 정규식의 목록으로 바꿉니다. 책에 없는 낱말이 있으면 null입니다. */
function understand(query, book) {
  const stemmer = new Stemmer();
  const known = (text) => new RegExp(text, "u").test(book);
  const understood = [];
  for (const word of splitQuery(query)) {
    // `정확도를`이 책에 있으면 `정확도`의 도는 조사가 아닙니다.
    const noun = HANGUL.test(word.at(-1)) && known(`${pattern(word)}[를가](?![가-힣])`);
    const found = pieces(noun ? word : stemmer.stemWord(word), known);
    if (!found) return null;
    understood.push(...found);
  }
  return understood.length ? [...new Set(understood)] : null;
}

/** 낱말이 통째로 책에 없으면, 책에 있는 가장 긴 앞부분과 나머지로 나눕니다. */
function pieces(stem, known) {
  if (known(pattern(stem))) return [pattern(stem)];
  const letters = [...stem];
  for (let cut = letters.length - 1; cut > 1; cut--) {
    if (!HANGUL.test(letters[cut - 1] + letters[cut])) continue; // 영어 낱말 안은 나누지 않습니다.
    const head = letters.slice(0, cut).join("");
    const tail = new Stemmer().stemWord(letters.slice(cut).join(""));
    if (known(pattern(head)) && [...tail].length > 1) {
      const rest = pieces(tail, known);
      if (rest) return [pattern(head), ...rest];
    }
    if (HANGUL.test(head) && ENDING.test(tail) && known(pattern(head))) return [pattern(head)];
  }
  return null;
}

const allMatches = (text, pattern) => [...text.matchAll(new RegExp(pattern, "gu"))];

/** 모든 낱말이 가까이 있는 자리들. 한 낱말이면 그 낱말이 쓰인 자리입니다. */
function nearby(text, patterns) {
  const [first, ...others] = patterns.map((each) => allMatches(text, each).map((match) => match.index));
  return first.filter((at) => others.every((places) => places.some((place) => Math.abs(place - at) <= WINDOW)));
}

const holdsAll = (text, patterns) => patterns.every((each) => new RegExp(each, "u").test(text));

/** 쪽마다 가장 잘 맞는 절 하나. 쪽의 제목, 절의 제목(용어집의 용어), 쓰인 횟수의 차례로 늘어놓습니다. */
function search(query, index) {
  const pages = index.texts.map((page) => page.map(([anchor, title, text]) => [anchor, title, text, text.toLowerCase()]));
  const book = pages.flat().map(([, title, , text]) => `${title.toLowerCase()}\n${text}`).join("\n");
  const patterns = understand(query, book);
  if (!patterns) return [];
  const results = pages.map((page, number) => {
    const titled = holdsAll(index.titles[number].toLowerCase(), patterns);
    const sections = page.map(([anchor, title, text, lower]) => {
      const places = nearby(lower, patterns);
      const named = anchor !== "" && holdsAll(title.toLowerCase(), patterns);
      const exact = named && new RegExp(`^${patterns.join("\\s?")}$`, "u").test(title.toLowerCase());
      return { anchor, title, text, at: places[0], score: places.length + 100 * named + 200 * exact, exact, places };
    });
    const best = sections.reduce((a, b) => (b.score > a.score ? b : a));
    const total = sections.reduce((sum, { places }) => sum + places.length, 0);
    // 쪽의 이름(05_he)이 말하는 것도 그 쪽이 다루는 것입니다.
    const named = titled || (total > 0 && holdsAll(index.docnames[number].toLowerCase(), patterns));
    const score = 1000 * named + (best.score >= 100 ? 100 + 200 * best.exact : 0) + Math.min(total, ENOUGH);
    return { ...best, page: index.titles[number], docname: index.docnames[number], score, patterns };
  });
  return results.filter(({ score }) => score > 0).sort((a, b) => b.score - a.score);
}

/** 찾은 자리의 앞뒤 글을 보이고, 맞은 낱말을 도드라지게 합니다. */
function snippet({ text, at = 0, patterns }) {
  const start = at < 70 ? 0 : text.indexOf(" ", at - 70) + 1;
  const end = text.length < start + 200 ? text.length : text.lastIndexOf(" ", start + 200);
  const shown = text.slice(Math.min(start, at), Math.max(end, at));
  const paragraph = document.createElement("p");
  paragraph.className = "context";
  paragraph.append(start > 0 ? "… " : "", ...marked(shown, patterns), end < text.length ? " …" : "");
  return paragraph;
}

function marked(text, patterns) {
  const parts = [];
  let from = 0;
  for (const match of allMatches(text.toLowerCase(), patterns.join("|"))) {
    const mark = document.createElement("span");
    mark.className = "highlighted";
    mark.textContent = text.slice(match.index, match.index + match[0].length);
    parts.push(text.slice(from, match.index), mark);
    from = match.index + match[0].length;
  }
  return [...parts, text.slice(from)];
}

function displayResult(result) {
  const item = document.createElement("li"), link = document.createElement("a");
  const address = result.docname + DOCUMENTATION_OPTIONS.LINK_SUFFIX + (result.anchor && `#${result.anchor}`);
  link.href = document.documentElement.dataset.content_root + address;
  link.textContent = result.page + (result.anchor && ` › ${result.title}`);
  item.append(link, snippet(result));
  Search.output.append(item);
}

/** 결과를 누르고 간 쪽에서 sphinx_highlight.js가 도드라지게 할, 글에 쓰인 그대로의 낱말. 짧은 영어는 the의 he까지 칠합니다. */
function rememberWords(results) {
  const words = results.flatMap(({ text, patterns }) => allMatches(text.toLowerCase(), patterns.join("|")).map(([word]) => word));
  const kept = [...new Set(words)].filter((word) => HANGUL.test(word) || word.length > 2);
  localStorage.setItem("sphinx_highlight_terms", kept.join(" "));
}

Search.query = (query) => {
  const results = search(query, Search._index);
  rememberWords(results);
  results.forEach(displayResult);
  Search.stopPulse();
  Search.title.textContent = "검색 결과";
  if (results.length) Search.status.textContent = `${results.length}쪽에서 찾았습니다.`;
  else
    Search.status.innerHTML =
      "찾은 쪽이 없습니다. 더 짧은 낱말이나 비슷한 말, 영어 이름으로 찾아 보십시오. " +
      `이 책에서 쓰는 말은 <a href="glossary${DOCUMENTATION_OPTIONS.LINK_SUFFIX}">용어집</a>에 모아 두었습니다.`;
};

// 테마는 닫힌 상자에 초점을 두려다 맙니다. 보이는 상자에 두면 Tab으로 바로 결과에 갑니다.
document.querySelector(".bd-search-container input[name=q]").focus();

// 찾을 말이 없으면 색인을 받지 않습니다.
if (new URLSearchParams(location.search).get("q"))
  Search.loadIndex(`${document.documentElement.dataset.content_root}searchindex.js`);
