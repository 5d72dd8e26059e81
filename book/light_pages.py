"""테마가 페이지마다 싣는 것을 줄입니다: 스타일시트와 스크립트를 하나씩으로 합치고, 쓰지 않는 것은 뺍니다.

- 스타일시트 열 개는 책에서 쓰는 규칙만 골라 styles/site.css 하나로,
- 스크립트 열 개는 scripts/site.js 하나로 합쳐 늦추어 부르고(defer),
- 아이콘 글꼴과 그 스크립트(1.5 MB) 대신 쓰인 아이콘만 SVG로 적고,
- 그림에 크기를 적고 첫 그림 말고는 보일 때 받게 하며,
- 움직여 보는 실험의 자료는 글 뒤로 옮깁니다.

모든 페이지가 파일 하나를 함께 쓰므로, 페이지도 늘 모두 다시 씁니다. 내용 보안 정책(CSP)도 여기서 적습니다.
"""

import base64
import hashlib
import re
import struct
from pathlib import Path

from sphinx.errors import ExtensionError

from . import formulas, stylesheet

# 이 책이 쓰지 않는 기능: 페이지에서 코드를 실행하는 thebe, 접는 단추, 탭, 브라우저에서 그리는 수식, 글꼴 아이콘.
UNUSED = re.compile(r"sphinx-thebe|togglebutton|design-tabs|mathjax|fontawesome")
UNUSED_INLINE = re.compile(
    r"toggleHint|toggleOpenOnPrint|togglebuttonSelector|THEBE_JS_URL|window\.MathJax|DOCUMENTATION_OPTIONS\.|kernelName"
)
# 페이지 하나에만 필요한 것은 합치지 않습니다.
APART = re.compile(r"widgets\.js|searchtools|language_data")
SCRIPT = re.compile(r"\s*<script\b(?P<attributes>[^>]*)>(?P<code>.*?)</script>", re.S)
STYLE = re.compile(r'\s*<link [^>]*rel="stylesheet"[^>]*>')
PRELOAD = re.compile(r'\s*<link rel="preload" as="script"[^>]*>')
ICON = re.compile(r'<(?P<tag>i|span) class="(?P<classes>[^"]*\bfa(?:s|-solid) [^"]*)"(?P<rest>[^>]*)></(?P=tag)>')
IMAGE = re.compile(r'<img\b[^>]*\bsrc="(?P<src>[^"]+\.png)"[^>]*>')
STATE = re.compile(r'\s*<script type="application/vnd\.jupyter\.widget-state\+json">.*?</script>', re.S)
POLICY = (
    "default-src 'none'; script-src 'self' blob: {hashes}; style-src 'self'; img-src 'self' data:; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'"
)


def attribute(tag, name):
    found = re.search(rf'\b{name}="([^"]*)"', tag)
    return found and found[1]


def local(page, address):
    """페이지에서 본 주소의 파일."""
    return (page.parent / address.partition("?")[0]).resolve()


def gather(pages, pattern, *names):
    """페이지들이 부르는 파일과 나머지 속성을, 나타난 차례대로 한 번씩. 쓰지 않는 것과 따로 두는 것은 뺍니다."""
    found = {}
    for path, text in pages.items():
        for tag in pattern.finditer(text):
            address, *rest = (attribute(tag[0].partition(">")[0], name) for name in names)
            if address and not UNUSED.search(address) and not APART.search(address):
                found[local(path, address), *rest] = None
    return list(found)


def relative(page, root, target):
    return f"{'../' * (len(page.relative_to(root).parts) - 1)}{target.relative_to(root).as_posix()}"


def write(folder, name, text):
    """내용의 해시를 붙인 주소로 부르도록 파일과 그 해시를 돌려줍니다."""
    file = folder / "_static" / name
    file.write_text(text, encoding="utf-8")
    return file, hashlib.sha256(text.encode()).hexdigest()[:8]


def merge_styles(pages, extra):
    """모든 페이지의 스타일시트를 차례대로 합칩니다."""
    parts = []
    for file, media in gather(pages, STYLE, "href", "media"):
        css = re.sub(r"@charset [^;]*;", "", file.read_text(encoding="utf-8"))
        parts.append(css if media in (None, "all") else f"@media {media} {{{css}}}")
    return "\n".join([*parts, extra])


def merge_scripts(pages):
    codes = [path.read_text(encoding="utf-8") for (path,) in gather(pages, SCRIPT, "src")]
    merged = ";\n".join(re.sub(r"//# sourceMappingURL.*", "", code) for code in codes)
    # Sphinx는 복수형을 고르는 식을 글에서 함수로 만듭니다. 내용 보안 정책이 막고, 한국어에는 복수형이 하나뿐입니다.
    merged, found = re.subn(r"new Function\(\s*\"n\",[^)]*\)`?,?\s*\)", "() => 0", merged)
    if found != 1:
        raise ExtensionError("doctools.js에서 복수형의 식을 찾지 못했습니다. Sphinx의 판이 바뀌었는지 보십시오.")
    return merged


def icons(root):
    """글꼴 아이콘의 {이름: (너비, 높이, 윤곽)}. 테마가 싣는 스크립트에서 읽습니다."""
    code = (root / "_static" / "scripts" / "fontawesome.js").read_text(encoding="utf-8")
    found = re.findall(r'"?([\w-]+)"?:\[(\d+),(\d+),\[[^\]]*\],"\w+","([^"]+)"\]', code)
    return {name: (width, height, outline) for name, width, height, outline in found}


