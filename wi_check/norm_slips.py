"""13장 문제지의 흔한 실수: 실수마다 (그때의 값, 까닭)."""

import numpy as np


def of_one_batch(z, gamma, beta, epsilon):
    """1번의 (흔한 실수의 값, 까닭)."""
    mean, variance = z.mean(axis=0), z.var(axis=0)
    normal = (z - mean) / np.sqrt(variance + epsilon)
    rows = (z - z.mean(axis=1, keepdims=True)) / np.sqrt(z.var(axis=1, keepdims=True) + epsilon)
    rest = [
        ((z - z.mean()) / np.sqrt(z.var() + epsilon), "배열 전체의 평균과 분산을 썼습니다. 유닛마다 따로 구합니다."),
        (rows, "입력(행)마다 구한 것은 층 정규화입니다. 배치 정규화는 유닛(열)마다 배치에서 구합니다."),
        (
            (z - mean) / np.sqrt(z.var(axis=0, ddof=1) + epsilon),
            "분산을 N − 1로 나누었습니다. 여기서는 N으로 나눕니다.",
        ),
        ((z - mean) / np.sqrt(variance), "epsilon을 더하지 않았습니다. 값이 모두 같은 유닛에서 0으로 나누게 됩니다."),
        ((z - mean) / (np.sqrt(variance) + epsilon), "epsilon을 표준편차에 더했습니다. 제곱근 안의 분산에 더합니다."),
        ((z - mean) / (np.sqrt(variance + epsilon**2)), "epsilon을 제곱했습니다. 그대로 분산에 더합니다."),
        ((z - mean) / (variance + epsilon), "분산으로 나누었습니다. 제곱근을 씌우십시오."),
        (z / np.sqrt(variance + epsilon), "평균을 빼지 않았습니다."),
        (z / np.sqrt(np.mean(z**2, axis=0) + epsilon), "평균을 빼지 않고 RMS로 나누었습니다."),
        (z - mean, "표준편차로 나누지 않았습니다."),
    ]
    return [(gamma * value + beta, why) for value, why in rest] + [
        (gamma * z / np.sqrt(1 + epsilon) + beta, "시험할 때의 값입니다. 학습할 때는 이 배치의 평균과 분산을 씁니다."),
        (normal, "gamma와 beta를 쓰지 않았습니다."),
        (gamma * normal, "beta를 더하지 않았습니다."),
        (normal + beta, "gamma를 곱하지 않았습니다."),
        (beta * normal + gamma, "gamma와 beta의 자리가 바뀌었습니다. 곱하는 것이 gamma입니다."),
        (gamma * (normal + beta), "beta를 더한 다음에 gamma를 곱했습니다."),
    ]


def _moved(values, momentum, start):
    """차례로 옮긴 이동 평균."""
    for value in values:
        start = (1 - momentum) * start + momentum * value
    return start


def of_moving_averages(x, batches, momentum, epsilon):
    """2번의 (흔한 실수의 값, 까닭)."""
    means, variances = [b.mean(axis=0) for b in batches], [b.var(axis=0, ddof=1) for b in batches]
    mean, variance = _moved(means, momentum, 0), _moved(variances, momentum, 1)
    biased = _moved([b.var(axis=0) for b in batches], momentum, 1)
    kinds = [
        (mean, biased, "이동 평균에 넣는 분산은 N − 1로 나눈 것입니다."),
        (mean, _moved(np.sqrt(variances), momentum, 1) ** 2, "표준편차를 평균했습니다. 옮겨 가는 것은 분산입니다."),
        (_moved(means[::-1], momentum, 0), _moved(variances[::-1], momentum, 1), "배치를 거꾸로 보았습니다."),
        (mean, 1, "분산은 옮기지 않았습니다."),
        (0, variance, "평균은 옮기지 않았습니다."),
        (mean, variance - epsilon, "epsilon을 더하지 않았습니다."),
        (mean, (variance + epsilon) ** 2 - epsilon, "분산으로 나누었습니다. 제곱근을 씌우십시오."),
        (mean, (np.sqrt(variance) + epsilon) ** 2 - epsilon, "epsilon을 표준편차에 더했습니다. 분산에 더합니다."),
        *_other_statistics(x, batches, momentum, 1),
        *_other_statistics(x, batches, momentum, 0),
    ]
    return [((x - m) / np.sqrt(np.maximum(v + epsilon, 1e-12)), why) for m, v, why in kinds]


