/* 글자와 자판: 전각을 반각으로, 한글을 낱자로, 영어 자판으로 친 한글을 한글로, 잘못 친 말을 가까운 말로. */

const HANGUL = /[가-힣]/;
const LATIN = /[\p{Script=Latin}\d]/u;
// 두벌식 자판에서 낱자마다 누르는 글쇠. 차례는 유니코드의 첫소리, 가운뎃소리, 끝소리의 차례입니다.
const INITIALS = "r R s e E f a q Q t T d w W c z x v g".split(" ");
const VOWELS = "k o i O j p u P h hk ho hl y n nj np nl b m ml l".split(" ");
const FINALS = " r R rt s sw sg e f fr fa fq ft fx fv fg a q qt t T d w c z x v g".split(" ");
// 홀로 친 낱자(ㄱ-ㅣ)의 글쇠
const LONE = "r R rt s sw sg e E f fr fa fq ft fx fv fg a q Q qt t T d w W c z x v g k o i O j p u P h hk ho hl y n nj np nl b m ml l".split(" ");
const BLOCK = new RegExp(
  `(${INITIALS.join("|")})(${byLength(VOWELS)})(?:(${byLength(FINALS.slice(1))})(?!${byLength(VOWELS)}))?`, "g");

function byLength(keys) {
  return [...keys].sort((a, b) => b.length - a.length).join("|");
}

/** 풀어 쓴 한글(NFD)을 모으고, 전각 글자만 반각으로 바꿉니다. 위첨자(σ²)는 책에 쓰인 대로 둡니다. */
function plain(text) {
  const halved = text.normalize("NFC").replace(/[\u3000\uff01-\uffee]+/g, (wide) => wide.normalize("NFKC"));
  return halved.replace(/[‐‑–—−]/g, "-").toLowerCase();
}

/** 낱자마다의 글쇠. 영어와 숫자는 그대로입니다. */
function keys(text) {
  const parts = [...text].map((letter) => {
    const code = letter.charCodeAt(0) - 0xac00;
    if (HANGUL.test(letter)) return [INITIALS[Math.floor(code / 588)], VOWELS[Math.floor(code / 28) % 21], FINALS[code % 28]];
    return /[ㄱ-ㅣ]/.test(letter) ? [LONE[letter.charCodeAt(0) - 0x3131]] : [letter];
  });
  return parts.flat().filter((key) => key);
}

/** rldnfrl → 기울기. 한글이 되지 않으면 빈 글입니다. */
function hangulTyped(text) {
  const typed = text.replace(BLOCK, (_, initial, vowel, final = "") =>
    String.fromCharCode(0xac00 + (INITIALS.indexOf(initial) * 21 + VOWELS.indexOf(vowel)) * 28 + FINALS.indexOf(final)));
  return /^[가-힣]+$/.test(typed) ? typed : "";
}

/** ㄱ디ㅕ → relu. */
const latinTyped = (text) => keys(text).join("");

/** 빼고 넣고 바꾸고 이웃끼리 자리를 맞바꾼 수. limit을 넘으면 더 세지 않습니다. */
function distance(a, b, limit) {
  if (Math.abs(a.length - b.length) > limit) return limit + 1;
  let before = [], last = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      row[j] = Math.min(last[j] + 1, row[j - 1] + 1, last[j - 1] + (a[i - 1] !== b[j - 1]));
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) row[j] = Math.min(row[j], before[j - 2] + 1);
    }
    if (Math.min(...row) > limit) return limit + 1;
    [before, last] = [last, row];
  }
  return last[b.length];
}
