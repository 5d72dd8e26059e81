"""찾기의 시험과 benchmarks/search.py가 함께 쓰는 것: 물음의 목록, 찾아야 할 쪽, 재현율과 정밀도.

찾아야 할 쪽은 색인을 보지 않고 정합니다. queries.json의 `written`은 그 말이 책에 쓰이는 꼴을 글을 읽고 적은 정규식이고,
만들어진 쪽의 글에 그 꼴이 있으면 찾아야 할 쪽입니다. `first`는 맨 앞에, `pages`는 앞의 다섯 안에 나와야 할 쪽입니다.

queries_unseen.json은 찾기의 코드도 색인도 보지 않고, 장의 제목만 보고 적은 물음입니다. 얼마나 잘 찾는지 재기만 하고,
거기에 맞추어 찾기나 spellings.yml을 고치지 않습니다.
"""

import functools
import html
import json
import re
from pathlib import Path
from statistics import mean

from tests.browsing import PAGES, SITE

HERE = Path(__file__).parent
ALL = json.loads((HERE / "queries.json").read_text(encoding="utf-8"))
UNSEEN = json.loads((HERE / "queries_unseen.json").read_text(encoding="utf-8"))
QUERIES = [query for query in ALL if "written" in query]
POINTED = [query for query in ALL if "pages" in query]
SHOWN = 5  # 스크롤하지 않고 보이는 결과
HIDDEN = re.compile(
    r'<details class="[^"]*wi-solution.*?</details>|<a class="headerlink.*?</a>|<(script|style).*?</\1>', re.S
)


@functools.cache
def page_texts():
    """쪽마다 독자가 읽는 글. 색인과 상관없이 HTML에서 얻습니다."""
    return {page.removesuffix(".html"): article(page) for page in PAGES if page != "404.html"}


def article(page):
    body = re.search(r"<article.*?</article>", (SITE / page).read_text(encoding="utf-8"), re.S)[0]
    return " ".join(html.unescape(re.sub(r"<[^>]+>", "", HIDDEN.sub(" ", body))).split())


def wanted(query):
    return {page for page, text in page_texts().items() if re.search(query["written"], text)}


def scores(found):
    """물음마다 찾은 쪽의 목록에서 (재현율, 정밀도, 맨 앞이 맞은 비율)의 평균. 책에 없는 말이면 빈 결과가 맞습니다."""
    rows = []
    for query in QUERIES:
        want, got = wanted(query), set(found[query["query"]])
        both = len(want & got)
        rows.append((both / len(want) if want else 1.0, both / len(got) if got else float(not want)))
    firsts = [found[query["query"]][:1] == [query["first"]] for query in QUERIES if "first" in query]
    recalls, precisions = zip(*rows)
    return mean(recalls), mean(precisions), mean(firsts)


def recall_at_five(queries, found):
    """물음마다 있어야 할 쪽 가운데 앞의 다섯 결과에 있는 몫의 평균. 쪽이 다섯보다 많으면 어느 다섯이든 됩니다."""
    shares = []
    for query in queries:
        want = set(query["pages"]) if "pages" in query else wanted(query)
        if want:
            shares.append(len(want & set(found[query["query"]][:SHOWN])) / min(len(want), SHOWN))
    return mean(shares)


def first_right(queries, found):
    """맨 앞의 결과가 있어야 할 쪽인 물음의 몫. pages가 적힌 물음에서 잽니다."""
    return mean(bool(found[query["query"]][:1]) and found[query["query"]][0] in query["pages"] for query in queries)


def found_by(tab, text):
    """열려 있는 찾기 쪽에서 text를 다시 찾아, 보이는 결과의 쪽 이름들을 돌려줍니다."""
    links = tab.evaluate(
        """text => {
          Search.output.replaceChildren();
          Search.query(text);
          return [...Search.output.querySelectorAll("li > a")].map(link => link.getAttribute("href"));
        }""",
        text,
    )
    return [re.sub(r"^(\./)*|\.html(#.*)?$", "", link) for link in links]
