"""Pledges, boards and badges of a made-up town, on its running campaign."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from api.demo.town_people import TownPeople
from api.demo.town_rows import TownRows
from campaigns.standings.kinds import BadgeKind, BoardKind, Pace, PledgeStatus, SizeBand
from campaigns.standings.models import (
    Badge,
    BadgeRule,
    BoardLine,
    BoardSnapshot,
    Pledge,
    PledgeTemplate,
    StandingChoice,
)
from core.ids import new_id

FREE, PROMISED = range(2)
"""Templates: nobody has promised the first one."""
GROUP_LINES = 4
LIFE = timedelta(days=40)


@dataclass
class TownStandings:
    """Adds pledges, boards and badges; the ids of what it added.

    The first resident and the first volunteer each have a pledge from every template but the
    first, and a badge for every rule: `scale` of each. Everybody else made one pledge.
    """

    rows: TownRows
    people: TownPeople
    now: datetime
    campaign_id: UUID
    group_ids: list[UUID]
    template_ids: list[UUID] = field(default_factory=list)
    pledge_ids: dict[UUID, UUID] = field(default_factory=dict)
    """A pledge that nothing was said of yet, by person."""
    rule_ids: list[UUID] = field(default_factory=list)

    def add_all(self) -> None:
        """Everything."""
        people = self.people
        mine = (people.resident_ids[0], people.volunteer_person_ids[0])
        others = [
            people.coordinator_id,
            people.manager_id,
            *people.resident_ids[1:],
            *people.volunteer_person_ids[1:],
        ]
        for number in range(people.scale + 1):
            self._add_template(number)
        for template_id in self.template_ids[PROMISED:]:
            for person_id in mine:
                self._add_pledge(template_id, person_id)
        for place, person_id in enumerate(others):
            self._add_pledge(self.template_ids[PROMISED], person_id, shows_name=place % 2 == 0)
        for number in range(people.scale):
            rule_id = self._add_rule(number)
            for person_id in mine:
                self.rows.add(
                    Badge(id=new_id(), rule_id=rule_id, person_id=person_id, given_at=self.now)
                )
        self._add_boards(len(others))

    def _add_template(self, number: int) -> None:
        row = PledgeTemplate(
            id=new_id(),
            campaign_id=self.campaign_id,
            code=f"promise_{number}",
            labels={"en": f"Ride to work, {number}", "es": f"Ir al trabajo en bicicleta, {number}"},
            unit="rides",
            suggested_amount=10,
            max_amount=60,
            created_at=self.now - LIFE,
        )
        self.rows.add(row)
        self.template_ids.append(row.id)

    def _add_pledge(self, template_id: UUID, person_id: UUID, *, shows_name: bool = False) -> None:
        row = Pledge(
            id=new_id(),
            campaign_id=self.campaign_id,
            template_id=template_id,
            person_id=person_id,
            for_household=False,
            amount=10,
            status=PledgeStatus.MADE,
            shows_name=shows_name,
            made_at=self.now - timedelta(days=9),
        )
        self.rows.add(row)
        self.pledge_ids.setdefault(person_id, row.id)

    def _add_rule(self, number: int) -> UUID:
        row = BadgeRule(
            id=new_id(),
            community_id=self.people.community.id,
            campaign_id=self.campaign_id,
            code=f"weeks_{number + 1}",
            kind=BadgeKind.WEEKS_IN_A_ROW if number else BadgeKind.FIRST_TIME,
            threshold=max(1, number),
            labels={"en": f"{number + 1} weeks", "es": f"{number + 1} semanas"},
            valid_from=self.now - LIFE,
        )
        self.rows.add(row)
        self.rule_ids.append(row.id)
        return row.id

    def _add_boards(self, pledger_count: int) -> None:
        groups = [
            BoardLine(
                subject_key=str(group_id),
                position=place,
                group_id=group_id,
                label=f"Group {place + 1}",
                band=SizeBand.SMALL,
                rank=place + 1,
                shown_count=9 - place,
                share_percent=60 - 5 * place,
                held_count=9 - place,
                held_size=15,
            )
            for place, group_id in enumerate(self.group_ids[:GROUP_LINES])
        ]
        self._add_snapshot(BoardKind.GROUPS, groups)
        people = self.people
        names = [*people.resident_ids, *people.volunteer_person_ids]
        self._add_snapshot(BoardKind.PEOPLE, [self._on_board(*one) for one in enumerate(names)])
        value = _figure("value", 0, pledger_count)
        value.shown_count = pledger_count // 2 if pledger_count >= 10 else None
        self._add_snapshot(BoardKind.PLEDGES, [value])
        self._add_snapshot(
            BoardKind.PROGRESS,
            [
                _figure("contributors", 0, 2 * people.scale),
                _figure("members", 1, 2 * people.scale),
                _figure("percent", 2, 0, label="35"),
                _figure("pace", 3, 0, label=Pace.OPEN.value),
            ],
        )

    def _on_board(self, place: int, person_id: UUID) -> BoardLine:
        """A place on the board of people, under a made-up alias."""
        alias = f"Rider {place + 1}"
        self.rows.add(
            StandingChoice(
                community_id=self.people.community.id,
                person_id=person_id,
                alias=alias,
                alias_key=f"rider{place + 1}",
                changed_at=self.now,
            )
        )
        return BoardLine(
            subject_key=str(person_id),
            position=place,
            person_id=person_id,
            label="",
            shown_count=1 + place % 7,
        )

    def _add_snapshot(self, board: BoardKind, lines: list[BoardLine]) -> None:
        zone = ZoneInfo(self.people.community.time_zone)
        snapshot = BoardSnapshot(
            id=new_id(),
            campaign_id=self.campaign_id,
            board=board,
            local_day=self.now.astimezone(zone).date(),
            taken_at=self.now,
            is_final=False,
            correction=0,
            changed_count=0,
        )
        self.rows.add(snapshot)
        for line in lines:
            line.snapshot_id = snapshot.id
            self.rows.add(line)


def _figure(key: str, position: int, count: int, *, label: str = "") -> BoardLine:
    return BoardLine(subject_key=key, position=position, label=label, held_count=count)
