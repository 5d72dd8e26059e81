"""한 장에서만 쓰는 그림. 여러 장에서 되풀이하는 그림은 `plots`에 있습니다."""

from .figures.heatmap import accuracy_grids
from .figures.images import images
from .figures.layers import histograms
from .figures.network import network
from .figures.phase_map import phase_map
from .figures.points import scatter
from .figures.rectified import rectified

__all__ = ["accuracy_grids", "histograms", "images", "network", "phase_map", "rectified", "scatter"]
