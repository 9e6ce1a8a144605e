"""The rounds of a made-up town: their proofs, plans, prices, and who asked for them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from api.demo.town_people import TownPeople
from api.demo.town_rows import TownRows
from core.ids import new_id
from matching.kinds import DocumentKind, RoundJobStatus, RoundStage, RoundStatus
from matching.rounds.models import Round, RoundDocument, RoundJob

HOUR = timedelta(hours=1)
VALUE_M, BOUND_M = 182_400.0, 183_100.0
GAP = (BOUND_M - VALUE_M) / BOUND_M
NEWCOMER = {
    "mode": "walk",
    "start_s": 57_600,
    "end_s": 75_600,
    "skills": ["shovel", "snow_blower"],
    "languages": [],
    "max_tasks": 3,
    "max_travel_s": 1_200,
}


@dataclass
class TownRounds:
    """Adds finished rounds, the newest last, and the requests that led to them."""

    rows: TownRows
    people: TownPeople
    now: datetime

    def add_rounds(self, storm_id: UUID) -> list[UUID]:
        """Finished rounds; the last two keep their plans, the newest everything."""
        scale, keys = self.people.scale, []
        for number in range(scale):
            ago = timedelta(minutes=12) + (scale - 1 - number) * HOUR
            keys.append(self._add_round(storm_id, number, self.now - ago))
        for number, round_id in enumerate(keys[-2:]):
            self._add_document(round_id, DocumentKind.PLAN, self._plan(scale - 2 + number))
        self._add_document(keys[-1], DocumentKind.CERTIFICATE, self._certificate())
        return keys

    def add_jobs(self, round_ids: Sequence[UUID]) -> list[UUID]:
        """A request for each round; the last one was called off."""
        keys = []
        for number, round_id in enumerate(round_ids):
            last = number == len(round_ids) - 1
            asked_at = self.now - timedelta(minutes=13) - (len(round_ids) - 1 - number) * HOUR
            row = RoundJob(
                id=new_id(),
                community_id=self.people.community.id,
                key=f"demo-{number}",
                requested_by=self.people.manager_id,
                requested_at=asked_at,
                status=RoundJobStatus.CANCELLED if last else RoundJobStatus.FINISHED,
                seed=number,
                tries=3,
                time_limit_s=120.0,
                asks=False,
                started_at=asked_at + timedelta(seconds=1),
                updated_at=asked_at + timedelta(seconds=9),
                ended_at=asked_at + timedelta(seconds=9),
                stage=RoundStage.PLANNING if last else RoundStage.STORING,
                share=0.4 if last else 1.0,
                gap=None if last else GAP,
                round_id=None if last else round_id,
            )
            self.rows.add(row)
            keys.append(row.id)
        return keys

    def add_prices(self, round_id: UUID, areas: Sequence[str]) -> None:
        """What one more volunteer would add in each neighbourhood."""
        prices = [
            {
                "newcomer": NEWCOMER | {"area": area},
                "worth_m": 60_000 - 1_000 * place,
                "worth_weight": 3.0,
                "by_duals": True,
                "tried": {
                    "served_more": max(0, 3 - place),
                    "weight_gain": float(max(0, 4 - place)),
                    "value_gain_m": 30_000,
                    "displaced_count": 0,
                },
            }
            for place, area in enumerate(areas)
        ]
        asked = {area: {"resident_count": 5 - place, "served_count": 2} for place, area in
                 enumerate(areas)}  # fmt: skip
        self._add_document(round_id, DocumentKind.PRICES, {"prices": prices, "areas": asked})

    def _add_round(self, storm_id: UUID, seed: int, started_at: datetime) -> UUID:
        scale = self.people.scale
        row = Round(
            id=new_id(),
            community_id=self.people.community.id,
            storm_id=storm_id,
            status=RoundStatus.FINISHED,
            started_by=self.people.manager_id,
            started_at=started_at,
            lease_until=started_at + timedelta(minutes=5),
            ended_at=started_at + timedelta(seconds=8),
            horizon_start_at=started_at,
            horizon_end_at=started_at + 6 * HOUR,
            seed=seed,
            inputs_hash=f"{seed:064x}",
            objective={
                "value_m_per_weight": 20_000.0,
                "travel_cost": 1.0,
                "load_cost_m": 200.0,
                "crew_start_step_s": 900,
                "visit_value_m": VALUE_M + 9_000.0,
                "travel_cost_m": 8_400.0,
                "fairness_cost_m": 600.0,
            },
            value_m=VALUE_M,
            bound_m=BOUND_M,
            gap=GAP,
            weight_served=2.0 * scale,
            request_count=3 * scale,
            volunteer_count=scale,
            served_count=2 * scale,
        )
        self.rows.add(row)
        return row.id

    def _certificate(self) -> dict[str, Any]:
        seed = self.people.scale - 1
        return {
            "problem_digest": f"{seed:064x}",
            "seed": seed,
            "value_m": VALUE_M,
            "bound_m": BOUND_M,
            "gap": GAP,
            "weight_served": 2.0 * self.people.scale,
            "stopped": False,
            "checked": True,
            "bound_searched_count": self.people.scale,
            "bound_undecided_count": 0,
        }

    def _plan(self, seed: int) -> dict[str, Any]:
        """Who visits whom, by short names that no request of the town has."""
        stops = [
            {"request": f"DEMO{number:02d}", "start_s": 61_200 + 2_400 * number}
            for number in range(seed % 2, 3 + seed % 2)
        ]
        return {
            "format": "talkoot-plan/1",
            "problem_digest": f"{seed:064x}",
            "seed": seed,
            "routes": [
                {
                    "volunteer": "V-DEMO0001",
                    "shift": 0,
                    "stops": stops,
                    "travel_s": 900,
                    "travel_m": 1_200,
                }
            ],
            "unserved": [{"request": "DEMO00", "reason": "all_full"}] if seed % 2 else [],
            "certificate": None,
        }

    def _add_document(self, round_id: UUID, kind: DocumentKind, body: dict[str, Any]) -> None:
        self.rows.add(RoundDocument(round_id=round_id, kind=kind, body=body))
