"""한 장에서만 쓰는 그림. 여러 장에서 되풀이하는 그림은 `plots`에 있습니다."""

from .figures.charts import images, phase_map, scatter

__all__ = ["images", "phase_map", "scatter"]
