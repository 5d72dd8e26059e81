"""찾기의 여섯 가지 방법을 같은 글, 같은 물음(tests/book/queries.json)으로 견줍니다.

    make bench-search

다섯은 Sphinx의 색인(쪽마다 낱말의 목록)과 searchtools.js를 그대로 쓰고 낱말을 나누는 법만 바꾼 것이고, 하나는 이 책의
방법입니다. 모두 찾기 쪽의 JavaScript로 브라우저에서 찾습니다. kiwipiepy는 있을 때만 견줍니다. '앞의 다섯'은 증상과
음역까지 든 물음 모두(queries.json)와 맞추지 않은 물음(queries_unseen.json)에서 잰 재현율입니다. 결과는
benchmarks/README.md에 있습니다.
"""

import gzip
import json
import re
from collections import defaultdict
from itertools import pairwise
from statistics import mean, median

from sphinx.search import js_index
from sphinx.search.en import SearchEnglish

from tests.book.searching import ALL, QUERIES, UNSEEN, found_by, recall_at_five, scores
from tests.browsing import SITE, Visit, chromium, served

try:
    from kiwipiepy import Kiwi
except ImportError:
    Kiwi = None

HANGUL = re.compile("[가-힣]+")
JOSA = "은는|이는|에서는|에서|으로|로|에|까지|부터|보다|만|은|는|이|가|을|를|의|도|와|과|입니다|이면|이고"
JOSA_JS = f"""
var english = Stemmer;
Stemmer = function () {{
  var stemmer = new english();
  this.stemWord = (word) => /[가-힣]$/.test(word) ? word.replace(/(?<=..)(?:{JOSA})$/, "") : stemmer.stemWord(word);
}};"""


class Stock(SearchEnglish):
    """Sphinx 그대로: 한국어가 없으므로 영어의 규칙으로 어절을 적습니다."""


class Josa(SearchEnglish):
    """어절에서 조사를 뗀 것. 물음에서도 똑같이 뗍니다."""

    js_stemmer_code = SearchEnglish.js_stemmer_code + JOSA_JS

    def stem(self, word):
        return re.sub(f"(?<=..)(?:{JOSA})$", "", word) if HANGUL.search(word[-1]) else super().stem(word)


class Prefixes(Josa):
    """어절의 두 글자부터의 앞부분 모두. 물음에서는 조사를 뗍니다."""

    def split(self, text):
        words = super().split(text)
        return [
            word[:end] for word in words for end in (range(2, len(word) + 1) if HANGUL.match(word) else [len(word)])
        ]

    def stem(self, word):
        return word if HANGUL.match(word) else super().stem(word)


class Bigrams(SearchEnglish):
    """잇닿은 두 글자. 물음도 조사를 떼고 두 글자씩 나눕니다."""

    js_splitter_code = f"""
splitQuery = (query) => query.split(/[^\\p{{L}}\\p{{N}}_]+/u).filter((word) => word).flatMap((word) => {{
  if (!/^[가-힣]{{3,}}$/.test(word)) return [word];
  const stem = word.replace(/(?<=..)(?:{JOSA})$/, "");
  return [...stem].slice(1).map((letter, i) => stem[i] + letter);
}});"""

    def split(self, text):
        return [
            part
            for word in super().split(text)
            for part in (
                [word[i : i + 2] for i in range(len(word) - 1)] if re.fullmatch("[가-힣]{3,}", word) else [word]
            )
        ]


class Morphemes(SearchEnglish):
    """kiwipiepy가 나눈 형태소. 물음은 색인에 있는 가장 긴 형태소부터 떼어 나누고, 남는 한 글자는 버립니다."""

    js_splitter_code = """
splitQuery = (query) => query.split(/[^\\p{L}\\p{N}_]+/u).filter((word) => word).flatMap((word) => {
  if (!/[가-힣]/.test(word)) return [word];
  const known = (part) => Object.hasOwn(Search._index.terms, part) || Object.hasOwn(Search._index.titleterms, part);
  const found = [];
  for (let at = 0; at < word.length; at++)
    for (let end = word.length; end > at + 1; end--)
      if (known(word.slice(at, end))) { found.push(word.slice(at, end)); at = end - 1; break; }
  return found.length ? found : [word];
});"""

    def init(self, options):
        super().init(options)
        self.kiwi = Kiwi()

    def split(self, text):
        tokens = self.kiwi.tokenize(text)
        kept = [token.form for token in tokens if token.tag[0] in "NVMX" and token.tag not in ("VCP", "VX")]
        # 가중+치처럼 뒷가지가 떨어진 것은 이어 붙인 것도 적습니다.
        joined = [a.form + b.form for a, b in pairwise(tokens) if b.tag.startswith("XS")]
        return [*kept, *joined, *re.findall(r"[A-Za-z_]\w*", text)]


