"""16장의 주장. 어텐션의 신호는 다른 시드로 다시 재고, 저장된 학습은 일부를 다시 돌립니다."""

import functools
import json
from pathlib import Path

import numpy as np
import pytest

import wi_lib
from wi_lib import at_best_rate, datasets, layers, optimizers, signals, texts
from wi_lib.initializers import normal

ROOT = Path(__file__).parents[2]
ABOUT = json.loads((ROOT / "chapters/data/attention.json").read_text(encoding="utf-8"))
with np.load(ROOT / "chapters/data/attention.npz") as stored:
    RESULTS = dict(stored)
RATES = ABOUT["learning_rate"]
SEEDS = 11, 12, 13
constitution = functools.cache(functools.partial(texts.load_constitution, 32))


def softmax(z):
    p = np.exp(z - z.max(axis=-1, keepdims=True))
    return p / p.sum(axis=-1, keepdims=True)


def entropy(p):
    return -(p * np.log(np.maximum(p, 1e-300))).sum(axis=-1).mean()


@functools.cache
def attend(d, divided, seed):
    """(확률, 로짓의 기울기, 질의의 기울기)."""
    rng = np.random.default_rng(seed)
    q, k, up = (rng.standard_normal((20, 64, n)) for n in (d, d, 64))
    scale = d**-0.5 if divided else 1
    p = softmax(scale * q @ k.swapaxes(1, 2))
    dz = p * (up - (p * up).sum(axis=-1, keepdims=True))
    return p, dz, scale * dz @ k


@pytest.mark.parametrize("seed", SEEDS)
def test_division_keeps_the_softmax_whatever_the_width(seed):
    """나누면 d와 상관없이 가장 큰 확률 0.1, 엔트로피 3.7이고, 나누지 않으면 d = 64에서 0.78과 0.6입니다."""
    for d in (16, 64, 256):
        p = attend(d, True, seed)[0]
        assert p.max(axis=-1).mean() == pytest.approx(0.107, abs=0.01)
        assert entropy(p) == pytest.approx(3.69, abs=0.02)
    p = attend(64, False, seed)[0]
    assert p.max(axis=-1).mean() == pytest.approx(0.78, abs=0.03)
    assert entropy(p) == pytest.approx(0.6, abs=0.05)


@pytest.mark.parametrize("seed", SEEDS)
def test_undivided_gradients_are_uneven_not_small(seed):
    """로짓의 기울기는 RMS로 줄지 않고 중앙값은 d = 256에서 10분의 1이 안 됩니다. 질의의 기울기는 열 배가 넘습니다."""
    for d in (16, 64, 256):
        (_, dz, dq), (_, dz_divided, dq_divided) = attend(d, False, seed), attend(d, True, seed)
        assert signals.rms(dz) > 0.95 * signals.rms(dz_divided)
        assert signals.rms(dq) / signals.rms(dq_divided) > (5 if d == 16 else 10)
    (_, dz, dq), (_, dz_divided, dq_divided) = attend(64, False, seed), attend(64, True, seed)
    assert [signals.rms(g) for g in (dq_divided, dq)] == pytest.approx([0.023, 0.27], rel=0.12)
    assert [signals.rms(g) for g in (dz_divided, dz)] == pytest.approx([0.023, 0.034], rel=0.12)
    middle, middle_divided = (
        np.median(np.sqrt((attend(256, divided, seed)[1] ** 2).mean(axis=-1))) for divided in (False, True)
    )
    assert middle < 0.1 * middle_divided


def test_the_layer_agrees():
    """wi_lib의 어텐션에서도 나누지 않은 W_Q의 기울기가 여덟 배보다 큽니다(머리 하나, d = 64)."""
    found = []
    for scale in (1.0, None):
        net = wi_lib.Network(
            [layers.Attention(1, "lecun_normal", causal=False, scale=scale)], (64, 64), rng=np.random.default_rng(1)
        )
        x = np.random.default_rng(2).standard_normal((10, 64, 64))
        found.append(signals.rms(wi_lib.observe(net, x, rng=np.random.default_rng(3)).weight_gradients[0]))
    assert found[0] > 8 * found[1]


