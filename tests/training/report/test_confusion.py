"""`training.report.confusion`."""

from pathlib import Path

from matplotlib.figure import Figure

from training.report.confusion import draw_confusion


def test_counts_stand_where_they_belong(figures: dict[str, Figure], tmp_path: Path) -> None:
    """Row is the true label, column the answer; a pair that never came stays empty."""
    table = [{"truth": "cat", "cat": 1200, "dog": 3}, {"truth": "dog", "cat": 0, "dog": 7}]
    draw_confusion(tmp_path / "c.png", "title", table)
    axis = figures["c.png"].axes[0]
    cells = {text.get_position(): text.get_text() for text in axis.texts}
    assert cells == {(0, 0): "1,200", (1, 0): "3", (1, 1): "7"}
    assert [label.get_text() for label in axis.get_yticklabels()] == ["cat", "dog"]
    assert [label.get_text() for label in axis.get_xticklabels()] == ["cat", "dog"]


def test_colour_is_the_share_of_the_true_label(figures: dict[str, Figure], tmp_path: Path) -> None:
    """Shares add up to 1 in a row; a label without test rows has none."""
    table = [{"truth": "a", "a": 1, "b": 3}, {"truth": "b", "a": 0, "b": 0}]
    draw_confusion(tmp_path / "c.png", "title", table)
    (image,) = figures["c.png"].axes[0].images
    assert image.get_array().tolist() == [[0.25, 0.75], [0, 0]]
