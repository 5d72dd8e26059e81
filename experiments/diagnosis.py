"""18장의 표: 프로그램으로 만든 모델 40개(experiments/clinic)에 탈 15가지를 심고 `wi_lib.diagnose`가 찾는지 봅니다.

    python -m experiments.diagnosis

결과는 chapters/data/diagnosis.npz와 .json(모델, 탈, 문턱, 판 번호)입니다. 불러올 수 있는 프레임워크의 열만 다시
재고, 없는 것의 열은 저장된 것을 그대로 둡니다. 모두 재려면 `make parity`의 가상 환경에서 돌립니다: wi_lib는 30초,
나머지는 두 코어에서 몇십 분 걸립니다. 문턱은 홀수 번 모델에서 골랐으므로, 찾은 몫은 짝수 번에서 봅니다.

- `found`, `located`, `others` (사례, 프레임워크): 맞는 코드를 찾았는지, 맞는 층에서 찾았는지, 그 밖의 코드가 몇인지.
  지을 수 없는 것은 NaN입니다. 사례는 .json의 cases에 있는 (번호, 변형)입니다.
- `healthy` (모델, 시드, 프레임워크, 코드): 건강한 모델에서 나온 것. 0은 없음, 1은 참고, 2는 주의, 3은 오류.
"""

import os

# 작은 모델이라 스레드를 나누는 것보다 모델을 나누는 것이 빠릅니다. NumPy보다 먼저 정해야 합니다.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
os.environ.setdefault("OMP_NUM_THREADS", "1")

import json
from importlib.metadata import version

import numpy as np

from experiments import results
from experiments.clinic.examining import BUILDERS, FAULT_OF, VARIANTS, WHAT, examine, present, sick
from experiments.clinic.specs import NUMBERS, healthy
from wi_lib.diagnosis import thresholds

SEEDS = 5
CODES = [
    *("symmetry", "vanishing_forward", "exploding_forward", "vanishing_backward", "exploding_backward", "dead"),
    *("saturation", "first_loss", "output_scale", "wrong_fan", "default", "shared_seed", "input", "branch_scale"),
    *("norm_hides", "one_class", "label_order", "label_match", "underflow"),
]
SEVERITIES = ["", "참고", "주의", "오류"]
PACKAGES = {"wi_lib": "numpy", "torch": "torch", "keras": "keras", "flax": "flax"}
# 홀수 번에서 손으로 고른 문턱: 처음 값, 고른 값, 그렇게 고른 까닭.
TUNED = {
    "LOST": [1e-3, 0.03, "건강한 것은 0.13부터, 아픈 것은 0.007까지"],
    "GROWN": [1e3, 30.0, "건강한 것은 1.2까지, 아픈 것은 56부터"],
    "DEFAULT": [1e-2, 0.05, "은닉층 넷인 PyTorch의 기본값이 0.022"],
    "GRADIENT_LOST": [1e-4, 3e-3, "건강한 것은 0.079부터"],
    "GRADIENT_GROWN": [1e4, 1e3, "건강한 것은 2.3까지"],
    "DEAD": [0.8, 0.7, "건강한 것은 0.54까지, 심은 것은 0.8부터"],
    "LOSS": [2.0, 3.0, "쏠린 클래스의 건강한 망이 1.67 nat 더 큼"],
    "MATCH": [1.5, 3.0, "뒤섞은 레이블이 1.5를 넘은 일이 있음"],
}
HALVES = {"odd": 1, "even": 0}


def cases():
    """심을 수 있는 (번호, 변형)의 목록과, {변형: {심을 수 없는 까닭: 번호의 목록}}."""
    possible, reasons = [], {}
    for variant in VARIANTS:
        for number in NUMBERS:
            expected = sick(number, variant)[1]
            if isinstance(expected, str):
                reasons.setdefault(variant, {}).setdefault(expected, []).append(number)
            else:
                possible.append((number, variant))
    return possible, reasons


def run(framework, number):
    """한 프레임워크에서 한 모델: 건강한 것은 시드마다, 아픈 것은 변형마다."""
    seen = np.zeros((SEEDS, len(CODES)))
    for seed in range(SEEDS):
        result = examine(framework, number, seed=seed)
        for code, severity, _ in result.findings:
            seen[seed, CODES.index(code)] = SEVERITIES.index(severity)
        if result.why:
            seen[:] = np.nan
    sicknesses = [variant for variant in VARIANTS if not isinstance(sick(number, variant)[1], str)]
    found = [run_one(framework, number, variant) for variant in sicknesses]
    return {"healthy": seen, "variants": np.array(sicknesses), "found": np.array(found).reshape(-1, 3)}


def run_one(framework, number, variant):
    """(맞는 코드를 찾았는지, 맞는 층에서 찾았는지, 그 밖의 코드의 수)."""
    result = examine(framework, number, variant)
    if result.why:
        return [np.nan] * 3
    right = sick(number, variant)[1].codes
    return [result.found, result.located, sum(code not in right for code, _, _ in result.findings)]