def test_size_of_the_logits():
    """로짓의 표준편차는 dσ²이고 머리의 수와 상관없습니다. 묶어 뽑은 Xavier는 절반입니다."""
    x = np.random.default_rng(1).standard_normal((4, 32, 256))
    for heads in (1, 8):
        layer = layers.Attention(heads, normal(0.04), causal=False)
        wi_lib.Network([layer], (32, 256), rng=np.random.default_rng(2))
        built = wi_lib.Network([layer], (32, 256), rng=np.random.default_rng(2)).layers[0]
        z = np.log(built.probabilities(x))
        z -= z.mean(axis=-1, keepdims=True)
        assert signals.rms(z) == pytest.approx(256 * 0.04**2, rel=0.05)
    stds = [
        wi_lib.Network([layers.Attention(4, packed=packed)], (8, 512), rng=np.random.default_rng(3)).weights[0].std()
        for packed in (False, True)
    ]
    assert stds == pytest.approx([0.0442, 0.0312], rel=0.01)


def parts(d, std, causal):
    def dense(units, fan_in):
        return layers.Dense(units, normal(std or fan_in**-0.5))

    attention = [layers.Attention(4, normal(std or d**-0.5), causal=causal)]
    return attention, [dense(4 * d, d), layers.Activate("relu"), dense(d, 4 * d)]


def block(kind, d, depth, std=None, causal=True):
    (attention, mlp), norm = parts(d, std, causal), layers.LayerNorm()
    if kind == "attention":
        return [norm, *attention]
    if kind == "mlp":
        return [norm, *attention, norm, *mlp]
    if kind == "post":
        return [layers.Residual(attention), norm, layers.Residual(mlp), norm]
    scale = (2 * depth) ** -0.5 if kind == "root" else 1
    return [layers.Residual([norm, *branch], scale=scale) for branch in (attention, mlp)]


def tokens(kind, std=None, causal=True, seed=11, d=64):
    rng, body = np.random.default_rng(seed), block(kind, d, 12, std, causal)
    net = wi_lib.Network(body * 12, (32, d), rng=rng, dtype=np.float64)
    x, found = rng.standard_normal((2, 32, d)), []
    for i, layer in enumerate(net.layers):
        if i % len(body) == 0:
            found.append(x)
        x, _ = layer.forward(x, training=False)
    return [*found, x]


def apart(x):
    return signals.rms(x - x.mean(axis=1, keepdims=True)) / signals.rms(x)


def alike(x):
    u, length = x / np.linalg.norm(x, axis=-1, keepdims=True), x.shape[1]
    return ((u.sum(axis=1) ** 2).sum(axis=-1).mean() / length - 1) / (length - 1)


@pytest.mark.parametrize("seed", SEEDS)
def test_attention_alone_collapses_doubly_exponentially(seed):
    """모두 보면 MLP가 있어도 다섯 층 안에 같아지고, 둘째 층부터 세제곱쯤으로 줍니다. 앞만 보면 훨씬 느립니다."""
    left = [apart(x) for x in tokens("attention", causal=False, seed=seed)]
    assert left[1] > 0.7
    assert left[4] < 1e-5
    assert left[5] < 1e-14
    assert 2 < np.log(left[4]) / np.log(left[3]) < 4
    assert apart(tokens("mlp", causal=False, seed=seed)[5]) < 1e-12
    for kind in ("attention", "mlp"):
        found = tokens(kind, seed=seed)
        assert apart(found[5]) > 0.02
        assert apart(found[12]) < 0.012


@pytest.mark.parametrize("seed", SEEDS)
def test_what_keeps_tokens_apart(seed):
    """LeCun의 코사인: 사전 0.65, 1/√(2L) 0.08, 사후 0.99. 0.02이면 줄기가 있는 셋이 모두 0.02 아래입니다."""
    pre, root, post = (alike(tokens(kind, seed=seed)[12]) for kind in ("pre", "root", "post"))
    assert 0.5 < pre < 0.8
    assert root < 0.15
    assert post > 0.97
    assert alike(tokens("attention", seed=seed)[12]) > 0.999
    assert max(alike(tokens(kind, std=0.02, seed=seed)[12]) for kind in ("pre", "root", "post")) < 0.02
    few = [apart(tokens("attention", std=std, causal=False, seed=seed)[2]) for std in (None, 0.02)]
    assert few[1] < few[0] * 1e-3


def test_tokens_at_the_size_of_gpt1():
    """너비 768의 사후 정규화 12블록에서 코사인은 0.02이면 0.5 안팎, LeCun이면 0.99입니다."""
    found = []
    for std in (0.02, None):
        rng = np.random.default_rng(11)
        x = rng.standard_normal((1, 32, 768))
        for _ in range(12):
            x = wi_lib.Network(block("post", 768, 12, std), (32, 768), rng=rng).forward(x)
        found.append(alike(x))
    assert 0.35 < found[0] < 0.75 < 0.97 < found[1]


