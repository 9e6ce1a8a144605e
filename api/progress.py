"""Progress bars of long commands, on the error stream so that output can be piped."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    SpinnerColumn,
    TaskID,
    TextColumn,
    TimeElapsedColumn,
)


@dataclass
class Steps:
    """The bars of one command: one line for each step, finished ones stay."""

    progress: Progress
    task: TaskID | None = None

    @property
    def interactive(self) -> bool:
        """Whether a person sits at the terminal, who can be asked."""
        return self.progress.console.is_terminal and sys.stdin.isatty()

    def pause(self) -> None:
        """Take the bars away, so that a question can be asked."""
        self.finish()
        self.progress.stop()

    def start(self, words: str, total: int | None = None) -> None:
        """Begin a step; an unknown total shows a moving bar."""
        self.finish()
        self.task = self.progress.add_task(words, total=total)

    def update(self, done: int, total: int) -> None:
        """Say how far the step is."""
        if self.task is not None:
            self.progress.update(self.task, completed=done, total=total)

    def advance(self, done: int = 1) -> None:
        """Say that more of the step is done."""
        if self.task is not None:
            self.progress.advance(self.task, done)

    def say(self, words: str) -> None:
        """Change the words of the step."""
        if self.task is not None:
            self.progress.update(self.task, description=words)

    def finish(self) -> None:
        """End the step."""
        if self.task is None:
            return
        task = self.progress.tasks[self.progress.task_ids.index(self.task)]
        total = task.total if task.total else 1
        self.progress.update(self.task, completed=total, total=total)
        self.task = None


@contextmanager
def show_steps(*, quiet: bool = False) -> Iterator[Steps]:
    """Bars on a terminal; nothing when quiet or when nobody watches."""
    console = Console(stderr=True)
    progress = Progress(
        SpinnerColumn(finished_text="[green]\u2713[/]"),
        TextColumn("{task.description}"),
        BarColumn(bar_width=28),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        console=console,
        disable=quiet or not console.is_terminal,
    )
    with progress:
        steps = Steps(progress)
        yield steps
        steps.finish()
