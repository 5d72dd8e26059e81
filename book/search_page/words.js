/* 낱말: 독자가 쓴 글을 낱말로 나누고, 조사와 어미를 떼고, 책에서 찾을 정규식으로 바꿉니다. */

const JOSA =
  "(?:(?:에서|에게|으로|로|에|까지|부터|보다|처럼|마다|만|와|과)(?:는|도|만|의|부터|서|써)?|이란|란|이라는|라는|이나|이면" +
  "|입니다|인가요?|일까요?|이랑|랑|밖에|뿐|은|는|이|가|을|를|의|도)";
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
const QUESTION =
  /^(?:왜|언제|어디서?|어떻게|어떤|무엇|무엇인가요?|뭐|뭔가요?|뭔지|무슨|몇|얼마나?|얼마로|좀|뜻|의미|이유|까닭|방법|설명|하는|써야|쓰는|있는|것|거|차이|비교|vs|why|what|how|when|which|is|are|the|an?|do|does|.+(?:나요|까요|가요|죠|예요|에요|주세요|줘))$/su;
// 합성어는 `가중치 초기화`, `가중치를 초기화`처럼 띄어 쓰기도 합니다.
const JOINT = "(?:[을를의]?\\s)?";

const escapeRegExp = (text) => text.replace(/[.*+?^${}()|[\]\\/]/g, "\\$&");
const finalConsonant = (syllable) => (syllable.charCodeAt(0) - 0xac00) % 28;

/** 띄어 쓴 낱말로 나눕니다. `fan_in이`의 조사는 떼고, 앞뒤의 문장 부호는 버립니다. sqrt(5)는 책에 쓰인 √5로 바꿉니다. */
function splitQuery(query) {
  const words = plain(query)
    .replace(/(?:sqrt|루트)\s*\(?\s*(?=[\w(])/g, "√")
    .split(/[\s,;:!?=~"'“”‘’()[\]{}『』「」]+/u)
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
  if (/^(?:는|를|와|가|란|라는|랑)$/u.test(particle)) return finalConsonant(last) === 0;
  return true;
}

/** 줄기가 쓰인 자리를 찾는 정규식의 글. 사이시옷(초기값, 초깃값), 합성어의 띄어쓰기, 붙임표와 밑줄은 가리지 않습니다. */
function pattern(stem) {
  const letters = [...stem];
  const written = letters.map((letter, i) => {
    if (/[-_]/.test(letter)) return i === letters.length - 1 ? "[-_]?" : "[\\s_-]?";
    if (letter === "√" && stem.includes("/")) return "√\\(?";
    const plainEnd = HANGUL.test(letter) && [0, 19].includes(finalConsonant(letter));
    const base = letter.charCodeAt(0) - (plainEnd ? finalConsonant(letter) : 0);
    if (plainEnd && letters[i + 1] === "값") return `[${String.fromCharCode(base, base + 19)}]`;
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
