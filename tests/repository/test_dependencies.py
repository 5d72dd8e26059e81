"""설치한 꾸러미: 서로 어긋나지 않고, 라이선스가 알려져 있고, 하한은 정말 시험한 판입니다."""

import re
import subprocess
import sys
import sysconfig
import tomllib
from email.message import Message
from importlib.metadata import distributions
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.version import Version

from tests.speaking import SPOKEN

ROOT = Path(__file__).parents[2]
# setuptools는 불리면 제 안에 든 꾸러미의 폴더를 sys.path에 더하므로, 설치한 곳만 봅니다.
PLACES = [sysconfig.get_path("purelib"), sysconfig.get_path("platlib")]
INSTALLED = {re.sub(r"[-_.]+", "-", found.name).lower(): found for found in distributions(path=PLACES)}
# 책과 함께 나누어 주어도 되는 라이선스: 고친 것을 밝히는 것 말고는 조건이 없는 것과, 파일 단위의 카피레프트인 MPL.
ALLOWED = {
    *("0BSD", "Apache-2.0", "BSD-2-Clause", "BSD-3-Clause", "CC0-1.0", "ISC", "MIT", "MIT-0", "MIT-CMU", "MPL-2.0"),
    *("PSF-2.0", "Python-2.0", "Unlicense", "Zlib"),
}
# SPDX 식이 생기기 전의 이름. 메타데이터의 License와 분류에 이렇게 적혀 있습니다.
OLD_NAMES = {
    "apache": "Apache-2.0",
    "bsd": "BSD-3-Clause",
    "isc": "ISC",
    "mit": "MIT",
    "mozilla public license 2.0": "MPL-2.0",
    "psf": "PSF-2.0",
    "python software foundation": "PSF-2.0",
}
# 메타데이터만으로는 알 수 없어 함께 온 라이선스 글을 읽은 것.
READ_BY_HAND = {
    "axe-playwright-python": {"MIT"},  # 메타데이터의 칸은 비었고 LICENSE 파일이 MIT입니다.
    "docutils": {"BSD-2-Clause", "BSD-3-Clause", "Python-2.0"},  # GPL은 휠에 없는 rst.el뿐입니다(COPYING.txt).
}


def spdx(name):
    """SPDX 식은 그대로, 옛 이름은 SPDX로. 모르는 이름은 그대로 돌려줍니다."""
    old = (known for known in OLD_NAMES if re.match(rf"{known}\b", name.lower()))
    return name if name in ALLOWED else OLD_NAMES.get(next(old, None), name)


def licences(about):
    """메타데이터가 말하는 라이선스: SPDX 식, 없으면 분류, 그것도 없으면 License 칸."""
    if expression := about.get("License-Expression"):
        return set(re.split(r" (?:AND|OR|WITH) ", expression.replace("(", "").replace(")", "")))
    labels = [label.split(" :: ") for label in about.get_all("Classifier", []) if label.startswith("License ::")]
    stated = [label[-1] for label in labels if len(label) > 2] or re.split(" AND ", about.get("License") or "")
    return {spdx(name) for name in stated if name}


def lower_bounds():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    requirements = map(Requirement, project["dependencies"])
    return {requirement.name: next(iter(requirement.specifier)) for requirement in requirements}


def test_installed_packages_agree():
    checked = subprocess.run([sys.executable, "-m", "pip", "check"], capture_output=True, encoding=SPOKEN)
    assert checked.returncode == 0, checked.stdout


def test_licences_are_known_and_free():
    """메타데이터에 라이선스가 없는 꾸러미는 함께 온 라이선스 글을 읽고 READ_BY_HAND에 적습니다."""
    stated = {name: READ_BY_HAND.get(name) or licences(found.metadata) for name, found in INSTALLED.items()}
    assert len(stated) > 100
    assert {name: found for name, found in stated.items() if not found or not found <= ALLOWED} == {}


@pytest.mark.parametrize("name", READ_BY_HAND)
def test_metadata_is_not_enough(name):
    """메타데이터가 고쳐지면 표에서 뺍니다."""
    stated = licences(INSTALLED[name].metadata)
    assert not stated or not stated <= ALLOWED


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"License-Expression": "(MIT AND Zlib) OR Apache-2.0"}, {"MIT", "Zlib", "Apache-2.0"}),
        ({"Classifier": "License :: OSI Approved :: BSD License", "License": "Copyright ..."}, {"BSD-3-Clause"}),
        ({"License": "MPL-2.0 AND MIT"}, {"MPL-2.0", "MIT"}),
        ({"License": "GPLv3"}, {"GPLv3"}),
        ({}, set()),
    ],
)
def test_licences_are_read_from_metadata(fields, expected):
    about = Message()
    for name, value in fields.items():
        about[name] = value
    assert licences(about) == expected


@pytest.mark.parametrize("name", lower_bounds())
def test_lower_bound_is_not_above_the_pin(name):
    """하한은 >= 하나이고, 책을 만드는 판은 그 위에 있습니다. 하한으로 도는지는 make test-oldest가 봅니다."""
    bound = lower_bounds()[name]
    assert bound.operator == ">="
    assert Version(bound.version) <= Version(INSTALLED[name].version)
