"""One call of one page of asking: the town's rules, the answers so far, and what comes next."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Final
from uuid import UUID

import msgspec
from litestar import Response

from matching.intake.drafts import DRAFT_LIFE, Browser, find_draft, save_draft
from matching.intake.eligibility import EligibilityRules
from matching.intake.help_kinds import HelpKind, HelpKinds
from matching.intake.models import AskDraft
from matching.intake.programme import (
    load_deadline_rules,
    load_eligibility,
    load_kinds,
    season_end,
)
from matching.intake.taking import STORM_ON
from matching.intake.until_when import tell_until_when
from matching.kinds import RequestKind
from matching.storms.repository import find_current_storm
from people.directory_repository import find_home_of
from people.signing_in.digests import digest_secret, looks_like_secret, new_secret
from web.identity import read_cookie
from web.pages.asking.answers import (
    CHECK,
    PATHS,
    Answers,
    Step,
    find_next,
    list_steps,
    read_answers,
)
from web.pages.asking.facts import list_facts
from web.pages.asking.whens import Season
from web.pages.desk import Answer, Call

ASK_COOKIE: Final = "talkoot-ask"


@dataclass(frozen=True)
class Asking:
    """Somebody who is asking for help, at one question."""

    call: Call
    browser: Browser | None
    """None: nothing was answered in this browser yet."""
    draft: AskDraft | None
    answers: Answers
    kinds: HelpKinds
    eligibility: EligibilityRules
    home_id: UUID | None
    """The home on record of the person who is signed in."""

    @property
    def kind(self) -> HelpKind | None:
        """The help that was chosen, when the town still gives it."""
        offered = {kind.code.value: kind for kind in self.kinds.kinds if kind.offered}
        return offered.get(self.answers.kind)

    @property
    def steps(self) -> tuple[Step, ...]:
        """The questions of this call for help."""
        kind = self.kind
        return list_steps(
            self.answers,
            has_parts=kind is not None and len(kind.scope) > 1,
            has_facts=kind is not None and bool(list_facts(self.eligibility, kind.code)),
        )

    def find_detour(self, step: str) -> str | None:
        """The page that comes before this one, when that has no answer yet."""
        if self.kind is None:  # not chosen yet, or not given any more
            return PATHS["what"]
        before = self.steps if step == "check" else self.steps[: self.steps.index(step)]
        path = find_next(self.answers, before)
        return None if path == CHECK else path

    async def go_on(self, answers: Answers) -> Answer:
        """Keep the answers and lead on to the next question."""
        call = self.call
        secret = read_cookie(call.request, call.settings, ASK_COOKIE)
        if secret is None or not looks_like_secret(secret):
            secret = new_secret()
        call.browser.keep(ASK_COOKIE, secret, DRAFT_LIFE)
        browser = Browser(digest_secret(secret), call.town.id, call.actor.person_id)
        kept: dict[str, Any] = msgspec.to_builtins(answers)
        await save_draft(call.session, browser, kept, now=call.now)
        following = replace(self, answers=answers)
        return call.go(find_next(answers, following.steps))

    def show(
        self, step: str, values: dict[str, Any], errors: dict[str, str] | None = None
    ) -> Answer:
        """The page of a question; with errors, to be shown again."""
        shared = {
            "step": step,
            "progress": self.tell_progress(step),
            "answers": self.answers,
            "errors": errors or {},
            "path": PATHS[step],
            "back": self._find_back(step),
        }
        name = f"asking/{step}.html"
        if errors:
            raise self.call.show_again(name, shared | values)
        return self.call.show(name, shared | values)

    def tell_progress(self, step: str) -> dict[str, Any]:
        """ "Step 3 of 6: the place", and the same as numbers for the knitted row."""
        _ = self.call.reader.translator.gettext
        names = {
            "what": _("the help"),
            "when": _("the time"),
            "place": _("the place"),
            "who": _("you"),
            "contact": _("how we reach you"),
            "check": _("check and send"),
        }
        within = {"parts": "what", "pin": "place"}
        stages = [name for name in (*self._guess_steps(step), "check") if name not in within]
        here = stages.index(within.get(step, step)) + 1
        # A question that is only known to be asked later is counted from the start.
        words = _("Step %(here)s of %(of)s: %(what)s") % {
            "here": here,
            "of": len(stages),
            "what": names[stages[here - 1]],
        }
        return {"words": words, "here": here, "of": len(stages)}

    def _guess_steps(self, step: str) -> tuple[Step, ...]:
        """The questions to count: those not left out yet, but likely to be, are left out now."""
        likely, done = self.answers, self.answers.done
        if self.home_id is not None and "place" not in done:
            likely = msgspec.structs.replace(likely, at_home=True, knows_contact=True)
        elif self.call.actor.person_id is not None and "who" not in done:
            likely = msgspec.structs.replace(likely, knows_contact=True)
        guessed = replace(self, answers=likely).steps
        return guessed if step in (*guessed, "check") else self.steps

    def _find_back(self, step: str) -> str:
        pages = (*self.steps, "check")
        place = pages.index(step) if step in pages else 0
        return PATHS[pages[place - 1]] if place else "/"


async def open_asking(call: Call, *, lock: bool = False) -> Asking:
    """What is known when a page of asking is opened."""
    town, person_id = call.town, call.actor.person_id
    browser, draft = None, None
    secret = read_cookie(call.request, call.settings, ASK_COOKIE)
    if secret is not None and looks_like_secret(secret):
        browser = Browser(digest_secret(secret), town.id, person_id)
        draft = await find_draft(call.session, browser, now=call.now, lock=lock)
    return Asking(
        call=call,
        browser=browser,
        draft=draft,
        answers=Answers() if draft is None else read_answers(draft.answers),
        kinds=await load_kinds(call.session, town.id, call.now),
        eligibility=await load_eligibility(call.session, town.id, call.now),
        home_id=None if person_id is None else await find_home_of(call.session, person_id),
    )


async def read_season(call: Call, kind: HelpKind) -> Season:
    """What the town says about time for a kind of help."""
    session, town, now = call.session, call.town, call.now
    rules = await load_deadline_rules(session, town, now)
    storm = await find_current_storm(session, town.id) if kind.needs_storm else None
    storm_on = storm is not None and storm.status in STORM_ON
    deadline_at, law = None, None
    if storm_on:
        until = await tell_until_when(session, town.id, now=now)
        if until.snow_ended_at is not None:
            deadline_at = until.at
        # The storm may have a deadline of its own; then the rule is not what counts.
        if until.deadline.law is not None and until.deadline.law.at == until.at:
            sentences = until.deadline.law.sentences
            law = sentences.get(call.reader.language, until.deadline.law.sentence)
    return Season(
        needs_storm=kind.needs_storm,
        storm_on=storm_on,
        deadline_at=deadline_at,
        law=law,
        ends_on=season_end(rules, town, now),
    )


def kind_of(asking: Asking) -> HelpKind:
    """The help that was chosen; raises `InvalidRequest` when it is not given any more."""
    return asking.kinds.get(RequestKind(asking.answers.kind))


def no_detour(asking: Asking, step: str) -> Response[Any] | None:
    """The way to an earlier question that has no answer yet."""
    path = asking.find_detour(step)
    return None if path is None else asking.call.go(path)
