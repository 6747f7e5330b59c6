"""Due windows and receipts as text for the terminal."""

from __future__ import annotations

import io
import shutil
import sys
from collections.abc import Sequence

from msgspec import Struct
from rich import box
from rich.console import Console, RenderableType
from rich.table import Table
from rich.text import Text as Styled

from backend.upkeep.views import DuePage, ReceiptView
from planner.intervals.receipt import Candidate, Citation, ModeReceipt, Move, Text
from planner.intervals.wording import CLASS_NAMES, MODE_NAMES, short_codes

WIDTH = 140
"""Characters of a line where the output is no terminal, such as a file."""

_MARKS = {
    "verified": Text("已核实", "verified"),
    "expert": Text("行业经验，待核对", "expert knowledge, to be checked"),
    "design": Text("本系统设定，非法规", "our design, not law"),
}
_SIGNS = {"met": "✓", "not_met": "✗", "unknown": "?"}


class _Words(Struct, frozen=True, kw_only=True):
    """The fixed words of one language."""

    listed: tuple[str, ...]
    limits: tuple[str, ...]
    conditions: tuple[str, ...]
    counted: str
    fallen_back: str
    window: str
    days_left: str
    overdue: str
    paused: str
    maintenance_class: str
    mode: str
    since: str
    first_day: str
    assumptions: str
    would_move: str


_WORDS = {
    "en": _Words(
        listed=("last day", "days", "class", "registration code", "elevator", "district", "mode"),
        limits=("last day", "class", "limit", "clause and source"),
        conditions=("", "condition", "found", "clause and source"),
        counted="{shown} of {total} elevators, {overdue} overdue on {day}",
        fallen_back="fallen back",
        window="due",
        days_left="{days} days left",
        overdue="OVERDUE by {days} days",
        paused="paused",
        maintenance_class="class",
        mode="mode",
        since="since",
        first_day="Why from this day on",
        assumptions="What was not known, and what was taken instead",
        would_move="What would move it",
    ),
    "zh": _Words(
        listed=("最晚日", "天数", "类别", "注册代码", "电梯", "区域", "方式"),
        limits=("最晚日", "类别", "限制", "条款与来源"),
        conditions=("", "条件", "核对结果", "条款与来源"),
        counted="共{total}台，显示{shown}台，{day}超期{overdue}台",
        fallen_back="已恢复定期",
        window="应完成",
        days_left="剩余{days}天",
        overdue="已超期{days}天",
        paused="暂停",
        maintenance_class="类别",
        mode="方式",
        since="自",
        first_day="为何自此日起",
        assumptions="未知事项及所取的假定",
        would_move="何事会改变此窗口",
    ),
}


def page(found: DuePage, lang: str) -> str:
    """Return the list of what is due as a table.

    Parameters
    ----------
    found
        The list.
    lang
        `en` or `zh`.
    """
    words = _WORDS[lang]
    table = _table(words.listed)
    for row in found.rows:
        mode = _in(MODE_NAMES[row.mode_effective], lang) + (f" ({words.fallen_back})" if row.fallen_back else "")
        cells = (
            str(row.last_day), words.paused if row.paused else str(row.days_left),
            _in(CLASS_NAMES[row.maintenance_class], lang), row.registration_code,
            _named(row.site_name, row.unit_name), row.district, mode,
        )  # fmt: skip
        table.add_row(*(Styled(cell) for cell in cells), style="red" if row.overdue else "")
    counted = words.counted.format(shown=len(found.rows), total=found.total, overdue=found.overdue, day=found.on_day)
    return _text([table, Styled(counted)] if found.rows else [Styled(counted)])


def receipt(view: ReceiptView, lang: str) -> str:
    """Return a due window with its whole receipt; the binding sentence stands in both languages.

    Parameters
    ----------
    view
        The window and its receipt.
    lang
        `en` or `zh`, for everything else.
    """
    why, words = view.receipt, _WORDS[lang]
    parts: list[RenderableType] = [Styled(f"{view.registration_code}  {_named(view.site_name, view.unit_name)}", style="bold")]
    state = words.paused if view.window.paused else words.overdue if view.overdue else words.days_left
    days = f"{words.window}: {view.window.first_day} – {view.window.last_day}, {state.format(days=abs(view.days_left))}"
    parts.append(Styled(days, style="red" if view.overdue else ""))
    parts.append(Styled(f"{words.maintenance_class}: {_in(why.class_reason, lang)}"))
    parts += _mode(why.mode, why.pack, lang)
    parts.append(Styled(""))
    for sentence in (why.sentence, why.paused):
        parts += [] if sentence is None else [Styled(sentence.en), Styled(sentence.zh)]
    parts.append(_limits(why.candidates, lang))
    if why.mode.conditions:
        parts.append(_conditions(why.mode, lang))
    parts += _lines(words.first_day, (why.first_day_reason,), lang)
    parts += _lines(words.assumptions, why.assumptions, lang)
    parts += _lines(words.would_move, [*why.would_move, *(_move(move) for move in why.moves)], lang)
    return _text(parts)


