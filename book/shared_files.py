"""테마가 페이지마다 싣는 스타일시트와 스크립트를 하나씩으로 합치고, 쓰지 않는 것은 뺍니다.

- 스타일시트 열 개는 책에서 쓰는 규칙만 골라 styles/site.css 하나로,
- 스크립트 열 개는 scripts/site.js 하나로 합쳐 늦추어 부릅니다(defer).

이 파일들과 페이지에 남은 스크립트만 허락하는 내용 보안 정책(CSP)도 여기서 적습니다.
"""

import base64
import hashlib
import re
from dataclasses import replace
from pathlib import Path

from sphinx.errors import ExtensionError

import wi_lib

from . import korean, search, stylesheet

# 이 책이 쓰지 않는 기능: 페이지에서 코드를 실행하는 thebe, 접는 단추, 탭, 브라우저에서 그리는 수식, 글꼴 아이콘.
UNUSED = re.compile(r"sphinx-thebe|togglebutton|design-tabs|mathjax|fontawesome")
UNUSED_INLINE = re.compile(
    r"toggleHint|toggleOpenOnPrint|togglebuttonSelector|THEBE_JS_URL|window\.MathJax|DOCUMENTATION_OPTIONS\.|kernelName"
)
# 페이지 하나에만 필요한 것은 합치지 않습니다. 합친 것과 함께, 요소를 만드는 스크립트입니다.
APART = ("searchtools.js", "language_data.js", "widgets.js")
SCRIPT = re.compile(r"\s*<script\b(?P<attributes>[^>]*)>(?P<code>.*?)</script>", re.S)
STYLE = re.compile(r'\s*<link [^>]*rel="stylesheet"[^>]*>')
PRELOAD = re.compile(r'\s*<link rel="preload" as="script"[^>]*>|\s*<noscript>\s*<style>.*?</noscript>', re.S)
STATE = re.compile(r'\s*<script type="application/vnd\.jupyter\.widget-state\+json">.*?</script>', re.S)
CHARSET = '<meta charset="utf-8" />'
POLICY = (
    "default-src 'none'; script-src 'self' blob: {hashes}; style-src 'self'; img-src 'self' data:; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'"
)
# 테마는 hidden을 모두 없앱니다. 없는 글은 쪽에서 찾기로 찾지 못하므로, 찾을 때까지 가린 글(ask.js)은 뺍니다.
HIDDEN = '[hidden]:not([hidden="until-found"])'
# 첫 그림이 그려지기 전에 정할 것. 밝기: 테마의 것은 비워 두었다가 나중에 정해서, 어두운 화면이 한 번 번쩍입니다.
# 예상의 뒤를 가릴지: 나중에 가리면 보이던 글이 사라집니다. 여는 것은 ask.js이므로, 오지 않으면 다시 보입니다.
FIRST = """
    {
      const root = document.documentElement;
      const stored = (name) => { try { return localStorage.getItem(name); } catch { return null; } };
      const mode = stored("mode") || "auto";
      const dark = matchMedia("(prefers-color-scheme: dark)").matches;
      root.dataset.mode = mode;
      root.dataset.theme = mode === "auto" ? (dark ? "dark" : "light") : mode;
      if (stored("wi-read") !== "plain") {
        root.dataset.asking = "";
        setTimeout(() => root.dataset.asked ?? delete root.dataset.asking, 5000);
      }
    }
  """


def attribute(tag, name):
    found = re.search(rf'\b{name}="([^"]*)"', tag)
    return found and found[1]


def is_apart(address):
    return address.partition("?")[0].endswith(APART)


def move_state_last(page, app):
    """움직여 보는 실험의 자료는 크므로 글 뒤로 옮깁니다."""
    state = "".join(STATE.findall(page.text))
    return STATE.sub("", page.text).replace("</body>", f"{state}\n</body>")


def gather(pages, app, pattern, *names):
    """페이지들이 부르는 파일과 나머지 속성을, 나타난 차례대로 한 번씩. 쓰지 않는 것과 따로 두는 것은 뺍니다."""
    found = {}
    for page in pages:
        for tag in pattern.finditer(page.text):
            address, *rest = (attribute(tag[0].partition(">")[0], name) for name in names)
            if address and not UNUSED.search(address) and not is_apart(address):
                found[Path(app.outdir, page.name, "..", address.partition("?")[0]).resolve(), *rest] = None
    return list(found)