def terms(language, texts):
    """쪽마다의 글에서 Sphinx와 같은 꼴의 terms를 만듭니다."""
    pages = defaultdict(set)
    for page, text in enumerate(texts):
        for word in set(language.split(text)):
            stemmed = language.stem(word).lower()
            if language.word_filter(stemmed):
                pages[stemmed].add(page)
    return {word: found.pop() if len(found) == 1 else sorted(found) for word, found in pages.items()}


def sphinx_files(language, book):
    """그 방법의 searchindex.js와 language_data.js."""
    index = {key: book[key] for key in ("docnames", "filenames", "titles", "envversion")}
    index |= {"objects": {}, "objnames": {}, "objtypes": {}, "indexentries": {}, "alltitles": {}}
    for page, sections in enumerate(book["texts"]):
        for anchor, title, _ in sections:
            index["alltitles"].setdefault(title, []).append([page, anchor or None])
            if anchor.startswith("term-"):
                index["indexentries"].setdefault(title.lower(), []).append([page, anchor, True])
    index["titleterms"] = terms(language, [" ".join(title for _, title, _ in page) for page in book["texts"]])
    index["terms"] = terms(language, [" ".join(text for *_, text in page) for page in book["texts"]])
    words = f"var stopwords = {json.dumps(sorted(language.stopwords))};"
    return {
        "searchindex.js": js_index.dumps(index),
        "language_data.js": "\n".join((words, language.js_stemmer_code, language.js_splitter_code)),
    }


SPHINX_SEARCH = """text => {
  const [query, terms, excluded, highlight, objects] = Search._parseQuery(text);
  const results = Search._performSearch(query, terms, excluded, highlight, objects);
  return [...new Set(results.reverse().map(([page]) => page))];
}"""
TIMES = """([queries, run]) => {
  const lookUp = eval(run);
  return queries.map((query) => {
    const begin = performance.now();
    lookUp(query);
    return performance.now() - begin;
  });
}"""


def answer(text):
    return lambda route: route.fulfill(content_type="text/javascript", body=text)


def measure(browser, address, files, run):
    """(물음마다의 결과, 물음마다 걸린 ms)."""
    # 책의 내용 보안 정책은 글로 적은 함수(eval)를 막습니다.
    with Visit(browser, "about:blank", bypass_csp=True) as visit:
        for name, text in files.items():
            visit.tab.route(f"**/{name}*", answer(text))
        visit.tab.goto(f"{address}/search.html?q=1")
        if files:
            visit.tab.evaluate("Search.loadIndex('searchindex.js')")
        visit.tab.wait_for_function("Search.hasIndex()")
        queries = [query["query"] for query in (*ALL, *UNSEEN)]
        found = {text: visit.tab.evaluate(run, text) if files else found_by(visit.tab, text) for text in queries}
        return found, visit.tab.evaluate(TIMES, [queries, run])


def weight(text):
    return len(gzip.compress(text.encode(), mtime=0)) / 1000


def main():
    book = js_index.loads((SITE / "searchindex.js").read_text(encoding="utf-8"))
    html = {page: weight((SITE / f"{page}.html").read_text(encoding="utf-8")) for page in book["docnames"]}
    ways = {
        "Sphinx 그대로": Stock,
        "조사 떼기": Josa,
        "앞부분": Prefixes,
        "두 글자씩": Bigrams,
        "형태소(kiwipiepy)": Morphemes,
    }
    heads = ("재현율", "정밀도", "맨 앞", "앞의 다섯", "맞추지 않은 앞의 다섯", "색인(kB)", "압축(kB)", "스크립트(kB)")
    heads += ("결과까지(kB)", "찾기(ms)")
    print(f"| 방법 | {' | '.join(heads)} |\n|---{'|--:' * len(heads)}|")
    with served(SITE) as address, chromium() as browser:
        for name, way in [*ways.items(), ("이 책", None)]:
            if way is Morphemes and Kiwi is None:
                continue
            files = sphinx_files(way({}), book) if way else {}
            found, times = measure(
                browser, address, files, SPHINX_SEARCH if way else "text => search(text, Search._index).results"
            )
            index = files.get("searchindex.js") or (SITE / "searchindex.js").read_text(encoding="utf-8")
            script = files.get("language_data.js") or (SITE / "_static/language_data.js").read_text(encoding="utf-8")
            # Sphinx는 결과마다 그 쪽의 HTML을 받아 문장을 보입니다.
            pages = mean(sum(html[page] for page in set(found[query["query"]])) for query in QUERIES) if way else 0
            recall, precision, first = scores(found)
            print(
                f"| {name} | {recall:.3f} | {precision:.3f} | {first:.2f} | {recall_at_five(ALL, found):.3f} "
                f"| {recall_at_five(UNSEEN, found):.3f} | {len(index.encode()) / 1000:.0f} | {weight(index):.0f} "
                f"| {weight(script):.0f} | {weight(index) + pages:.0f} | {median(times):.1f} |"
            )


if __name__ == "__main__":
    main()