def measure(frameworks, possible):
    """{이름: 배열}. 재지 않은 프레임워크는 NaN입니다."""
    arrays = {name: np.full((len(possible), len(BUILDERS)), np.nan) for name in ("found", "located", "others")}
    arrays["healthy"] = np.full((len(NUMBERS), SEEDS, len(BUILDERS), len(CODES)), np.nan)
    settings = [{"framework": framework, "number": number} for framework in frameworks for number in NUMBERS]
    at = {case: i for i, case in enumerate(possible)}
    for setting, result in zip(settings, results.sweep("diagnosis", settings, run)):
        column = [*BUILDERS].index(setting["framework"])
        arrays["healthy"][NUMBERS.index(setting["number"]), :, column] = result["healthy"]
        for variant, values in zip(result["variants"], result["found"]):
            for name, value in zip(("found", "located", "others"), values):
                arrays[name][at[setting["number"], str(variant)], column] = value
    return {name: array.astype(np.float32) for name, array in arrays.items()}


def keep(arrays, about, frameworks):
    """재지 않은 프레임워크의 열을 저장된 것으로 채웁니다. 모델이나 탈이 달라졌으면 NaN으로 둡니다."""
    path = results.FOLDER / "diagnosis.json"
    if not path.exists():
        return
    before = json.loads(path.read_text(encoding="utf-8"))
    if any(before[key] != about[key] for key in ("cases", "models", "codes", "seeds")):
        return
    with np.load(path.with_suffix(".npz")) as stored:
        for column, framework in enumerate(BUILDERS):
            if framework not in frameworks and framework in before["packages"]:
                about["packages"][framework] = before["packages"][framework]
                for name, array in arrays.items():
                    where = (..., column, slice(None)) if name == "healthy" else (..., column)
                    array[where] = stored[name][where]


def about(possible, reasons, frameworks):
    """곁에 둘 .json."""
    models = [{"number": n, "name": healthy(n).name, "half": "odd" if n % 2 else "even"} for n in NUMBERS]
    return {
        "models": models,
        "variants": {name: {"fault": FAULT_OF[name], "what": WHAT[name]} for name in VARIANTS},
        "cases": [list(case) for case in possible],
        "not_applicable": reasons,
        "frameworks": [*BUILDERS],
        "packages": {name: f"{PACKAGES[name]} {version(PACKAGES[name])}" for name in frameworks},
        "codes": CODES,
        "severities": SEVERITIES,
        "seeds": list(range(SEEDS)),
        "thresholds": {name: value for name, value in vars(thresholds).items() if name.isupper()},
        "tuned": TUNED,
        "rng": "모델과 배치는 default_rng([번호, 시드]), 심는 자리는 default_rng([번호, crc32(변형)])",
    }


def table(arrays, about, half):
    """탈마다 한 줄: 프레임워크마다 자리까지 찾은 수/코드를 찾은 수/심은 수."""
    numbers = np.array([number for number, _ in about["cases"]])
    faults = np.array([about["variants"][variant]["fault"] for _, variant in about["cases"]])
    chosen = numbers % 2 == HALVES[half]
    yield f"{'탈':14}" + "".join(f"{name:>16}" for name in about["frameworks"])
    for fault in [*dict.fromkeys(faults), "모두"]:
        rows = chosen & ((faults == fault) | (fault == "모두"))
        cells = []
        for column in range(len(about["frameworks"])):
            found, located = (arrays[name][rows, column] for name in ("found", "located"))
            cells.append(f"{np.nansum(located):.0f}/{np.nansum(found):.0f}/{np.isfinite(found).sum()}")
        yield f"{fault:14}" + "".join(f"{cell:>16}" for cell in cells)


def alarms(arrays, about, half):
    """건강한 모델에서 나온 코드마다 한 줄: 프레임워크마다 나온 수/진단의 수(참고는 괄호 안)."""
    rows = np.array(NUMBERS) % 2 == HALVES[half]
    seen = arrays["healthy"][rows]
    for code, name in enumerate(about["codes"]):
        cells = []
        for column in range(len(about["frameworks"])):
            one = seen[:, :, column, code]
            cells.append(f"{(one > 1).sum()}({(one == 1).sum()})/{np.isfinite(one).sum()}")
        if np.nansum(seen[..., code]):
            yield f"{name:20}" + "".join(f"{cell:>14}" for cell in cells)


def main():
    possible, reasons = cases()
    frameworks = present()
    arrays, settings = measure(frameworks, possible), about(possible, reasons, frameworks)
    keep(arrays, settings, frameworks)
    results.save("diagnosis", arrays, settings)
    for half in HALVES:
        print(
            half, *table(arrays, settings, half), "건강한 모델에서 나온 것", *alarms(arrays, settings, half), sep="\n"
        )


if __name__ == "__main__":
    main()
