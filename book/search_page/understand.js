/* 알아듣기: 독자의 말을 책의 말로 바꿉니다. SPELLINGS와 SYMPTOMS는 spellings.yml에서 옵니다. */

const squeeze = (text) => plain(text).replace(/[\s_-]/g, "");
// 붙여 쓴 꼴 → 책의 말
const DICTIONARY = new Map(
  Object.entries(SPELLINGS).flatMap(([name, others]) => [name, ...others].map((spelling) => [squeeze(spelling), name])));
// 철자를 고칠 때 견줄 말: 사전의 말과, 그것을 이루는 낱말
const VOCABULARY = new Map([...Object.keys(SPELLINGS).flatMap(splitQuery).filter((word) => word.length > 1).map((word) => [word, word]), ...DICTIONARY]);
const LONGEST = 4; // 사전의 말은 길어야 네 낱말입니다.
const stemmer = new Stemmer();

/** 글을 받는 함수의 답을 외워 둡니다. 긴 낱말을 나눌 때 같은 꼬리를 되풀이해 나누지 않습니다. */
function remembering(answer) {
  const seen = new Map();
  return (text) => {
    if (!seen.has(text)) seen.set(text, answer(text));
    return seen.get(text);
  };
}

/** 정규식이 책에 있는지 보는 함수. 낱말을 나누는 두 길이 딸려 있습니다. */
function reader(book) {
  const known = remembering((text) => new RegExp(text, "u").test(book));
  known.split = remembering((stem) => split(stem, known));
  known.unglue = remembering((word) => unglue(word, known));
  return known;
}

/** 사전의 말을 찾습니다: {name: 책의 말, said: 독자의 말, length: 낱말의 수}. 긴 것부터 보고, 조사를 뗀 꼴도 봅니다. */
function inDictionary(words, at = 0) {
  for (let length = Math.min(LONGEST, words.length - at); length > 0; length--) {
    const whole = words.slice(at, at + length);
    const said = [whole, [...whole.slice(0, -1), stemmer.stemWord(whole.at(-1))]].find((each) => DICTIONARY.has(squeeze(each.join(""))));
    if (said) return { name: DICTIONARY.get(squeeze(said.join(""))), said: said.join(" "), length };
  }
  return null;
}

/** `렐루초기화`처럼 사전의 말에 붙여 쓴 낱말을 나눕니다. 책에 있는 낱말은 그대로 둡니다. */
function unglue(word, known) {
  if (inDictionary([word]) || pieces(word, known)) return [word];
  const understood = (part) => part.length > 1 && (inDictionary([part]) || pieces(part, known));
  const parts = word.split(/[_-]+/).flatMap((part) => (part && part !== word ? known.unglue(part) : []));
  if (parts.length && parts.every(understood)) return parts;
  const letters = [...word];
  for (let cut = letters.length - 1; cut > 1; cut--) {
    if (!HANGUL.test(letters[cut - 1] + letters[cut])) continue; // 영어 낱말 안은 나누지 않습니다.
    const head = letters.slice(0, cut).join(""), tail = letters.slice(cut).join("");
    if (!understood(head)) continue;
    const rest = tail.length > 1 ? known.unglue(tail) : [];
    if (rest.length && rest.every(understood)) return [head, ...rest];
  }
  return [word];
}

/** 낱말들을 책의 말로 바꿉니다. concepts는 사전에 있던 책의 말들, changed는 [독자의 말, 책의 말]입니다. */
function translate(words, known) {
  const apart = words.flatMap(known.unglue);
  const changed = [], concepts = [], translated = [];
  for (let at = 0; at < apart.length; ) {
    const { name, said, length } = inDictionary(apart, at) ?? { said: apart[at], length: 1 };
    if (name) concepts.push(name);
    if (name && !new RegExp(`^${pattern(squeeze(said))}$`, "u").test(squeeze(name))) changed.push([said, name]);
    translated.push(...(name ? splitQuery(name) : [said]));
    at += length;
  }
  return { words: translated, changed, concepts };
}

