"""What a person's own page shows, in words."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from babel import Locale, UnknownLocaleError

from core.i18n import Translator
from messaging.confirming import ASKED
from people.kinds import Channel, Purpose
from people.models import Consent, ContactPoint, PersonName, Preferences
from people.push_models import PushSubscription
from people.signing_in.models import SignIn

SPOKEN: Final = ("en", "es", "ht", "pt", "zh", "fr", "am", "ar", "bn", "ru", "vi", "ko", "hi")
"""Languages that one can choose here; others that were said before stay."""
CHANNELS: Final = (Channel.EMAIL, Channel.SMS, Channel.PHONE)
WORDING: Final = "account-1"
"""Which words stand beside the ticks; a new number when they change their meaning."""
BROWSERS: Final = {
    "firefox": "Firefox", "chrome": "Chrome", "safari": "Safari", "edge": "Edge",
    "samsung": "Samsung Internet", "opera": "Opera",
}  # fmt: skip
SYSTEMS: Final = {
    "android": "Android", "iphone": "iPhone", "ipad": "iPad", "windows": "Windows",
    "mac": "Mac", "chromebook": "Chromebook", "linux": "Linux",
}  # fmt: skip


@dataclass(frozen=True)
class ContactView:
    """A mail address or a number."""

    contact_id: UUID
    channel: str
    value: str
    preferred: bool
    verified: bool
    bounced: bool
    can_confirm: bool


@dataclass(frozen=True)
class BrowserView:
    """A browser in which the person is signed in."""

    sign_in_id: UUID
    browser: str | None
    system: str | None
    seen_at: datetime
    is_this: bool


@dataclass(frozen=True)
class NoticedView:
    """A browser that shows notices."""

    subscription_id: UUID
    browser: str | None
    system: str | None
    created_at: datetime
    told_at: datetime | None
    is_this: bool


@dataclass(frozen=True)
class NoticesView:
    """What a browser needs to turn notices on, and those in which they are."""

    public_key: str
    browsers: tuple[NoticedView, ...]

    @property
    def is_on_here(self) -> bool:
        """Whether this browser shows notices."""
        return any(one.is_this for one in self.browsers)


@dataclass(frozen=True)
class AccountView:
    """Everything on the page."""

    full_name: str
    call_name: str
    languages: str
    channel: str | None
    quiet: tuple[str, str] | None
    contacts: tuple[ContactView, ...]
    agreed: tuple[str, ...]
    """Purposes with a yes on any channel."""
    browsers: tuple[BrowserView, ...]
    notices: NoticesView | None = None


def view_contacts(rows: Iterable[ContactPoint]) -> tuple[ContactView, ...]:
    """The contacts, the preferred ones first."""
    views = [
        ContactView(
            contact_id=row.id,
            channel=row.channel.value,
            value=row.value,
            preferred=row.preferred,
            verified=row.verified_at is not None,
            bounced=row.bounced_at is not None,
            can_confirm=row.verified_at is None and row.channel in ASKED,
        )
        for row in rows
    ]
    return tuple(sorted(views, key=lambda one: (one.channel, not one.preferred, one.value)))


def view_browsers(rows: Iterable[SignIn], own_id: UUID | None) -> tuple[BrowserView, ...]:
    """The browsers, this one first."""
    views = []
    for row in rows:
        browser, _, system = row.device.partition("_on_")
        views.append(
            BrowserView(
                row.id,
                BROWSERS.get(browser),
                SYSTEMS.get(system),
                row.seen_at,
                row.id == own_id,
            )
        )
    return tuple(sorted(views, key=lambda one: not one.is_this))


def view_noticed(
    rows: Iterable[PushSubscription], sign_in_id: UUID | None
) -> tuple[NoticedView, ...]:
    """The browsers that show notices, this one first."""
    views = []
    for row in rows:
        browser, _, system = row.device.partition("_on_")
        views.append(
            NoticedView(
                row.id,
                BROWSERS.get(browser),
                SYSTEMS.get(system),
                row.created_at,
                row.told_at,
                sign_in_id is not None and row.sign_in_id == sign_in_id,
            )
        )
    return tuple(sorted(views, key=lambda one: not one.is_this))


def view_account(
    speaker: Translator,
    name: PersonName | None,
    preferences: Preferences | None,
    contacts: Sequence[ContactPoint],
    consents: Sequence[Consent],
) -> AccountView:
    """Name, languages, contacts and consents."""
    kept = preferences or Preferences(languages=[], channel=None)
    full_name = "" if name is None else name.full_name
    agreed = {line.purpose for line in consents if line.granted}
    return AccountView(
        full_name=full_name,
        call_name=call_name_of(name),
        languages=", ".join(say_language(code, speaker.locale) for code in kept.languages or ()),
        channel=None if kept.channel is None else kept.channel.value,
        quiet=say_quiet(preferences),
        contacts=view_contacts(contacts),
        agreed=tuple(purpose.value for purpose in Purpose if purpose in agreed),
        browsers=(),
    )


def call_name_of(name: PersonName | None) -> str:
    """What others call somebody."""
    if name is None:
        return ""
    return name.call_name or name.full_name.split(" ", 1)[0]


def say_language(code: str, locale: Locale) -> str:
    """A language in the words of the reader's."""
    try:
        found = Locale.parse(code, sep="-").get_language_name(locale)
    except (UnknownLocaleError, ValueError):
        found = None
    return found[:1].upper() + found[1:] if found else code


def language_options(kept: Sequence[str], locale: Locale) -> tuple[tuple[str, str], ...]:
    """Languages to choose from; those that were said before stand there too."""
    codes = dict.fromkeys((*SPOKEN, *kept))
    return tuple((code, say_language(code, locale)) for code in codes)


def say_quiet(preferences: Preferences | None) -> tuple[str, str] | None:
    """From when until when nobody disturbs, as 22:00; None when no hour is quiet."""
    if preferences is None:
        return "22:00", "07:00"
    start, end = preferences.quiet_from_min, preferences.quiet_until_min
    return None if start == end else (clock_of(start), clock_of(end))


def clock_of(minutes: int) -> str:
    """Minutes after midnight as a clock shows them."""
    return f"{minutes // 60:02}:{minutes % 60:02}"


def read_clock(text: str) -> int | None:
    """Minutes after midnight; None when it is no time."""
    hours, _, minutes = text.strip().partition(":")
    if not (hours.isdigit() and minutes.isdigit() and len(hours) <= 2 and len(minutes) == 2):
        return None
    found = int(hours) * 60 + int(minutes)
    return found if int(minutes) < 60 and found < 24 * 60 else None


def ticks_of(
    holding: Iterable[Consent], community_id: UUID
) -> Mapping[tuple[Purpose, Channel], bool]:
    """What was agreed to in a community, by purpose and channel."""
    found = {(purpose, channel): False for purpose in Purpose for channel in CHANNELS}
    for line in holding:
        if line.community_id != community_id:
            continue
        for channel in CHANNELS if line.channel is None else (line.channel,):
            found[line.purpose, channel] = line.granted
    return found
