"""Campaigns as staff see them: what is said of each, and what may be done."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from campaigns.programmes.kinds import CampaignStatus
from campaigns.programmes.models import Campaign
from campaigns.programmes.planning import CHANGEABLE
from campaigns.results.amounts import say_count, say_date, say_money
from campaigns.results.effect_words import say_verdict
from campaigns.results.figures import Results
from campaigns.results.models import ResultPublication
from campaigns.results.page import HERE as RESULTS
from campaigns.results.publishing import decode_results
from campaigns.standings.progress import Progress
from core.i18n import Translator
from web.pages.organizing.words import (
    TAGS,
    name_kind,
    name_status,
    say_amount,
    say_goal,
    say_languages,
    say_span,
)

SECTIONS = (
    CampaignStatus.RUNNING,
    CampaignStatus.SCHEDULED,
    CampaignStatus.DRAFT,
    CampaignStatus.FINISHED,
    CampaignStatus.ARCHIVED,
)
"""States in the order of the page: what is going on first."""


@dataclass(frozen=True)
class CampaignLine:
    """One campaign in the list."""

    campaign_id: UUID
    title: str
    kind: str
    when: str
    goal: str
    reach: str
    result: str
    results_path: str | None


@dataclass(frozen=True)
class Section:
    """Campaigns in one state."""

    code: str
    title: str
    tag: str
    lines: tuple[CampaignLine, ...]


@dataclass(frozen=True)
class Known:
    """What was read beside the campaigns, by campaign."""

    told: Mapping[UUID, int]
    joined: Mapping[UUID, int]
    published: Mapping[UUID, ResultPublication]


@dataclass(frozen=True)
class Row:
    """One fact of a campaign, and where it is changed."""

    term: str
    value: str
    step: str = ""


@dataclass(frozen=True)
class CampaignFile:
    """Everything about one campaign."""

    campaign_id: UUID
    title: str
    news: str
    status: str
    tag: str
    is_draft: bool
    rows: tuple[Row, ...]
    doings: tuple[Doing, ...]
    missing: tuple[str, ...]
    percent: int | None
    progress: str
    results_path: str | None
    published: str | None


@dataclass(frozen=True)
class Doing:
    """Something that may be done with a campaign now, after a page that asks once more."""

    code: str
    button: str
    question: str
    meaning: str
    is_end: bool = False
    is_first: bool = False


def say_news(speaker: Translator, running: int, coming: int) -> str:
    """How it stands with campaigns, in one sentence."""
    if running:
        return speaker.ngettext(
            "%(num)s campaign is running.", "%(num)s campaigns are running.", running
        )
    if coming:
        return speaker.ngettext(
            "%(num)s campaign will begin by itself.",
            "%(num)s campaigns will begin by themselves.",
            coming,
        )
    return speaker.gettext("No campaign is running now.")


def list_sections(
    speaker: Translator, rows: Sequence[Campaign], known: Known, town_slug: str
) -> tuple[Section, ...]:
    """Campaigns by state, those that run first."""
    found = []
    for status in SECTIONS:
        lines = tuple(
            _make_line(speaker, row, known, town_slug) for row in rows if row.status is status
        )
        if lines:
            title = name_status(speaker, status)
            found.append(Section(status.value, title, TAGS[status], lines))
    return tuple(found)


def _make_line(speaker: Translator, row: Campaign, known: Known, town_slug: str) -> CampaignLine:
    has_begun = row.status not in (CampaignStatus.DRAFT, CampaignStatus.SCHEDULED)
    return CampaignLine(
        campaign_id=row.id,
        title=row.title,
        kind=name_kind(speaker, row.kind),
        when=say_dates(speaker, row),
        goal=say_goal(speaker, row.goal_unit, row.goal_value),
        reach=say_reach(speaker, known.told.get(row.id, 0), known.joined.get(row.id, 0)),
        result=say_result(speaker, row, known.published.get(row.id)),
        results_path=f"/campaigns/{town_slug}/{row.slug}/results" if has_begun else None,
    )


def say_dates(speaker: Translator, row: Campaign) -> str:
    """When it runs: the last day is the one that is still in it."""
    return say_span(speaker, row.starts_at, row.last_at)


def say_reach(speaker: Translator, told: int, joined: int) -> str:
    """How many people a campaign came to."""
    _ = speaker.gettext
    if not told and not joined:
        return _("Nobody was told yet, and nobody joined.")
    if not told:
        return speaker.ngettext(
            "%(num)s person joined. No mail was sent.",
            "%(num)s people joined. No mail was sent.",
            joined,
        )
    return _(
        "Mails to %(told)s people, %(joined)s joined.",
        told=say_count(speaker, told),
        joined=say_count(speaker, joined),
    )


def say_result(speaker: Translator, row: Campaign, published: ResultPublication | None) -> str:
    """What it achieved, as far as that was worked out and published."""
    _ = speaker.gettext
    if published is not None:
        return say_main_verdict(speaker, decode_results(published.figures))
    if row.status is CampaignStatus.RUNNING:
        return _("Still running.")
    if row.status in (CampaignStatus.DRAFT, CampaignStatus.SCHEDULED):
        return _("Not begun.")
    return _("Not published.")


def say_main_verdict(speaker: Translator, results: Results) -> str:
    """What may be said of the measure that was chosen before."""
    main = next((effect for effect in results.effects if effect.is_main), None)
    if main is None:
        return speaker.gettext("People were counted; no effect was measured.")
    own = Translator(speaker.language, RESULTS)
    return say_verdict(own, main)


def show_campaign(
    speaker: Translator,
    row: Campaign,
    *,
    progress: Progress | None,
    published: ResultPublication | None,
    groups: Mapping[UUID, str],
    team: Sequence[str],
    may_change: bool,
    town_slug: str,
    now: datetime,
) -> CampaignFile:
    """One campaign with everything that may be done."""
    has_begun = row.status not in (CampaignStatus.DRAFT, CampaignStatus.SCHEDULED)
    missing = list_missing(speaker, row, now)
    doings = list_doings(speaker, row, is_ready=not missing) if may_change else ()
    return CampaignFile(
        campaign_id=row.id,
        title=row.title,
        news=say_campaign_news(speaker, row),
        status=name_status(speaker, row.status),
        tag=TAGS[row.status],
        is_draft=row.status is CampaignStatus.DRAFT,
        rows=_list_rows(speaker, row, groups, team, may_change=may_change),
        doings=doings,
        missing=missing,
        percent=None if progress is None or progress.percent is None else progress.percent,
        progress="" if progress is None else say_progress(speaker, progress),
        results_path=f"/campaigns/{town_slug}/{row.slug}/results" if has_begun else None,
        published=None if published is None else say_date(speaker, published.published_at),
    )


def say_campaign_news(speaker: Translator, row: Campaign) -> str:
    """How it stands with one campaign, in one sentence."""
    values = {
        "title": row.title,
        "first": say_date(speaker, row.starts_at),
        "last": say_date(speaker, row.last_at),
    }
    _ = speaker.gettext
    if row.status is CampaignStatus.DRAFT:
        return _("“%(title)s” is a draft. Only staff and its team see it.", **values)
    if row.status is CampaignStatus.SCHEDULED:
        return _("“%(title)s” begins by itself on %(first)s.", **values)
    if row.status is CampaignStatus.RUNNING:
        return _("“%(title)s” is running until %(last)s.", **values)
    if row.status is CampaignStatus.FINISHED:
        return _("“%(title)s” ended on %(last)s.", **values)
    return _("“%(title)s” is put away.", **values)


def say_progress(speaker: Translator, progress: Progress) -> str:
    """How far it is on the way to its goal, in figures for staff."""
    if progress.value is None or progress.unit is None or progress.goal is None:
        return speaker.gettext("Nothing counted yet measures this goal.")
    return speaker.gettext(
        "%(done)s of %(goal)s so far.",
        done=say_amount(speaker, progress.unit, progress.value),
        goal=say_amount(speaker, progress.unit, progress.goal),
    )


def list_missing(speaker: Translator, row: Campaign, now: datetime) -> tuple[str, ...]:
    """What a draft lacks before it may be put on the calendar."""
    _ = speaker.gettext
    found = []
    if row.goal_value is None:
        found.append(_("Give the campaign a goal."))
    if row.ends_at <= now:
        found.append(_("Its last day is over: choose later days."))
    return tuple(found)


def list_doings(speaker: Translator, row: Campaign, *, is_ready: bool) -> tuple[Doing, ...]:
    """What may be done with a campaign in its state."""
    known = make_doings(speaker)
    if row.status is CampaignStatus.DRAFT:
        return (known["schedule"], known["archive"]) if is_ready else (known["archive"],)
    if row.status is CampaignStatus.SCHEDULED:
        return known["start"], known["draft"], known["archive"]
    if row.status is CampaignStatus.RUNNING:
        return (known["finish"],)
    if row.status is CampaignStatus.FINISHED:
        return (known["archive"],)
    return ()


TARGETS: Mapping[str, CampaignStatus] = {
    "schedule": CampaignStatus.SCHEDULED,
    "start": CampaignStatus.RUNNING,
    "draft": CampaignStatus.DRAFT,
    "finish": CampaignStatus.FINISHED,
    "archive": CampaignStatus.ARCHIVED,
}
"""The state to which each button leads."""


def make_doings(speaker: Translator) -> dict[str, Doing]:
    """Every button by its code."""
    _ = speaker.gettext
    return {
        "schedule": Doing(
            "schedule",
            _("Put it on the calendar"),
            _("Put this campaign on the calendar?"),
            _(
                "People of the town see it at once and may join. It begins and ends by itself. "
                "No message is sent: that is what mailings are for."
            ),
            is_first=True,
        ),
        "start": Doing(
            "start",
            _("Begin now"),
            _("Begin this campaign now?"),
            _(
                "Everybody sees it. It begins at this moment, and its goal, its days and its "
                "neighborhoods stand from then on. No message is sent."
            ),
            is_first=True,
        ),
        "draft": Doing(
            "draft",
            _("Take it back to a draft"),
            _("Take this campaign back to a draft?"),
            _("People of the town no longer see it. Who joined stays on its list. Nobody is told."),
        ),
        "finish": Doing(
            "finish",
            _("End it now"),
            _("End this campaign now?"),
            _("It ends at this moment and cannot be begun again. Nobody is told by it."),
            is_end=True,
        ),
        "archive": Doing(
            "archive",
            _("Put it away"),
            _("Put this campaign away?"),
            _("Only staff, its team and those who took part find it. It cannot be brought back."),
            is_end=True,
        ),
    }


def _list_rows(
    speaker: Translator,
    row: Campaign,
    groups: Mapping[UUID, str],
    team: Sequence[str],
    *,
    may_change: bool,
) -> tuple[Row, ...]:
    _ = speaker.gettext
    allowed = CHANGEABLE[row.status] if may_change else frozenset()
    nothing = _("None")
    own = [groups[one.group_id] for one in row.groups if not one.is_comparison]
    others = [groups[one.group_id] for one in row.groups if one.is_comparison]

    def step(name: str, *fields: str) -> str:
        return name if allowed & set(fields) else ""

    return (
        Row(_("Kind"), name_kind(speaker, row.kind)),
        Row(_("In a few words"), row.summary or nothing, step("goal", "summary")),
        Row(
            _("Goal"), say_goal(speaker, row.goal_unit, row.goal_value), step("goal", "goal_value")
        ),
        Row(_("Before"), _say_before(speaker, row), step("goal", "baseline_value")),
        Row(_("Neighborhoods"), ", ".join(row.areas) or _("The whole town"), step("who", "areas")),
        Row(_("Groups"), ", ".join(sorted(own)) or nothing, step("who", "languages")),
        Row(
            _("Languages"),
            say_languages(speaker, row.languages) or nothing,
            step("who", "languages"),
        ),
        Row(
            _("Compared with"),
            ", ".join([*row.comparison_areas, *sorted(others)]) or nothing,
            step("measure", "comparison_areas"),
        ),
        Row(_("Team"), ", ".join(team) or nothing, step("team", "budget_note")),
        Row(_("Money"), _say_cost(speaker, row), step("team", "cost_cents")),
        Row(_("Days"), say_dates(speaker, row), step("dates", "ends_at")),
    )


def _say_before(speaker: Translator, row: Campaign) -> str:
    if row.goal_unit is None or row.baseline_value is None:
        return speaker.gettext("Not known")
    return say_amount(speaker, row.goal_unit, row.baseline_value)


def _say_cost(speaker: Translator, row: Campaign) -> str:
    said = [] if row.cost_cents is None else [say_money(speaker, row.cost_cents)]
    said += [row.budget_note] if row.budget_note else []
    return ". ".join(said) or speaker.gettext("Not known")
