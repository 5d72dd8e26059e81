"""여러 장에서 되풀이하는 그림. 함수마다 자료를 받아 `Figure`를 돌려줍니다."""

from .figures.curves import curves, loss_curves
from .figures.depth import depth_lines
from .figures.heatmap import accuracy_grid
from .figures.layers import layer_histograms
from .training import smooth

__all__ = ["accuracy_grid", "curves", "depth_lines", "layer_histograms", "loss_curves", "smooth"]
