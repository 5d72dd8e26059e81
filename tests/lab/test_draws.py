"""엔진의 난수와 초기화가 NumPy, wi_lib과 비트까지 같은지."""

import numpy as np
import pytest

from wi_lib.lab import setting

from . import node

# 32비트 낱말 하나, 둘, 풀(네 낱말)보다 긴 시드까지.
SEEDS = [0, 1, 42, 123456789, 2**32 - 1, 2**32, 2**53 - 1, 2**64 + 5, 2**130 + 17, 2**200 + 3]
COUNT = 50_001  # 홀수여서 64비트의 위쪽 절반이 남아 다음 호출로 넘어갑니다.

# (엔진의 호출, NumPy의 호출, 결과의 자료형)
CALLS = [
    (["standardNormal", COUNT, "float32"], lambda rng: rng.standard_normal(COUNT, dtype=np.float32), "f4"),
    (["integers", 1500, 333], lambda rng: rng.integers(1500, size=333).astype(np.uint32), "u4"),
    (["random", 101, "float64"], lambda rng: rng.random(101), "f8"),
    (["random", 77, "float32"], lambda rng: rng.random(77, dtype=np.float32), "f4"),
    (["integers", 3_000_000_000, 50], lambda rng: rng.integers(3_000_000_000, size=50).astype(np.uint32), "u4"),
    (["integers", 1, 3], lambda rng: rng.integers(1, size=3).astype(np.uint32), "u4"),
    (["random", 5, "float32"], lambda rng: rng.random(5, dtype=np.float32), "f4"),
]
MADE = [
    *setting.NAMED,
    *("constant(0.3)", "normal(1)", "normal(0)", "normal(1000000)", "uniform(0.3)", "truncated_normal(0.7)"),
    *('variance_scaling(0.7, "fan_out", "uniform")', 'variance_scaling(2, "fan_avg", "truncated_normal")'),
    *("orthogonal(1.5)", "identity(0.5)", "sparse(3, 0.5)", "sparse_fraction(0.5, 2)"),
]
TAIL = 3.654
SHAPES = [(64, 50), (50, 50), (7, 256), (785, 3), (1, 1), (2, 9)]


@pytest.fixture(scope="module")
def drawn(tmp_path_factory):
    calls = [call for call, _, _ in CALLS]
    jobs = [{"seed": str(seed), "calls": calls} for seed in SEEDS]
    reader = node.run(tmp_path_factory.mktemp("draws"), draws=jobs)
    return {
        seed: [reader.take(dtype, call(np.random.default_rng(0)).size) for _, call, dtype in CALLS] for seed in SEEDS
    }


@pytest.mark.parametrize("seed", SEEDS)
def test_the_same_seed_draws_the_same_bits(drawn, seed):
    rng = np.random.default_rng(seed)
    for got, (_, call, _) in zip(drawn[seed], CALLS):
        expected = call(rng)
        # 지구라트의 꼬리에서만 운영 체제의 log1pf를 부르므로, 그 마지막 비트는 기계마다 다를 수 있습니다.
        tail = np.abs(expected.astype(float)) > TAIL if expected.dtype == np.float32 else np.zeros(expected.shape, bool)
        np.testing.assert_array_equal(got[~tail].view("u1"), expected[~tail].view("u1"))
        np.testing.assert_array_max_ulp(got[tail].astype("f4"), expected[tail].astype("f4"))


def test_float64_normals_agree_to_thirteen_digits(tmp_path):
    # 지구라트의 표를 float64로 셈하므로, NumPy에 적힌 표와 마지막 몇 비트가 다릅니다.
    reader = node.run(tmp_path, draws=[{"seed": "3", "calls": [["standardNormal", COUNT, "float64"]]}])
    np.testing.assert_allclose(reader.take("f8", COUNT), np.random.default_rng(3).standard_normal(COUNT), rtol=1e-13)


@pytest.mark.parametrize("name", MADE)
def test_initializers_draw_the_same_weights(tmp_path, name):
    jobs = [{"initializer": name, "shape": shape, "seed": seed} for shape in SHAPES for seed in (0, 7)]
    reader = node.run(tmp_path, weights=jobs)
    draw = node.initializer(name)
    for job in jobs:
        rng = np.random.default_rng(job["seed"])
        for _ in range(2):
            expected = draw(job["shape"], rng=rng)
            got = reader.take("f4", expected.size).reshape(expected.shape)
            if name.startswith("orthogonal"):
                np.testing.assert_allclose(got, expected, rtol=0, atol=1e-5)
            else:
                np.testing.assert_array_equal(got.view("u4"), np.ascontiguousarray(expected).view("u4"))
