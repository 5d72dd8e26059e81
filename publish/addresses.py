"""책이 어디에 있는지: 저장소, 사이트, 그 저장소의 노트북을 여는 Binder, Colab, JupyterHub의 주소.

Binder는 이 저장소를 설치합니다. Colab과 JupyterHub는 풀이가 없고 혼자서 도는 수강생용 판(publish/edition.py)을 엽니다.
"""

import os
import re
import subprocess
from pathlib import Path
from urllib.parse import quote, urlencode

REMOTE = ["git", "-C", str(Path(__file__).parents[1]), "remote", "get-url", "origin"]
HUB, SITE = "WI_JUPYTERHUB_URL", "WI_SITE_URL"
# 수강생용 판이 있는 가지. 책을 내는 워크플로가 새로 씁니다.
EDITION = "student"


def named():
    """환경 변수 GITHUB_REPOSITORY가 말하는 "주인/저장소". 없으면 빈 글입니다."""
    known = os.environ.get("GITHUB_REPOSITORY", "")
    if known and not re.fullmatch(r"[\w.-]+/[\w.-]+", known):
        raise ValueError(f'GITHUB_REPOSITORY는 "주인/저장소"이어야 합니다: {known!r}')
    return known


def repository():
    """GitHub의 "주인/저장소". 환경 변수나 git의 원격에서 찾고, 모르면 None입니다."""
    if known := named():
        return known
    try:
        address = subprocess.run(REMOTE, capture_output=True, encoding="utf-8", errors="replace").stdout.strip()
    except FileNotFoundError:  # zip으로 받은 책을 git이 없는 기계에서 만듭니다.
        return None
    found = re.fullmatch(r"(?:https://github\.com/|git@github\.com:)([\w.-]+/[\w.-]+?)(?:\.git)?", address)
    return found and found[1]


def site_url():
    """사이트의 주소: 환경 변수 WI_SITE_URL, 없으면 GITHUB_REPOSITORY의 GitHub Pages. 끝은 /이고, 모르면 None입니다.

    git의 원격만 알아서는 그 저장소가 사이트를 내는지 알 수 없으므로, 틀린 주소를 적느니 모른다고 합니다.
    """
    url = os.environ.get(SITE)
    if not url and named():
        owner, name = named().split("/")
        host = f"{owner.lower()}.github.io"
        url = f"https://{host}/{'' if name.lower() == host else name}"
    if not url:
        return None
    if not re.fullmatch(r"https?://[^\s?#]+", url):
        raise ValueError(f"{SITE}은 https://로 시작하는 주소여야 합니다: {url!r}")
    return url.rstrip("/") + "/"


def branch():
    """GitHub Actions가 책을 만드는 가지. 그 밖에서는 저장소의 기본 가지(HEAD)입니다."""
    return os.environ.get("GITHUB_REF", "").partition("refs/heads/")[2] or "HEAD"


def hub():
    """JupyterHub의 주소. 환경 변수 WI_JUPYTERHUB_URL이 없으면 빈 글입니다."""
    address = os.environ.get(HUB, "").rstrip("/")
    if address and not re.fullmatch(r"https?://[^\s?#]+", address):
        raise ValueError(f"{HUB}은 https://hub.example.org처럼 적습니다: {address!r}")
    return address


def addresses(docname):
    """{여는 곳: 그 노트북을 여는 주소}. 저장소의 주소를 모르면 비었습니다."""
    known, notebook = repository(), f"{docname}.ipynb"
    if not known:
        return {}
    found = {
        # 원본에는 풀이와 MyST의 글이 있으므로, postBuild가 student에 만든 수강생용 노트북을 엽니다.
        "Binder": f"https://mybinder.org/v2/gh/{known}/{quote(branch(), safe='')}?urlpath=lab/tree/student/{notebook}",
        "Colab": f"https://colab.research.google.com/github/{known}/blob/{EDITION}/{notebook}",
    }
    if hub():
        # nbgitpuller는 저장소의 이름으로 된 폴더에 내려받습니다.
        opened = f"lab/tree/{known.split('/')[1]}/{notebook}"
        query = urlencode({"repo": f"https://github.com/{known}", "branch": EDITION, "urlpath": opened})
        found["JupyterHub"] = f"{hub()}/hub/user-redirect/git-pull?{query}"
    return found