/** 낱말마다의 정규식. 책에 없는 낱말은 missing에 둡니다. */
function read(words, known) {
  const found = words.map((word) => ({ word, patterns: pieces(word, known) }));
  return {
    found: found.filter(({ patterns }) => patterns),
    patterns: [...new Set(found.flatMap(({ patterns }) => patterns ?? []))],
    missing: found.filter(({ patterns }) => !patterns).map(({ word }) => word),
  };
}

/** 낱말들을 책의 말로 바꾸고, 그래도 모르는 낱말은 자판과 철자를 고쳐 다시 바꿉니다. */
function interpret(words, known) {
  const first = translate(words, known);
  const repaired = first.words.map((word) => (pieces(word, known) ? null : repair(word, known)));
  const again = translate(first.words.map((word, i) => repaired[i] ?? word), known);
  const corrected = first.words.flatMap((word, i) => (repaired[i] ? [[word, DICTIONARY.get(squeeze(repaired[i])) ?? repaired[i]]] : []));
  return {
    ...read(again.words, known),
    changed: first.changed,
    corrected,
    concepts: [...new Set([...first.concepts, ...again.concepts])],
  };
}

/** 낱말의 정규식. 통째로 책에 없으면 책에 있는 가장 긴 앞부분과 나머지로 나눕니다. */
function pieces(word, known) {
  // `정확도를`이 책에 있으면 `정확도`의 도는 조사가 아닙니다.
  const noun = HANGUL.test(word.at(-1)) && known(`${pattern(word)}[를가](?![가-힣])`);
  return known.split(noun ? word : stemmer.stemWord(word));
}

function split(stem, known) {
  if (known(pattern(stem))) return [pattern(stem)];
  const letters = [...stem];
  for (let cut = letters.length - 1; cut > 1; cut--) {
    if (!HANGUL.test(letters[cut - 1] + letters[cut])) continue;
    const head = letters.slice(0, cut).join("");
    const tail = stemmer.stemWord(letters.slice(cut).join(""));
    if (!known(pattern(head))) continue;
    const rest = [...tail].length > 1 && known.split(tail);
    if (rest) return [pattern(head), ...rest];
    if (HANGUL.test(head) && ENDING.test(tail)) return [pattern(head)];
  }
  return null;
}

/** 책에도 사전에도 없는 낱말을 고쳐 읽습니다: 자판을 바꾸지 않고 친 말, 한두 글쇠가 틀린 말. 없으면 null입니다. */
function repair(word, known) {
  const typed = /^[a-z]{4,}$/i.test(word) ? hangulTyped(word) : /[ㄱ-ㅣ]/.test(word) ? latinTyped(word) : "";
  if (typed && (inDictionary([typed]) || pieces(typed, known))) return typed;
  const [nearest] = suggestions(word);
  return nearest?.apart <= (keys(word).length < 10 ? 1 : 2) ? nearest.spelling : null;
}

/** 사전에서 글쇠 몇 번만큼 떨어진 말들, 가까운 것부터. 짧은 말일수록 조금만 달라도 다른 말입니다. */
function suggestions(word) {
  const typed = keys(squeeze(word)), limit = Math.floor(typed.length / 3.5);
  if (typed.length < 4) return [];
  const near = [...VOCABULARY].map(([spelling, name]) => ({ spelling, name, apart: distance(typed, keys(spelling), limit) }));
  return near.filter(({ apart }) => apart <= limit).sort((a, b) => a.apart - b.apart);
}

/** 증상을 말한 물음이면 그 증상. 책의 말로 바꾼 글에서도 찾습니다. */
function symptom(query, words, known) {
  const texts = [query, translate(words, known).words.join("")].map(squeeze);
  return SYMPTOMS.find(({ when }) => texts.some((text) => when.every((each) => new RegExp(each).test(text))));
}

/** 증상을 말하는 데 쓰이지 않은 낱말들: `sigmoid 학습이 안 돼요`의 sigmoid. */
function besides({ when }, words) {
  const complaint = /^(?:안|못|잘|왜|너무|자꾸|계속|갑자기|.*(?:돼|되|됩|된|됨|나|해|않|하|요|다|음|네))/u;
  return words.filter((word) => !complaint.test(word) && !when.some((each) => new RegExp(each).test(word)));
}
