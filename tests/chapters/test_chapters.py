"""모든 장이 같은 틀과 같은 말을 쓰는지, 노트북이 실행된 채 깨끗이 저장되었는지 봅니다."""

import json
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
CHAPTERS = sorted((ROOT / "chapters").glob("[0-9]*.ipynb"))
EXERCISES = sorted((ROOT / "exercises").glob("[0-9]*.ipynb"))
ILLUSTRATED = [ROOT / "intro.ipynb", ROOT / "own_model.ipynb", ROOT / "sweeps.ipynb", *CHAPTERS, *EXERCISES]
PAGES = [ROOT / "lab.ipynb", *ILLUSTRATED]
FRAME = [
    r"# \S.*",
    r"\*\*이 장에서 하는 일\.\*\* \S.*",
    r"\*\*배우는 것\*\*",
    r"\*\*걸리는 시간\.\*\* 읽기 \d+분, 직접 해 보기 \d+분\.",
    r"\*\*필요한 것\.\*\* \S.*",
    r"## .*\?",
    r"## 정리",
    r"## 확인 문제",
    r"## 더 읽을거리",
]
# 용어집의 한 가지 말 대신 쓰기 쉬운 다른 말. 왼쪽이 나오면 오른쪽으로 고칩니다.
BANNED = {
    r"히든 ?레이어|은닉 층": "은닉층",
    r"초기값|초기치": "초깃값",
    r"[그글]래디[언엔]트|그라디[언엔]트": "기울기",
    r"액티베이션|활성화 값": "활성화값",
    r"표준 편차": "표준편차",
    r"러닝 ?레이트|학습 율": "학습률",
    r"뉴런들?[이가을를은는의]": "유닛",
    r"대칭 깨짐": "대칭성이 깨짐",
    r"바이어스": "편향",
    r"로스[가를는 ]": "손실",
    r"추첨": "난수 표본",
    # 원의 둘레처럼 길이를 말할 때만 둘레라고 합니다.
    r"(?<!원의 )(?<!형의 )둘레(?:에서|에는|에|의|이|로|까지)?(?![가-힣])": "부근",
    # 처음 나올 때 괄호 안에서 다른 이름으로만 알려 줍니다.
    r"(?<!\()(?<!gradient, )기울기 ?폭발": "기울기 폭주",
}
# 받침이 있는 말 뒤의 것, 없는 말 뒤의 것.
PARTICLES = [("은", "는"), ("이", "가"), ("을", "를"), ("과", "와"), ("으로", "로")]
REFERENCES = (ROOT / "references.bib").read_text(encoding="utf-8")


def cells(path, kind):
    return [c for c in json.loads(path.read_text(encoding="utf-8"))["cells"] if c["cell_type"] == kind]


def text(path):
    return "\n\n".join("".join(cell["source"]) for cell in cells(path, "markdown"))


def stems(paths):
    return [f"{path.parent.name}-{path.stem}" for path in paths]


def test_the_chapters_are_there():
    first = ["01_zero", "02_sigmoid_std", "03_xavier", "04_tanh", "05_he", "06_mnist"]
    second = ["07_matching", "08_families", "09_pretraining", "10_mean_field", "11_frameworks"]
    third = [
        "12_optimizers",
        "13_normalization",
        "14_residual",
        "15_convolution",
        "16_attention",
        "17_width",
        "18_diagnosis",
    ]
    assert [path.stem for path in CHAPTERS] == first + second + third == [path.stem for path in EXERCISES]


def test_the_first_six_chapters_lead_to_the_others():
    """앞의 여섯 장은 저마다 뒤의 장으로, 뒤의 장은 저마다 앞의 여섯 장으로 이어집니다."""
    labels = [re.search(r"\((ch-[\w-]+)\)=", text(path))[1] for path in CHAPTERS]
    for i, path in enumerate(CHAPTERS):
        others = labels[6:] if i < 6 else labels[:6]
        assert any(f"`{label}`" in text(path) or f"<{label}>`" in text(path) for label in others), path.name


