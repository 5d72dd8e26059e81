"""진단의 말: 탈(code)마다의 이름, 잰 것과 기대한 것, 고칠 것, 배우는 장. 글도 HTML도 여기의 말만 씁니다."""

import math
from collections.abc import Callable
from dataclasses import dataclass

from ..figures.numbers import fill
from .finding import Finding

CHAPTERS = {
    1: "모두 0에서 시작해 보기",
    2: "표준편차 1과 0.01을 견주어 보기",
    3: "분산을 지키는 초깃값 유도하기",
    4: "원점 대칭인 tanh로 바꾸어 보기",
    5: "ReLU가 버린 절반 되찾기",
    6: "MNIST로 확인하기",
    10: "깊이의 한계를 지도에서 찾기",
    11: "프레임워크의 기본값 읽기",
    13: "정규화가 지운 것과 남긴 것 가리기",
    14: "옆길의 크기를 정해 200블록까지 쌓기",
    15: "합성곱의 fan을 세고 50층까지 쌓기",
    16: "트랜스포머의 0.02가 하는 일 찾기",
    18: "학습하기 전에 아픈 층 찾기",
}


@dataclass(frozen=True)
class Words:
    """탈 하나의 말.

    - `title`: 이름. `found`: {measured}와 {expected}를 채울 문장. `change`: 고칠 것.
    - `chapters`: 배우는 장, 먼저 볼 것부터.
    """

    title: str
    found: str
    change: str
    chapters: tuple[int, ...]


