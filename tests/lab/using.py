"""실험대를 쓰는 시험의 도구: 실험대가 든 페이지, 그것을 연 방문, 실험대가 겉에 적은 상태."""

import json
import time
from contextlib import contextmanager

import numpy as np

import wi_lib
from book.shared_files import POLICY
from tests.browsing import Visit, served
from wi_lib import datasets
from wi_lib.lab import bundle, digits

PAGE = """<!doctype html>
<html lang="ko" data-content_root="./"><head><meta charset="utf-8"><title>실험대</title>
<meta http-equiv="Content-Security-Policy" content="{policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<link rel="stylesheet" href="_static/lab/lab.css"><script defer src="_static/lab/lab.js"></script></head>
<body><main><h1 id="top">실험대</h1>{body}</main></body></html>
"""
# 걸음이 화면에 적히는 때를 적어 둡니다.
WATCH = """() => {
  window.times = [];
  const root = document.querySelector(".wi-lab");
  new MutationObserver(() => times.push(performance.now())).observe(root, { attributeFilter: ["data-step"] });
}"""
SMALL = '<div class="wi-lab" data-setting="{}" data-controls="{}"></div>'
PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}
# 색을 읽지 않아도 그 끝이 어디인지 아는, 짧게 학습하는 설정.
SHORT = "iterations=60&width=20&depth=2"


def built(folder):
    """책의 정책을 지키는 페이지 둘: 모두 바꿀 수 있는 실험대 하나와, 작은 실험대 둘."""
    scripts = folder / "_static" / "lab"
    scripts.mkdir(parents=True)
    (scripts / "lab.js").write_text(bundle.page(), encoding="utf-8")
    (scripts / "lab.css").write_text(bundle.css(), encoding="utf-8")
    (scripts / "digits.js").write_text(f"var wiLabDigits = {json.dumps(digits.packed())};", encoding="utf-8")
    several = SMALL.format(SHORT, "learning_rate"), "<p>사이의 글</p>" * 80, SMALL.format(SHORT, "activation seed")
    for name, body in {"lab": '<div class="wi-lab"></div>', "several": "".join(several)}.items():
        (folder / f"{name}.html").write_text(PAGE.format(policy=POLICY.format(hashes=""), body=body), encoding="utf-8")
    return folder


@contextmanager
def opened(browser, site, address=SHORT, page="lab", **options):
    with served(site) as base, Visit(browser, f"{base}/{page}.html#{address}", **options) as visit:
        yield visit
        assert visit.errors == []
        assert visit.outside == []


def shown(tab, root=0):
    return tab.evaluate("(i) => ({ ...document.querySelectorAll('.wi-lab')[i].dataset })", root)


def wait(tab, state, root=0, **more):
    wanted = {"state": state} | {name: str(value) for name, value in more.items()}
    end = time.monotonic() + 30
    while time.monotonic() < end:
        found = shown(tab, root)
        if all(found.get(name) == value for name, value in wanted.items()):
            return found
        time.sleep(0.02)
    raise AssertionError(f"{wanted}이 되지 않습니다: {found}")


def press(tab, name):
    tab.get_by_role("button", name=name, exact=True).click()


def said(tab):
    return tab.locator(".wi-lab-status").inner_text()


def trained(**changed):
    """같은 설정의 wi_lib."""
    setting = {"activation": "relu", "initializer": "he_normal", "depth": 2, "width": 20, "seed": 0} | changed
    data = getattr(datasets, f"load_{setting.get('data', 'digits')}")()
    sizes = [data.x_train.shape[1], *[setting["width"]] * setting["depth"], len(set(data.y_train.tolist()))]
    rng = np.random.default_rng(setting["seed"])
    net = wi_lib.MLP(sizes, setting["activation"], setting["initializer"], rng=rng)
    rate, optimizer = setting.get("learning_rate", 0.1), setting.get("optimizer", "sgd")
    return wi_lib.train(
        net, data, learning_rate=rate, optimizer=optimizer, batch_size=32, iterations=60, rng=rng, progress=False
    )
