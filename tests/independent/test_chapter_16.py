"""16장의 주장을 맨 NumPy로, 책과 다른 너비와 시드에서 다시 잽니다: 로짓의 포화, 닮아 가는 토큰, 줄기, 첫 손실, LoRA."""

import numpy as np
import pytest

from tests.independent.plain import rms

SEEDS = (161, 162)
WIDTH, LENGTH, HEADS = 96, 24, 3


def softmax(z):
    e = np.exp(z - z.max(axis=-1, keepdims=True))
    return e / e.sum(axis=-1, keepdims=True)


def standard(x):
    x = x - x.mean(axis=-1, keepdims=True)
    return x / x.std(axis=-1, keepdims=True)


def lecun(rng, fan_in, fan_out):
    return rng.standard_normal((fan_in, fan_out)) / np.sqrt(fan_in)


def small(rng, fan_in, fan_out):
    return 0.02 * rng.standard_normal((fan_in, fan_out))


def double(rng, fan_in, fan_out):
    return 2 * lecun(rng, fan_in, fan_out)


def attend(rng, x, causal=False, draw=lecun):
    """토큰이 행인 x (T, d)에 새로 뽑은 어텐션 하나."""
    query, key, value = (x @ draw(rng, x.shape[1], x.shape[1]) for _ in range(3))
    parts = []
    for q, k, v in zip(*(np.split(part, HEADS, axis=1) for part in (query, key, value)), strict=True):
        z = q @ k.T / np.sqrt(q.shape[1])
        parts.append(softmax(np.where(np.tri(len(x)), z, -np.inf) if causal else z) @ v)
    return np.hstack(parts) @ draw(rng, x.shape[1], x.shape[1])


def mlp(rng, x, draw=lecun):
    hidden = np.maximum(x @ draw(rng, x.shape[1], 4 * x.shape[1]), 0)
    return hidden @ draw(rng, hidden.shape[1], x.shape[1])


def climbed(seed, blocks, kind, causal=False, width=WIDTH, draw=lecun):
    """토큰이 블록을 하나씩 지난 것의 목록."""
    rng = np.random.default_rng(seed)
    found = [rng.standard_normal((LENGTH, width))]
    s = (2 * blocks) ** -0.5 if kind == "1/√(2L)" else 1
    for _ in range(blocks):
        x = found[-1]
        if kind in ("어텐션만", "어텐션과 MLP"):
            x = attend(rng, standard(x), causal, draw)
            x = mlp(rng, standard(x), draw) if "MLP" in kind else x
        elif kind == "사후":
            x = standard(x + attend(rng, x, causal, draw))
            x = standard(x + mlp(rng, x, draw))
        else:
            x = x + s * attend(rng, standard(x), causal)
            x = x + s * mlp(rng, standard(x))
        found.append(x)
    return found


def difference(x):
    """토큰의 평균을 뺀 것의 몫."""
    return rms(x - x.mean(axis=0)) / rms(x)


@pytest.mark.parametrize("seed", SEEDS)
def test_undivided_logits_give_uneven_gradients_not_small_ones(seed):
    """q와 k의 분산이 1일 때. 나누지 않으면 기울기의 중앙값만 사라지고, 질의까지 내려간 기울기는 더 큽니다."""
    found = {}
    for units in (20, 80, 320):
        rng = np.random.default_rng([seed, units])
        q, k, up = (rng.standard_normal(shape) for shape in ((300, units), (300, 40, units), (300, 40)))
        z = np.einsum("nd,ntd->nt", q, k)
        assert z.std() == pytest.approx(np.sqrt(units), rel=0.05)
        for by in (1, np.sqrt(units)):
            p = softmax(z / by)
            dz = p * (up - np.sum(p * up, axis=1, keepdims=True))
            each = np.sqrt(np.mean(dz**2, axis=1))
            found[units, by == 1] = np.median(each), rms(np.einsum("nt,ntd->nd", dz / by, k)), p.max(axis=1).mean()
    assert np.ptp([found[units, False][2] for units in (20, 80, 320)]) < 0.03
    for units, median in ((80, 0.6), (320, 0.1)):
        undivided, divided = found[units, True], found[units, False]
        assert undivided[0] < median * divided[0]
        assert undivided[1] > 5 * divided[1]


