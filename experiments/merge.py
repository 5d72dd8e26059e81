"""다른 기계에서 돌리다 만 결과를 여기로 합칩니다. 두 곳에 다 있으면 여기의 것을 남깁니다.

    python -m experiments.merge 가져온/build/results

합친 뒤에 같은 실험을 부르면 두 곳 어디에서도 돌지 않은 것만 돕니다. 여러 번 합쳐도, 어느 차례로 합쳐도 같습니다.
"""

import sys
from pathlib import Path

from experiments import store


def main():
    if len(sys.argv) != 2 or not Path(sys.argv[1]).is_dir():
        raise SystemExit("합칠 폴더를 하나 적으십시오: python -m experiments.merge 가져온/build/results")
    moved, damaged = store.merge(Path(sys.argv[1]), store.UNFINISHED)
    print(f"{moved}개를 합쳤습니다.", f"상한 {damaged}개는 두고 왔고, 다시 부르면 돕니다." * (damaged > 0))


if __name__ == "__main__":
    main()