def inline_icon(found, known):
    width, height, outline = next(known[name[3:]] for name in found["classes"].split() if name[3:] in known)
    classes = " ".join(found["classes"].split())
    return (
        f'<svg class="svg-inline--fa {classes}"{found["rest"]} aria-hidden="true" viewBox="0 0 {width} {height}">'
        f'<path fill="currentColor" d="{outline}"/></svg>'
    )


def size(png):
    return struct.unpack(">II", png.read_bytes()[16:24])


def sized(page, found, lazy):
    """그림에 크기를 적어, 그림이 와도 글이 밀리지 않게 합니다. 첫 그림 말고는 보일 때 받습니다(lazy)."""
    width, height = size(local(page, found["src"]))
    tag = re.sub(r' (?:style|width|height)="[^"]*"', "", found[0]).removesuffix("/>").removesuffix(">").rstrip()
    shown = int(style[1]) if (style := re.search(r'style="width: (\d+)px', found[0])) else width
    late = ' loading="lazy"' if lazy else ""
    return f'{tag} width="{shown}" height="{round(height * shown / width)}" decoding="async"{late}>'


# 첫 그림이 그려지기 전에 밝기를 정합니다. 테마의 것은 비워 두었다가 나중에 정해서, 어두운 화면이 한 번 번쩍입니다.
THEME = """
    const mode = localStorage.getItem("mode") || "auto";
    const dark = matchMedia("(prefers-color-scheme: dark)").matches;
    document.documentElement.dataset.mode = mode;
    document.documentElement.dataset.theme = mode === "auto" ? (dark ? "dark" : "light") : mode;
  """


def policy(text):
    """페이지의 인라인 스크립트는 테마가 밝기를 정하는 것 하나뿐이고, 그 해시만 허락합니다."""
    inline = [found["code"] for found in SCRIPT.finditer(text) if not attribute(found["attributes"], "(?:src|type)")]
    hashes = [base64.b64encode(hashlib.sha256(code.encode()).digest()).decode() for code in inline]
    content = POLICY.format(hashes=" ".join(f"'sha256-{value}'" for value in hashes))
    return f'<meta http-equiv="Content-Security-Policy" content="{content}" />'


def only_needed(found):
    """합친 스크립트와 쓰지 않는 스크립트를 빼고, 나머지는 늦추어 부릅니다."""
    source, code = attribute(found["attributes"], "src"), found["code"]
    if attribute(found["attributes"], "type") == "text/x-thebe-config":
        return ""
    if source:
        return f'\n<script defer src="{source}"></script>' if APART.search(source) else ""
    if "dataset.theme" in code:
        return f"\n<script>{THEME}</script>"
    return "" if UNUSED_INLINE.search(code) else found[0]


def lighten(path, text, known):
    state = "".join(STATE.findall(text))
    text = PRELOAD.sub("", STYLE.sub("", STATE.sub("", text)))
    text = re.sub(r"\s*<noscript>\s*<style>.*?</noscript>", "", text, flags=re.S)
    text = SCRIPT.sub(only_needed, text)
    text = ICON.sub(lambda found: inline_icon(found, known), text)
    first = IMAGE.search(text)
    text = IMAGE.sub(lambda found: sized(path, found, found.start() != first.start()), text)
    text = re.sub(r'\s*onclick="[^"]*"', "", text)
    return text.replace("</body>", f"{state}\n</body>")


def finish(app, exception):
    if exception or app.builder.name != "html":
        return
    root = Path(app.outdir).resolve()
    pages = {path: path.read_text(encoding="utf-8") for path in sorted(root.rglob("*.html"))}
    # 테마가 틀로 쓰는 조각이나 다른 곳으로 보내는 쪽, 지난번에 베낀 첫 쪽은 새로 쓴 페이지가 아닙니다.
    pages = {path: text for path, text in pages.items() if "bd-main" in text and "scripts/site.js" not in text}
    pages = {path: text for path, text in pages.items() if "_static" not in path.relative_to(root).parts}
    styles, known = merge_styles(pages, formulas.place(pages)), icons(root)
    script = write(root, "scripts/site.js", merge_scripts(pages))
    pages = {path: lighten(path, text, known) for path, text in pages.items()}
    scripts = [script[0].read_text(encoding="utf-8"), *(file.read_text(encoding="utf-8") for file in drawing(app))]
    style = write(root, "styles/site.css", stylesheet.shorten(styles, pages.values(), scripts))
    for path, text in pages.items():
        head = (
            '<meta charset="utf-8" />',
            policy(text),
            f'<link rel="stylesheet" href="{relative(path, root, style[0])}?v={style[1]}" />',
            f'<script defer src="{relative(path, root, script[0])}?v={script[1]}"></script>',
        )
        path.write_text(text.replace(head[0], "\n".join(head), 1), encoding="utf-8")


def drawing(app):
    """요소를 만드는 나머지 스크립트: 찾기와 움직여 보는 실험."""
    static = Path(app.outdir) / "_static"
    names = ("searchtools.js", "language_data.js", "widgets.js")
    return [*(static / name for name in names), Path(app.srcdir) / "wi_lib" / "explorers" / "explorer.js"]


def write_all(app):
    app.builder.get_outdated_docs = lambda: app.env.found_docs


def setup(app):
    app.connect("builder-inited", write_all)
    # 다른 확장이 페이지를 고친 뒤, 첫 페이지를 베끼기 전입니다(site_meta.py).
    app.connect("build-finished", finish, priority=800)
    return {"parallel_read_safe": True}