@pytest.mark.parametrize("seed", SEEDS)
def test_without_the_stream_tokens_become_alike_and_the_mlp_does_not_help(seed):
    """옆길만 있고 줄기가 없으면 3층에 이미 하나가 됩니다. MLP는 막지 못하고, 앞만 보는 어텐션은 더 느립니다."""
    for kind in ("어텐션만", "어텐션과 MLP"):
        shares = [difference(x) for x in climbed(seed, 3, kind)]
        # 층마다 곱해지는 배율 자체가 작아집니다.
        assert shares[3] / shares[2] < 0.3 * shares[2] / shares[1]
        assert shares[3] < 0.03
    causal = [difference(x) for x in climbed(seed, 3, "어텐션만", causal=True)]
    assert causal[3] > 5 * shares[3]
    kept = [difference(climbed(seed, 12, kind)[-1]) for kind in ("1/√(2L)", "사전", "사후")]
    assert kept == sorted(kept, reverse=True)
    assert kept[0] > 0.85 > 0.7 > kept[1] > 0.35 > 0.15 > kept[2]
    # 사후 정규화도 옆길이 작으면(0.02) 지킵니다.
    assert difference(climbed(seed, 12, "사후", draw=small)[-1]) > 0.9


@pytest.mark.parametrize("seed", SEEDS)
def test_how_fast_tokens_become_alike_depends_on_the_size_only_when_all_are_seen(seed):
    """모두 보면 0.02에서 더 빨리, LeCun의 두 배에서 더 늦게 같아집니다. 앞만 보면 0.02와 LeCun이 거의 같습니다."""
    left = {draw: difference(climbed(seed, 3, "어텐션만", draw=draw)[-1]) for draw in (small, lecun, double)}
    assert left[small] < 1e-6 < 1e-2 * left[double] < left[double]
    assert left[lecun] < 0.1 * left[double]
    assert left[double] > 0.3
    ahead = [difference(climbed(seed, 12, "어텐션만", causal=True, draw=draw)[-1]) for draw in (small, lecun)]
    assert 0.2 < ahead[0] / ahead[1] < 5


def test_what_0_02_does_is_a_share_of_the_width():
    """12블록의 사후 정규화: 너비 48의 0.02는 토큰을 그대로 두지만, 1/√d의 0.55배(GPT-1의 너비 768)에서는 닮습니다."""

    def base(rng, fan_in, fan_out):
        return 0.55 / np.sqrt(48) * rng.standard_normal((fan_in, fan_out))

    left = {draw: difference(climbed(5, 12, "사후", True, 48, draw)[-1]) for draw in (small, base, lecun)}
    assert left[small] > 0.95 > 0.85 > left[base] > 2 * left[lecun]


@pytest.mark.parametrize("blocks", [6, 24])
def test_scaled_writers_keep_the_stream(blocks):
    """사전 정규화의 줄기의 분산은 블록 수에 비례해 커지고, 1/√(2L)을 곱하면 블록 수와 상관없이 2를 넘지 않습니다."""
    plain, scaled = (rms(climbed(7, blocks, kind)[-1]) ** 2 for kind in ("사전", "1/√(2L)"))
    assert 0.7 * blocks < plain < 1.4 * blocks
    assert 1 < scaled < 2


def last_gradient(seed, blocks, post):
    """마지막 블록의 MLP의 둘째 행렬의 기울기의 크기. 맨 위의 정규화가 받는 신호는 같습니다."""
    rng = np.random.default_rng([seed, blocks])
    x = climbed(rng, blocks - 1, "사후" if post else "사전", width=60)[-1]
    x = x + attend(rng, x if post else standard(x))
    x = standard(x) if post else x
    hidden = np.maximum((x if post else standard(x)) @ lecun(rng, 60, 240), 0)
    y, delta = x + hidden @ lecun(rng, 240, 60), rng.standard_normal(x.shape)
    z = standard(y)
    below = delta - delta.mean(axis=1, keepdims=True) - z * (delta * z).mean(axis=1, keepdims=True)
    return rms(hidden.T @ (below / y.std(axis=1, keepdims=True)))


