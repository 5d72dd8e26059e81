"""진행 막대. 걸음을 되풀이하는 학습이 함께 씁니다."""

from collections.abc import Iterable


def track(iterations: int, progress: bool) -> Iterable[int]:
    """0부터 iterations − 1까지의 걸음 번호. progress가 참이면 진행 막대를 stderr에 보입니다.

    >>> list(track(3, progress=False))
    [0, 1, 2]
    """
    if not progress:
        return range(iterations)
    from tqdm import tqdm

    return tqdm(range(iterations), desc="학습", unit="걸음", leave=False)
