"""문턱의 여유: 문턱 하나를 몇 배로 바꾸었을 때, 문턱을 고른 홀수 번에서 찾는 몫과 거짓 경보가 어떻게 달라지는지."""

import numpy as np

from experiments.clinic.examining import VARIANTS, see
from experiments.clinic.specs import NUMBERS
from wi_lib.diagnosis import thresholds

FACTORS = [0.25, 0.5, 0.7, 1.0, 1.4, 2.0, 4.0]
NAMES = [name for name in vars(thresholds) if name.isupper()]


def margins(seeds):
    """{"margin_located", "margin_alarms"}: (문턱, 배율)의, 자리까지 찾은 몫과 건강한 망에서 나온 것(주의와 오류)의 수."""
    odd = NUMBERS[::2]
    healthy = _seen([(number, None, seed) for number in odd for seed in seeds])
    sick = _seen([(number, variant, 0) for number in odd for variant in VARIANTS])
    located, alarms = (np.zeros((len(NAMES), len(FACTORS)), np.float32) for _ in range(2))
    for i, name in enumerate(NAMES):
        value = getattr(thresholds, name)
        for j, factor in enumerate(FACTORS):
            setattr(thresholds, name, value * factor)
            located[i, j] = np.mean([seen.judged().located for seen in sick])
            alarms[i, j] = sum(_alarmed(seen.judged()) for seen in healthy)
        setattr(thresholds, name, value)
    return {"margin_located": located, "margin_alarms": alarms}


def _seen(cases):
    found = (see("wi_lib", *case) for case in cases)
    return [seen for seen in found if not isinstance(seen, str)]


def _alarmed(result):
    return any(severity != "참고" for _, severity, _ in result.findings)


if __name__ == "__main__":
    found = margins(range(5))
    for i, name in enumerate(NAMES):
        cells = zip(FACTORS, found["margin_located"][i], found["margin_alarms"][i])
        print(f"{name:16}", *(f"×{factor:g}: {share:.3f}/{count:.0f}" for factor, share, count in cells))
