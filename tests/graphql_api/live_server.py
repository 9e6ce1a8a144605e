"""The product's application for `tests.graphql_api.servers`, by the settings of the environment."""

from __future__ import annotations

import os
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

from litestar import Litestar

import matching.rounds.jobs
from api.app import create_app
from core.settings import Settings
from matching.engine.problem import Problem
from matching.engine.solution import Solution
from matching.rounds.jobs import round_tools
from matching.rounds.planning import RoundTools

SEEN = "ROUND_SEEN_FILE"
LONGEST_S = 120.0


def make_app() -> Litestar:
    """Pages and API, without a worker."""
    return create_app(Settings.from_environment())


def make_working_app() -> Litestar:
    """The same, with a worker in a thread of the process; a round waits until it has been seen."""
    matching.rounds.jobs.round_tools = tools_of_seen_rounds
    return create_app(Settings.from_environment(), with_worker=True)


def tools_of_seen_rounds(*args: Any) -> RoundTools:
    tools = round_tools(*args)

    def solve_once_seen(problem: Problem, **options: Any) -> Solution:
        end_s = time.monotonic() + LONGEST_S
        while not Path(os.environ[SEEN]).exists() and time.monotonic() < end_s:
            time.sleep(0.05)
        return tools.solver(problem, **options)

    return replace(tools, solver=solve_once_seen)
