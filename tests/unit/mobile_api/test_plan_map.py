"""The map of rounds: everything is on it, true to scale, and readable with many stops."""

from __future__ import annotations

import random
import re
import xml.etree.ElementTree as ElementTree

import pytest

from mobile_api.pages.office.plan_map import MANY, WIDTH, Mark, Track, draw

SVG = "{http://www.w3.org/2000/svg}"


def track(style: int, stops: int, seed: int = 1) -> Track:
    rng = random.Random(seed)  # noqa: S311 - positions, not secrets
    base = Mark(lat=28.66, lon=121.42, title=f"Crew {style}")
    marks = [
        Mark(lat=28.66 + rng.uniform(-0.1, 0.1), lon=121.42 + rng.uniform(-0.1, 0.1), title=f"stop {n}", number=n)
        for n in range(1, stops + 1)
    ]
    return Track(style=style, name=f"Crew {style}", base=base, stops=marks)


def parsed(drawn: str) -> ElementTree.Element:
    return ElementTree.fromstring(drawn)  # noqa: S314 - drawn by ourselves


def test_every_stop_is_drawn_with_its_number_and_title() -> None:
    root = parsed(draw([track(0, 9), track(1, 7, seed=2)], [], label="x"))
    texts = [node.text for node in root.iter(f"{SVG}text") if node.get("class") == "n"]
    assert sorted(texts, key=lambda text: int(text or 0)) == sorted(
        [str(n) for n in range(1, 10)] + [str(n) for n in range(1, 8)], key=int
    )
    titles = [node.text for node in root.iter(f"{SVG}title")]
    assert titles.count("stop 7") == 2


def test_everything_lies_inside_the_drawing() -> None:
    root = parsed(draw([track(0, 60), track(1, 60, seed=2)], [Mark(lat=29.0, lon=121.9, title="far")], label="x"))
    _, _, width, height = map(float, str(root.get("viewBox")).split())
    assert width == WIDTH
    for node in root.iter():
        for name, most in (("cx", width), ("x", width), ("cy", height), ("y", height)):
            if node.get(name) is not None:
                assert -1 <= float(str(node.get(name))) <= most + 1


def test_stops_at_one_place_that_follow_one_another_share_a_mark() -> None:
    stops = [Mark(lat=28.7, lon=121.4, title=f"car {n}", number=n) for n in (1, 2, 3)] + [
        Mark(lat=28.8, lon=121.5, title="d", number=4)
    ]
    root = parsed(draw([Track(style=0, name="c", base=Mark(lat=28.6, lon=121.3, title="b"), stops=stops)], [], label="x"))
    texts = [node.text for node in root.iter(f"{SVG}text") if node.get("class") == "n"]
    assert texts == ["1–3", "4"]


def test_with_hundreds_of_stops_marks_are_dots_and_the_file_stays_small() -> None:
    drawn = draw([track(style, 30, seed=style) for style in range(10)], [], label="x")
    assert len(parsed(drawn).findall(f".//{SVG}circle")) == 300 >= MANY
    assert len(drawn.encode()) < 120_000


def test_ten_crews_are_told_apart_by_colour_and_twenty_by_dash_too() -> None:
    drawn = draw([track(style, 2, seed=style) for style in range(20)], [], label="x")
    styles = re.findall(r'<path class="t (m\d+)" stroke-dasharray="([^"]*)"', drawn)
    assert len(set(styles)) == 20


@pytest.mark.parametrize("name", ["<script>alert(1)</script>", 'a" onload="x', "A & B", "星明商厦"])
def test_names_cannot_break_out_of_the_drawing(name: str) -> None:
    mark = Mark(lat=28.6, lon=121.4, title=name, number=1, link='/x"y')
    drawn = draw([Track(style=0, name=name, base=mark, stops=[mark])], [mark], label=name)
    root = parsed(drawn)
    assert root.get("aria-label") == name
    assert root.find(f".//{SVG}script") is None
    assert "onload" not in {key for node in root.iter() for key in node.attrib}


def test_the_scale_bar_is_a_round_length() -> None:
    for spread in (0.001, 0.02, 0.5, 8.0):
        marks = [Mark(lat=28.6, lon=121.4, title=""), Mark(lat=28.6 + spread, lon=121.4 + spread, title="")]
        text = next(n.text for n in parsed(draw([], marks, label="x")).iter(f"{SVG}text") if n.get("class") == "k")
        assert re.fullmatch(r"[125]0* (m|km)", str(text))


def test_a_single_place_and_nothing_at_all_are_drawn_too() -> None:
    assert draw([], [], label="x") == ""
    assert "<svg" in draw([track(0, 0)], [], label="x")