def test_numbers_of_the_width_table():
    """0.02는 너비 2,500에서 1/√d, 1,000에서 √(2/5d). MLP 옆길의 분산은 2(dσ²)²입니다."""
    stds = [2500**-0.5, (0.4 / 1000) ** 0.5]
    assert stds == pytest.approx([0.02, 0.02])
    rng = np.random.default_rng(1)
    for d in (64, 256):
        x = rng.standard_normal((2000, d))
        hidden = np.maximum(x @ normal(0.02)((d, 4 * d), rng=rng), 0)
        assert (hidden @ normal(0.02)((4 * d, d), rng=rng)).var() == pytest.approx(2 * (d * 0.0004) ** 2, rel=0.1)


def gpt(kind="root", std=None, embedding=None, d=64, depth=4, seed=11):
    first = normal(embedding or std or d**-0.5)
    top = [] if kind == "post" else [layers.LayerNorm()]
    inside = [layers.Position(first), *block(kind, d, depth, std) * depth, *top]
    tied = layers.Tied(layers.Embedding(len(texts.symbols()), d, first), inside)
    return wi_lib.Network([tied], (32,), rng=np.random.default_rng(seed))


@pytest.mark.parametrize("seed", SEEDS)
def test_first_loss_of_a_tied_output(seed):
    """0.02이면 ln 73쯤, LeCun이면 5쯤, 임베딩이 1이면 45쯤이고 방금 본 자모의 로짓이 가장 큽니다."""
    x, y = constitution().x_train[:64], constitution().y_train[:64]
    assert gpt(std=0.02, seed=seed).loss(x, y) == pytest.approx(np.log(73), abs=0.05)
    assert 4.6 < gpt(seed=seed).loss(x, y) < 5.4
    net = gpt(std=0.02, embedding=1.0, seed=seed)
    assert 30 < net.loss(x, y) < 65
    assert (net.forward(x).argmax(axis=-1) == x).mean() > 0.99
    assert 8 < net.forward(x).std() < 12


def test_last_gradients_of_post_norm():
    """LeCun에서는 사후 정규화의 마지막 기울기가 사전의 두 배가 넘고, 0.02에서는 첫 블록과 같으며 백 배쯤 작습니다."""
    x, y = constitution().x_train[:64], constitution().y_train[:64]

    def ends(kind, std):
        found = [
            [signals.rms(g) for g in gpt(kind, std, d=32, depth=12, seed=s).gradients(x, y).weights[7::6]]
            for s in SEEDS
        ]
        return np.median(found, axis=0)[[0, -1]]

    pre, post, small = ends("pre", None), ends("post", None), ends("post", 0.02)
    base = ends("post", 0.097)
    assert base[1] / ends("pre", 0.097)[1] < min(2, 0.7 * post[1] / pre[1])
    assert base[1] > 5 * small[1]
    assert pre[0] > 2 * pre[1]
    assert post[1] > 2 * pre[1]
    assert small[0] == pytest.approx(small[1], rel=0.4)
    assert small[1] < post[1] / 50


def after_five_steps(kind, x, y, seed, warm=1):
    """0.02로 시작한 너비 32, 12블록이 Adam 0.003으로 다섯 걸음 간 뒤, 마지막 토큰의 코사인."""
    net, rng = gpt(kind, 0.02, d=32, depth=12, seed=seed), np.random.default_rng(seed)
    move = optimizers.Adam().start(net.parameters, 0.003)
    for step in range(1, 6):
        i, old = rng.integers(len(x), size=8), [w.copy() for w in net.parameters]
        g = net.gradients(x[i], y[i])
        move([*g.weights, *g.biases])
        for w, before in zip(net.parameters, old):
            w -= (1 - min(1, step / warm)) * (w - before)
    tied = net.layers[0]
    return alike(tied.chain.forward(tied.embedding.forward(x[:16], False)[0], False)[0])


@pytest.mark.parametrize("seed", SEEDS)
def test_adam_makes_tokens_alike_in_five_steps(seed):
    """예열 없이 코사인 0.97을 넘고, 예열을 넣으면 0.3이 안 됩니다."""
    x, y = constitution().x_train, constitution().y_train
    assert after_five_steps("post", x, y, seed) > 0.97
    assert after_five_steps("post", x, y, seed, warm=100) < 0.3


