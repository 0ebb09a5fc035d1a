"""Documents and charts that are drawn, with questions about them whose answers are known.

The small dataset that ships with this package is made of them (`making/make_sample.py`), and so is
what `benchmarks/pages.py` asks. The same number gives the same page, pixel by pixel.
"""

from __future__ import annotations

from evalctl_multimodal.drawing.charts import draw_chart
from evalctl_multimodal.drawing.pages import draw_page
from evalctl_multimodal.drawing.sheet import Asked, Drawn

__all__ = ["Asked", "Drawn", "draw_chart", "draw_page"]
