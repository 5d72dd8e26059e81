/* 찾고 늘어놓기: 절마다의 글에서 낱말이 가까이 있는 자리를 찾아, 쪽마다 가장 잘 맞는 절 하나를 고릅니다. */

const WINDOW = 25; // 여러 낱말은 이만큼(글자) 안에 함께 있어야 합니다.
const ENOUGH = 10; // 이보다 자주 쓴 쪽끼리는 책의 차례를 따릅니다.
const FEW = 5; // 독자가 쓴 말 그대로 찾은 쪽이 이보다 적으면 책의 말로도 찾습니다.
const MANY = 3; // 낱말이 이만큼이면 여럿입니다.
const BEYOND = "beyond"; // 이 책이 다루지 않는 것을 모은 쪽

/** 색인의 글을 소문자로도 두어, 물음마다 다시 만들지 않습니다. */
const prepared = new WeakMap();
function prepare(index) {
  if (!prepared.has(index)) {
    const pages = index.texts.map((page, number) => ({
      docname: index.docnames[number],
      title: index.titles[number],
      sections: page.map(([anchor, title, text]) => ({ anchor, title, text, lower: text.toLowerCase() })),
    }));
    const book = pages.flatMap(({ sections }) => sections.map(({ title, lower }) => `${title.toLowerCase()}\n${lower}`)).join("\n");
    prepared.set(index, { pages, known: reader(book) });
  }
  return prepared.get(index);
}

const allMatches = (text, pattern) => [...text.matchAll(new RegExp(pattern, "gu"))];

/** 모든 낱말이 window 안에 있는 자리들. 한 낱말이면 그 낱말이 쓰인 자리입니다. */
function nearby(text, patterns, window) {
  const [first, ...others] = patterns.map((each) => allMatches(text, each).map((match) => match.index));
  return first.filter((at) => others.every((places) => places.some((place) => Math.abs(place - at) <= window)));
}

const holds = (text, pattern) => new RegExp(pattern, "u").test(text);
const holdsAll = (text, patterns) => patterns.every((each) => holds(text, each));

/** 쪽마다 가장 잘 맞는 절 하나. 쪽의 제목, 절의 제목(용어집의 용어), 쓰인 횟수의 차례로 늘어놓습니다. */
function rank(patterns, pages, window = WINDOW) {
  if (!patterns.length) return [];
  const results = pages.map(({ docname, title: page, sections }) => {
    const scored = sections.map(({ anchor, title, text, lower }) => {
      const places = nearby(lower, patterns, window);
      const named = anchor !== "" && holdsAll(title.toLowerCase(), patterns);
      const exact = named && holds(title.toLowerCase(), `^${patterns.join("\\s?")}$`);
      return { anchor, title, text, at: places[0], score: places.length + 100 * named + 200 * exact, exact, places };
    });
    const best = scored.reduce((a, b) => (b.score > a.score ? b : a));
    const total = scored.reduce((sum, { places }) => sum + places.length, 0);
    // 쪽의 이름(05_he)이 말하는 것도 그 쪽이 다루는 것입니다.
    const titled = holdsAll(page.toLowerCase(), patterns) || (total > 0 && holdsAll(docname.toLowerCase(), patterns));
    // 같은 것을 다루는 장과 그 연습이면 장이 먼저입니다.
    const chapter = titled && docname.startsWith("chapters/");
    const score = 1000 * titled + 200 * chapter + (best.score >= 100 ? 100 + 200 * best.exact : 0) + Math.min(total, ENOUGH);
    // 글에서만 찾은 쪽이면, 여러 장을 간추린 강사의 쪽보다 독자의 쪽이 먼저입니다.
    const first = score > 0 && !docname.startsWith("instructors/") ? ENOUGH : 0;
    return { ...best, page, docname, score: score + first, patterns };
  });
  return results.filter(({ score }) => score > 0).sort((a, b) => b.score - a.score);
}

