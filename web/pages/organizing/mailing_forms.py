"""A mailing as it is written: texts by language, an optional second wording, to whom and how."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from campaigns.mailings.composing import SAMPLES, WriteMailing
from campaigns.mailings.errors import InvalidMailing
from campaigns.mailings.kinds import Variant
from campaigns.mailings.models import Mailing
from campaigns.mailings.texts import (
    BODY_LENGTH,
    SHORT_LENGTH,
    SUBJECT_LENGTH,
    Text,
    check_texts,
    read_texts,
)
from core.i18n import LANGUAGES, Translator
from core.ids import parse_id
from people.kinds import Purpose
from people.models import NAME_LENGTH
from web.pages.fields import is_pressed, read_long, read_whole
from web.pages.guards import AnyRequest
from web.pages.refusals import say_refusal

USUAL_SAMPLE = 100
DAY_S = 86_400


@dataclass
class Written:
    """What was written, its mistakes, and the command when there are none."""

    form: dict[str, str] = field(default_factory=dict)
    errors: dict[str, str] = field(default_factory=dict)
    command: WriteMailing | None = None


async def read_mailing(
    speaker: Translator, request: AnyRequest, form: Mapping[str, str], community_id: UUID
) -> Written:
    """Everything of the form."""
    _ = speaker.gettext
    written = Written(dict(form))
    for name, longest in (
        ("subject", SUBJECT_LENGTH),
        ("body", BODY_LENGTH),
        ("short", SHORT_LENGTH),
    ):
        for language in LANGUAGES:
            for mark in ("", "_b"):
                key = f"{name}{mark}_{language}"
                written.form[key] = await read_long(request, key, longest=longest)
    title = " ".join(form.get("title", "").split())
    if not 1 <= len(title) <= NAME_LENGTH:
        written.errors["title"] = _("Write a name, for example Invitation to the ride in May")
    version_id = parse_id(form.get("audience", ""))
    if version_id is None:
        written.errors["audience"] = _("Choose whom to reach")
    texts = {Variant.A: _read_texts(speaker, written, "")}
    has_b = any(
        written.form[f"{name}_b_{code}"] for name in ("subject", "body") for code in LANGUAGES
    )
    sample = None
    if has_b:
        texts[Variant.B] = _read_texts(speaker, written, "_b")
        sample = read_whole(form.get("sample", ""))
        if sample is None or not SAMPLES[0] <= sample <= SAMPLES[1]:
            written.errors["sample"] = _("Write how many people of each wording, 50 or more")
        if set(texts[Variant.A]) != set(texts[Variant.B]):
            written.errors["subject_b_en"] = _("Write both wordings in the same languages")
    if not texts[Variant.A] and "subject_en" not in written.errors:
        written.errors["subject_en"] = _("Write the mail in English, Spanish or both")
    if written.errors or version_id is None:
        return written
    try:
        check_texts(texts)
    except InvalidMailing as error:
        written.errors["body_en" if "en" in texts[Variant.A] else "body_es"] = say_refusal(
            speaker, error
        )
        return written
    days = read_whole(form.get("wait_days", "1")) or 1
    programmes = form.get("purpose") == "programmes"
    written.command = WriteMailing(
        community_id=community_id,
        segment_version_id=version_id,
        purpose=Purpose.PROGRAMMES if programmes else Purpose.CAMPAIGNS,
        title=title,
        texts=texts,
        campaign_id=parse_id(form.get("campaign", "")),
        despite_storm=is_pressed(written.form, "despite_storm"),
        accepts_fallback=is_pressed(written.form, "accepts_fallback"),
        sample_size=sample,
        wait_s=min(max(days, 1), 14) * DAY_S,
        mailing_id=parse_id(form.get("key", "")),
    )
    return written


def _read_texts(speaker: Translator, written: Written, mark: str) -> dict[str, Text]:
    """The texts of one wording, in the languages in which something was written."""
    found = {}
    for language in LANGUAGES:
        subject, body, short = (
            written.form[f"{name}{mark}_{language}"] for name in ("subject", "body", "short")
        )
        if not (subject or body or short):
            continue
        if not subject or len(subject) > SUBJECT_LENGTH or "\n" in subject:
            written.errors[f"subject{mark}_{language}"] = speaker.gettext(
                "Write a subject of one line, at most 150 letters"
            )
        if not body or len(body) > BODY_LENGTH:
            written.errors[f"body{mark}_{language}"] = speaker.gettext(
                "Write the mail, at most 5,000 letters"
            )
        if len(short) > SHORT_LENGTH:
            written.errors[f"short{mark}_{language}"] = speaker.gettext(
                "Shorten the text message to 400 letters"
            )
        found[language] = Text(subject, body, short)
    return found


def show_form(mailing: Mailing) -> dict[str, Any]:
    """A draft as the fields show it."""
    form = {
        "title": mailing.title,
        "audience": str(mailing.segment_version_id),
        "purpose": mailing.purpose.value,
        "campaign": str(mailing.campaign_id or ""),
        "despite_storm": "1" if mailing.despite_storm else "",
        "accepts_fallback": "1" if mailing.accepts_fallback else "",
        "sample": str(mailing.sample_size or ""),
        "wait_days": str(max(1, mailing.wait_s // DAY_S)),
    }
    for variant, row in read_texts(mailing.texts).items():
        mark = "_b" if variant is Variant.B else ""
        for language, text in row.items():
            form[f"subject{mark}_{language}"] = text.subject
            form[f"body{mark}_{language}"] = text.body
            form[f"short{mark}_{language}"] = text.short
    return form
