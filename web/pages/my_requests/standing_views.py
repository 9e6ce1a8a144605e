"""A wish for help at each snowfall, in words. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from core.i18n import Translator
from matching.intake.help_kinds import HelpKinds
from matching.intake.kinds import Cadence, StandingStatus
from matching.intake.models import StandingBreak, StandingRequest


@dataclass(frozen=True)
class StandingView:
    """A standing wish as its page shows it."""

    standing_id: UUID
    job: str
    parts: str
    news: str
    lede: str
    tag: tuple[str, str]
    valid_until: date
    breaks: tuple[tuple[date, date], ...]
    can_end: bool


def make_standing_view(
    row: StandingRequest,
    kinds: HelpKinds,
    translator: Translator,
    breaks: Sequence[StandingBreak] = (),
    *,
    is_called: bool = False,
) -> StandingView:
    """The words of a standing wish; called is who has no address for written words."""
    _ = translator.gettext
    until = _("Until %(day)s. We write to you when snow is coming.")
    if is_called:
        until = _("Until %(day)s. We call you when snow is coming.")
    kind = kinds.by_code().get(row.kind)
    label = row.kind.value if kind is None else kind.label(translator.language)
    language = translator.language
    parts = [] if kind is None else [kind.scope_label(code, language) for code in row.scope]
    last_day = translator.say_day(row.valid_until)
    if row.status is StandingStatus.ENDED:
        news, lede, tag = (
            _("This has ended"),
            _("You can ask again at any time."),
            (_("Ended"), "sent"),
        )
    elif row.status is StandingStatus.NEEDS_REVIEW:
        news = _("A person from the team looks at your request")
        lede = _("They may call you. Then we keep it until it snows.")
        tag = (_("Being looked at"), "sent")
    elif row.cadence is Cadence.NEXT_SNOWFALL:
        news = _("We keep your request for the next snowfall")
        lede = until % {"day": last_day}
        tag = (_("Kept for the snow"), "ok")
    else:
        news = _("We ask for you each time it snows")
        lede = until % {"day": last_day}
        tag = (_("Kept for the snow"), "ok")
    return StandingView(
        standing_id=row.id,
        job=label,
        parts=", ".join(parts),
        news=news,
        lede=lede,
        tag=tag,
        valid_until=row.valid_until,
        breaks=tuple((one.starts_on, one.ends_on) for one in breaks),
        can_end=row.status is not StandingStatus.ENDED,
    )
