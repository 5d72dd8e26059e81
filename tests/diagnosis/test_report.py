"""진단의 결과: 표의 수는 잰 그대로이고, 글은 100칸 안에 들고, HTML은 이름을 그대로 보이며, 탈마다 할 말이 있습니다."""

import html
import json
import pickle
import re
import unicodedata
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pytest

from tests.diagnosis.networks import convolution, digits, mlp, residual
from wi_lib import Network, diagnose, diagnosis, initializers, layers
from wi_lib.diagnosis.finding import Finding
from wi_lib.diagnosis.rules import CONSEQUENCES
from wi_lib.diagnosis.words import CHAPTERS, WORDS, change, found

ROOT = Path(__file__).parents[2]
SOURCES = [path.read_text(encoding="utf-8") for path in sorted((ROOT / "wi_lib/diagnosis").glob("rules*.py"))]
CODES = {code for source in SOURCES for code in re.findall(r'(?:Finding|together)\(\s*"(\w+)"', source)}


def told(net, findings=(), x=None, y=None):
    """net을 잰 결과에 findings를 적은 것."""
    known = digits()
    report = diagnose(net, known[0] if x is None else x, known[1] if y is None else y)
    report.findings[:] = findings
    return report


def width(line):
    return sum(2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in line)


def test_a_row_for_every_matrix_in_the_order_of_use():
    net = convolution(norm=True)
    rows = told(net).layers
    assert [row.label for row in rows] == ["Conv2D", "BatchNorm"] * 3 + ["Dense"]
    matrices = [p for layer in net.layers for p in layer.parameters if p.ndim > 1]
    assert [row.shape for row in rows if row.shape] == [p.shape for p in matrices]


def test_attention_has_a_row_for_each_of_its_matrices():
    net = Network([layers.Attention(2), layers.Reshape(-1), layers.Dense(3)], (5, 16), rng=np.random.default_rng(0))
    rows = diagnose(net, np.ones((2, 5, 16))).layers
    assert [row.name for row in rows] == ["layers[0]"] * 4 + ["layers[2]"]
    assert len({row.weight for row in rows}) == 5


def test_numbers_of_a_row_are_those_of_the_network():
    net = mlp(3)
    x, y = digits()
    row = told(net).layers[1]
    z = np.maximum(x @ net.weights[0], 0) @ net.weights[1]
    assert row.std == pytest.approx(np.sqrt(np.mean(net.weights[1] ** 2)), rel=1e-5)
    assert row.output_rms == pytest.approx(np.sqrt(np.mean(z**2)), rel=1e-4)
    assert row.activation_mean == pytest.approx(np.maximum(z, 0).mean(), rel=1e-4)
    assert row.activation_std == pytest.approx(np.maximum(z, 0).std(), rel=1e-4)
    assert row.gradient_rms == pytest.approx(np.sqrt(np.mean(net.gradients(x, y).weights[1] ** 2)), rel=1e-4)
    assert (row.fan_in, row.fan_out, row.activation) == (64, 64, "relu")


def test_theory_expects_what_random_weights_give():
    """서로 상관없는 입력과 가중치에서 출력의 RMS는 std·√fan_in·(입력의 RMS)입니다."""
    x = np.random.default_rng(0).standard_normal((256, 64)).astype(np.float32)
    for row in told(mlp(3, "tanh", "xavier_normal", width=256), x=x, y=np.arange(256) % 10).layers:
        assert row.output_rms == pytest.approx(row.expected_std, rel=0.1)


def test_only_warnings_make_a_model_unhealthy():
    assert told(mlp()).healthy
    assert told(mlp(), [Finding("label_match", "참고", None, 0.1, 0.1)]).healthy
    assert not told(mlp(), [Finding("dead", "주의", "weights[1]", 0.9, 0.0)]).healthy


def test_the_rules_and_the_words_know_the_same_faults():
    assert set(WORDS) == CODES | set(CONSEQUENCES)


def test_chapters_are_named_by_their_titles():
    for number, title in CHAPTERS.items():
        for path in (ROOT / "chapters").glob(f"{number:02}_*.ipynb"):
            first = json.loads(path.read_text(encoding="utf-8"))["cells"][0]["source"]
            assert f"# {title}\n" in first
    assert {number for words in WORDS.values() for number in words.chapters} == set(CHAPTERS)


@pytest.mark.parametrize("code", WORDS)
def test_every_fault_says_what_was_measured(code):
    said = found(Finding(code, "주의", "weights[1]", 0.123, 0.456, ("weights[2]",)))
    assert said.endswith(("습니다.", "합니다.", "입니다."))
    assert not re.search(r"[{}]|None|nan|inf", said)
    if "{measured:%}" in WORDS[code].found:
        assert "12 %" in said
    elif "{measured}" in WORDS[code].found:
        assert "0.12" in said


