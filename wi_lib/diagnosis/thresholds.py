"""규칙의 문턱. experiments/diagnosis.py가 프로그램으로 만든 망의 절반에서 정하고, 나머지 절반에서 쟀습니다."""

# 처음 것은 아직 재기 전의 어림입니다.
SCALE = 8.0  # 층 하나의 gain이 권하는 것의 몇 배(또는 몇 분의 일)부터 어긋난 것으로 볼지
LOST = 0.03  # 입력에 따라 변하는 몫이 여기까지 줄면 순방향 소실
GROWN = 30.0  # 여기까지 커지면 순방향 폭주
GRADIENT_LOST = 3e-3
GRADIENT_GROWN = 1e3
DEAD = 0.7
SATURATED = 0.5
LOGITS = 4.0  # 로짓의 RMS
LOSS = 3.0  # 첫 손실이 기대보다 몇 nat 큰지(교차 엔트로피)
LOSS_RATIO = 4.0  # 첫 손실이 기대의 몇 배인지(제곱 오차)
FAN = 1.5  # 틀린 fan과 옳은 fan의 표준편차가 이만큼 다르면
DEFAULT = 0.05  # 기본값만 쓴 망의 신호가 여기까지 줄면
STREAM = 10.0  # 줄기가 이만큼 커지면
BRANCH_GAIN = 2.0  # 층의 gain이 이보다 작은데도 커졌으면 옆길이 쌓인 것
OVERFLOWING = 1e3  # 쌓인 것이 여기까지 커지면 오류
INPUT_LARGE, INPUT_SMALL, INPUT_OFFSET, INPUT_SPREAD = 5.0, 0.02, 5.0, 100.0
HIDDEN_SCALE = (
    30.0  # 정규화가 가린 크기가 권하는 것의 몇 배인지. torch와 Keras가 depthwise에 쓰는 0.08배는 해롭지 않습니다.
)
TINY = 0.5
SORTED = 1e-6
MATCH, MATCH_SAMPLES = 3.0, 64
