"""One version of all static files, in their addresses: what a browser has it never asks for again.

It stands in the path, so that what a style or a script refers to by its own folder has it too, and
a page never mixes the files of two versions.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from functools import cache
from importlib import resources
from pathlib import Path
from types import MappingProxyType
from typing import Final

from jinja2.ext import Extension

STATIC: Final = Path(__file__).parents[2] / "static"
WHEELS: Final = {
    "htmx": ("js_lib_htmx", "static/htmx"),
    "leaflet": ("js_lib_leaflet", "static/js_lib_leaflet"),
}
"""Folders of packages, by the name that they have below ``/static``."""
MARK: Final = "~"
_ADDRESS: Final = re.compile(r'\b(href|src)="/static/')


def list_folders() -> Mapping[str, Path]:
    """Where static files lie, by the beginning of their names."""
    wheels = {
        f"{name}/": Path(str(resources.files(package))) / folder
        for name, (package, folder) in WHEELS.items()
    }
    return {"": STATIC} | wheels


@cache
def digest_files() -> Mapping[str, str]:
    """What every file holds, by its name below ``/static``, as this process found it."""
    return MappingProxyType(
        {
            f"{start}{path.relative_to(folder).as_posix()}": digest(path.read_bytes())
            for start, folder in list_folders().items()
            for path in sorted(folder.rglob("*"))
            if path.is_file()
        }
    )


def digest(plain: bytes) -> str:
    """What bytes are known by."""
    return hashlib.sha256(plain).hexdigest()[:20]


@cache
def version_of_files() -> str:
    """Of all files together."""
    lines = "".join(f"{name} {known}\n" for name, known in digest_files().items())
    return digest(lines.encode())[:12]


def static_root() -> str:
    """The beginning of the addresses of static files."""
    return f"/static/{MARK}{version_of_files()}"


def split_version(name: str) -> tuple[str | None, str]:
    """The version in an address, if it has one, and the file's own name."""
    first, _, rest = name.partition("/")
    return (first[len(MARK) :], rest) if first.startswith(MARK) else (None, name)


class VersionedAddresses(Extension):
    """Puts the version into a template when it is read."""

    def preprocess(self, source: str, name: str | None, filename: str | None = None) -> str:
        return _ADDRESS.sub(lambda found: f'{found[1]}="{static_root()}/', source)
