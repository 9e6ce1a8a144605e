"""The product's application for `tests.graphql_api.servers`, by the settings of the environment."""

from __future__ import annotations

from litestar import Litestar

from api.app import create_app
from core.settings import Settings


def make_app() -> Litestar:
    """Pages and API, without a worker."""
    return create_app(Settings.from_environment())


def make_working_app() -> Litestar:
    """The same, with a worker in a thread of the process."""
    return create_app(Settings.from_environment(), with_worker=True)