def test_a_signal_lost_in_rounding_is_not_told_as_zero_times():
    assert "0배" not in found(Finding("default", "주의", "fc", 0.0, 1.0))


def test_counts_are_told_in_full():
    assert "128개" in found(Finding("symmetry", "오류", "fc", 1, 128))


def test_infinite_values_are_told_in_words():
    said = found(Finding("exploding_forward", "오류", "fc", np.inf, 3.0))
    assert "유한하지 않은" in said
    assert "RMS는 3" in said
    assert "유한하지 않은" in found(Finding("input", "오류", None, np.nan, 1.0))
    assert "나누십시오" not in change(Finding("input", "오류", None, np.nan, 1.0))
    assert "평균이 50" in found(Finding("input", "주의", None, 50.0, 0.0))


def test_a_large_output_is_told_by_its_size_or_by_the_loss():
    assert "RMS가 9" in found(Finding("output_scale", "주의", "fc", 9.0, 1.0))
    assert "첫 손실이 30" in found(Finding("output_scale", "주의", "fc", 30.0, 2.3))


def test_text_gives_the_verdict_then_the_findings_then_the_layers():
    findings = [
        Finding("vanishing_forward", "오류", "weights[1]", 1e-5, 1.0),
        Finding("label_order", "참고", None, 1, 0.1),
    ]
    text = str(told(mlp(), findings))
    places = [text.index(part) for part in ("학습이 막힐", "wi_lib, 층 6개", "[오류]", "[참고]", "표준편차  맞는")]
    assert places == sorted(places)
    assert "! weights[1]" in text
    assert "1×10⁻⁵배" in text
    assert "2장" in text


def test_notes_do_not_mark_a_layer():
    assert "!" not in str(told(mlp(), [Finding("dead", "참고", "weights[1]", 0.5, 0.0)]))


def test_lines_fit_a_terminal_of_100_columns():
    report = told(residual(30))
    first, *rest = [row.name for row in report.layers[5:]]
    report.findings[:] = [Finding(code, "오류", first, 1e-5, 1e5, tuple(rest)) for code in WORDS]
    lines = str(report).split("\n")
    assert [line for line in lines if width(line) > 100] == []
    assert len(lines) > 5 * len(WORDS)


def test_long_networks_are_shortened_but_sick_layers_stay():
    report = told(mlp(60), [Finding("dead", "오류", "weights[30]", 1.0, 0.0, ("weights[31]",))])
    shown = re.findall(r"weights\[(\d+)\]  ", str(report))
    assert shown == ["0", "1", "2", "3", "30", "31", "57", "58", "59", "60"]
    assert "… 26줄 줄임" in str(report)


def test_repr_is_one_line():
    report = told(mlp(), [Finding("dead", "오류", "weights[1]", 1.0, 0.0)])
    assert repr(report) == "<Report: wi_lib, 층 6개, 첫 손실 3.53(고르게 답하면 2.3). 찾은 것: dead(weights[1])>"


class Tags(HTMLParser):
    def __init__(self):
        super().__init__()
        self.open, self.seen = [], []

    def handle_starttag(self, tag, attributes):
        self.seen.append((tag, dict(attributes)))
        if tag not in ("br", "img"):
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag


def test_html_is_well_formed_escapes_names_and_leaves_colours_alone():
    net = mlp()
    report = told(net, [Finding("dead", "오류", "<script>&", 1.0, 0.0)])
    object.__setattr__(report.layers[0], "name", "<script>&")
    page = report._repr_html_()
    # 어두운 화면에서도 읽히도록 글자와 바탕의 색은 노트북에 맡깁니다.
    assert not re.search(r"[\s\"](color|background)", page)
    parser = Tags()
    parser.feed(page)
    assert parser.open == []
    assert "<script" not in page
    assert html.escape("<script>&") in page
    [image] = [attributes for tag, attributes in parser.seen if tag == "img"]
    assert image["alt"] == report.figure.alt
    assert image["src"].startswith("data:image/png;base64,")
    assert sum(tag == "tr" for tag, _ in parser.seen) == 1 + len(report.layers)


def test_figure_names_the_sick_layers():
    report = told(mlp(20, "relu", initializers.normal(0.05)), [Finding("dead", "오류", "weights[3]", 1.0, 0.0)])
    assert report.figure.alt.endswith("탈이 난 층: weights[3].")
    assert "층마다(21층) 활성화값의 RMS" in report.figure.alt


def test_figure_shows_zero_and_infinity_without_a_warning():
    net = mlp(3, "relu", "zeros")
    assert told(net).figure._repr_png_()[0].startswith(b"\x89PNG")


def test_diagnose_is_public():
    assert diagnosis.diagnose is diagnose


def test_reports_can_be_kept_in_a_file():
    report = told(mlp())
    assert str(pickle.loads(pickle.dumps(report))) == str(report)
