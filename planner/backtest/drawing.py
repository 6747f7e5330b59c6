"""The picture of a backtest: one panel for every figure, a bar for every policy, a line for its interval. SVG, written here.

Every panel has its own scale from 0; the policies keep their order and colour. Readable in print, in the dark and without
colour: each bar carries its policy's name and its number.
"""

from __future__ import annotations

from collections.abc import Sequence
from xml.sax.saxutils import escape

from planner.backtest.figures import Difference, Figures, PolicyFigures

PANELS = (
    ("visits", "Visits per elevator and year"),
    ("technician_hours", "Technician hours on site per elevator and year"),
    ("wear_out_faults", "Faults of wear per elevator and year"),
    ("faults", "All faults per elevator and year"),
    ("entrapments", "Entrapments per elevator and year"),
    ("overdue_days", "Overdue days per elevator and year"),
)
"""Figure → what its panel is called."""

COLOURS = ("#54666b", "#0f5f6b", "#b34700", "#5b3f8c", "#7a5c00", "#1f6b2d", "#8c2f52", "#33508c")
_WIDTH, _PANEL, _GAP_X, _MARGIN = 960, 456, 16, 16
_BAR, _BAR_GAP, _HEAD, _TOP, _LINE = 20, 22, 30, 74, 20


def draw(found: Figures, about: str) -> str:
    """Return the picture as an SVG file.

    Parameters
    ----------
    found
        The figures.
    about
        What was simulated or replayed, in one line.
    """
    tall = _HEAD + len(found.policies) * (_BAR + _BAR_GAP) + 14
    rows = (len(PANELS) + 1) // 2
    top = _TOP + len(found.differences) * _LINE + 8
    height = top + rows * tall + 34
    parts = [_title(found, about)]
    for index, (name, title) in enumerate(PANELS):
        x = _MARGIN + (index % 2) * (_PANEL + _GAP_X)
        parts.append(_panel(found, name, title, x, top + (index // 2) * tall))
    parts.append(
        f'<text class="s" x="{_MARGIN}" y="{height - 14}">Lines: 95 % intervals over elevators. '
        f"Limits of the law passed: {escape(_limits(found.policies))}</text>"
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {height}" width="{_WIDTH}" height="{height}" role="img"'
        f' aria-label="{escape(about, {chr(34): "&quot;"})}"><style>{_STYLE}</style>'
        f'<rect class="bg" width="{_WIDTH}" height="{height}"/>{"".join(parts)}</svg>\n'
    )


_STYLE = (
    "text{font:14px system-ui,'Noto Sans',sans-serif;fill:#18262a}.t{font-size:19px;font-weight:600}.h{font-weight:600}"
    ".s{font-size:13px;fill:#42545a}.e{stroke:#18262a;stroke-width:1.5;fill:none}.bg{fill:#fff}"
    ".a{stroke:#cfd8da}@media (prefers-color-scheme:dark){text{fill:#e5edee}.s{fill:#b4c2c6}.e{stroke:#e5edee}"
    ".bg{fill:#10191c}.a{stroke:#3a4a4f}}"
)


def _title(found: Figures, about: str) -> str:
    lines = [f'<text class="t" x="{_MARGIN}" y="32">Rule packs on the same elevators with the same luck</text>']
    lines.append(f'<text class="s" x="{_MARGIN}" y="54">{escape(about)}</text>')
    for number, difference in enumerate(found.differences):
        lines.append(f'<text x="{_MARGIN}" y="{_TOP + 6 + number * _LINE}">{escape(headline(difference))}</text>')
    return "".join(lines)


def headline(difference: Difference) -> str:
    """Say in one line what a policy changes against the first one."""
    names = (("visits", "visits"), ("wear_out_faults", "faults of wear"))
    told = [f"{name} {percent(*difference.change[key])}" for key, name in names if key in difference.change]
    return f"{difference.id} against {difference.than}: " + ", ".join(told)


def percent(change: float, least: float, most: float) -> str:
    """Write a relative change with its interval."""
    return f"{100 * change:+.1f} % [{100 * least:+.1f}, {100 * most:+.1f}]"


def _panel(found: Figures, name: str, title: str, x: int, y: int) -> str:
    shown = [_per_year(one, name) for one in found.policies]
    top = max((most for _, _, most in shown), default=0.0) or 1.0
    wide = _PANEL - 76
    parts = [f'<text class="h" x="{x}" y="{y + 16}">{escape(title)}</text>']
    parts.append(f'<path class="a" d="M{x} {y + _HEAD - 6}H{x + _PANEL}"/>')
    for number, (policy, (value, least, most)) in enumerate(zip(found.policies, shown, strict=True)):
        at = y + _HEAD + number * (_BAR + _BAR_GAP)
        parts.append(f'<text class="s" x="{x}" y="{at + 14}">{escape(policy.id)}</text>')
        parts.append(_bar(number, x, at + _BAR_GAP - 2, wide / top, value, least, most))
    return "<g>" + "".join(parts) + "</g>"


def _bar(number: int, x: int, y: int, scale: float, value: float, least: float, most: float) -> str:
    middle, from_x, to_x = y + _BAR / 2 - 2, x + least * scale, x + most * scale
    height = _BAR - 4
    line = f'<path class="e" d="M{from_x:.1f} {middle}H{to_x:.1f}M{from_x:.1f} {middle - 4}v8M{to_x:.1f} {middle - 4}v8"/>'
    return (
        f'<rect x="{x}" y="{y}" width="{max(1.0, value * scale):.1f}" height="{height}" rx="2"'
        f' fill="{COLOURS[number % len(COLOURS)]}" fill-opacity=".75"/>{line if most > least else ""}'
        f'<text x="{max(to_x, x + value * scale) + 8:.1f}" y="{middle + 5}">{value:,.2f}</text>'
    )


def _per_year(policy: PolicyFigures, name: str) -> tuple[float, float, float]:
    years = policy.elevator_years or 1.0
    least, most = policy.intervals[name]
    return float(getattr(policy, name)) / years, least / years, most / years


def _limits(policies: Sequence[PolicyFigures]) -> str:
    return ", ".join(f"{one.id} {one.past_legal_limit}" for one in policies)
