"""Shows the steps of the demo on the terminal: a bar for each, or a line where there is no terminal."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn


class BarSteps:
    """Steps as progress bars.

    Parameters
    ----------
    console
        Where to draw; the error stream, so that standard output stays for what a script reads.
    """

    def __init__(self, console: Console) -> None:
        self._console = console

    @contextmanager
    def step(self, title: str, total: int | None = None) -> Iterator[Callable[[int], None]]:
        """Show one step; the function it gives is told how much was done since the last call."""
        columns = (
            SpinnerColumn(finished_text="[green]✓"),
            TextColumn("{task.description:<24}"),
            BarColumn(bar_width=30),
            *([MofNCompleteColumn()] if total else []),
            TimeElapsedColumn(),
        )
        with Progress(*columns, console=self._console) as progress:
            task = progress.add_task(title, total=total)
            yield lambda count: progress.advance(task, count)
            progress.update(task, total=total or 1, completed=total or 1)
