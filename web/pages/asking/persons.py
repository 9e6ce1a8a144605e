"""The questions about people: for whom the help is, and how we reach them."""

from __future__ import annotations

from litestar import get, post
from litestar.di import NamedDependency
from msgspec.structs import replace

from core.i18n import LANGUAGES, Translator
from matching.intake.kinds import CallerKind
from matching.intake.residents import find_bad_contacts
from people.directory_repository import load_names
from people.errors import InvalidProfile
from people.models import NAME_LENGTH
from people.profile import clean_name
from web.pages.asking.answers import Answers
from web.pages.asking.facts import list_facts, say_fact
from web.pages.asking.opening import Asking, kind_of, no_detour, open_asking
from web.pages.desk import Answer, Desk
from web.pages.guards import AnyRequest

CHANNELS = ("text", "email", "call")
LANGUAGE_NAMES = {"en": "English", "es": "Español"}


def say_callers(translator: Translator) -> list[tuple[str, str]]:
    """Who may ask for somebody else."""
    _ = translator.gettext
    return [
        (CallerKind.FAMILY.value, _("Family")),
        (CallerKind.NEIGHBOUR.value, _("Neighbor or friend")),
        (CallerKind.AGENCY.value, _("I work for an agency")),
        (CallerKind.OTHER.value, _("Somebody else")),
    ]


def say_channels(translator: Translator) -> list[tuple[str, str, str]]:
    """The ways to reach people, in words."""
    _ = translator.gettext
    return [
        ("text", _("By text message"), _("You need a mobile phone.")),
        ("email", _("By e-mail"), ""),
        ("call", _("By phone call"), _("A person from the team calls you.")),
    ]


@get("/ask/who", name="ask_who")
async def get_who(request: AnyRequest, desk: NamedDependency[Desk]) -> Answer:
    """Who needs the help?"""
    async with desk.look(request) as call:
        asking = await open_asking(call)
        if "who" not in asking.steps:
            return call.go("/ask")
        away = no_detour(asking, "who")
        if away is not None:
            return away
        given = asking.answers
        if not given.name and call.actor.person_id is not None:
            names = await load_names(call.session, call.actor, [call.actor.person_id])
            known = names.get(call.actor.person_id)
            given = given if known is None else replace(given, name=known.full_name)
        return _show_who(asking, given)


def _show_who(asking: Asking, given: Answers, errors: dict[str, str] | None = None) -> Answer:
    translator = asking.call.reader.translator
    codes = list_facts(asking.eligibility, kind_of(asking).code)
    is_self = given.who != "other"
    values = {
        "given": given,
        "callers": say_callers(translator),
        "facts": [(code, say_fact(code, translator, is_self=is_self)) for code in codes],
        "is_known": given.at_home,
    }
    return asking.show("who", values, errors)


@post("/ask/who", name="ask_who_post", status_code=303)
async def post_who(request: AnyRequest, desk: NamedDependency[Desk]) -> Answer:
    """Take the answer."""
    async with desk.press(request) as call:
        asking = await open_asking(call, lock=True)
        if "who" not in asking.steps:
            return call.go("/ask")
        away = no_detour(asking, "who")
        if away is not None:
            return away
        form, answers = call.form, asking.answers
        codes = list_facts(asking.eligibility, kind_of(asking).code)
        facts = tuple(code for code in codes if form.get(f"fact-{code}") == "1")
        if answers.at_home:
            return await asking.go_on(replace(answers, facts=facts).after("who"))
        who = form.get("who", "")
        given = replace(
            answers,
            who=who if who in ("self", "other") else "",
            name=form.get("name", "").strip()[:NAME_LENGTH],
            caller_name=form.get("caller_name", "").strip()[:NAME_LENGTH] if who == "other" else "",
            caller=form.get("caller", "") if who == "other" else "",
            facts=facts,
            knows_contact=who == "self" and call.actor.person_id is not None,
        )
        errors = _find_faults(given, form.get("agreed") == "1", call.reader.translator)
        if errors:
            return _show_who(asking, given, errors)
        return await asking.go_on(given.after("who"))


def _find_faults(given: Answers, agreed: bool, translator: Translator) -> dict[str, str]:
    _ = translator.gettext
    errors = {}
    if not given.who:
        errors["who"] = _("Say whether you ask for yourself or for somebody else")
    if not _is_name(given.name):
        errors["name"] = _("Write the name of the person who needs help")
    if given.who == "other":
        if not _is_name(given.caller_name):
            errors["caller_name"] = _("Write your own name")
        if given.caller not in {kind.value for kind in CallerKind}:
            errors["caller"] = _("Choose who you are")
        if not agreed:
            errors["agreed"] = _("Ask them first, then tick this")
    return errors


def _is_name(text: str) -> bool:
    try:
        return bool(clean_name(text))
    except InvalidProfile:
        return False


@get("/ask/contact", name="ask_contact")
async def get_contact(request: AnyRequest, desk: NamedDependency[Desk]) -> Answer:
    """How do we reach you?"""
    async with desk.look(request) as call:
        asking = await open_asking(call)
        if "contact" not in asking.steps:
            return call.go("/ask")
        return no_detour(asking, "contact") or _show_contact(asking, asking.answers)


def _show_contact(asking: Asking, given: Answers, errors: dict[str, str] | None = None) -> Answer:
    reader = asking.call.reader
    values = {
        "given": given,
        "channels": say_channels(reader.translator),
        "languages": [(code, LANGUAGE_NAMES[code], "") for code in LANGUAGES],
        "language": given.language or reader.language,
    }
    return asking.show("contact", values, errors)


@post("/ask/contact", name="ask_contact_post", status_code=303)
async def post_contact(request: AnyRequest, desk: NamedDependency[Desk]) -> Answer:
    """Take the answer."""
    async with desk.press(request) as call:
        asking = await open_asking(call, lock=True)
        if "contact" not in asking.steps:
            return call.go("/ask")
        away = no_detour(asking, "contact")
        if away is not None:
            return away
        form = call.form
        channel, language = form.get("channel", ""), form.get("language", "")
        given = replace(
            asking.answers,
            channel=channel if channel in CHANNELS else "",
            phone=form.get("phone", "").strip()[:100],
            email=form.get("email", "").strip()[:320],
            language=language if language in LANGUAGES else call.reader.language,
        )
        bad = find_bad_contacts(call.town, email=given.email, phone=given.phone)
        errors = _find_contact_faults(given, bad, call.reader.translator)
        if errors:
            return _show_contact(asking, given, errors)
        return await asking.go_on(given.after("contact"))


def _find_contact_faults(
    given: Answers, bad: tuple[str, ...], translator: Translator
) -> dict[str, str]:
    _ = translator.gettext
    errors = {}
    if not given.channel:
        errors["channel"] = _("Choose how we reach you")
    if "phone" in bad or (given.channel in ("text", "call") and not given.phone):
        errors["phone"] = _("Write the phone number with its area code, for example 617-555-0187")
    if "email" in bad or (given.channel == "email" and not given.email):
        errors["email"] = _("Write the e-mail address, for example rosa@example.org")
    return errors
