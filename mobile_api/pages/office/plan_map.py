"""Rounds on a map, drawn here as SVG: no tiles, no script, readable with hundreds of stops.

A crew has its own colour and dash, so that it can be told by either. Stops at one place that follow one another share a
mark with their numbers; with many marks these shrink to dots, and what they are is in their titles.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import groupby
from xml.sax.saxutils import escape

from msgspec import Struct

WIDTH = 1000
_LEAST_HEIGHT, _MOST_HEIGHT = 420, 660
_MARGIN = 44
_METRES_PER_DEGREE = 111_320.0
_LEAST_SPAN_M = 800.0
"""Of a map of a single place."""

COLOURS = 10
"""Different colours; the eleventh crew has the first colour again, with another dash."""

MANY = 130
"""From this many marks on they are dots."""

_DASHES = ("", "9 4", "2 4", "12 4 2 4")
_LIGHT = ("#005ea8", "#b34700", "#00734f", "#9c2f78", "#6a5400", "#5b3cc4", "#a3201d", "#1f6f78", "#4a5a00", "#7a4a2a")
_DARK = ("#7cc0ff", "#ffad66", "#66d9ab", "#f29bd0", "#e0c850", "#b9a4ff", "#ff9f98", "#7fd6df", "#c3d94a", "#d9a679")


class Mark(Struct, frozen=True, kw_only=True):
    """A stop, a base or an elevator that was left out."""

    lat: float
    lon: float
    title: str
    """What is shown when it is pointed at."""

    number: int = 0
    """Of a stop, 1 = first."""

    link: str = ""


class Track(Struct, frozen=True, kw_only=True):
    """A crew's round: from its base over its stops back to its base."""

    style: int
    """The crew's number, which sets colour and dash."""

    name: str
    base: Mark
    stops: Sequence[Mark]


class _Frame:
    """Turns positions into places on the drawing: true to scale around the middle of what is shown."""

    def __init__(self, marks: Sequence[Mark]) -> None:
        lats, lons = [mark.lat for mark in marks], [mark.lon for mark in marks]
        middle = (min(lats) + max(lats)) / 2
        self._east = _METRES_PER_DEGREE * max(0.05, math.cos(math.radians(middle)))
        self._lat, self._lon = middle, (min(lons) + max(lons)) / 2
        wide = max((max(lons) - min(lons)) * self._east, _LEAST_SPAN_M)
        high = max((max(lats) - min(lats)) * _METRES_PER_DEGREE, _LEAST_SPAN_M)
        inside = WIDTH - 2 * _MARGIN
        self.height = round(min(max(inside * high / wide, _LEAST_HEIGHT), _MOST_HEIGHT)) + 2 * _MARGIN
        self.scale = min(inside / wide, (self.height - 2 * _MARGIN) / high)
        """Units of the drawing for a metre."""

    def __call__(self, mark: Mark) -> tuple[float, float]:
        """Return x and y of a mark."""
        x = WIDTH / 2 + (mark.lon - self._lon) * self._east * self.scale
        y = self.height / 2 - (mark.lat - self._lat) * _METRES_PER_DEGREE * self.scale
        return round(x, 1), round(y, 1)


def draw(tracks: Sequence[Track], left_out: Sequence[Mark], *, label: str) -> str:
    """Return the map as an SVG element, empty where there is nothing to show.

    Parameters
    ----------
    tracks
        Rounds.
    left_out
        Elevators that no round visits, as crosses.
    label
        What the map shows, for those who do not see it.
    """
    marks = [*left_out, *(mark for track in tracks for mark in (track.base, *track.stops))]
    if not marks:
        return ""
    frame = _Frame(marks)
    stops = [(track, _places(track.stops)) for track in tracks]
    dots = sum(len(places) for _, places in stops) >= MANY
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {frame.height}" role="img" class="map"'
        f" aria-label={_quoted(label)}>",
        f"<style>{style_sheet()}</style>",
        f'<rect class="land" width="{WIDTH}" height="{frame.height}"/>',
        *(_line(track, frame) for track in tracks),
        *(_cross(mark, frame) for mark in left_out),
        *(_place(track.style, place, frame, dots) for track, places in stops for place in places),
        *_bases(tracks, frame),
        _scale_bar(frame),
        "</svg>",
    ]
    return "".join(parts)


def swatch(style: int) -> str:
    """Return a short piece of a crew's line, for the legend."""
    return (
        f'<svg class="swatch" viewBox="0 0 36 12" aria-hidden="true"><path class="t m{style % COLOURS}"'
        f' stroke-dasharray="{_dash(style)}" d="M1 6H35"/></svg>'
    )


