"""Label sheets: the table against published numbers, and against itself."""

from itertools import combinations

import pytest

from qr.stock import STOCKS, Box, Stock, load

SHEETS = {name: stock for name, stock in STOCKS.items() if not stock.is_roll}
ROLL = """
[[stock]]
name = "R"
title = "R"
source = "R"
columns = 1
rows = 1
label_width_mm = 62
label_height_mm = 100
"""


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


@pytest.mark.parametrize("stock", SHEETS.values(), ids=SHEETS)
def test_every_label_is_inside_the_sheet_and_none_overlaps_another(stock: Stock) -> None:
    boxes = list(stock.boxes())
    for box in boxes:
        assert box.left_mm > 0
        assert box.top_mm > 0
        assert box.left_mm + box.width_mm < stock.paper.width_mm
        assert box.top_mm + box.height_mm < stock.paper.height_mm
    assert not any(_overlap(one, other) for one, other in combinations(boxes, 2))


@pytest.mark.parametrize("stock", SHEETS.values(), ids=SHEETS)
def test_the_labels_are_centred_on_the_sheet_to_a_hundredth_of_a_millimetre(stock: Stock) -> None:
    boxes = list(stock.boxes())
    assert stock.paper.width_mm - boxes[-1].left_mm - boxes[-1].width_mm == pytest.approx(boxes[0].left_mm, abs=0.01)
    assert stock.paper.height_mm - boxes[-1].top_mm - boxes[-1].height_mm == pytest.approx(boxes[0].top_mm, abs=0.01)


def test_every_stock_names_its_source_and_rolls_are_a_label_to_the_page() -> None:
    assert all(stock.source and stock.title for stock in STOCKS.values())
    roll = STOCKS["62x100"]
    assert roll.is_roll
    assert (roll.paper.width_mm, roll.paper.height_mm) == (62, 100)
    assert roll.drawn_box.width_mm > roll.drawn_box.height_mm, "its text runs along the roll"


def test_a_table_with_a_label_outside_its_sheet_an_unknown_paper_or_field_is_refused_by_name() -> None:
    assert load(ROLL.encode())["R"].per_sheet == 1
    with pytest.raises(ValueError, match="R: label 2 lies outside of R"):
        load(ROLL.replace("columns = 1", "columns = 2\npitch_x_mm = 70").encode())
    with pytest.raises(ValueError, match="R: paper 'A9' is none of A4, US Letter"):
        load((ROLL + 'paper = "A9"\n').encode())
    with pytest.raises(ValueError, match="gap"):
        load((ROLL + "gap_mm = 3\n").encode())


def _overlap(one: Box, other: Box) -> bool:
    slack_mm = 1e-9  # neighbours without a gap share an edge
    return (
        one.left_mm + one.width_mm > other.left_mm + slack_mm
        and other.left_mm + other.width_mm > one.left_mm + slack_mm
        and one.top_mm + one.height_mm > other.top_mm + slack_mm
        and other.top_mm + other.height_mm > one.top_mm + slack_mm
    )