@pytest.mark.parametrize("path", CHAPTERS, ids=stems(CHAPTERS))
def test_frame(path):
    """틀의 조각이 모두 있고 정해진 차례입니다."""
    source, position = text(path), 0
    for pattern in FRAME:
        found = re.search(rf"(?m)^{pattern}$", source[position:])
        assert found, f"{path.name}: '{pattern}'이 제자리에 없습니다."
        position += found.end()


@pytest.mark.parametrize("path", CHAPTERS, ids=stems(CHAPTERS))
def test_outcomes_questions_and_predictions(path):
    """배우는 것 2–4개, 접힌 답이 있는 확인 문제 2–3개, 예상해 보기 세 번 이상."""
    source = text(path)
    outcomes = source.split("**배우는 것**")[1].split("**걸리는 시간.**")[0]
    assert 2 <= len(re.findall(r"(?m)^- ", outcomes)) <= 4
    questions = source.split("## 확인 문제")[1].split("## 더 읽을거리")[0]
    assert 2 <= len(re.findall(r"(?m)^:::+\{dropdown\}", questions)) <= 3
    assert source.count("{admonition} 예상해 보십시오") >= 3
    assert "{cite" in source


@pytest.mark.parametrize("path", PAGES, ids=stems(PAGES))
def test_one_word_for_one_thing(path):
    source = text(path)
    for pattern, instead in BANNED.items():
        found = re.search(pattern, source)
        assert not found, f"{path.name}: '{found[0]}' 대신 '{instead}'을(를) 씁니다."


@pytest.mark.parametrize("path", CHAPTERS, ids=stems(CHAPTERS))
def test_headings_ask_in_one_way(path):
    """묻는 제목은 “-까?”로 끝납니다."""
    assert not re.findall(r"(?m)^#+ .*까요\?$", text(path))


@pytest.mark.parametrize("path", PAGES, ids=stems(PAGES))
def test_one_kind_of_quotation_marks(path):
    """따옴표는 곧은 것(")으로 씁니다. 쪽에서는 앞뒤가 굽은 따옴표로 나옵니다."""
    assert not re.findall(r".{0,10}[“”].{0,10}", text(path))


@pytest.mark.parametrize("path", PAGES, ids=stems(PAGES))
def test_ranges_are_joined_by_a_dash(path):
    """수의 범위는 2–4처럼 씁니다."""
    assert not re.findall(r"\d ?[~∼～] ?\d+", re.sub("`[^`]*`", "", text(path)))


def particle_after(year, particle):
    """연도를 한자어로 읽은 끝소리에 맞는 조사: 2010(십)은 은, 2014(사)는 는. 로는 ㄹ 뒤에도 씁니다."""
    digit = int(year) % 10
    pair = next(pair for pair in PARTICLES if particle in pair)
    return pair[digit in (2, 4, 5, 9) or (pair[1] == "로" and digit in (1, 7, 8))]


def test_particle_after_a_year():
    right = ["2010은", "2011로", "2012가", "2013과", "2014는", "2015를", "2016으로", "2017이", "2018로", "2019와"]
    for year, particle in ((found[:4], found[4:]) for found in right):
        assert all(particle_after(year, each) == particle for pair in PARTICLES if particle in pair for each in pair)


@pytest.mark.parametrize("path", PAGES, ids=stems(PAGES))
def test_particles_after_citations(path):
    """{cite:t}는 “저자 [연도]”로 나오므로, 뒤의 조사는 연도를 읽은 소리에 맞습니다."""
    years = dict(re.findall(r"@\w+\{(\w+),[^@]*?\byear = \{(\d{4})\}", REFERENCES))
    either = "|".join(each for pair in PARTICLES for each in pair)
    found = re.findall(rf"\{{cite:t\}}`(?:[^`]*,)?(\w+)`({either})(?![가-힣])", text(path))
    assert not [
        f"{key} [{years[key]}]{particle} → {right}"
        for key, particle in found
        if particle != (right := particle_after(years[key], particle))
    ]


