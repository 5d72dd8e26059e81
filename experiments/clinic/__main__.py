"""규칙이나 문턱을 고칠 때 보는 표: 변형마다 찾은 수와 놓친 것, 건강한 모델에서 나온 것.

    python -m experiments.clinic [프레임워크] [odd | even | all] [변형 …]

문턱은 홀수 번에서만 고릅니다.
"""

import os

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import sys

from experiments.clinic.examining import FAULT_OF, VARIANTS, examine
from experiments.clinic.specs import NUMBERS

HALVES = {"odd": NUMBERS[::2], "even": NUMBERS[1::2], "all": NUMBERS}


def main(framework="wi_lib", half="odd", *variants):
    numbers = HALVES[half]
    if not variants:
        print("건강한 모델에서 나온 것")
        for number in numbers:
            if found := examine(framework, number).findings:
                print(f"  {number:2}", *map(_short, found))
    for variant in variants or VARIANTS:
        results = {number: examine(framework, number, variant) for number in numbers}
        done = {number: result for number, result in results.items() if result.why is None}
        found, located = (sum(getattr(r, name) for r in done.values()) for name in ("found", "located"))
        print(f"{FAULT_OF[variant]:12} {variant:17} 심음 {len(done):2}  찾음 {found:2}  자리까지 {located:2}")
        for number, result in done.items():
            if not result.located or variants:
                print(f"  {number:2}", *map(_short, result.findings))


def _short(finding):
    code, severity, layer = finding
    return f"{code}({severity})@{layer}"


if __name__ == "__main__":
    main(*sys.argv[1:])