WORDS = {
    "symmetry": Words(
        "같은 유닛뿐인 층",
        "서로 다른 유닛이 {measured}개뿐입니다. 난수로 뽑았다면 {expected}개입니다.",
        "가중치를 난수로 뽑으십시오. 기울기까지 같은 유닛은 학습해도 갈라지지 않습니다.",
        (1,),
    ),
    "vanishing_forward": Words(
        "순방향 소실",
        "층을 지나며 입력에 따라 변하는 몫이 {measured}배로 줄었습니다. 지켜졌다면 {expected}배 안팎입니다.",
        "이 층의 가중치를 활성화 함수에 맞는 크기(ReLU는 He, tanh는 Xavier, SELU는 LeCun)로 다시 뽑으십시오.",
        (2, 4),
    ),
    "exploding_forward": Words(
        "순방향 폭주",
        "층을 지나며 신호가 {measured}배로 커졌습니다. 지켜졌다면 {expected}배 안팎입니다.",
        "이 층의 가중치를 활성화 함수에 맞는 크기로 줄이십시오.",
        (2, 10),
    ),
    "vanishing_backward": Words(
        "기울기 소실",
        "출력에서 되돌아온 신호가 {measured}배로 줄었습니다. 지켜졌다면 {expected}배 안팎입니다.",
        "이 층의 가중치를 활성화 함수에 맞는 크기로 다시 뽑으십시오. sigmoid라면 tanh나 ReLU로 바꾸어 보십시오.",
        (2, 4),
    ),
    "exploding_backward": Words(
        "기울기 폭주",
        "출력에서 되돌아온 신호가 {measured}배로 커졌습니다. 지켜졌다면 {expected}배 안팎입니다.",
        "이 층의 가중치를 활성화 함수에 맞는 크기로 줄이십시오. 기울기를 잘라도 층마다의 차이는 남습니다.",
        (10,),
    ),
    "dead": Words(
        "죽은 ReLU",
        "어느 입력에서도 0인 유닛이 {measured:%}입니다. {expected:%}에 가까워야 합니다.",
        "가중치를 평균 0에서 다시 뽑고(He), 편향이 큰 음수이면 0으로 되돌리고, "
        "들어오는 값의 평균이 치우쳤는지 보십시오.",
        (5,),
    ),
    "saturation": Words(
        "포화",
        "활성화값의 {measured:%}가 포화했습니다. {expected:%}에 가까워야 합니다.",
        "가중치를 Xavier로 줄이십시오. 들어오는 값이 크면 먼저 입력을 정규화하십시오.",
        (2,),
    ),
    "first_loss": Words(
        "너무 큰 첫 손실",
        "첫 손실이 {measured}입니다. 아무것도 모르고 고르게 답하면 {expected}입니다.",
        "출력층의 가중치와 편향을 작게(가중치는 표준편차 0.01, 편향은 0) 시작하십시오. 출력층의 크기가 알맞다면 "
        "층의 표에서 출력 RMS가 커지기 시작한 층을 보십시오.",
        (16, 6),
    ),
    "loss_missing": Words(
        "유한하지 않은 첫 손실",
        "첫 손실이 NaN이거나 무한합니다.",
        "레이블에 유한하지 않은 값이 있는지, 모델과 손실의 계산에 log(0)이나 0으로 나눈 것이 있는지 보십시오.",
        (18,),
    ),
    "label_scale": Words(
        "정규화하지 않은 레이블",
        "레이블의 RMS는 {measured}인데 첫 출력의 RMS는 {expected}입니다.",
        "레이블에서 학습 자료의 평균을 빼고 표준편차로 나누거나, 출력층의 편향을 레이블의 평균에서 시작하십시오.",
        (6,),
    ),
    "output_scale": Words(
        "너무 큰 출력",
        "출력의 RMS가 {measured}입니다. {expected} 안팎이어야 합니다.",
        "출력층의 가중치를 LeCun이나 그보다 작은 크기로 다시 뽑으십시오. 출력층의 크기가 알맞다면 층의 표에서 "
        "출력 RMS가 커지기 시작한 층을 보십시오.",
        (16,),
    ),
    "wrong_fan": Words(
        "틀리게 센 fan",
        "가중치의 표준편차가 fan을 바로 셌을 때의 {measured}배이고, 다른 수를 fan으로 셌을 때의 것과 같습니다.",
        "fan_in은 출력 값 하나에 이어진 입력의 수입니다. 전치한 행렬, 합성곱의 커널, 합쳐 뽑은 q·k·v에서는 손으로 세어 "
        "다시 뽑으십시오.",
        (15, 3),
    ),
    "default": Words(
        "기본값 그대로",
        "프레임워크의 기본값만 쓴 망에서 신호가 {measured}배로 줄었습니다. 지켜졌다면 {expected}배 안팎입니다.",
        "기본값을 활성화 함수에 맞는 초기화로 바꾸십시오. 기본값은 얕은 망에서만 넉넉합니다.",
        (11,),
    ),
    "shared_seed": Words(
        "시드를 나누어 쓴 층",
        "이름을 적은 층의 가중치가 크기만 다르고 같은 난수입니다.",
        "층마다 시드를 달리하거나 난수 발생기 하나를 이어 쓰십시오.",
        (11, 1),
    ),
    "input": Words(
        "정규화하지 않은 입력",
        "입력의 RMS나 특성끼리의 크기의 비가 {measured}입니다. 정규화한 입력에서는 {expected} 안팎입니다.",
        "학습 자료의 평균을 빼고 표준편차로 나누십시오.",
        (6,),
    ),
    "branch_scale": Words(
        "크기를 줄이지 않은 옆길",
        "블록을 지나며 줄기가 {measured}배로 커졌습니다. 옆길을 줄였다면 {expected}배 안팎입니다.",
        "옆길마다 마지막 가중치를 1/√(2·블록 수)배로 줄이거나 0에서 시작하십시오.",
        (14,),
    ),
    "norm_hides": Words(
        "정규화가 가린 크기",
        "정규화 앞의 가중치가 활성화 함수에 맞는 크기의 {measured}배입니다.",
        "정규화가 출력의 크기를 되돌리지만, 가중치가 크면 걸음이 그만큼 작아지고 작으면 커집니다. "
        "맞는 크기로 다시 뽑으십시오.",
        (13,),
    ),
    "one_class": Words(
        "한 가지뿐인 레이블",
        "배치의 레이블이 {measured}가지뿐입니다. 망이 가르는 것은 {expected}가지입니다.",
        "배치를 뽑기 전에 자료를 섞으십시오. 섞었는데도 그렇다면 레이블을 읽는 코드를 보십시오.",
        (18,),
    ),
    "label_order": Words(
        "차례대로 늘어선 레이블",
        "이웃한 두 레이블이 같은 비율이 {measured:%}입니다. 섞은 배치라면 {expected:%} 안팎입니다.",
        "배치를 뽑기 전에 자료를 섞으십시오.",
        (18,),
    ),
    "label_match": Words(
        "입력과 맞지 않는 레이블",
        "가장 가까운 입력과 레이블이 같은 비율이 {measured:%}입니다. 아무렇게나 짝지어도 {expected:%}입니다.",
        "입력과 레이블을 따로 섞지 않았는지, 차례가 어긋나지 않았는지 보십시오. 입력이 어려워서 그럴 수도 있습니다.",
        (18,),
    ),
    "underflow": Words(
        "float16의 언더플로",
        "가중치의 기울기 {measured:%}가 float16이 온전히 적을 수 없을 만큼 작습니다. {expected:%}에 가까워야 합니다.",
        "손실에 큰 수를 곱했다가 나누거나(loss scaling) bfloat16을 쓰십시오.",
        (18,),
    ),
}


