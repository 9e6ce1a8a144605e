"""The addresses of this room."""

from __future__ import annotations

from typing import Any

from web.pages.storm_board import (
    board,
    certificates,
    forecasts,
    overview,
    round_page,
    rounds,
    steering,
)

ROUTES: list[Any] = [
    overview.get_overview,
    overview.get_recruitment,
    forecasts.post_forecast,
    board.get_storm,
    board.get_now,
    board.get_storms,
    board.get_one,
    steering.get_arm,
    steering.post_arm,
    steering.get_open,
    steering.post_open,
    steering.get_step,
    steering.post_step,
    rounds.get_rounds,
    rounds.get_new,
    rounds.post_new,
    rounds.get_job,
    rounds.get_stop,
    rounds.post_stop,
    round_page.get_messages,
    round_page.post_messages,
    round_page.get_one,
    round_page.get_plan,
    round_page.get_left,
    round_page.get_drop,
    round_page.post_drop,
    certificates.get_certificate,
]