def _other_statistics(x, batches, momentum, ddof):
    """분산을 N − ddof로 나누면서 다른 것을 모은 (평균, 분산, 까닭)."""
    means, variances = [b.mean(axis=0) for b in batches], [b.var(axis=0, ddof=ddof) for b in batches]
    numbers, every = ([b.mean() for b in batches], [b.var(ddof=ddof) for b in batches]), np.concatenate(batches)
    swapped, start = "momentum을 거꾸로 썼습니다. 새 배치에 무엇을 곱합니까?", "평균은 0, 분산은 1에서 시작합니다."
    own = x.mean(axis=0), x.var(axis=0, ddof=min(ddof, len(x) - 1))
    moved = [(_moved(v, momentum, 0), _moved(w, momentum, 1)) for v, w in ((means[:1], variances[:1]), numbers)]
    first = _moved(means[1:], momentum, means[0]), _moved(variances[1:], momentum, variances[0])
    return [
        (*own, "x의 평균과 분산을 썼습니다. 시험할 때는 학습하며 모은 것을 씁니다."),
        (means[-1], variances[-1], "마지막 배치의 것만 썼습니다. 이동 평균에는 앞의 배치도 남습니다."),
        (np.mean(means, axis=0), np.mean(variances, axis=0), "고르게 평균했습니다. 한 배치씩 옮겨 갑니다."),
        (every.mean(axis=0), every.var(axis=0, ddof=ddof), "배치를 이어 붙였습니다. 한 배치씩 옮겨 갑니다."),
        (_moved(means, 1 - momentum, 0), _moved(variances, 1 - momentum, 1), swapped),
        (_moved(means, momentum, 0), _moved(variances, momentum, 0), start),
        (*first, f"첫 배치에서 시작했습니다. {start}"),
        (*moved[0], "첫 배치만 보았습니다. return의 자리를 보십시오."),
        (*moved[1], "배열 전체의 평균과 분산을 썼습니다. 유닛마다 따로 구합니다."),
    ]


def walk(length, gradient, rate, steps, *, power=-1, bend=lambda r, step: np.hypot(r, step), divide=2):
    """길이의 power제곱에 비례하는 기울기로 bend만큼씩 걸을 때의 학습률 ÷ 길이의 divide제곱."""
    lengths = [length]
    for _ in range(steps):
        lengths.append(bend(lengths[-1], rate * gradient * lengths[-1] ** power))
    return rate / np.array(lengths) ** divide


