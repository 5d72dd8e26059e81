"""작은 흑백 그림을 나란히 보이는 보기."""

from dataclasses import dataclass

import numpy as np

from ..checks import as_array, check_array, check_sizes, refuse
from ..figures.images import draw_images


@dataclass(frozen=True)
class Images:
    """나란한 흑백 그림. measure가 준 사전의 `name`이 (그림의 수, 높이 × 너비) 배열이고, 0은 희고 1은 검습니다.

    - `shape`: (높이, 너비). `names`: 그림마다의 이름. 화면을 읽어 주는 도구가 제목과 함께 읽습니다.
    """

    title: str
    name: str
    shape: tuple
    names: tuple

    height = 0.95

    @property
    def takes(self):
        return (self.name,)

    def __post_init__(self):
        check_sizes("shape", self.shape, length=2)
        if not isinstance(self.names, (list, tuple)) or not self.names:
            refuse("names", "비어 있지 않은 이름의 목록", self.names, TypeError)

    def encode(self, result):
        wanted = len(self.names), self.shape[0] * self.shape[1]
        if self.name not in result:
            refuse("measure", f'"{self.name}"에 배열이 든 사전을 돌려주는 함수', result, TypeError)
        values = check_array(f"measure의 {self.name!r}", as_array(result[self.name]), wanted)
        if values.min() < 0 or values.max() > 1:
            got = f"최솟값 {values.min():.4g}, 최댓값 {values.max():.4g}인 배열"
            refuse(f"measure의 {self.name!r}", "0 이상 1 이하인 배열", got)
        # 회색은 256단계면 충분합니다. 작은 정수형은 255배를 담지 못하므로 실수로 셉니다.
        return {self.name: np.round(values.astype(float) * 255).astype(np.uint8).ravel()}

    def check(self, grid):
        pass

    def draw(self, figure, grid, position):
        values = grid.fields[self.name][position].reshape(-1, *self.shape) / 255
        draw_images(figure, values, len(self.names))
        figure.suptitle(self.title, fontsize=9)

    def spec(self, grid):
        return {"kind": "images", "title": self.title, "name": self.name, "shape": self.shape, "names": self.names}
