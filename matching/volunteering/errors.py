"""What can go wrong with volunteers' profiles, teams and tools."""

from __future__ import annotations

from dataclasses import dataclass

from core.errors import Conflict, InvalidInput, NotFound, NotPermitted


@dataclass(frozen=True)
class FieldProblem:
    """One thing that is wrong with a form: where, what, and how to mend it."""

    field: str
    message: str
    remedy: str

    def sentence(self) -> str:
        """Everything in one or two sentences."""
        return f"{self.field} {self.message}. {self.remedy}"


class InvalidSignUp(InvalidInput):
    """A sign-up that cannot be used; carries every problem, not only the first."""

    code = "invalid_sign_up"

    def __init__(self, problems: tuple[FieldProblem, ...]) -> None:
        self.problems = problems
        super().__init__(" ".join(problem.sentence() for problem in problems))


class InvalidTeam(InvalidInput):
    """A team that cannot be."""

    code = "invalid_team"


class InvalidPause(InvalidInput):
    """A pause that is over before it begins."""

    code = "invalid_pause"


class HasLeft(Conflict):
    """The volunteer takes part no more; signing up again begins anew."""

    code = "volunteer_has_left"


class NotCleared(NotPermitted):
    """A check, a guardian's consent or an adult is missing for this kind of help."""

    code = "not_cleared"

    def __init__(self, gaps: tuple[str, ...], message: str) -> None:
        self.gaps = gaps
        super().__init__(message)


class DepotUnknown(NotFound):
    """No depot of this community has this name."""

    code = "depot_unknown"


class LoanUnknown(NotFound):
    """This volunteer has no such tool on loan."""

    code = "loan_unknown"


class InvalidStock(InvalidInput):
    """A count of tools that cannot be."""

    code = "invalid_stock"


class ToolsAllLent(Conflict):
    """Every tool of that kind within reach is out."""

    code = "tools_all_lent"


class BanUnknown(NotFound):
    """These two are not kept apart."""

    code = "ban_unknown"
