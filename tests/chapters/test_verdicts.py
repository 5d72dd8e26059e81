"""판정 모음: 쪽의 수는 저장한 결과 그대로이고, 판정의 문장은 그 수가 말하는 것입니다."""

import numpy as np
import pytest

from tests.chapters.trained import overlap
from tools import verdicts
from wi_lib import mean_interval


def found(data):
    """줄의 글 → (SGD의 시드마다, Adam의 시드마다) 시험 정확도."""
    table = next(table for table in verdicts.TABLES if table.data == data)
    return {
        r.text: tuple(place and verdicts.at_chosen_rate(data, *place) for place in (r.sgd, r.adam)) for r in table.rows
    }


def told_apart(more, less):
    """같은 시드끼리 뺀 차이의 95 % 구간: 0보다 위이면 1, 아래이면 −1, 0을 품으면 0."""
    mean, half = mean_interval(more - less)
    return np.sign(mean) * (abs(mean) > half)


def test_page_is_what_the_results_say():
    """결과나 표를 바꾸었으면 python -m tools.verdicts로 다시 씁니다."""
    assert verdicts.PAGE.read_text(encoding="utf-8") == verdicts.page()


@pytest.mark.parametrize("table", verdicts.TABLES, ids=lambda table: table.data)
def test_every_cell_has_five_seeds(table):
    places = [place for row in table.rows for place in (row.sgd, row.adam) if place]
    assert all(verdicts.at_chosen_rate(table.data, *place).shape[-1] >= 5 for place in places)


def test_symmetry():
    rows = found("symmetry")
    assert all(r.max() < 0.5 for r in rows["상수 0.05"])
    assert all(r.min() > 0.8 for text, pair in rows.items() if "상수 0.05에" in text for r in pair)
    sgd, adam = rows["상수 0에 표준편차 0.001인 난수"]
    assert sgd.max() < 0.12 < 0.8 < adam.min()
    assert all(told_apart(rows["He"][1], pair[1]) > 0 for text, pair in rows.items() if "상수 0.05에" in text)


def test_sigmoid():
    rows = found("sigmoid_std")
    assert all(r.min() > 0.8 for r in rows["표준편차 1"])
    for text in ("표준편차 0.01", "표준편차 0.1(1/√n)"):
        sgd, adam = rows[text]
        assert sgd.max() < 0.15 < adam.min()
    rows = found("sigmoid_tanh")
    sgd, adam = rows["sigmoid 5층, Xavier"]
    assert sgd.max() < 0.12 < 0.6 < adam.min()
    for i in (0, 1):
        one, more, edge = (
            rows[f"tanh 5층, {text}"][i] for text in ("gain 1", "gain 5/3", "편향이 있는 혼돈의 가장자리")
        )
        assert not any(told_apart(*pair) for pair in ((one, more), (one, edge), (more, edge)))


def test_deep_relu():
    rows = found("relu_depth")
    sgd, adam = rows["30층, Xavier(1/n)"]
    assert sgd.max() < 0.12
    assert adam.min() < 0.2 < 0.5 < adam.max()
    assert all(r.max() < 0.12 for r in rows["30층, 표준편차 0.01"])
    lecun, he = verdicts.stored("relu_depth")["more_accuracy"]
    assert told_apart(he, lecun) > 0
    assert round(100 * np.mean(he - lecun)) == 27
    assert not any(told_apart(rows["5층, He"][i], rows["5층, Xavier(1/n)"][i]) for i in (0, 1))


def test_mnist():
    rows = found("mnist_comparison")
    sgd, adam = rows["ReLU, 표준편차 0.01"]
    assert sgd.max() < 0.12 < 0.95 < adam.min()
    assert not any(told_apart(rows["ReLU, He"][i], rows["ReLU, LeCun"][i]) for i in (0, 1))
    assert [told_apart(rows["tanh, He"][i], rows["tanh, LeCun"][i]) for i in (0, 1)] == [1, 0]


def test_matching():
    rows = found("matching")
    columns = {}
    for text, pair in rows.items():
        columns.setdefault(text.split(", ")[0], {})[text.split(", ")[1]] = pair
    alone = []
    for f, column in columns.items():
        first = max(column, key=lambda init: column[init][0].mean())
        tied = [init for init, (sgd, _) in column.items() if overlap(sgd, column[first][0])]
        alone += [(f, first)] * (tied == [first])
    assert alone == [("sigmoid", "4 × Glorot")]
    assert all(adam.mean() - sgd.mean() > 0.25 for sgd, adam in (c["표준편차 0.01"] for c in columns.values()))
    assert all(c["LeCun"][1].min() > c["표준편차 1"][1].max() for c in columns.values())