def test_what_makes_them_alike_is_the_proportion_of_the_letters():
    """다음 자모를 뒤섞어 비율만 남겨도 닮고, 비율이 고른 과제(자모 바꾸기)에서는 아닙니다. 사전 정규화도 닮습니다."""
    rng, data = np.random.default_rng(11), constitution()
    shuffled = rng.permutation(data.y_train.ravel()).reshape(data.y_train.shape)
    assert after_five_steps("post", data.x_train, shuffled, 11) > 0.97
    even, other = rng.integers(73, size=data.x_train.shape), rng.permutation(73)
    assert after_five_steps("post", even, other[even], 11) < 0.3
    assert after_five_steps("pre", data.x_train, data.y_train, 11) > 0.97


def test_seeds_that_learn_pass_through_the_collapse_too():
    """예열 없이 0.003에서 배운 시드도 열 걸음에는 마지막 토큰이 모두 같습니다."""
    from experiments import attention

    losses = RESULTS["post_small_adam_test_loss"][RATES["post_small_adam"].index(0.003)]
    x, data = constitution().x_train[:16], constitution().hold_out(attention.VALIDATION)
    for seed in np.flatnonzero(losses < 3):
        net = attention.build(np.random.default_rng([seed, 0]), **attention.CELLS["post_small"][0])
        batches = np.random.default_rng([seed, 1]).integers(len(data.x_train), size=(attention.ITERATIONS, 8))[:10]
        move = optimizers.Adam().start(net.parameters, 0.003)
        for i in batches:
            g = net.gradients(data.x_train[i], data.y_train[i])
            move([*g.weights, *g.biases])
        tied = net.layers[0]
        assert alike(tied.chain.forward(tied.embedding.forward(x, False)[0], False)[0]) > 0.99


def test_entropies_of_the_text():
    """시험 자료에서 비율만 알면 3.44, 앞 자모 하나를 알면 2.08 nat입니다."""
    data, size = constitution(), len(texts.symbols())
    counts = np.full((size, size), 0.01)
    np.add.at(counts, (data.x_train, data.y_train), 1)
    alone, pairs = counts.sum(axis=0) / counts.sum(), counts / counts.sum(axis=1, keepdims=True)
    found = -np.log(alone[data.y_test]).mean(), -np.log(pairs[data.x_test, data.y_test]).mean()
    assert found == pytest.approx((3.44, 2.08), abs=0.006)
    assert size == 73


def chosen(key):
    """검증 자료로 고른 (학습률, 시드마다의 시험 손실)."""
    best, losses = at_best_rate(RESULTS[f"{key}_validation"], RESULTS[f"{key}_test_loss"])
    return RATES[key][int(best)], losses


def test_no_best_rate_lies_at_the_edge():
    for cell, plan in ABOUT["cells"].items():
        for optimizer in plan["optimizers"]:
            validation = RESULTS[f"{cell}_{optimizer}_validation"]
            assert validation.shape[-1] == len(ABOUT["seeds"]) == 5
            if cell not in ("post", "post_long"):
                scores = np.nan_to_num(validation.mean(axis=-1), nan=-1)
                assert scores.max() < 0.2 or 0 < scores.argmax() < len(scores) - 1, (cell, optimizer)


@pytest.mark.parametrize("optimizer", ["sgd", "adam"])
def test_smaller_and_larger_than_both_are_worse(optimizer):
    """0.02와 LeCun은 학습률이 같습니다. 0.002와 0.5, 임베딩만 1은 두 최적화기에서 모두 나쁩니다."""
    (small_rate, small), (lecun_rate, lecun) = chosen(f"small_{optimizer}"), chosen(f"lecun_{optimizer}")
    assert small_rate == lecun_rate == {"sgd": 0.1, "adam": 0.003}[optimizer]
    for cell in ("tiny", "large", "embedding"):
        assert chosen(f"{cell}_{optimizer}")[1].min() > max(small.max(), lecun.max())
    undivided = chosen(f"undivided_{optimizer}")[1]
    assert undivided.mean() > lecun.mean() + 0.05
    if optimizer == "adam":
        assert undivided.min() > lecun.max()
        assert undivided.max() < 2.35
    # 0.5는 앞 자모 하나(2.08)보다 훨씬 나쁩니다.
    assert chosen(f"large_{optimizer}")[1].min() > 2.3


def test_large_hardly_learns_with_sgd():
    assert 2.8 < chosen("large_sgd")[1].min() < chosen("large_sgd")[1].max() < 3.44


def test_what_saves_deep_post_norm():
    """LeCun은 예열을 넣어도 3.3 아래로 가지 못하고, 몫을 줄이거나 0.02로 시작하면 배웁니다."""
    for key in ("post_sgd", "post_adam", "post_warm"):
        assert np.nanmin(RESULTS[f"{key}_test_loss"]) > 3.3
        assert len(RATES[key]) == 3
    for key in ("post_scaled_adam", "post_small_adam", "post_small_sgd", "pre_adam"):
        assert chosen(key)[1].max() < 2.4


