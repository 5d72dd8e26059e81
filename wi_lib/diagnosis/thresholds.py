"""규칙의 문턱. 프로그램으로 만든 모델의 홀수 번에서 정하고 짝수 번에서 쟀습니다(experiments/diagnosis.py, 18장).

괄호 안은 홀수 번에서 잰 것입니다. 바꾸면 그 실험을 다시 돌립니다.
"""

# 층 하나: gain이 활성화 함수가 바라는 것의 몇 배(또는 몇 분의 일)부터 어긋난 것인지.
SCALE = 8.0
# 정규화가 가린 크기. 프레임워크가 depthwise에 쓰는 0.08배는 해롭지 않습니다(benchmarks/README.md).
HIDDEN_SCALE = 30.0
# 틀린 fan과 옳은 fan의 표준편차가 이만큼 다를 때에만 말합니다.
FAN = 1.5

# 망을 지나며: 입력에 따라 변하는 몫이 줄어든 배율(건강한 것은 0.13부터, 아픈 것은 0.007까지).
LOST = 0.03
# 기본값만 쓴 망에서는 더 일찍 말합니다(은닉층이 넷인 PyTorch의 기본값이 0.022).
DEFAULT = 0.05
# RMS가 커진 배율(건강한 것은 1.2까지, 아픈 것은 56부터).
GROWN = 30.0
# 옆길이 쌓여 커진 줄기. 층의 gain이 BRANCH_GAIN보다 작은데도 커졌을 때이고, OVERFLOWING부터는 오류입니다.
STREAM, BRANCH_GAIN, OVERFLOWING = 10.0, 2.0, 1e3
# 되돌아온 δ의 길이가 줄거나(건강한 것은 0.079부터) 커진 배율(건강한 것은 2.3까지).
GRADIENT_LOST, GRADIENT_GROWN = 3e-3, 1e3

# 유닛과 값의 비율: 꺼진 ReLU 유닛(건강한 것은 0.54까지, 심은 것은 0.8부터), 포화한 값.
DEAD, SATURATED = 0.7, 0.5
# float16이 온전히 적지 못하는 기울기.
TINY = 0.5

# 출력: 로짓의 RMS, 첫 손실이 기대보다 몇 nat 큰지(쏠린 클래스의 건강한 망이 1.67), 제곱 오차는 몇 배인지.
LOGITS, LOSS, LOSS_RATIO = 4.0, 3.0, 4.0

# 입력: RMS의 위와 아래, 표준편차의 몇 배나 치우쳤는지, 가장 크게 변하는 특성이 가운데 것의 몇 배인지.
INPUT_LARGE, INPUT_SMALL, INPUT_OFFSET, INPUT_SPREAD = 5.0, 0.02, 5.0, 100.0

# 레이블: 섞은 배치에서 우연히 이렇게 늘어설 확률, 이웃의 레이블을 맞힌 z값과 그것을 물을 배치의 크기.
SORTED = 1e-6
MATCH, MATCH_SAMPLES = 3.0, 64