def style_sheet() -> str:
    """Return the colours, for light and for dark screens."""
    light = "".join(f".m{i}{{--m:{colour}}}" for i, colour in enumerate(_LIGHT))
    dark = "".join(f".m{i}{{--m:{colour}}}" for i, colour in enumerate(_DARK))
    return (
        ".map{font:600 12px system-ui,sans-serif}.land{fill:#fbfcfc;stroke:#d5dddf}"
        ".t{fill:none;stroke:var(--m);stroke-width:2.5;stroke-linejoin:round;opacity:.85}"
        ".s{fill:var(--m);stroke:#fff;stroke-width:1.5}.n{fill:#fff;text-anchor:middle;dominant-baseline:central}"
        ".b{fill:#fff;stroke:var(--m);stroke-width:3}.bn{fill:var(--m);text-anchor:middle;dominant-baseline:central}"
        ".x{stroke:#6b7a7e;stroke-width:2.5}.k{fill:#18262a}.kl{stroke:#18262a;stroke-width:2;fill:none}"
        + light
        + "@media (prefers-color-scheme:dark){.land{fill:#141d20;stroke:#2e3c40}.s{stroke:#10181a}.n{fill:#10181a}"
        ".b{fill:#10181a}.x{stroke:#8fa0a5}.k{fill:#e5edee}.kl{stroke:#e5edee}" + dark + "}"
    )


def _dash(style: int) -> str:
    return _DASHES[(style // COLOURS + style) % len(_DASHES)]


def _places(stops: Sequence[Mark]) -> list[list[Mark]]:
    """Return the stops, those together that follow one another at one place."""
    return [list(group) for _, group in groupby(stops, key=lambda mark: (mark.lat, mark.lon))]


def _line(track: Track, frame: _Frame) -> str:
    way = [track.base, *track.stops, track.base]
    path = "M" + "L".join(f"{x} {y}" for x, y in map(frame, way))
    return (
        f'<path class="t m{track.style % COLOURS}" stroke-dasharray="{_dash(track.style)}" d="{path}">'
        f"<title>{escape(track.name)}</title></path>"
    )


def _place(style: int, stops: Sequence[Mark], frame: _Frame, dots: bool) -> str:
    x, y = frame(stops[0])
    title = escape("\n".join(mark.title for mark in stops))
    if dots:
        drawn = f'<circle class="s m{style % COLOURS}" cx="{x}" cy="{y}" r="5"><title>{title}</title></circle>'
    else:
        first, last = stops[0].number, stops[-1].number
        text = str(first) if first == last else f"{first}–{last}"
        half = 11 if len(text) < 3 else 5 + 3.8 * len(text)
        drawn = (
            f'<g class="m{style % COLOURS}"><title>{title}</title><rect class="s" x="{x - half:.1f}" y="{y - 11:.1f}"'
            f' width="{2 * half:.1f}" height="22" rx="11"/><text class="n" x="{x}" y="{y}">{text}</text></g>'
        )
    return f"<a href={_quoted(stops[0].link)}>{drawn}</a>" if stops[0].link else drawn


def _bases(tracks: Sequence[Track], frame: _Frame) -> list[str]:
    """Return each crew's base once; bases at one place stand beside one another."""
    seen: dict[tuple[float, float], int] = {}
    drawn = []
    for style, group in groupby(sorted(tracks, key=lambda track: track.style), key=lambda track: track.style):
        track = next(group)
        x, y = frame(track.base)
        x += 24 * seen.get((x, y), 0)
        seen[frame(track.base)] = seen.get(frame(track.base), 0) + 1
        drawn.append(
            f'<g class="m{style % COLOURS}"><title>{escape(track.base.title)}</title><rect class="b" x="{x - 11:.1f}"'
            f' y="{y - 11:.1f}" width="22" height="22" rx="3"/><text class="bn" x="{x:.1f}" y="{y}">{style + 1}</text></g>'
        )
    return drawn


def _cross(mark: Mark, frame: _Frame) -> str:
    x, y = frame(mark)
    return (
        f'<g class="x"><title>{escape(mark.title)}</title>'
        f'<path d="M{x - 5:.1f} {y - 5:.1f}l10 10m0 -10l-10 10"/>'
        f'<circle cx="{x}" cy="{y}" r="9" fill="transparent" stroke="none"/></g>'
    )


def _scale_bar(frame: _Frame) -> str:
    """Return a bar of a round length, about a fifth of the drawing."""
    most_m = WIDTH / 5 / frame.scale
    power = 10 ** math.floor(math.log10(most_m))
    length_m = next(step * power for step in (5, 2, 1) if step * power <= most_m)
    text = f"{length_m / 1000:g} km" if length_m >= 1000 else f"{length_m:g} m"
    x, y = _MARGIN / 2, frame.height - _MARGIN / 2
    wide = length_m * frame.scale
    return f'<path class="kl" d="M{x} {y - 5}v5h{wide:.1f}v-5"/><text class="k" x="{x + wide + 6:.1f}" y="{y}">{text}</text>'


def _quoted(text: str) -> str:
    return '"' + escape(text, {'"': "&quot;"}) + '"'