def test_large_branches_are_slow_not_hopeless():
    """LeCun의 사후 정규화도 학습률 0.0003으로 1,000걸음이면 예열이 있든 없든 모든 시드가 배웁니다."""
    for optimizer in ("adam", "warm"):
        losses = RESULTS[f"post_long_{optimizer}_test_loss"]
        assert RATES[f"post_long_{optimizer}"] == [0.0003]
        assert losses.shape == (1, 5)
        assert losses.max() < 2.5
    assert ABOUT["long_iterations"] == 1000


def test_the_share_of_gpt1_learns_too():
    """GPT-1의 너비 768에서 0.02는 1/√d의 0.55배입니다. 같은 배율의 사후 정규화와 0.02의 사전 정규화도 배웁니다."""
    assert ABOUT["cells"]["post_base"]["std"] * 32**0.5 == pytest.approx(0.02 * 768**0.5, rel=0.01)
    for key in ("post_base_adam", "pre_small_adam"):
        assert chosen(key)[1].max() < 2.35


def test_the_small_embedding_is_what_hurts():
    assert chosen("tiny_embedding_adam")[1].mean() < chosen("tiny_adam")[1].mean() - 0.1


def test_warmup_allows_a_larger_rate_when_the_branch_is_small():
    plain, warm = chosen("post_small_adam"), chosen("post_small_warm")
    assert (plain[0], warm[0]) == (0.001, 0.003)
    assert warm[1].max() < plain[1].min()
    at = [RESULTS[f"post_small_{key}_test_loss"][RATES[f"post_small_{key}"].index(0.003)] for key in ("adam", "warm")]
    assert [(losses < 3).sum() for losses in at] == [3, 5]
    largest = RESULTS["post_small_warm_test_loss"][RATES["post_small_warm"].index(0.01)]
    assert largest.min() > 3.4


def test_stored_results_are_rederived():
    from experiments import attention

    result = attention.run("small", "adam", 0.003, 0)
    at = RATES["small_adam"].index(0.003), 0
    for name in ("validation", "accuracy", "test_loss"):
        assert result[name] == pytest.approx(RESULTS[f"small_adam_{name}"][at], abs=0.03)


def lora(x, labels, base, a, b):
    p = softmax(base.forward(x) + x @ a @ b)
    delta = (p - np.eye(10)[labels]) / len(x)
    return -np.log(p[np.arange(len(x)), labels]).mean(), x.T @ delta @ b.T, a.T @ x.T @ delta


def test_loras_zero():
    """하나만 0이면 처음의 함수가 그대로이고 0인 쪽만 움직여 배웁니다. 둘 다 0이면 아무것도 움직이지 않습니다."""
    data, rng = datasets.load_digits(), np.random.default_rng(11)
    base = wi_lib.MLP([64, 10], initializer="zeros", rng=rng)
    wi_lib.train(base, data, learning_rate=0.5, batch_size=50, iterations=1000, rng=rng)
    images, labels = data.x_train, data.y_train
    flipped = images.reshape(-1, 8, 8)[:, :, ::-1].reshape(-1, 64)
    first, last = rng.standard_normal((64, 4)) / 8, rng.standard_normal((4, 10)) / 2
    kept, moved, losses = {}, {}, {}
    for name, a, b in (
        ("B", first, 0 * last),
        ("A", 0 * first, last),
        ("both", 0 * first, 0 * last),
        ("", first, last),
    ):
        kept[name] = lora(images, labels, base, a, b)[0]
        _, da, db = lora(flipped, labels, base, a, b)
        moved[name] = da.any(), db.any()
        for _ in range(300):
            losses[name], ga, gb = lora(flipped, labels, base, a, b)
            a, b = a - 0.5 * ga, b - 0.5 * gb
    assert moved == {"B": (False, True), "A": (True, False), "both": (False, False), "": (True, True)}
    plain = base.loss(images, labels)
    assert [kept[name] for name in ("A", "B", "both")] == pytest.approx([plain] * 3)
    assert abs(kept[""] - plain) > 1e-3
    assert losses["both"] > 2
    assert max(losses[name] for name in ("A", "B", "")) < 0.3


def test_questions():
    """1번 문제: 너비 1,024에서 dσ²은 0.41이고 4,096이면 1.6입니다. 3번: W − AB + AB에서는 둘 다 움직입니다."""
    assert [d * 0.02**2 for d in (1024, 4096)] == pytest.approx([0.41, 1.64], abs=0.005)
