"""The files of ``graphql/``: the schema as it was published, and the trusted documents."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from api.transport.documents import hash_document
from core.logging import get_logger

LOGGER = get_logger(__name__)
ROOT: Final = Path(__file__).resolve().parents[2]
PLACES: Final = (ROOT / "graphql", ROOT / "api" / "contract")
"""In the repository, and in a wheel."""
SCHEMA: Final = "schema.graphql"
MANIFEST: Final = "manifest.json"
OPERATIONS: Final = "operations"


@dataclass(frozen=True)
class Contract:
    """What an installation promises to those who use its API."""

    names: Mapping[str, str] = field(default_factory=dict)
    """Hash by name, such as ``volunteer/my_offers``."""
    trusted: Mapping[str, str] = field(default_factory=dict)
    """Text by hash."""


def find_folder() -> Path | None:
    """Where the contract stands; None when this installation has none."""
    return next((place for place in PLACES if (place / OPERATIONS).is_dir()), None)


def read_documents(folder: Path) -> dict[str, str]:
    """The text of each named document, in the order of their names."""
    places = sorted((folder / OPERATIONS).rglob("*.graphql"))
    base = folder / OPERATIONS
    return {
        place.relative_to(base).with_suffix("").as_posix(): place.read_text(encoding="utf-8")
        for place in places
    }


def make_manifest(documents: Mapping[str, str]) -> str:
    """The manifest of documents, as it stands in its file."""
    names = {name: hash_document(text) for name, text in sorted(documents.items())}
    return json.dumps(names, indent=2) + "\n"


def load_contract(folder: Path | None = None) -> Contract:
    """The trusted documents of this installation; none without a manifest.

    A document that is not the one that the manifest names is not trusted, and logged.
    """
    place = folder or find_folder()
    if place is None or not (place / MANIFEST).is_file():
        return Contract()
    names: dict[str, str] = json.loads((place / MANIFEST).read_text(encoding="utf-8"))
    documents = read_documents(place)
    fitting = {
        name: key
        for name, key in names.items()
        if name in documents and hash_document(documents[name]) == key
    }
    missing_count = len(names.keys() | documents.keys()) - len(fitting)
    if missing_count:
        LOGGER.warning("graphql.manifest_out_of_date", missing_count=missing_count)
    return Contract(fitting, {key: documents[name] for name, key in fitting.items()})