def test_families_and_frameworks():
    rows = found("orthogonal_depth")
    for i in (0, 1):
        softmax = rows["은닉층 없음(소프트맥스)"][i]
        assert all(pair[i].min() <= softmax.max() for text, pair in rows.items() if "은닉층 없음" not in text)
        assert rows["tanh, 직교, 은닉층을 얼림"][i].mean() > rows["tanh, 정규분포"][i].mean() + 0.03
    rows = found("framework_defaults")
    assert rows["10층, PyTorch"][0].max() < 0.12
    assert rows["10층, PyTorch"][1].mean() < rows["10층, He"][1].mean() - 0.1
    assert np.isfinite(rows["10층, He"][0]).all()


def test_pretraining():
    rows = found("pretraining")
    for i in (0, 1):
        gains = [
            (rows[f"레이블 {n}장, DBN"][i] - rows[f"레이블 {n}장, He(ReLU)"][i]) for n in ("100", "1,000", "5,000")
        ]
        means = [gain.mean() for gain in gains]
        assert means[0] > 0.05 > means[1] > 0 > means[2]
    # SGD의 5,000장은 시드마다 부호가 갈리고, Adam에서는 다섯 시드 모두 He가 앞섭니다.
    sgd, adam = (rows["레이블 5,000장, DBN"][i] - rows["레이블 5,000장, He(ReLU)"][i] for i in (0, 1))
    assert sgd.min() < 0 < sgd.max()
    assert adam.max() < 0


def test_depth():
    rows = found("depth_limit")
    order, edge, chaos = (rows[f"40층 600걸음, {text}"] for text in ("질서(σ_w² = 1)", "경계(1.76)", "혼돈(4)"))
    assert order[0].max() < chaos[0].min()
    assert chaos[1].mean() < order[1].mean() < edge[1].mean()
    for i in (0, 1):
        assert rows["100층 600걸음, 직교"][i].min() > rows["100층 600걸음, 정규분포(LeCun)"][i].max()


def test_optimizers():
    rows = found("optimizers")
    assert rows["ReLU 30층, 0.01, ε = 10⁻¹⁵⁰"][1].max() < 0.2 < rows["ReLU 30층, He, ε = 10⁻¹⁵⁰"][1].min()


def test_width():
    rows = found("width_rates")
    for i in (0, 1):
        for text in ("tanh, {}, 너비 1,024", "tanh, {}, 너비 4,096"):
            assert overlap(rows[text.format("표준")][i], rows[text.format("μP")][i])
    # ReLU의 SGD에서는 표준이 μP보다 낫습니다.
    assert rows["ReLU, 표준, 너비 1,024"][0].mean() > rows["ReLU, μP, 너비 1,024"][0].mean() + 0.01


def test_attention():
    rows = found("attention")
    for small, lecun in zip(rows["4블록, 0.02"], rows["4블록, LeCun"]):
        assert overlap(small, lecun)
    stuck = [*rows["12블록, 사후 정규화, LeCun"], rows["12블록, 사후 정규화, LeCun, 예열"][1]]
    assert max(r.max() for r in stuck) < 0.15
    plain, warm = rows["12블록, 사후 정규화, 0.02"][1], rows["12블록, 사후 정규화, 0.02, 예열"][1]
    assert min(rows["12블록, 사후 정규화, 0.02"][0].min(), plain.min()) > 0.25
    assert warm.mean() > plain.mean()


def test_first_batch():
    rows = found("first_batch")
    for i in (0, 1):
        first = {text: pair[i].mean() for text, pair in rows.items() if "(2.30)" in text or "(2.31)" in text}
        assert [text for text, value in first.items() if value > 0.8] == ["출력층 0(2.30)", "4층을 20분의 1로(2.31)"]
        assert overlap(rows["출력층 10배(12)"][i], rows["건강한 망(2.57)"][i])
        assert rows["건강한 망, 뒤섞은 레이블"][i].mean() < 0.15
        assert rows["건강한 망, 학습 자료 60장"][i].mean() < 0.7