def test_the_last_gradient_shrinks_with_depth_only_in_pre_norm():
    """4블록에서 36블록으로: 사후 정규화는 그대로, 사전 정규화는 줄기가 커진 만큼(1/3배쯤) 작아집니다."""
    for post, low, high in ((True, 0.7, 1.4), (False, 0.2, 0.55)):
        few, many = (np.median([last_gradient(s, n, post) for s in range(5)]) for n in (4, 36))
        assert low < many / few < high


@pytest.mark.parametrize("seed", SEEDS)
def test_first_loss_of_a_matrix_used_at_both_ends(seed):
    """로짓의 분산이 v이면 첫 손실은 ln V + v/2입니다. 표준편차 1이면 v가 너비라 그 식보다도 먼저 한 토큰에 몰립니다."""
    rng, vocabulary = np.random.default_rng(seed), 700
    for std, times in ((0.02, 1), (0.12, 1), (1.0, 3)):
        table, h = std * rng.standard_normal((vocabulary, WIDTH)), rng.standard_normal((400, WIDTH))
        found = -np.mean(np.log(np.maximum(softmax(h @ table.T), 1e-300)))
        if times == 1:
            assert found == pytest.approx(np.log(vocabulary) + WIDTH * std**2 / 2, rel=0.01)
        else:
            assert found > times * np.log(vocabulary)


@pytest.mark.parametrize("seed", SEEDS)
def test_first_loss_of_a_large_tied_embedding_is_its_own_product(seed):
    """임베딩이 1일 때의 45는 너비 64, 위치도 1의 것입니다. 위치가 작으면 64, 무관한 난수 로짓이면 20에 그칩니다."""
    rng, losses = np.random.default_rng(seed), {}
    for width, place in ((64, 1), (64, 0.02), (16, 1), (256, 1)):
        table = rng.standard_normal((73, width))
        x, y = rng.integers(73, size=(2, 600))
        h = standard(table[x] + place * rng.standard_normal((600, width)))
        p = softmax(h @ table.T)[np.arange(600), y]
        losses[width, place] = -np.mean(np.log(np.maximum(p, 1e-300)))
    assert 40 < losses[64, 1] < 50 < 58 < losses[64, 0.02] < 68
    assert losses[16, 1] < 16
    assert losses[256, 1] > 150
    unrelated = softmax(8 * rng.standard_normal((4000, 73)))[:, 0]
    assert -np.mean(np.log(unrelated)) == pytest.approx(19.5, abs=0.7)


def test_a_logit_of_1_6_is_still_spread():
    """확인 문제 1: 토큰 64개의 엔트로피는 4.1(0.41)에서 3.0(1.64)이 됩니다. 한두 토큰에 쏠린 것은 아닙니다."""
    z = np.random.default_rng(3).standard_normal((2000, 64))
    found = [softmax(s * z) for s in (0.41, 1.64)]
    assert [-np.mean(np.sum(p * np.log(p), axis=1)) for p in found] == pytest.approx([4.08, 3.02], abs=0.03)
    assert found[1].max(axis=1).mean() < 0.3


@pytest.mark.parametrize("seed", SEEDS)
def test_the_zero_of_lora_moves_one_then_both(seed):
    """B = 0이면 함수는 그대로이고 첫걸음에 B만, 그다음에 둘 다 움직입니다. 둘 다 0이면 아무것도 움직이지 않습니다."""
    rng = np.random.default_rng(seed)
    x, target = rng.standard_normal((50, 30)), rng.standard_normal((50, 9))
    W = lecun(rng, 30, 9)
    for drawn in (True, False):
        A, B, losses = drawn * lecun(rng, 30, 4), np.zeros((4, 9)), []
        for step in range(20):
            error = (x @ (W + A @ B) - target) / len(x)
            losses.append(np.sum((error * len(x)) ** 2))
            dA, dB = x.T @ error @ B.T, (x @ A).T @ error
            assert (dA.any(), dB.any()) == (drawn and step > 0, drawn)
            A, B = A - 0.1 * dA, B - 0.1 * dB
        assert losses[0] == pytest.approx(np.sum((x @ W - target) ** 2), rel=1e-12)
        assert (losses[-1] < 0.95 * losses[0]) == drawn
