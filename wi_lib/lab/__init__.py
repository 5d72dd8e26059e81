"""실험대: 어떤 설정이든 그 자리에서 학습시키고, 층마다의 신호를 보면서, wi_lib과 같은 수를 얻습니다.

학습은 브라우저가 합니다(`engine.js`). 같은 시드는 `wi_lib.MLP`와 `wi_lib.train`의 것과 같은 가중치와 배치를 뽑습니다.
"""

from .widget import Lab

__all__ = ["Lab"]
