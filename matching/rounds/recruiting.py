"""Where one more volunteer would help most: what a round keeps of it, and the words for it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from typing import Any

from core.db import Session
from core.logging import get_logger
from matching.engine.recruits import AreaPrice, Recruit, area_prices, recruits
from matching.engine.solution import Solution
from matching.engine.stop import Stop
from matching.kinds import DocumentKind
from matching.rounds.lifecycle import Proposal, StoredRound
from matching.rounds.models import RoundDocument
from matching.rounds.outcome import served_requests
from matching.rounds.planning import PlannedRound, RoundGuide, RoundTools, RoundWatcher
from matching.rounds.problem import RoundProblem
from matching.rounds.reason_words import Times, newcomer_words
from matching.rounds.reasons import describe_newcomer
from matching.rounds.travel import TravelFinder
from matching.rounds.wider_ways import settle_newcomers

MAX_PRICES = 200
ELSEWHERE = "elsewhere"
TRY_LIMIT_S = 60.0

_logger = get_logger(__name__)


def price_recruits(
    made: RoundProblem,
    solution: Solution,
    *,
    tries: int,
    find_travel: TravelFinder,
    stop: Stop | None = None,
    progress: Callable[[int], None] | None = None,
) -> dict[str, Any]:
    """What newcomers would be worth, the best ``tries`` of them tried by planning again.

    Ids and numbers only, as it is stored. Where a newcomer would live is told by neighbourhood.
    """
    extend = settle_newcomers(made, find_travel)
    priced = area_prices(made.problem, solution, extend=extend)
    tried = recruits(made.problem, solution, tries, extend=extend, stop=stop, progress=progress)
    by_kind = {_kind(made, one.price): one for one in reversed(tried)}
    rows = [_row(made, one.price, one) for one in tried]
    rows += [_row(made, price, None) for price in priced if _kind(made, price) not in by_kind]
    return {"prices": rows[:MAX_PRICES], "areas": _areas(made, solution)}


def _kind(made: RoundProblem, price: AreaPrice) -> tuple[int, int, int]:
    return price.area, price.newcomer.skills, price.newcomer.languages


def _row(made: RoundProblem, price: AreaPrice, tried: Recruit | None) -> dict[str, Any]:
    row: dict[str, Any] = {
        "newcomer": describe_newcomer(made.problem, price.newcomer),
        "worth_m": round(price.worth_m),
        "worth_weight": round(price.worth_weight, 3),
        "by_duals": price.by_duals,
        "tried": None,
    }
    if tried is not None:
        row["tried"] = {
            "served_more": tried.served_more,
            "weight_gain": round(tried.weight_gain, 3),
            "value_gain_m": round(tried.value_gain_m),
            "displaced_count": len(tried.displaced),
        }
    return row


def _areas(made: RoundProblem, solution: Solution) -> dict[str, dict[str, int]]:
    """By neighbourhood: residents who ask, and who of them has somebody.

    People, not requests: in public a neighbourhood is told of only where there are enough of them.
    """
    names, of_request = made.problem.area_names, made.problem.requests.area
    asked: dict[str, set[Any]] = {}
    served: Counter[str] = Counter()
    with_somebody = served_requests(solution)
    for number, row in enumerate(made.requests):
        area = int(of_request[number])
        name = names[area] if area >= 0 else ELSEWHERE
        asked.setdefault(name, set()).add(row.resident_id)
        served[name] += number in with_somebody
    return {
        name: {"resident_count": len(people), "served_count": served[name]}
        for name, people in sorted(asked.items())
    }


def recruit_sentence(row: Mapping[str, Any], times: Times) -> str:
    """One stored price as a sentence: who, where, and what they add."""
    newcomer = row["newcomer"]
    where = f" in {newcomer['area']}" if newcomer["area"] else ""
    who = f"One more volunteer{where}, {newcomer_words(newcomer, times)},"
    tried = row["tried"]
    if tried is None:
        weight = f"{row['worth_weight']:.1f}"
        return f"{who} may add up to {weight} in weight; this was not tried."
    more = tried["served_more"]
    if more > 0:
        return f"{who} would serve {more} more {'home' if more == 1 else 'homes'}."
    if tried["weight_gain"] > 0:
        return f"{who} would serve no more homes, but more urgent ones."
    return f"{who} would serve no more homes."


class RecruitGuide(RoundGuide):
    """Has a round keep what one more volunteer would add; the plan stays as it is.

    Parameters
    ----------
    tries
        How many newcomers to try by planning again, some seconds each; no more than fit into
        `TRY_LIMIT_S`.
    """

    def __init__(self, tools: RoundTools, watcher: RoundWatcher, *, tries: int) -> None:
        self._tools = tools
        self._watcher = watcher
        self._tries = tries
        self._prices: dict[str, Any] | None = None

    def choose(self, planned: PlannedRound, visits: list[Proposal]) -> list[Proposal]:
        self._watcher.step("Trying one more volunteer", self._tries)
        try:
            self._prices = price_recruits(
                planned.made,
                planned.solution,
                tries=self._tries,
                find_travel=self._tools.find_travel(planned.pack),
                stop=Stop(TRY_LIMIT_S),
                progress=self._watcher.advance,
            )
        except Exception as error:
            # The plan stands without it; nobody shall go without help for the sake of a map.
            _logger.error("round.recruits_failed", error=error)
        return visits

    async def end_storing(self, session: Session, stored: StoredRound) -> None:
        if self._prices is not None:
            row = RoundDocument(
                round_id=stored.round.id, kind=DocumentKind.PRICES, body=self._prices
            )
            session.add(row)