@np.errstate(all="ignore")
def of_walks(*given):
    """3번의 (흔한 실수의 값, 까닭)."""
    length, gradient, rate, steps = given
    want, walked = walk(*given), (rate * gradient) ** 2 * np.arange(steps + 1)
    once = "학습률을 길이로 한 번만 나누었습니다. 기울기도 길이만큼 작고, 같은 걸음도 긴 W를 덜 돌립니다."
    upright = "걸음의 길이를 W의 길이에 그대로 더하거나 뺐습니다. 기울기가 W와 이루는 각을 그려 보십시오."
    squared = "걸음의 길이는 학습률과 기울기의 곱입니다. 통째로 제곱했는지 보십시오."
    constant = "길이가 달라져도 기울기가 그대로라고 보았습니다. W를 두 배로 하면 기울기는 몇 배가 됩니까?"
    inverse = "기울기가 길이에 비례한다고 보았습니다. W를 두 배로 하면 기울기는 몇 배가 됩니까?"
    return [
        (walk(*given, divide=1), once),
        (walk(*given, divide=-1) / rate, "W의 길이를 돌려주고 있습니다."),
        (walk(*given, divide=-2) / rate, "W의 길이의 제곱을 돌려주고 있습니다."),
        (want / rate, "학습률을 곱하지 않았습니다. 유효 학습률은 η를 길이의 제곱으로 나눈 것입니다."),
        (want * rate, "유효 학습률에 학습률이 두 번 들어 있습니다."),
        (want * gradient, "gradient를 한 번 더 곱했습니다. 유효 학습률은 η를 길이의 제곱으로 나눈 것입니다."),
        (walk(*given, power=0), constant),
        (walk(*given, power=1), inverse),
        (walk(*given, power=-2), "기울기를 길이의 제곱으로 나누었습니다. W를 두 배로 하면 기울기는 몇 배가 됩니까?"),
        (walk(*given, bend=lambda r, step: r + step), upright),
        (walk(*given, bend=lambda r, step: r - step), upright),
        (walk(*given, bend=lambda r, step: abs(r - step)), upright),
        (walk(*given, power=0, bend=lambda r, step: r + step), upright),
        (walk(*given, bend=lambda r, step: np.sqrt(abs(r**2 - step**2))), "빗변이 W입니다. 옮긴 뒤의 W가 더 깁니다."),
        (walk(*given, bend=lambda r, step: np.sqrt(r**2 + step)), squared),
        (walk(*given, bend=lambda r, step: np.sqrt(r**2 + step**2 / rate)), squared),
        (walk(*given, bend=lambda r, step: np.sqrt(r**2 + step**2 / gradient)), squared),
        (walk(length, 1, rate, steps), "gradient를 쓰지 않았습니다."),
        (rate / np.sqrt(length**4 + 2 * walked), "이어서 걷는다고 어림한 식입니다. 한 걸음씩 더하십시오."),
        (rate / (length**2 + walked / length**2), "기울기가 처음 것에 머물러 있습니다. 길어진 W에서 다시 구하십시오."),
        (np.full(steps + 1, rate / length**2), "W가 길어지지 않았습니다. 옮긴 뒤의 길이를 그려 보십시오."),
    ]


@np.errstate(all="ignore")
def of_slopes(depth, times):
    """4번의 (흔한 실수의 값, 까닭). 틀린 배율마다 그 배율이 times를 내는 slope를 찾습니다."""
    s, factor = np.linspace(0, 1, 4001), times ** (1 / depth)
    square, mean = (1 + s**2) / 2, (1 - s) / np.sqrt(2 * np.pi)
    growth = np.sqrt(square / (square - mean**2))
    linear, straight = (1 + s) / 2, 1 + (1 - s) * (growth[0] - 1)
    one_side = "f(z)의 평균에서 음수 쪽을 빠뜨렸습니다."
    by_slope = "음수 쪽의 몫은 slope가 아닙니다. 제곱의 평균을 구하십시오."
    lost = [
        (growth**2, factor, "분산의 배율입니다. 물은 것은 RMS의 배율입니다."),
        (np.sqrt(growth), factor, "제곱근을 두 번 씌웠습니다."),
        (growth, times ** (1 / (depth - 1)), "배율을 한 번 덜 곱했습니다. depth층이면 depth번입니다."),
        (growth, times ** (1 / (depth + 1)), "배율을 한 번 더 곱했습니다. depth층이면 depth번입니다."),
        (growth, 1 + (times - 1) / depth, "층마다의 배율은 더해지지 않고 곱해집니다."),
        (np.sqrt(square / (square - mean)), factor, "분산에서 빼는 것은 평균의 제곱입니다."),
        (np.sqrt(square / (square - 1 / (2 * np.pi))), factor, one_side),
        (np.sqrt(square / (square - (1 - s) / (2 * np.pi))), factor, "평균을 제곱할 때 slope를 빠뜨렸습니다."),
        (np.sqrt(linear / (linear - mean**2)), factor, by_slope),
        (straight, factor, "ReLU와 직선 사이를 곧게 이었습니다. 배율의 식을 세우십시오."),
    ]
    ends = "모두 구간의 끝입니다. 배율의 분모에서 f(z)의 평균을 옳게 뺐는지 보십시오."
    return [(s[np.nanargmin(np.abs(values - goal))], why) for values, goal, why in lost] + [(0, ends), (1, ends)]
