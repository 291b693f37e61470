"""Whether the words of a figure can be read: none is cut off, none runs into another."""

from itertools import combinations

from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.text import Text
from matplotlib.transforms import Bbox


def faults(figure: Figure) -> list[str]:
    """What cannot be read, a sentence each."""
    canvas = FigureCanvasAgg(figure)
    canvas.draw()
    page = figure.bbox.padded(1)
    boxes = {text: text.get_window_extent(canvas.get_renderer()) for text in _texts(figure)}
    assert boxes
    cut = [f"{text.get_text()!r} is cut off" for text, box in boxes.items() if not _holds(page, box)]
    return cut + [
        f"{one.get_text()!r} runs into {other.get_text()!r}"
        for (one, first), (other, second) in combinations(boxes.items(), 2)
        if _is_upright(one) and _is_upright(other) and Bbox.intersection(first.padded(-1), second.padded(-1))
    ]


def _texts(figure: Figure) -> list[Text]:
    hidden = {label for axis in figure.findobj(Axes) for label in _unseen(axis)}
    texts = [text for text in figure.findobj(Text) if text.get_text().strip() and text.get_visible()]
    return [text for text in texts if text not in hidden]


def _unseen(axes: Axes) -> list[Text]:
    """Labels of ticks that are not drawn: outside the limits, or those of an axis that another one shows."""
    unseen = []
    for axis in (axes.xaxis, axes.yaxis):
        shown = axes.axison and axis.get_tick_params().get("labelbottom", axis.get_tick_params().get("labelleft", True))
        low, high = sorted(axis.get_view_interval())
        for tick in [*axis.get_major_ticks(), *axis.get_minor_ticks()]:
            within = low - 1e-9 <= tick.get_loc() <= high + 1e-9
            unseen += [tick.label1, tick.label2] if not (shown and within) else [tick.label2]
    return unseen


def _holds(page: Bbox, box: Bbox) -> bool:
    return bool(page.x0 <= box.x0 and page.y0 <= box.y0 and box.x1 <= page.x1 and box.y1 <= page.y1)


def _is_upright(text: Text) -> bool:
    """The box around words that are turned halfway is much larger than they are."""
    return text.get_rotation() % 90 == 0
