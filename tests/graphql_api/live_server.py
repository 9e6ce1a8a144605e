"""The product's application for `tests.graphql_api.servers`, by the settings of the environment."""

from __future__ import annotations

from litestar import Litestar

from api.app import create_app
from core.settings import Settings


def make_app() -> Litestar:
    """Pages and API, without a worker."""
    return create_app(Settings.from_environment())
