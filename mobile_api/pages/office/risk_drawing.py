"""What was forecast against what came, drawn here as SVG: a dot per group of like forecasts, and the span it should lie in."""

from __future__ import annotations

from collections.abc import Sequence
from xml.sax.saxutils import escape

from backend.risk.views import CalibrationBin

SIZE = 340
_LEFT, _BOTTOM, _TOP, _RIGHT = 44, 40, 12, 12
_DOT_LEAST, _DOT_MOST = 3.5, 7.0


def draw(bins: Sequence[CalibrationBin], *, label: str, x_name: str, y_name: str) -> str:
    """Return the picture as an SVG element.

    Parameters
    ----------
    bins
        By forecast, at least one.
    label
        What the picture shows, for those who do not see it.
    x_name, y_name
        Names of the axes.
    """
    top = _round_up(max(max(each.high, each.came, each.expected) for each in bins))
    most = max(each.forecasts for each in bins)

    def x(value: float) -> float:
        return round(_LEFT + value / top * (SIZE - _LEFT - _RIGHT), 1)

    def y(value: float) -> float:
        return round(SIZE - _BOTTOM - value / top * (SIZE - _BOTTOM - _TOP), 1)

    parts = [f'<path class="d" d="M{x(0)} {y(0)}L{x(top)} {y(top)}"/>']
    for step in range(5):
        value = top * step / 4
        parts.append(f'<path class="g" d="M{x(0)} {y(value)}H{x(top)}"/>')
        parts.append(f'<text class="t e" x="{x(0) - 6}" y="{y(value) + 4}">{_number(value)}</text>')
        parts.append(f'<text class="t m" x="{x(value)}" y="{SIZE - _BOTTOM + 16}">{_number(value)}</text>')
    for each in bins:
        radius = _DOT_LEAST + (_DOT_MOST - _DOT_LEAST) * each.forecasts / most
        span = f"80 %: {each.low:.2f}–{each.high:.2f}; n = {each.forecasts}"
        title = f"{x_name} {each.expected:.2f}, {y_name} {each.came:.2f} ({span})"
        parts.append(
            f'<g><title>{escape(title)}</title><path class="s" d="M{x(each.expected)} {y(each.low)}V{y(each.high)}"/>'
            f'<circle class="p" cx="{x(each.expected)}" cy="{y(each.came)}" r="{radius:.1f}"/></g>'
        )
    parts.append(f'<text class="t m" x="{x(top / 2)}" y="{SIZE - 6}">{escape(x_name)}</text>')
    parts.append(f'<text class="t m" x="12" y="{y(top / 2)}" transform="rotate(-90 12 {y(top / 2)})">{escape(y_name)}</text>')
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {SIZE} {SIZE}" role="img" class="calibration"'
        f' aria-label="{escape(label)}"><style>{_STYLE}</style>'
    )
    return head + "".join(parts) + "</svg>"


_STYLE = (
    ".calibration{max-width:26rem;width:100%;height:auto}.t{font:12px system-ui,sans-serif;fill:#54666b}.e{text-anchor:end}"
    ".m{text-anchor:middle}.g{stroke:#cfd8da;fill:none}.d{stroke:#54666b;stroke-dasharray:4 4;fill:none}"
    ".s{stroke:#0f5f6b;stroke-width:5;stroke-opacity:.3;stroke-linecap:round;fill:none}.p{fill:#b34700}"
    "@media (prefers-color-scheme:dark){.t{fill:#a3b4b8}.g{stroke:#3a474b}.d{stroke:#a3b4b8}.s{stroke:#6cc5d0}.p{fill:#ffad66}}"
)


def _round_up(value: float) -> float:
    """Return a round number that is not below a value and above 0."""
    step = 0.01
    while True:
        for factor in (1, 2, 4, 8):
            if value <= step * factor:
                return step * factor
        step *= 10


def _number(value: float) -> str:
    return f"{value:.3g}"
