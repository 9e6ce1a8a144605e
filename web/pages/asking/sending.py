"""The last page of asking: all answers, and the button that sends them."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, Final
from uuid import UUID

from litestar import get, post
from litestar.di import NamedDependency

from core.i18n import Translator
from matching.intake.commands import NewResident, Outcome, Taken, TakeRequest, Windows
from matching.intake.drafts import close_draft, drop_draft
from matching.intake.errors import InvalidRequest
from matching.intake.kinds import Cadence, CallerKind, ContactChoice
from matching.intake.taking import take_request
from people.disclosure import read_address
from people.kinds import Purpose
from people.links import LinkTo, create_link
from web.pages.asking.answers import PATHS, Answers
from web.pages.asking.facts import as_declares, say_fact
from web.pages.asking.opening import Asking, kind_of, no_detour, open_asking, read_season
from web.pages.asking.persons import LANGUAGE_NAMES, say_callers
from web.pages.asking.verdicts import find_refusal
from web.pages.asking.whens import CADENCES, Season, make_windows, say_when
from web.pages.desk import Answer, Call, Desk
from web.pages.guards import AnyRequest
from web.pages.own_contacts import read_own_contacts

LINK_LIFE: Final = timedelta(days=14)
ASKED: Final = "asked"
ASKED_STANDING: Final = "asked_standing"


@get("/ask/check", name="ask_check")
async def get_check(request: AnyRequest, desk: NamedDependency[Desk]) -> Answer:
    """All answers, before anything is sent."""
    async with desk.look_and_note(request) as call:
        asking = await open_asking(call)
        return no_detour(asking, "check") or await _show_check(asking)


async def _show_check(asking: Asking, errors: dict[str, str] | None = None) -> Answer:
    call, answers = asking.call, asking.answers
    season = await read_season(call, kind_of(asking))
    translator = call.reader.translator
    values = {
        "job": tell_job(asking, season),
        "place": await _tell_place(asking),
        "you": tell_you(answers, translator),
        "season": season,
        "is_known": call.actor.person_id is not None and answers.who == "self",
        "has_phone": await _has_phone(asking),
        "needs_person": kind_of(asking).needs_person,
        "is_kept": answers.when in ("next", "season"),
        "refused": await find_refusal(asking),
        "is_called": answers.channel == "call" and not answers.knows_contact,
    }
    return asking.show("check", values, errors)


def tell_job(asking: Asking, season: Season) -> list[tuple[str, str, str, str]]:
    """Rows of the summary: what it is, the answer, where to change it, and what changes."""
    answers, kind, call = asking.answers, kind_of(asking), asking.call
    translator, language = call.reader.translator, call.reader.language
    _ = translator.gettext
    rows = [(_("Help with"), kind.label(language), PATHS["what"], _("what you need help with"))]
    if "parts" in asking.steps:
        parts = ", ".join(kind.scope_label(code, language) for code in answers.scope)
        rows.append((_("Parts"), parts, PATHS["parts"], _("the parts of the work")))
    when = say_when(answers, season, translator, call.now)
    rows.append((_("When"), when, PATHS["when"], _("when you need it")))
    return rows


async def _tell_place(asking: Asking) -> list[tuple[str, str, str, str]]:
    answers, call = asking.answers, asking.call
    _ = call.reader.translator.gettext
    path = PATHS["place"]
    if answers.at_home and asking.home_id is not None:
        home = await read_address(call.session, call.actor, asking.home_id, now=call.now)
        label, unit = home.address_text, home.unit
    else:
        spot = answers.spot
        label, unit = ("" if spot is None else spot.label), answers.unit
        if answers.pin is not None:
            label = _("%(place)s, where you put the pin") % {"place": label}
    address = f"{label}, {unit}" if unit else label
    door = path if answers.at_home else PATHS["pin"]
    notes = answers.notes or _("Nothing yet")
    return [
        (_("Address"), address, path, _("the address")),
        (_("What the neighbor needs to know"), notes, door, _("what the neighbor needs to know")),
    ]


def tell_you(answers: Answers, translator: Translator) -> list[tuple[str, str, str, str]]:
    """Rows about the person and how to reach them; none when they are known."""
    _ = translator.gettext
    rows = []
    if not answers.at_home:
        first = answers.name.split()[0] if answers.name else ""
        shown = _("%(name)s. Neighbors see: %(first)s") % {"name": answers.name, "first": first}
        rows.append((_("Name"), shown, PATHS["who"], _("the name")))
    if answers.who == "other":
        kinds = dict(say_callers(translator))
        asks = f"{answers.caller_name}. {kinds.get(answers.caller, '')}"
        rows.append((_("You ask for them"), asks, PATHS["who"], _("who you are")))
    if answers.facts:
        is_self = answers.who != "other"
        said = ". ".join(say_fact(code, translator, is_self=is_self) for code in answers.facts)
        rows.append((_("About you"), said, PATHS["who"], _("what you told us about you")))
    if not answers.at_home and not answers.knows_contact:
        ways = {
            "text": _("Text message to %(to)s, in %(language)s"),
            "email": _("E-mail to %(to)s, in %(language)s"),
            "call": _("Phone call to %(to)s, in %(language)s"),
        }
        to = answers.email if answers.channel == "email" else answers.phone
        said = ways.get(answers.channel, "%(to)s") % {
            "to": to,
            "language": LANGUAGE_NAMES.get(answers.language, "English"),
        }
        rows.append((_("How we reach you"), said, PATHS["contact"], _("how we reach you")))
    return rows


async def _has_phone(asking: Asking) -> bool:
    call, answers = asking.call, asking.answers
    if not (answers.at_home or answers.knows_contact) or call.actor.person_id is None:
        return bool(answers.phone)
    return bool((await read_own_contacts(call)).phone)


@post("/ask/check", name="ask_check_post", status_code=303)
async def post_check(request: AnyRequest, desk: NamedDependency[Desk]) -> Answer:
    """Send the call for help; pressed twice, it is sent once."""
    async with desk.press(request) as call:
        asking = await open_asking(call, lock=True)
        if asking.draft is not None and asking.draft.outcome is not None:
            return await _lead_to(call, asking.draft.outcome, is_again=True)
        away = no_detour(asking, "check")
        if away is not None:
            return away
        if call.form.get("ok") != "1":
            _ = call.reader.translator.gettext
            words = _("Tick this, so that the neighbor can find you.")
            if call.reader.phone:
                words = _("Tick this, so that the neighbor can find you. Or call us instead.")
            return await _show_check(asking, {"ok": words})
        desk.limits.check_ask(request, call.actor.person_id, call.now)
        assert asking.draft is not None
        try:
            taken = await send(asking, str(asking.draft.id))
        except InvalidRequest:
            _ = call.reader.translator.gettext
            words = _("This time does not fit any more. Choose again when you need the help.")
            # The answers are kept; what was begun is taken back.
            return await _show_check(asking, {"send": words})
        outcome = tell_outcome(taken)
        await close_draft(call.session, asking.draft, outcome, now=call.now)
        return await _lead_to(call, outcome)


@post("/ask/again", name="ask_again", status_code=303)
async def post_again(request: AnyRequest, desk: NamedDependency[Desk]) -> Answer:
    """Forget the answers and begin again."""
    async with desk.press(request) as call:
        asking = await open_asking(call, lock=True)
        if asking.browser is not None:
            await drop_draft(call.session, asking.browser)
        return call.go("/ask")


async def send(asking: Asking, key: str) -> Taken:
    """Take the call for help as every other way of asking does."""
    call, answers = asking.call, asking.answers
    season = await read_season(call, kind_of(asking))
    cadences = (
        CADENCES.get(answers.when, (Cadence.ONCE,)) if season.needs_storm else (Cadence.ONCE,)
    )
    taken: Taken | None = None
    for number, cadence in enumerate(cadences):
        command = make_command(asking, cadence, key if number == 0 else f"{key}:{cadence.value}")
        found = await take_request(call.session, call.actor, command, now=call.now)
        taken = taken or found
    assert taken is not None
    return taken


def make_command(asking: Asking, cadence: Cadence, key: str) -> TakeRequest:
    """The answers as the workflow takes them."""
    call, answers = asking.call, asking.answers
    place, is_other = answers.as_place(), answers.who == "other"
    known = not is_other and call.actor.person_id is not None
    resident = None
    if not known:
        if place is None:
            raise InvalidRequest("The place is missing.")
        resident = NewResident(
            name=answers.name,
            place=place,
            phone=answers.phone or None,
            email=answers.email or None,
            languages=(answers.language or call.reader.language,),
            texts=answers.channel == "text" and bool(answers.phone),
        )
    windows: Windows = ()
    if cadence is Cadence.ONCE:
        windows = make_windows(answers, call.reader.translator, call.now)
    return TakeRequest(
        community_id=call.town.id,
        kind=kind_of(asking).code,
        resident_id=call.actor.person_id if known else None,
        resident=resident,
        home=place if known else None,
        cadence=cadence,
        windows=windows,
        scope=answers.scope,
        access_notes=answers.notes or None,
        contact_choice=_choose_contact(call, answers),
        caller=CallerKind(answers.caller) if is_other else None,
        caller_name=answers.caller_name if is_other else None,
        declares=as_declares(answers.facts),
        consents=(Purpose.MATCHING,),
        key=key,
    )


def _choose_contact(call: Call, answers: Answers) -> ContactChoice:
    if call.form.get("show_phone") != "1":
        return ContactChoice.PLATFORM
    return ContactChoice.SMS if answers.channel == "text" else ContactChoice.PHONE


def tell_outcome(taken: Taken) -> dict[str, Any]:
    """What became of it, as it is kept for a second press."""
    return {
        "outcome": taken.outcome.value,
        "resident_id": str(taken.resident_id),
        "request_id": None if taken.request is None else str(taken.request.id),
        "standing_id": None if taken.standing is None else str(taken.standing.id),
    }


async def _lead_to(call: Call, outcome: dict[str, Any], *, is_again: bool = False) -> Answer:
    """To the request: of one's own, or by a secret link that tells how it stands."""
    said = "joined" if outcome["outcome"] == Outcome.JOINED.value and not is_again else "asked"
    resident_id = UUID(outcome["resident_id"])
    request_id, standing_id = outcome["request_id"], outcome["standing_id"]
    is_signed_in = call.actor.person_id is not None
    if call.actor.person_id == resident_id or (is_signed_in and request_id):
        path = f"/requests/{request_id}" if request_id else f"/requests/standing/{standing_id}"
        return call.go(path, said=said)
    link = LinkTo(
        action=ASKED if request_id else ASKED_STANDING,
        person_id=resident_id,
        subject_id=UUID(request_id or standing_id),
        expires_at=call.now + LINK_LIFE,
    )
    token = await create_link(call.session, link, now=call.now)
    # In the language of these pages: what the resident speaks may be on record already.
    return call.go(f"/l/{token}?lang={call.reader.language}", said=said)
