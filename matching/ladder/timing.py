"""When to ask: usable time, the rhythm of the rounds, silence, and the quiet hours."""

from __future__ import annotations

import numpy as np

from matching.ladder.board import Board, FloatArray
from matching.ladder.rules import LadderRules


def usable_s(
    moment_s: float, deadline_s: FloatArray, quiet_s: FloatArray, rules: LadderRules
) -> FloatArray:
    """Seconds in which messages can still win a volunteer for each deadline.

    From now to the last moment at which a job can begin, without the quiet hours.

    Parameters
    ----------
    deadline_s
        (n,) float64, moments.
    quiet_s
        (h, 2) float64, as in `Board`.

    Returns
    -------
    (n,) float64, 0 or more.
    """
    end_s = np.asarray(deadline_s, np.float64) - rules.last_job_s
    total = np.maximum(end_s - moment_s, 0.0)
    for begins, ends in quiet_s:
        inside = np.minimum(end_s, ends) - max(moment_s, float(begins))
        total -= np.maximum(inside, 0.0)
    return np.maximum(total, 0.0)


def board_usable_s(board: Board, rules: LadderRules) -> float:
    """Usable time of the storm as a whole: the median over homes that still need somebody."""
    open_homes = board.homes.seats > 0
    if not open_homes.any():
        return 0.0
    deadline_s = board.homes.deadline_s[open_homes]
    return float(np.median(usable_s(board.moment_s, deadline_s, board.quiet_s, rules)))


def person_usable_s(board: Board, rules: LadderRules) -> FloatArray:
    """(m,) float64: usable time of the storm, for each person until they can work no longer."""
    open_homes = board.homes.seats > 0
    if not open_homes.any():
        return np.zeros(len(board.people))
    last_s = np.full(len(board.people), np.median(board.homes.deadline_s[open_homes]))
    if board.person_until_s is not None:
        last_s = np.minimum(last_s, board.person_until_s)
    return usable_s(board.moment_s, last_s, board.quiet_s, rules)


def round_period_s(usable: float, rules: LadderRules) -> float:
    """Seconds until the next round."""
    return float(np.clip(usable / rules.rounds_per_window, rules.round_min_s, rules.round_max_s))


def rest_s(board: Board, rules: LadderRules) -> FloatArray:
    """(m,) float64: rest of each person between two asks, by the time that is left for them."""
    gap: FloatArray = np.clip(
        person_usable_s(board, rules) / rules.gaps_per_window, rules.gap_s, rules.gap_max_s
    )
    return gap


def silence_s(usable: float, rules: LadderRules) -> float:
    """Seconds after which an ask without an answer counts as silent."""
    return float(np.clip(usable / rules.lives_per_window, rules.silence_min_s, rules.silence_max_s))


def silence_ends_s(sent_s: float, usable: float, quiet_s: FloatArray, rules: LadderRules) -> float:
    """The moment at which an ask sent at ``sent_s`` falls silent; quiet hours do not count."""
    left_s = silence_s(usable, rules)
    at = sent_s
    for begins, ends in quiet_s:
        if ends <= at:
            continue
        before = max(0.0, float(begins) - at)
        if left_s <= before:
            break
        left_s -= before
        at = float(ends)
    return at + left_s


def move_out_of_quiet(
    moment_s: float, quiet_s: FloatArray, place_in_line: float, rules: LadderRules
) -> float:
    """When a message of ``moment_s`` may go out: now, or spread over the time after the quiet.

    Parameters
    ----------
    place_in_line
        0 to 1, the position of the message among those that wait: 0 goes first.
    """
    for begins, ends in quiet_s:
        if begins <= moment_s < ends:
            return float(ends) + place_in_line * rules.spread_s
    return moment_s
