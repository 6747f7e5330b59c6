"""Policies side by side as bars, drawn here as SVG: one group for every figure, a line for the spread over seeds."""

from __future__ import annotations

from collections.abc import Sequence
from xml.sax.saxutils import escape

from msgspec import Struct

WIDTH = 400
_LEFT, _RIGHT = 4, 64
_BAR, _GAP, _HEAD = 22, 6, 26
_COLOURS = 3
_LIGHT = ("#54666b", "#0f5f6b", "#b34700")
_DARK = ("#a3b4b8", "#6cc5d0", "#ffad66")


class Bar(Struct, frozen=True, kw_only=True):
    """A policy's figure."""

    label: str
    mean: float
    least: float
    most: float


def draw(groups: Sequence[tuple[str, Sequence[Bar]]], *, label: str, space: str = " ") -> str:
    """Return the picture as an SVG element.

    Parameters
    ----------
    groups
        By figure: its name, and a bar for every policy.
    label
        What the picture shows, for those who do not see it.
    space
        Between a name and its number, as the language writes it.
    """
    parts = []
    y = 0
    for name, bars in groups:
        y += _HEAD
        parts.append(f'<text class="h" x="{_LEFT}" y="{y - 8}">{escape(name)}</text>')
        top = max((bar.most for bar in bars), default=0.0) or 1.0
        for number, bar in enumerate(bars):
            parts.append(_bar(bar, number, y, (WIDTH - _LEFT - _RIGHT) / top, f"{name}{space}"))
            y += _BAR + _GAP
        y += _GAP
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {y}" role="img" class="bars"'
        f' aria-label="{escape(label)}">'
        f"<style>{_style()}</style>"
    )
    return head + "".join(parts) + "</svg>"


def _bar(bar: Bar, number: int, y: int, scale: float, name: str) -> str:
    wide = round(bar.mean * scale, 1)
    least, most = round(_LEFT + bar.least * scale, 1), round(_LEFT + bar.most * scale, 1)
    middle = y + _BAR / 2
    spread = f'<path class="e" d="M{least} {middle}H{most}M{least} {y + 6}v{_BAR - 12}M{most} {y + 6}v{_BAR - 12}"/>'
    title = f"{bar.label}: {name}{bar.mean:,.0f} ({bar.least:,.0f}–{bar.most:,.0f})"
    return (
        f'<g><title>{escape(title)}</title><rect class="b{number % _COLOURS}" x="{_LEFT}" y="{y}" width="{max(wide, 1)}"'
        f' height="{_BAR}" rx="3"/>{spread if most > least else ""}'
        f'<text class="v" x="{max(most, _LEFT + wide) + 6:.1f}" y="{middle}">{bar.mean:,.0f}</text></g>'
    )


def swatch(number: int) -> str:
    """Return a small square of a policy's colour, for the legend."""
    return (
        f'<svg class="swatch" viewBox="0 0 12 12" width="12" height="12" aria-hidden="true"><style>{_style()}</style>'
        f'<rect class="b{number % _COLOURS}" width="12" height="12" rx="2"/></svg>'
    )


def _style() -> str:
    light = "".join(f".b{i}{{fill:{colour}}}" for i, colour in enumerate(_LIGHT))
    dark = "".join(f".b{i}{{fill:{colour}}}" for i, colour in enumerate(_DARK))
    return (
        ".bars{font:14px system-ui,sans-serif;width:100%;max-width:40rem;height:auto}.h{fill:#18262a;font-weight:600}"
        ".v{fill:#18262a;dominant-baseline:central}.e{stroke:#18262a;stroke-width:1.5;fill:none}"
        + light
        + "@media (prefers-color-scheme:dark){.h,.v{fill:#e5edee}.e{stroke:#e5edee}"
        + dark
        + "}"
    )
