"""ReLU가 정규분포를 자르는 그림: 무엇이 절반이 되는지 넓이로 봅니다."""

import numpy as np

from .style import BACKWARD, FORWARD, Figure, new_figure, styled

GRAY = "#777777"


@styled
def rectified(title: str = "") -> Figure:
    """왼쪽은 z ~ N(0, 1)과 ReLU(z)의 분포, 오른쪽은 제곱 평균에 드는 넓이 z²·φ(z)입니다.

    왼쪽에서 음수였던 절반은 0에 선 막대로 모입니다. 오른쪽의 넓이는 모두 더해 1이고, ReLU를 지나면 주황 쪽만 남습니다.

    >>> rectified("제목").alt.startswith("제목: 표준정규분포")
    True
    """
    figure, (left, right) = new_figure(2.7, title, columns=2)
    z = np.linspace(-4, 4, 401)
    density, positive = np.exp(-(z**2) / 2) / np.sqrt(2 * np.pi), z >= 0
    left.plot(z, density, color=FORWARD, label="z")
    left.fill_between(z[~positive], density[~positive], color=GRAY, alpha=0.25, linewidth=0)
    left.plot(z[positive], density[positive], color=BACKWARD, linestyle="--", linewidth=2.5, label="ReLU(z)")
    left.plot([0, 0], [0, 0.5], color=BACKWARD, linewidth=4, solid_capstyle="butt")
    left.annotate("0이 된 절반", (0, 0.5), (-3.9, 0.5), va="center", arrowprops={"arrowstyle": "->", "color": GRAY})
    left.set(title="분포", xlabel="값", ylim=(0, 0.6))
    right.plot(z, z**2 * density, color=FORWARD)
    for side, color, alpha in ((~positive, GRAY, 0.25), (positive, BACKWARD, 0.35)):
        right.fill_between(z[side], (z**2 * density)[side], color=color, alpha=alpha, linewidth=0)
    for x, text in ((-1.5, "버린 것\n0.5"), (1.5, "남은 것\n0.5")):
        right.text(x, 0.1, text, ha="center", va="center")
    right.set(title="제곱 평균에 드는 넓이", xlabel="z", ylim=(0, 0.36))
    figure.legend(loc="outside lower center", ncols=2)
    figure.alt = (
        f"{title}: 표준정규분포를 ReLU가 자르는 그림. 왼쪽에서 음수 쪽 절반은 0에 선 막대로 모이고 "
        "양수 쪽은 그대로입니다. 오른쪽에서 제곱 평균에 드는 넓이 1은 0을 중심으로 1/2씩 "
        "대칭이고, ReLU를 지나면 양수 쪽 1/2만 남습니다."
    )
    return figure
