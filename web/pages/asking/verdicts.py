"""What the programme's rules say about a call for help before it is sent: why not, and what else.

A person looks at it all the same: the rules refuse nobody by themselves.
"""

from __future__ import annotations

from dataclasses import dataclass

from matching.intake.eligibility import Facts, decide, explain
from matching.intake.judging import declare, find_local_day, load_facts, move_to
from matching.intake.kinds import Verdict
from web.pages.asking.facts import as_declares
from web.pages.asking.opening import Asking, kind_of


@dataclass(frozen=True)
class Refused:
    """Rules that a call for help does not meet."""

    reasons: tuple[str, ...]
    """In plain words."""
    others: tuple[str, ...]
    """Kinds of help that the rules give."""


async def find_refusal(asking: Asking) -> Refused | None:
    """Why the rules would not give this help; None when they would, or a person has to say."""
    if not asking.eligibility.rules:
        return None
    rules, chosen = asking.eligibility, kind_of(asking)
    facts, today = await _load_facts(asking), find_local_day(asking.call.town, asking.call.now)
    decision = decide(rules, chosen.code, facts, today)
    if decision.verdict is not Verdict.NOT_ELIGIBLE:
        return None
    language = asking.call.reader.language
    others = [
        kind.label(language)
        for kind in asking.kinds.kinds
        if kind.offered
        and kind.code is not chosen.code
        and decide(rules, kind.code, facts, today).verdict is Verdict.ELIGIBLE
    ]
    return Refused(tuple(explain(rules, decision.reasons, language)), tuple(others))


async def _load_facts(asking: Asking) -> Facts:
    """What they would be judged by if they sent it: read once, for all kinds of help."""
    call, answers = asking.call, asking.answers
    person_id, facts = call.actor.person_id, Facts()
    if person_id is not None and (answers.at_home or answers.knows_contact):
        facts = await load_facts(call.session, call.actor, call.town, person_id, now=call.now)
    if not answers.at_home:
        facts = move_to(facts, answers.as_place())
    return declare(facts, as_declares(answers.facts))
