"""강의의 그림(matplotlib). 독자는 `wi_lib.plots`와 `wi_lib.charts`로 부릅니다."""
