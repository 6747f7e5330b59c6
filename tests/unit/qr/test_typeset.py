"""Measuring, wrapping and shrinking of Chinese and Latin text."""

import pytest

from qr import typeset
from qr.typeset import Weight

CHINESE = "台州市椒江区云西路人才大厦南楼物业管理有限公司"


def test_a_chinese_character_is_one_font_size_wide() -> None:
    assert typeset.width("电梯", 10) == pytest.approx(20)


def test_latin_text_is_as_wide_as_helvetica() -> None:
    assert typeset.width("00", 10) == pytest.approx(2 * 5.56, rel=1e-3)
    assert typeset.width("W", 10, Weight.BOLD) == pytest.approx(9.44, rel=1e-3)


def test_mixed_text_is_the_sum_of_its_parts() -> None:
    assert typeset.width("1号", 10) == pytest.approx(5.56 + 10, rel=1e-3)


def test_a_character_that_no_font_has_is_replaced_and_one_that_only_the_chinese_font_has_is_drawn_by_it() -> None:
    assert typeset.width("𠮷", 10) == typeset.width("〓", 10)
    assert typeset.width("ź", 10) == pytest.approx(4.41, rel=1e-3)
    assert typeset.width("é", 10) == pytest.approx(5.56, rel=1e-3)


def test_text_that_fits_keeps_its_size() -> None:
    assert typeset.shrink("电梯", 20, 10, 5) == typeset.Block(("电梯",), 10)


def test_text_that_is_too_long_shrinks_to_the_room() -> None:
    assert typeset.shrink("电梯电梯", 30, 10, 5).size == pytest.approx(7.5)


def test_below_the_smallest_size_text_is_cut_with_an_ellipsis_but_codes_are_not() -> None:
    cut = typeset.shrink(CHINESE, 50, 10, 5)
    assert cut.size == 5
    assert cut.lines[0].endswith("…")
    assert typeset.width(cut.lines[0], 5) <= 50
    assert typeset.shrink(CHINESE, 50, 10, 0).lines == (CHINESE,)


def test_line_breaks_in_a_name_do_not_break_a_single_line() -> None:
    assert typeset.shrink("1号\n电梯\t", 100, 10, 5).lines == ("1号 电梯",)


def test_chinese_breaks_between_characters_but_keeps_closing_punctuation_and_counters() -> None:
    assert typeset.wrap("维保单位，电梯", 40, 100, 10, 10).lines == ("维保单", "位，电梯")
    assert typeset.wrap("市民广场 3号楼", 55, 100, 10, 10).lines == ("市民广场", "3号楼")
    assert typeset.wrap("市民广场12号楼", 55, 100, 10, 10).lines == ("市民广场", "12号楼")


def test_latin_text_breaks_at_blanks_only() -> None:
    assert typeset.wrap("Grand Central Tower", 70, 100, 10, 10).lines == ("Grand Central", "Tower")


def test_a_word_wider_than_the_room_is_broken_anywhere() -> None:
    lines = typeset.wrap("X" * 25, 70, 100, 10, 10).lines
    assert "".join(lines) == "X" * 25
    assert all(typeset.width(line, 10) <= 70 for line in lines)


def test_a_paragraph_takes_the_largest_size_whose_lines_fit_the_height() -> None:
    block = typeset.wrap(CHINESE, 60, 40, 12, 4)
    assert "".join(block.lines) == CHINESE
    assert block.height <= 40
    larger = block.size + 0.25
    assert typeset.wrap(CHINESE, 60, 1000, larger, larger).height > 40


def test_what_does_not_fit_at_the_smallest_size_ends_in_an_ellipsis() -> None:
    block = typeset.wrap(CHINESE * 5, 60, 40, 12, 8)
    assert block.size == 8
    assert block.height <= 40
    assert block.lines[-1].endswith("…")
    assert typeset.width(block.lines[-1], 8) <= 60


@pytest.mark.parametrize("text", ["", " ", "\n"])
def test_no_text_is_one_empty_line(text: str) -> None:
    assert typeset.wrap(text, 60, 40, 12, 8).lines == ("",)
