"""How a run tells what it is doing. Override what you want to hear."""

from __future__ import annotations


class Callbacks:
    """Receives the progress of a run; every method does nothing here.

    Calls come from the thread that runs `solve`, never from worker processes.
    """

    def phase(self, name: str, total: int) -> None:
        """Tell that a phase of ``total`` steps has begun."""

    def advance(self, done: int) -> None:
        """Tell that ``done`` more steps of the phase are finished."""

    def incumbent(self, value: float, served: int) -> None:
        """Tell of a better plan: its value in metres and the requests that it serves."""