def _mode(mode: ModeReceipt, pack: str, lang: str) -> list[RenderableType]:
    words = _WORDS[lang]
    said = f"{words.mode}: {_in(MODE_NAMES[mode.effective], lang)} ({pack})"
    if mode.fallen_back:
        said += f", {words.fallen_back}" + (f" {words.since} {mode.fixed_again_on}" if mode.fixed_again_on else "")
    return [Styled(said), *(Styled(f"  · {_in(reason, lang)}") for reason in mode.reasons)]


def _limits(candidates: Sequence[Candidate], lang: str) -> Table:
    table = _table(_WORDS[lang].limits, (None, None, 4, 5))
    for candidate in candidates:
        what = _in(candidate.sentence, lang) + (f" [{short_codes(candidate.items)}]" if candidate.items else "")
        day = ("▶ " if candidate.binds else "  ") + str(candidate.day)
        cells = (day, _in(CLASS_NAMES[candidate.maintenance_class], lang), what, _cited(candidate.cites, lang))
        table.add_row(*(Styled(cell) for cell in cells), style="bold" if candidate.binds else "")
    return table


def _conditions(mode: ModeReceipt, lang: str) -> Table:
    table = _table(_WORDS[lang].conditions, (None, 3, 3, 4))
    for result in mode.conditions:
        cells = (f"{_SIGNS[result.outcome]} {result.key}", _in(result.title, lang), _in(result.reason, lang),
                 _cited(result.cites, lang))  # fmt: skip
        table.add_row(*(Styled(cell) for cell in cells), style="" if result.outcome == "met" else "red")
    for trigger in mode.triggers:
        since = "" if trigger.since is None else f" ({_WORDS[lang].since} {trigger.since})"
        cells = (f"✗ {trigger.key}", "", _in(trigger.reason, lang) + since, _cited(trigger.cites, lang))
        table.add_row(*(Styled(cell) for cell in cells), style="red")
    return table


def _table(headings: Sequence[str], ratios: Sequence[int | None] = ()) -> Table:
    """Return an empty table; Chinese is broken anywhere instead of cut, because it has no spaces."""
    table = Table(box=box.SIMPLE_HEAD)
    for i, heading in enumerate(headings):
        ratio = ratios[i] if ratios else None
        table.add_column(heading, ratio=ratio, overflow="fold", no_wrap=bool(ratios) and ratio is None)
    return table


def _move(move: Move) -> Text:
    days = f"{move.days:+d}"
    return Text(f"{move.what.zh}：{move.last_day}（{days}日）", f"{move.what.en}: {move.last_day} ({days} days)")


def _lines(heading: str, lines: Sequence[Text], lang: str) -> list[RenderableType]:
    return [Styled(heading), *(Styled(f"  · {_in(line, lang)}") for line in lines)] if lines else []


def _in(text: Text, lang: str) -> str:
    return text.zh if lang == "zh" else text.en


def _cited(cites: Citation, lang: str) -> str:
    mark = _in(_MARKS[cites.mark], lang)
    return f"{_in(cites.source, lang)}: {_in(cites.clause, lang)} [{mark}; {cites.region}, {cites.effective_from}]"


def _named(*parts: str) -> str:
    return " ".join(part for part in parts if part)


def _text(parts: Sequence[RenderableType]) -> str:
    """Render as wide as the terminal, without colour where there is none."""
    is_terminal = sys.stdout.isatty()
    width = shutil.get_terminal_size().columns if is_terminal else WIDTH
    console = Console(file=io.StringIO(), width=width, force_terminal=is_terminal, highlight=False)
    for part in parts:
        console.print(part)
    file = console.file
    assert isinstance(file, io.StringIO)  # noqa: S101 - the one given above
    return file.getvalue()
