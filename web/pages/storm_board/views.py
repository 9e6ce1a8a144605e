"""What the board of a storm shows: pure, from what was read."""

from __future__ import annotations

import hashlib
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from core.i18n import Translator
from matching.kinds import RequestStatus, StormStatus
from matching.models import Storm
from matching.storms.board_repository import HomeCount, LeftHome, Logged
from web.pages.design.maps import State
from web.pages.storm_board import words as say

CM_PER_INCH = 2.54
STEPS = (
    StormStatus.WATCH,
    StormStatus.ARMED,
    StormStatus.ACTIVE,
    StormStatus.HOLD,
    StormStatus.CLOSED,
)
DONE = (RequestStatus.DONE, RequestStatus.CONFIRMED)
YES = (RequestStatus.ACCEPTED, RequestStatus.IN_PROGRESS)
ASKED = (RequestStatus.OFFERED,)
UNSEEN = (RequestStatus.SUBMITTED.value, RequestStatus.NEEDS_REVIEW.value)
"""Before anybody was looked for."""
NOBODY = (
    RequestStatus.SUBMITTED,
    RequestStatus.OPEN,
    RequestStatus.NOT_DONE,
    RequestStatus.EXPIRED,
)
PLAN_AGAIN = ("unanswered", "not_now", "seat_free")
OTHER_TIME = ("window_over", "no_common_time")
MORE_PEOPLE = ("out_of_reach", "all_full", "not_worth_it", "no_capacity", "team_missing")


@dataclass(frozen=True)
class Homes:
    """Homes by where they stand. One stitch is one of them."""

    done: int = 0
    yes: int = 0
    asked: int = 0
    nobody: int = 0
    review: int = 0
    """Requests that wait for somebody to look; they are not homes of the storm yet."""

    @property
    def total(self) -> int:
        """All of them."""
        return self.done + self.yes + self.asked + self.nobody

    @property
    def cared_for(self) -> int:
        """Those that are done, under way or asked about."""
        return self.done + self.yes + self.asked

    @property
    def stitches(self) -> tuple[tuple[str, int], ...]:
        """For the knitted rows."""
        return (
            ("st-done", self.done),
            ("st-go", self.yes),
            ("st-ask", self.asked),
            ("st-none", self.nobody),
        )


@dataclass(frozen=True)
class Step:
    """A state that a storm goes through."""

    words: str
    is_here: bool


@dataclass(frozen=True)
class Area:
    """One row of the coverage table."""

    name: str
    homes: Homes
    cells: tuple[str, ...] = ()
    """Those of the map that it holds, by their keys there."""


@dataclass(frozen=True)
class Remedy:
    """Something to do about homes that have nobody."""

    words: str
    href: str
    gain: int | None = None
    """Homes that it would serve, where it was tried."""
    is_first: bool = False


@dataclass(frozen=True)
class Reason:
    """Homes that have nobody for one reason, and what may help."""

    code: str
    count: int
    title: str
    places: str
    remedies: tuple[Remedy, ...]
    homes_href: str


@dataclass(frozen=True)
class Why:
    """Why homes have nobody."""

    reasons: tuple[Reason, ...]
    planned: int
    """Homes for which the last round found somebody whom nobody has asked yet."""
    unknown: int
    """Homes that no round has looked at since they lost or never had somebody."""
    was_tried: bool


@dataclass(frozen=True)
class LogLine:
    """Something that happened."""

    at: datetime
    words: str
    area: str | None
    href: str | None


@dataclass(frozen=True)
class MapCell:
    """A cell of the map."""

    cell: int
    area: str | None
    homes: Homes
    state: State = "ok"


def count(rows: Iterable[HomeCount]) -> Homes:
    """Homes by where they stand."""
    by_status: Counter[RequestStatus] = Counter()
    for row in rows:
        by_status[row.status] += row.count

    def some(statuses: Sequence[RequestStatus]) -> int:
        return sum(by_status[status] for status in statuses)

    return Homes(
        some(DONE), some(YES), some(ASKED), some(NOBODY), by_status[RequestStatus.NEEDS_REVIEW]
    )


def by_area(rows: Iterable[HomeCount], elsewhere: str) -> tuple[Area, ...]:
    """The coverage table: where most have nobody comes first."""
    found: dict[str, list[HomeCount]] = defaultdict(list)
    for row in rows:
        found[row.area or elsewhere].append(row)
    areas = [Area(name, count(some), list_cells(some)) for name, some in found.items()]
    shown = [area for area in areas if area.homes.total]
    return tuple(sorted(shown, key=lambda one: (-one.homes.nobody, -one.homes.total, one.name)))


def list_cells(rows: Iterable[HomeCount]) -> tuple[str, ...]:
    """The cells of some homes, by their keys on the map."""
    return tuple(sorted({f"{row.cell:x}" for row in rows if row.cell is not None}))


def by_cell(rows: Iterable[HomeCount]) -> tuple[MapCell, ...]:
    """What the map shows; a home whose cell is not known is on no map."""
    found: dict[int, list[HomeCount]] = defaultdict(list)
    for row in rows:
        if row.cell is not None:
            found[row.cell].append(row)
    cells = []
    for key, some in sorted(found.items()):
        homes = count(some)
        if homes.total:
            state: State = "wait" if homes.nobody else "ask" if homes.asked else "ok"
            cells.append(MapCell(key, some[0].area, homes, state))
    return tuple(cells)


