"""What would not do in print: text of a figure that is too small, or sticks out of it."""

from __future__ import annotations

import matplotlib.text
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from sim.pages.axes import PRINTED

LEAST, ROOM = 8, 3.0  # points: of text; that a label may stick out


def faults(figure: Figure) -> list[str]:
    """Texts smaller than eight points at the width of a page, and labels that are cut off, each with what is wrong."""
    FigureCanvasAgg(figure)
    figure.draw_without_rendering()
    (width, height), room = figure.get_size_inches() * figure.dpi, ROOM * figure.dpi / 72
    shrink = min(1.0, PRINTED / figure.get_figwidth())
    texts = [text for text in figure.findobj(matplotlib.text.Text) if text.get_text().strip() and text.get_visible()]
    found = [f"{text.get_text()!r}: small" for text in texts if text.get_fontsize() * shrink < LEAST]
    for axis in figure.axes:
        for label in (axis.xaxis.label, axis.yaxis.label, axis.title, *axis.texts):
            box = label.get_window_extent()
            if label.get_text() and not (box.x0 >= -room and box.x1 <= width + room and box.y0 >= -room and box.y1 <= height + room):
                found.append(f"{label.get_text()!r}: cut off")
    return found