LOST = "층을 지나며 입력에 따라 변하는 몫이 반올림의 차이보다 작게 줄었습니다. 지켜졌다면 {expected}배 안팎입니다."
# 잰 값이 수가 아니거나 다른 것을 잰 것이어서, 문장을 달리 적는 때: (code, 그때인지, 문장).
OTHERWISE: tuple[tuple[str, Callable[[Finding], bool], str], ...] = (
    (
        "exploding_forward",
        lambda f: f.measured == math.inf,
        "이 층에서 처음으로 유한하지 않은 값이 나왔습니다. 들어온 값의 RMS는 {expected}입니다.",
    ),
    ("vanishing_forward", lambda f: f.measured == 0, LOST),
    ("default", lambda f: f.measured == 0, LOST),
    # 출력의 RMS는 1과 견주고, 그 밖의 것은 첫 손실입니다.
    ("output_scale", lambda f: f.expected != 1, WORDS["first_loss"].found),
    ("input", lambda f: f.measured is not None and math.isnan(f.measured), "입력에 유한하지 않은 값이 있습니다."),
    (
        "input",
        lambda f: f.expected == 0,
        "입력의 평균이 {measured}로, 그 표준편차보다 훨씬 큽니다. 평균은 0이어야 합니다.",
    ),
)


def found(finding: Finding) -> str:
    """잰 것을 기대한 것에 견준 문장."""
    said = WORDS[finding.code].found
    for code, holds, other in OTHERWISE:
        if finding.code == code and holds(finding):
            said = other
    known = {"measured": finding.measured, "expected": finding.expected}
    # 유닛을 센 수는 줄이지 않습니다: 128개를 130개라고 하면 틀린 말입니다.
    told = {name: str(value) if isinstance(value, int) else value for name, value in known.items()}
    return fill(said, {name: value for name, value in told.items() if value is not None})


def change(finding: Finding) -> str:
    """고칠 것. 유한하지 않은 입력은 정규화로 낫지 않습니다."""
    if finding.code == "input" and finding.measured is not None and math.isnan(finding.measured):
        return "유한하지 않은 값이 어디에서 왔는지 찾아, 그 예를 빼거나 값을 채우십시오."
    return WORDS[finding.code].change


def chapters(finding: Finding) -> str:
    """배우는 장: '2장 「표준편차 1과 0.01을 견주어 보기」'."""
    return ", ".join(f"{n}장 「{CHAPTERS[n]}」" for n in WORDS[finding.code].chapters)
