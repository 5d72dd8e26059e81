"""다른 기계에서 돌리다 만 결과를 여기로 합칩니다. 두 곳에 다 있으면 여기의 것을 남깁니다.

    python -m experiments.merge 가져온/build/results

합친 뒤에 같은 실험을 부르면 두 곳 어디에서도 돌지 않은 것만 돕니다. 여러 번 합쳐도, 어느 차례로 합쳐도 같습니다.
"""

import sys
from pathlib import Path

from experiments import store

HOW = "합칠 폴더를 하나 적으십시오: python -m experiments.merge 가져온/build/results"


def main():
    if len(sys.argv) != 2 or not Path(sys.argv[1]).is_dir():
        raise SystemExit(HOW)
    source = Path(sys.argv[1])
    if source.resolve() == store.UNFINISHED.resolve():
        raise SystemExit(f"이 폴더의 결과를 적는 바로 그 폴더입니다. {HOW}")
    if not any(source.glob("*/*.npz")):
        raise SystemExit(f"{source}에 결과가 없습니다. {HOW}")
    moved, damaged = store.merge(source, store.UNFINISHED)
    print(f"{moved}개를 합쳤습니다.", f"상한 {damaged}개는 두고 왔고, 다시 부르면 돕니다." * (damaged > 0))
    if others := other_code(source):
        print("여기의 코드나 NumPy로 돌린 것이 아니어서, 그 커밋에서 부르지 않으면 쓰이지 않습니다:", *others)


def other_code(source):
    """실험의 지금 코드로는 찾지 않을 폴더의 이름."""
    files = (path.relative_to(store.ROOT).with_suffix("") for path in (store.ROOT / "experiments").rglob("*.py"))
    ours = {store.fingerprint(".".join(file.parts)) for file in files}
    names = {path.parent.name for path in source.glob("*/*.npz")}
    return sorted(name for name in names if name.rpartition("-")[2] not in ours)


if __name__ == "__main__":
    main()