/** 한 절에 함께 나오는 가장 많은 낱말. 수가 같으면 드문 낱말을 남깁니다. */
function together(patterns, pages) {
  const sections = pages.flatMap((page) => page.sections.map(({ title, lower }) => `${title.toLowerCase()}\n${lower}`));
  const rarity = new Map(patterns.map((each) => [each, 1 / (1 + sections.filter((text) => holds(text, each)).length)]));
  const weight = (held) => held.reduce((sum, each) => sum + 1 + rarity.get(each), 0);
  return sections.map((text) => patterns.filter((each) => holds(text, each))).reduce((a, b) => (weight(b) > weight(a) ? b : a));
}

/** 가까이 있는 자리, 없으면 같은 절에 있는 자리, 그것도 없으면 가장 많은 낱말이 함께 있는 자리. */
function rankLoosely(patterns, pages) {
  const close = rank(patterns, pages);
  if (close.length) return { results: close, kept: patterns };
  const kept = together(patterns, pages);
  const near = rank(kept, pages);
  return { results: near.length ? near : rank(kept, pages, Infinity), kept };
}

/** 앞의 결과를 앞에 두고 한 쪽은 한 번만 남깁니다. */
function merged(...lists) {
  const all = lists.flat();
  return all.filter(({ docname }, i) => all.findIndex((other) => other.docname === docname) === i);
}

/** `쪽#절의 제목`이 가리키는 결과. */
function pointed(address, pages, patterns) {
  const [docname, heading] = address.split("#");
  const { title: page, sections } = pages.find((each) => each.docname === docname);
  const section = sections.find(({ title }) => title === heading) ?? sections[0];
  return { ...section, page, docname, patterns, at: 0 };
}

/** 독자의 물음에 맞는 쪽들과, 물음을 어떻게 알아들었는지. */
function search(query, index) {
  const { pages, known } = prepare(index);
  const words = splitQuery(query);
  const complaint = symptom(query, words, known);
  const answer = lookUp(complaint ? besides(complaint, words) : words, pages, known);
  if (complaint) {
    const listed = complaint.read.map((address) => pointed(address, pages, answer.patterns));
    const both = listed.filter(({ docname }) => answer.results.some((result) => result.docname === docname));
    answer.results = merged(both, listed, answer.results);
    answer.symptom = complaint.says;
  }
  return answer;
}

/** 독자가 쓴 말 그대로 찾고, 찾은 쪽이 적으면 책의 말로도 찾습니다. */
function lookUp(words, pages, known) {
  const said = read(words, known), told = interpret(words, known);
  const whole = said.patterns.length > 0 && !said.missing.length;
  const asWritten = whole ? rank(said.patterns, pages) : [];
  const loose = asWritten.length ? null : rankLoosely(told.patterns, pages);
  const other = `${told.patterns}` !== `${said.patterns}`;
  const inOurWords = loose?.results ?? (other && asWritten.length < FEW ? rank(told.patterns, pages) : []);
  const spread = loose && whole && other ? rank(said.patterns, pages, Infinity) : [];
  // 낱말이 여럿이면 한자리에 모인 쪽이 드뭅니다. 적게 찾았으면 한 절에 흩어져 있는 쪽도 뒤에 보입니다.
  const sparse = told.patterns.length >= MANY && merged(asWritten, inOurWords).length < FEW;
  const scattered = sparse ? rank(told.patterns, pages, Infinity) : [];
  const topics = told.concepts.flatMap((name) => beyond(name, pages, told.patterns));
  return {
    results: merged(topics, asWritten, inOurWords, spread, scattered),
    patterns: told.patterns,
    topics: topics.map(({ title }) => title),
    changed: inOurWords.length ? told.changed : [],
    corrected: loose ? told.corrected : [],
    missing: loose ? told.missing : [],
    apart: loose ? told.found.filter(({ patterns }) => !patterns.some((each) => loose.kept.includes(each))).map(({ word }) => word) : [],
    near: loose ? told.missing.flatMap(suggestions) : [],
  };
}

/** 책의 말 name이 이 책이 다루지 않는 것의 제목이면 그 자리. */
function beyond(name, pages, patterns) {
  const { sections } = pages.find(({ docname }) => docname === BEYOND);
  const topic = sections.find(({ anchor, title }) => anchor && squeeze(title) === squeeze(name));
  return topic ? [pointed(`${BEYOND}#${topic.title}`, pages, patterns)] : [];
}