def make_steps(words: Translator, storm: Storm) -> tuple[Step, ...]:
    """The states of a storm; where it stands has its time."""
    since = words.say_time(storm.since_at or storm.created_at)
    return tuple(
        Step(
            say.storm_state_since(words, status, since)
            if status is storm.status
            else say.storm_state(words.gettext, status),
            status is storm.status,
        )
        for status in STEPS
    )


def depth_words(words: Translator, depth_cm: float | None) -> str:
    """How much snow lies, in inches as the city says it."""
    if depth_cm is None:
        return words.gettext("not measured")
    inches = words.say_number(round(depth_cm / CM_PER_INCH, 1))
    return words.gettext("%(inches)s in", inches=inches)


def make_why(
    words: Translator,
    left: Sequence[LeftHome],
    *,
    nobody: int,
    planned: int,
    round_id: UUID | None,
) -> Why:
    """Groups of homes that have nobody, the largest first, each with what may help."""
    groups: dict[str, list[LeftHome]] = defaultdict(list)
    for home in left:
        groups[home.code].append(home)
    ordered = sorted(groups.items(), key=lambda item: (-len(item[1]), item[0]))
    reasons = []
    for code, homes in ordered:
        href = f"/staff/rounds/{round_id}/left?reason={code}"
        reasons.append(
            Reason(
                code=code,
                count=len(homes),
                title=say.reason_title(words.gettext, code),
                places=_places(words, homes),
                remedies=_remedies(words, code, homes, href),
                homes_href=href,
            )
        )
    tried = any(home.detail.get("tried") for home in left)
    unknown = max(0, nobody - planned - len(left))
    return Why(_mark_first(reasons), planned, unknown, tried)


def _places(words: Translator, homes: Sequence[LeftHome]) -> str:
    counts = Counter(home.area or words.gettext("Elsewhere") for home in homes)
    return ", ".join(
        f"{name} {number}" for name, number in sorted(counts.items(), key=lambda x: (-x[1], x[0]))
    )


def _remedies(
    words: Translator, code: str, homes: Sequence[LeftHome], href: str
) -> tuple[Remedy, ...]:
    _ = words.gettext
    gains = find_gains(homes)
    again, people = "/staff/rounds/new?ask=1", "/staff/recruitment"
    found = {
        "again": Remedy(_("Plan again and ask people"), again, gains.get("again")),
        "more_volunteers": Remedy(
            _("Invite more people nearby"), people, gains.get("more_volunteers")
        ),
        "longer_reach": Remedy(
            _("See who would have to go further"), href, gains.get("longer_reach")
        ),
        "more_time": Remedy(_("Ask for another time"), href, gains.get("more_time")),
        "look": Remedy(_("Look at these homes one by one"), href),
    }
    if code in PLAN_AGAIN:
        usual = "again"
    elif code in OTHER_TIME:
        usual = "more_time"
    else:
        usual = "more_volunteers" if code in MORE_PEOPLE else "look"
    chosen = [name for name in found if name in gains]
    chosen.sort(key=lambda name: -gains[name])
    if usual not in chosen:
        chosen.append(usual)
    return tuple(found[name] for name in chosen[:3])


def find_gains(homes: Sequence[LeftHome]) -> dict[str, int]:
    """Homes that each kind of change would serve, as the round tried it."""
    served: dict[str, set[str]] = defaultdict(set)
    for home in homes:
        tried = home.detail.get("tried")
        if not tried:
            continue
        if tried.get("served_again"):
            served["again"].add(home.reference)
        elif tried.get("smallest"):
            smallest = tried["smallest"]
            served[smallest["change"]["kind"]].update(smallest["gained"])
    return {kind: len(homes) for kind, homes in served.items() if homes}


def _mark_first(reasons: Sequence[Reason]) -> tuple[Reason, ...]:
    """The remedy that serves most is the one filled button; without a number the first is."""
    best: tuple[int, int, int] | None = None
    for i, reason in enumerate(reasons):
        for j, remedy in enumerate(reason.remedies):
            rank = (remedy.gain or 0, -i, -j)
            if best is None or rank > best:
                best = rank
    return tuple(
        replace(
            reason,
            remedies=tuple(
                replace(one, is_first=best is not None and (-i, -j) == best[1:])
                for j, one in enumerate(reason.remedies)
            ),
        )
        for i, reason in enumerate(reasons)
    )


def make_log(words: Translator, rows: Sequence[Logged]) -> tuple[LogLine, ...]:
    """The last events in words."""
    return tuple(
        LogLine(
            at=row.event.happened_at,
            words=say.log_words(
                words.gettext,
                "request.again" if _is_open_again(row) else row.event.kind,
                by_hand=row.event.subject_type == "storm" and row.event.actor_id is not None,
            ),
            area=row.area,
            href=_subject_href(row),
        )
        for row in rows
    )


def _is_open_again(row: Logged) -> bool:
    """Whether a request lost its neighbor; a new one comes from no state, or from being checked."""
    return row.event.kind == "request.open" and row.event.data.get("from", UNSEEN[0]) not in UNSEEN


def _subject_href(row: Logged) -> str | None:
    if row.event.subject_type == "request":
        return f"/staff/requests/{row.event.subject_id}"
    if row.event.kind == "round.finished":
        return f"/staff/rounds/{row.event.subject_id}"
    return None


def mark_of(*parts: object) -> str:
    """The same for boards on which nothing changed."""
    return hashlib.sha256(repr(parts).encode()).hexdigest()[:16]
