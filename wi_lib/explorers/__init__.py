"""움직여 보는 실험: 조절기를 움직이면 그림이 곧바로 따라옵니다.

축(`Axis`)마다 값을 몇 개 정하고, 그 조합마다 `measure`로 미리 재어 격자(`Grid`)에 담습니다. 보기(`View`)는 파일마다
하나씩이고, 격자를 종이에 그리는 법과 explorer.js에 건넬 명세를 압니다. 조절기와 그림은 브라우저 안에서
이어지므로(jslink) 커널이 없는 페이지에서도 움직입니다. 그리는 쪽(explorer.js)은 격자를 읽기만 합니다.
계산은 모두 여기에서 한 번만 합니다.
"""

from .axis import Axis
from .curves import Curves, Line, Panel
from .explorer import Explorer
from .heatmap import Heatmap
from .histograms import Histograms
from .images import Images

__all__ = ["Axis", "Curves", "Explorer", "Heatmap", "Histograms", "Images", "Line", "Panel"]
