"""여러 장에서 되풀이하는 그림. 함수마다 자료를 받아 `Figure`를 돌려줍니다."""

from .figures.plots import accuracy_grid, curves, depth_lines, layer_histograms, loss_curves, smooth

__all__ = ["accuracy_grid", "curves", "depth_lines", "layer_histograms", "loss_curves", "smooth"]
