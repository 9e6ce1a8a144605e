"""From templates to words: one folder for each kind of message.

A folder holds ``subject.txt``, ``body.txt`` and ``body.html`` for the mail and ``short.txt`` for
the text message; a kind that never goes one of the ways leaves its files out. HTML is escaped by
itself, ``_("...")`` is translated by the ``locales`` of the package that the folder belongs to, and
filters say moments and distances as people do: ``{{ starts_at|time }}``, ``|day``, ``|moment``,
``{{ travel_m|distance }}``, ``{{ 15|minutes }}``. ``{% extends "layout.html" %}`` puts the text of
a mail into the layout that all share, into its block ``content``.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path

from jinja2 import (
    Environment,
    FileSystemLoader,
    StrictUndefined,
    TemplateNotFound,
    UndefinedError,
    select_autoescape,
)

from core.i18n import Translator, choose_language
from core.sms import MAX_SEGMENTS, count_segments
from messaging.errors import TemplateMissing, TextTooLong
from messaging.kinds import Words

LAYOUTS = Path(__file__).parent / "emails"
MAIL_FILES = ("subject.txt", "body.txt", "body.html")
TEXT_FILE = "short.txt"
DEFAULT_ZONE = "UTC"
SITE_MARK = "https://site.invalid"
"""Stands for the public address in stored words, whose writers know no settings."""

_SPACES = re.compile(r"\s+")
_EMPTY_LINES = re.compile(r"\n{3,}")


def render(
    folder: Path,
    language: str,
    values: Mapping[str, object],
    *,
    time_zone: str = DEFAULT_ZONE,
    territory: str = "US",
) -> Words:
    """The words of one kind of message in one language.

    Raises
    ------
    TextTooLong
        When the text message would take more than three segments.
    TemplateMissing
        When the folder lacks a file, or a template wants a value that was not given.
    """
    environment = _environment(folder, choose_language([language]), time_zone, territory)
    by_mail = (folder / MAIL_FILES[0]).is_file()
    by_text = (folder / TEXT_FILE).is_file()
    if not by_mail and not by_text:
        raise TemplateMissing(f"The messages of kind {folder.name!r} have no templates.")
    subject, text, html = (
        [_fill(environment, folder, name, values) for name in MAIL_FILES]
        if by_mail
        else ("", "", "")
    )
    short = _fill(environment, folder, TEXT_FILE, values) if by_text else ""
    words = Words(
        subject=_SPACES.sub(" ", subject).strip(),
        text=_EMPTY_LINES.sub("\n\n", text).strip(),
        html=html.strip(),
        short=_SPACES.sub(" ", short).strip(),
    )
    check_length(words.short, folder.name)
    return words


def fill_site(words: Words, public_url: str) -> Words:
    """The words with the public address where `SITE_MARK` stands, as they are sent."""
    return Words(
        subject=words.subject.replace(SITE_MARK, public_url),
        text=words.text.replace(SITE_MARK, public_url),
        html=words.html.replace(SITE_MARK, public_url),
        short=words.short.replace(SITE_MARK, public_url),
    )


def check_length(short: str, kind: str) -> None:
    """Refuse a text message that costs more than three segments."""
    segments = count_segments(short)
    if segments.count > MAX_SEGMENTS:
        raise TextTooLong(
            f"The text message of kind {kind!r} takes {segments.count} segments "
            f"({segments.encoding}, {len(short)} characters); {MAX_SEGMENTS} are allowed: shorten "
            "short.txt, or what is filled in."
        )


@cache
def _environment(folder: Path, language: str, time_zone: str, territory: str) -> Environment:
    environment = Environment(
        loader=FileSystemLoader([folder, folder.parent, LAYOUTS]),
        autoescape=select_autoescape(["html"], default_for_string=False),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=["jinja2.ext.i18n"],
    )
    translator = Translator(language, folder, time_zone=time_zone, territory=territory)
    catalog = translator.catalog
    # the extension adds this method when it is loaded, so its type is not known
    install = environment.install_gettext_callables  # type: ignore[attr-defined]  # see above
    install(catalog.gettext, catalog.ngettext, newstyle=True)
    environment.filters |= {
        "time": translator.say_time,
        "day": translator.say_day,
        "moment": translator.say_moment,
        "distance": translator.say_distance,
        "minutes": translator.say_minutes,
    }
    environment.globals["language"] = translator.language
    return environment


def _fill(environment: Environment, folder: Path, name: str, values: Mapping[str, object]) -> str:
    try:
        return environment.get_template(name).render(values)
    except TemplateNotFound as error:
        raise TemplateMissing(
            f"The messages of kind {folder.name!r} lack the template {error.name!r}."
        ) from error
    except UndefinedError as error:
        raise TemplateMissing(
            f"The template {name!r} of messages of kind {folder.name!r} wants a value that was not "
            f"given: {error.message}."
        ) from error