@pytest.mark.parametrize("path", PAGES, ids=stems(PAGES))
def test_fences_close_on_their_own_line(path):
    """닫는 ::: 뒤에 글을 이어 쓰면 MyST는 그 글을 버립니다."""
    assert not re.search(r"(?m)^:{3,}[ \t]+[^\s{]", text(path))


@pytest.mark.parametrize("path", PAGES, ids=stems(PAGES))
def test_code_cells_are_short_and_executed(path):
    """셀은 열 줄(풀이와 표식이 드는 문제지는 열여덟 줄)까지이고, 한 번에 실행되었고, 오류도 경고도 없습니다."""
    code = cells(path, "code")
    assert [cell["execution_count"] for cell in code] == list(range(1, len(code) + 1))
    for cell in code:
        lines = "".join(cell["source"]).splitlines()
        assert len(lines) <= (18 if path in EXERCISES else 10), f"{path.name} {cell['id']}: {len(lines)}줄"
        assert all(len(line) <= 79 for line in lines), f"{path.name} {cell['id']}: 79자를 넘는 줄"
        for output in cell["outputs"]:
            assert output["output_type"] != "error"
            assert output.get("name") != "stderr"


@pytest.mark.parametrize("path", ILLUSTRATED, ids=stems(ILLUSTRATED))
def test_figures_have_captions_and_alt_text(path):
    """그림마다 이름과 캡션이 있고, 대체 텍스트는 비거나 겹치거나 너무 짧지 않습니다."""
    alts = []
    for cell in cells(path, "code"):
        for output in cell["outputs"]:
            if "image/png" in output.get("data", {}):
                figure = cell["metadata"]["mystnb"]["figure"]
                assert figure["name"].startswith("fig-")
                assert figure["caption"].strip()
                alts.append(output["metadata"]["image/png"]["alt"])
    assert alts
    assert len(set(alts)) == len(alts)
    assert all(len(alt) >= 30 and re.search("[가-힣]", alt) for alt in alts)


@pytest.mark.parametrize("path", PAGES, ids=stems(PAGES))
def test_printed_numbers_are_short(path):
    """유효숫자는 넷까지입니다. 그보다 길면 프로세서에 따라 달라집니다."""
    for cell in cells(path, "code"):
        for output in cell["outputs"]:
            for number in re.findall(r"\d[\d,]*\.?\d*(?:e[-+]?\d+)?", "".join(output.get("text", []))):
                mantissa = re.sub(r"e.*", "", number).replace(",", "").replace(".", "")
                # 60000처럼 뒤가 0인 정수는 세어 얻은 수입니다.
                digits = mantissa.strip("0") if "." not in number else mantissa.lstrip("0")
                assert len(digits) <= 4, f"{path.name} {cell['id']}: {number}"


@pytest.mark.parametrize("path", PAGES, ids=stems(PAGES))
def test_metadata_is_minimal(path):
    """실행 시각이나 사용자의 환경이 노트북에 남지 않습니다."""
    notebook = json.loads(path.read_text(encoding="utf-8"))
    assert {"kernelspec"} <= set(notebook["metadata"]) <= {"kernelspec", "widgets"}
    for cell in notebook["cells"]:
        assert set(cell["metadata"]) <= {"tags", "mystnb", "explore"} | ({"nbgrader"} if path in EXERCISES else set())


@pytest.mark.parametrize("path", PAGES, ids=stems(PAGES))
def test_widget_state_is_small(path):
    """움직여 보는 실험의 격자와 코드를 모두 더해 150 kB까지입니다."""
    state = json.loads(path.read_text(encoding="utf-8"))["metadata"].get("widgets", {})
    assert len(json.dumps(state, ensure_ascii=False)) <= 150_000