def merged_styles(pages, app):
    parts = []
    for file, media in gather(pages, app, STYLE, "href", "media"):
        css = re.sub(r"@charset [^;]*;", "", file.read_text(encoding="utf-8"))
        parts.append(css if media in (None, "all") else f"@media {media} {{{css}}}")
    merged, found = re.subn(r"\[hidden\](?=\{display:none!important\})", HIDDEN, "\n".join(parts))
    if found != 1:
        raise ExtensionError("테마의 스타일시트에서 [hidden]을 찾지 못했습니다. 테마의 판이 바뀌었는지 보십시오.")
    return merged


def merged_scripts(pages, app):
    # 우리 것이 먼저입니다. 저장소를 막아 둔 브라우저에서는 테마의 스크립트가 도중에 멈춥니다.
    files = sorted((file for (file,) in gather(pages, app, SCRIPT, "src")), key=lambda file: not is_ours(file))
    codes = [code_of(file) for file in files]
    merged = ";\n".join(re.sub(r"//# sourceMappingURL.*", "", code) for code in codes)
    # Sphinx는 복수형을 고르는 식을 글에서 함수로 만듭니다. 내용 보안 정책이 막고, 한국어에는 복수형이 하나뿐입니다.
    merged, found = re.subn(r"new Function\(\s*\"n\",[^)]*\)`?,?\s*\)", "() => 0", merged)
    if found != 1:
        raise ExtensionError("doctools.js에서 복수형의 식을 찾지 못했습니다. Sphinx의 판이 바뀌었는지 보십시오.")
    return korean.translate_copy_button(merged)


def code_of(file):
    """스크립트의 글. 우리 것은 주석을 빼고, 남의 것은 라이선스까지 그대로 둡니다."""
    code = file.read_text(encoding="utf-8")
    return search.COMMENT.sub("", code) if is_ours(file) else code


def is_ours(file):
    return Path(__file__).with_name("assets").joinpath(file.name).exists()


def only_needed(found):
    """합친 스크립트와 쓰지 않는 스크립트를 빼고, 나머지는 늦추어 부릅니다."""
    source, code = attribute(found["attributes"], "src"), found["code"]
    kind = attribute(found["attributes"], "type") or ""
    if kind.startswith("application/"):  # 위젯의 자료
        return found[0]
    if kind == "text/x-thebe-config":
        return ""
    if source:
        return f'\n<script defer src="{source}"></script>' if is_apart(source) else ""
    if "dataset.theme" in code:
        return f"\n<script>{FIRST}</script>"
    return "" if UNUSED_INLINE.search(code) else found[0]


def drawing(app):
    """따로 두는 스크립트와, 움직여 보는 실험의 상자 안에서 그리는 스크립트."""
    apart = (Path(app.outdir, "_static", name) for name in APART)
    return [file.read_text(encoding="utf-8") for file in (*apart, *Path(wi_lib.__file__).parent.rglob("*.js"))]


def write(app, name, text):
    """파일을 쓰고, 내용의 해시를 붙인 주소를 돌려줍니다."""
    Path(app.outdir, name).write_text(text, encoding="utf-8")
    return f"{name}?v={hashlib.sha256(text.encode()).hexdigest()[:8]}"


def merge(pages, app):
    script, styles = merged_scripts(pages, app), merged_styles(pages, app)
    texts = [SCRIPT.sub(only_needed, PRELOAD.sub("", STYLE.sub("", page.text))) for page in pages]
    css = write(app, "_static/styles/site.css", stylesheet.shorten(styles, texts, [script, *drawing(app)]))
    js = write(app, "_static/scripts/site.js", script)
    merged = []
    for page, text in zip(pages, texts):
        up = "../" * page.name.count("/")
        links = f'<link rel="stylesheet" href="{up}{css}" />\n<script defer src="{up}{js}"></script>'
        merged.append(replace(page, text=text.replace(CHARSET, f"{CHARSET}\n{links}", 1)))
    return merged


def add_policy(page, app):
    """페이지의 인라인 스크립트는 밝기를 정하는 것 하나뿐이고, 그 해시만 허락합니다."""
    scripts = SCRIPT.finditer(page.text)
    inline = [found["code"] for found in scripts if not attribute(found["attributes"], "(?:src|type)")]
    hashes = [base64.b64encode(hashlib.sha256(code.encode()).digest()).decode() for code in inline]
    content = POLICY.format(hashes=" ".join(f"'sha256-{value}'" for value in hashes))
    meta = f'<meta http-equiv="Content-Security-Policy" content="{content}" />'
    return page.text.replace(CHARSET, f"{CHARSET}\n{meta}", 1)
