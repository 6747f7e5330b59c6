"""Label sheets: the table against published numbers, and against itself."""

from itertools import combinations

import pytest

from qr.stock import STOCKS, Box, Stock


@pytest.mark.parametrize(
    ("name", "labels", "left_mm", "top_mm", "pitch_x_mm", "pitch_y_mm"),
    [
        ("L7160", 21, 7.25, 15.15, 66.0, 38.1),
        ("L7163", 14, 4.65, 15.15, 101.6, 38.1),
        ("L7165", 8, 4.65, 13.1, 101.6, 67.7),
        ("L4736", 48, 9.85, 21.3, 48.2, 21.2),
        ("5160", 30, 0.1875 * 25.4, 12.7, 2.75 * 25.4, 25.4),
        ("5163", 10, 0.15625 * 25.4, 12.7, 4.1875 * 25.4, 50.8),
    ],
)
def test_margins_and_pitches_are_the_published_ones(
    name: str, labels: int, left_mm: float, top_mm: float, pitch_x_mm: float, pitch_y_mm: float
) -> None:
    stock = STOCKS[name]
    boxes = list(stock.boxes())
    below = boxes[stock.columns]
    assert len(boxes) == stock.per_sheet == labels
    assert (boxes[0].left_mm, boxes[0].top_mm) == pytest.approx((left_mm, top_mm))
    assert boxes[1].left_mm - boxes[0].left_mm == pytest.approx(pitch_x_mm)
    assert below.top_mm - boxes[0].top_mm == pytest.approx(pitch_y_mm)


@pytest.mark.parametrize("stock", STOCKS.values(), ids=STOCKS)
def test_every_label_is_inside_the_sheet_and_none_overlaps_another(stock: Stock) -> None:
    boxes = list(stock.boxes())
    for box in boxes:
        assert box.left_mm > 0
        assert box.top_mm > 0
        assert box.left_mm + box.width_mm < stock.paper.width_mm
        assert box.top_mm + box.height_mm < stock.paper.height_mm
    assert not any(_overlap(one, other) for one, other in combinations(boxes, 2))


def _overlap(one: Box, other: Box) -> bool:
    slack_mm = 1e-9  # neighbours without a gap share an edge
    return (
        one.left_mm + one.width_mm > other.left_mm + slack_mm
        and other.left_mm + other.width_mm > one.left_mm + slack_mm
        and one.top_mm + one.height_mm > other.top_mm + slack_mm
        and other.top_mm + other.height_mm > one.top_mm + slack_mm
    )
