"""What a mutation answers when it cannot do what was asked: a problem to show, with a code."""

from __future__ import annotations

import strawberry

from core.errors import Conflict, InvalidInput, NotFound, NotPermitted, TalkootError, Unavailable


@strawberry.interface(description="Why something was not done. Nothing was changed.")
class Problem:
    code: str = strawberry.field(description="A stable word for programs, such as `offer_taken`.")
    message: str = strawberry.field(
        description="One sentence for people: what happened, and what to do about it."
    )


@strawberry.type(description="What was given cannot be used; giving something else helps.")
class InvalidInputProblem(Problem):
    pass


@strawberry.type(description="There is no such thing, or it is not for you: both answer alike.")
class NotFoundProblem(Problem):
    pass


@strawberry.type(description="You, or your token, may not do this.")
class NotPermittedProblem(Problem):
    pass


@strawberry.type(
    description="Things have changed meanwhile, or something else stands against it; look again."
)
class ConflictProblem(Problem):
    pass


@strawberry.type(description="Something that this needs did not answer; try again in a moment.")
class UnavailableProblem(Problem):
    pass


PROBLEMS: tuple[tuple[type[TalkootError], type[Problem]], ...] = (
    (InvalidInput, InvalidInputProblem),
    (NotFound, NotFoundProblem),
    (NotPermitted, NotPermittedProblem),
    (Conflict, ConflictProblem),
    (Unavailable, UnavailableProblem),
)
PROBLEM_TYPES = tuple(problem for _, problem in PROBLEMS)


def describe_problem(error: TalkootError) -> Problem | None:
    """The problem that an error is to the caller; None for faults of ours."""
    for kind, problem in PROBLEMS:
        if isinstance(error, kind):
            return problem(code=error.code, message=str(error))
    if error.http_status < 500:
        return InvalidInputProblem(code=error.code, message=str(error))
    return None
