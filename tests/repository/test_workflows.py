"""GitHub Actions: 고정된 액션, 가장 적은 권한, 그리고 README의 명령과 같은 단계. 형식과 안전은 make lint가 봅니다."""

import os
import re
import subprocess
from pathlib import Path

import pytest
import yaml

from publish import links

ROOT = Path(__file__).parents[2]
PATHS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))
MAKEFILE = (ROOT / "Makefile").read_text(encoding="utf-8")
# make의 목표가 아닌 단계는 이것뿐입니다: 시험에 쓸 한글 글꼴과 bubblewrap, 그리고 bubblewrap이 돌게 하는 설정.
OTHER_COMMANDS = {
    "sudo apt-get update && sudo apt-get install --yes --no-install-recommends bubblewrap fonts-nanum",
    "sudo sysctl --write kernel.apparmor_restrict_unprivileged_userns=0",
}
# 읽기보다 센 권한은 사이트와 수강생용 판을 내는 작업에만 있습니다.
WRITES = {
    ("pages.yml", "deploy"): {"pages": "write", "id-token": "write"},
    ("pages.yml", "student"): {"contents": "write"},
}

each_workflow = pytest.mark.parametrize("path", PATHS, ids=lambda path: path.name)


def read(path):
    return yaml.safe_load(path.read_text(encoding="utf-8"))


def steps(path):
    return [step for job in read(path)["jobs"].values() for step in job["steps"]]


@each_workflow
def test_steps_are_make_targets(path):
    """사람이 부르는 것과 같은 명령이므로, CI가 실패하면 손으로 그대로 되풀이할 수 있습니다."""
    for step in steps(path):
        if command := step.get("run"):
            target = re.fullmatch(r"make ([\w-]+)", command)
            assert command in OTHER_COMMANDS or target, command
            assert not target or re.search(rf"(?m)^{target[1]}\b.*:", MAKEFILE), command


def test_documents_call_real_targets():
    """글이 부르라고 하는 make의 목표는 모두 있고, 목표마다 make help에 보일 설명이 있습니다."""
    targets = {name for line in re.findall(r"(?m)^([a-z][a-z -]*):", MAKEFILE) for name in line.split()}
    shown = subprocess.run(
        ["make", "--no-print-directory"], cwd=ROOT, capture_output=True, encoding="utf-8", check=True
    ).stdout
    assert targets == {name for line in re.findall(r"(?m)^  make ([a-z -]+?)  ", shown) for name in line.split()}
    for path in (ROOT / "README.md", ROOT / "CONTRIBUTING.md", *(ROOT / "instructors").glob("*.md")):
        called = re.findall(r"(?m)(?:`|^)make ([^`#\n]+)", path.read_text(encoding="utf-8"))
        words = {word for command in called for word in command.split() if re.fullmatch(r"[a-z][a-z-]*", word)}
        assert words <= targets, path.name


@pytest.mark.parametrize(
    ("given", "folder"),
    [
        ({}, "course/downloaded"),
        ({"WI_COURSE_DIR": "/봄 학기"}, "/봄 학기/downloaded"),
        ({"FROM": "받은 것"}, "받은 것"),
    ],
)
def test_collect_reads_the_folder_of_the_class(given, folder):
    """수업의 폴더를 따로 정했으면 저장소의 course에 남은 다른 반의 답을 모으지 않고, 이름에 빈칸이 있어도 됩니다."""
    clean = {key: value for key, value in os.environ.items() if key not in ("FROM", "WI_COURSE_DIR")}
    said = subprocess.run(["make", "-n", "collect"], cwd=ROOT, capture_output=True, env=clean | given)
    # make는 UTF-8인 Makefile의 글과 로캘의 글자 표로 받은 이름을 섞어 말합니다.
    assert os.fsencode(f'classroom collect "{folder}"\n') in said.stdout


@each_workflow
def test_actions_are_pinned(path):
    """태그는 옮겨질 수 있으므로 커밋으로 고정하고, 그 판을 곁에 적습니다."""
    uses = re.findall(r"uses: *(.*)", path.read_text(encoding="utf-8"))
    assert len(uses) == sum("uses" in step for step in steps(path)) > 0
    for action in uses:
        assert re.fullmatch(r"actions/[\w-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+", action), action


def test_an_action_has_one_pin():
    uses = {line for path in PATHS for line in re.findall(r"uses: *(.*)", path.read_text(encoding="utf-8"))}
    assert len(uses) == len({line.split("@")[0] for line in uses}), uses


@each_workflow
def test_permissions_are_least(path):
    workflow = read(path)
    assert workflow["permissions"] == {}
    for name, job in workflow["jobs"].items():
        permissions = job["permissions"]
        assert permissions == WRITES.get((path.name, name)) or set(permissions.values()) == {"read"}, name
        assert job["timeout-minutes"] <= 90


@each_workflow
def test_checkout_leaves_no_credentials(path):
    """가지를 올리는 작업 말고는 저장소의 자격을 남기지 않습니다."""
    for name, job in read(path)["jobs"].items():
        pushes = WRITES.get((path.name, name), {}).get("contents") == "write"
        for step in job["steps"]:
            if step.get("uses", "").startswith("actions/checkout@"):
                assert step["with"]["persist-credentials"] is pushes, name


@each_workflow
def test_runs_do_not_pile_up(path):
    assert "concurrency" in read(path)


def test_weekly_checks_block_nothing():
    """닿지 않는 링크, 새 취약점, 새 판의 꾸러미와 맞지 않는 것은 알리기만 합니다."""
    path = ROOT / ".github" / "workflows" / "links.yml"
    # YAML 1.1에서 on은 참입니다.
    assert set(read(path)[True]) == {"schedule", "workflow_dispatch"}
    told = [step["run"] for step in steps(path) if step.get("continue-on-error")]
    assert told == ["make linkcheck", "make audit", "make test-newest"]


def test_site_is_told_its_address():
    build = read(ROOT / ".github" / "workflows" / "pages.yml")["jobs"]["build"]["steps"]
    addresses = {step["run"]: step["env"] for step in build if "run" in step}
    assert addresses == {"make book": {"WI_SITE_URL": "${{ steps.pages.outputs.base_url }}"}}


def test_dependabot_watches_both():
    updates = yaml.safe_load((ROOT / ".github" / "dependabot.yml").read_text(encoding="utf-8"))["updates"]
    assert [update["package-ecosystem"] for update in updates] == ["pip", "github-actions"]


def link(uri, status, filename="intro.ipynb", info=""):
    return {"uri": uri, "status": status, "filename": filename, "info": info}


def test_unreachable_links_are_listed_once():
    found = [
        link("https://example.org/gone", "broken", "intro.ipynb", "404 Client Error:\nNot Found"),
        link("https://example.org/gone", "broken", "references.md", "404 Client Error"),
        link("https://example.org", "working"),
        link("#here", "unchecked"),
    ]
    assert links.report(found) == (
        "## 바깥으로 가는 링크 2개 가운데 닿지 않는 것 1개\n\n"
        "- <https://example.org/gone> (intro.ipynb, references.md): 404 Client Error: Not Found"
    )


def test_links_without_results_say_what_to_do(monkeypatch, tmp_path):
    monkeypatch.setattr(links, "RESULTS", tmp_path / "output.json")
    with pytest.raises(SystemExit, match="make linkcheck"):
        links.main()
