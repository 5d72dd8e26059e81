"""강의의 그림(matplotlib). 독자는 `wi_lib.plots`와 `wi_lib.charts`로 부릅니다.

`style`이 글꼴과 색과 `Figure`를, `numbers`가 수를 글로 적는 법을 정하고, 나머지는 파일 하나가 그림 한 가지입니다:
`layers`(층별 분포), `depth`(깊이에 따른 크기), `curves`, `heatmap`(표), `points`(점), `images`, `phase_map`.

축의 범위는 장이 달라도 같아서, 1장의 그림과 5장의 그림을 눈으로 견줄 수 있습니다. 대체 텍스트도 자료에서 만듭니다.
"""
