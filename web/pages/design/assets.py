"""Style sheets, scripts and pictures: ours, and those that came along in wheels. Packed when text.

Addresses with the version of the files are kept by browsers for good. A file is read again when it
has changed, so that a style can be tried without a restart: reload with the shift key held down.
"""

from __future__ import annotations

import asyncio
import gzip
import mimetypes
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any, Final

from litestar import HttpMethod, Response, route
from litestar.params import FromPath

from core.errors import NotFound
from web.pages.design.versions import (
    STATIC,
    digest,
    digest_files,
    list_folders,
    split_version,
    version_of_files,
)
from web.pages.guards import AnyRequest

TYPES: Final = {
    ".css": "text/css",
    ".js": "text/javascript",
    ".json": "application/json",
    ".svg": "image/svg+xml",
    ".webmanifest": "application/manifest+json",
    ".txt": "text/plain",
}
"""Of files that are sent packed."""
AGE_S: Final = 3_600
A_YEAR_S: Final = 31_536_000
LEAST_PACKED_BYTES: Final = 600
NOT_MODIFIED: Final = 304


@dataclass(frozen=True)
class Asset:
    """A file, plain and packed, and what it is known by."""

    plain: bytes
    packed: bytes | None
    media_type: str
    etag: str


_ASSETS: dict[Path, tuple[int, Asset]] = {}


@route(
    "/static/{file_path:path}",
    http_method=[HttpMethod.GET, HttpMethod.HEAD],
    name="static",
)
async def get_asset(request: AnyRequest, file_path: FromPath[PurePosixPath]) -> Response[Any]:
    """Send a file."""
    wanted, name = split_version(str(file_path).lstrip("/"))
    asset = await asyncio.to_thread(read_asset, name)
    return answer_asset(request, asset, _how_long(wanted, name, asset))


def _how_long(wanted: str | None, name: str, asset: Asset) -> str:
    """A page of another version, or a file that changed meanwhile, is served but not kept."""
    if wanted is None:
        return f"public, max-age={AGE_S}"
    known = digest_files().get(name)
    if wanted == version_of_files() and known is not None and known in asset.etag:
        return f"public, max-age={A_YEAR_S}, immutable"
    return "no-cache"


def read_asset(name: str) -> Asset:
    """A file by its path below ``/static``.

    Raises
    ------
    NotFound
        When there is none.
    """
    path = _find_file(name)
    changed = path.stat().st_mtime_ns
    known = _ASSETS.get(path)
    if known is None or known[0] != changed:
        known = _ASSETS[path] = (changed, _read(path))
    return known[1]


def answer_asset(request: AnyRequest, asset: Asset, cache_control: str) -> Response[Any]:
    """The file as this browser takes it, or that it has it already."""
    takes_packed = "gzip" in request.headers.get("accept-encoding", "")
    is_packed = asset.packed is not None and takes_packed
    headers = {"Cache-Control": cache_control, "ETag": asset.etag, "Vary": "Accept-Encoding"}
    if request.headers.get("if-none-match") == asset.etag:
        return Response(b"", status_code=NOT_MODIFIED, headers=headers)
    if is_packed:
        headers["Content-Encoding"] = "gzip"
    body = asset.packed if is_packed else asset.plain
    return Response(body, headers=headers, media_type=asset.media_type)


def make_asset(plain: bytes, media_type: str, *, is_text: bool) -> Asset:
    """Pack a file when that makes it smaller."""
    packed = None
    if is_text and len(plain) >= LEAST_PACKED_BYTES:
        packed = gzip.compress(plain, 9, mtime=0)
    # weak, for plain and packed are the same thing in other bytes
    return Asset(plain, packed, media_type, f'W/"{digest(plain)}"')


def _read(path: Path) -> Asset:
    text_type = TYPES.get(path.suffix)
    media_type = text_type or mimetypes.guess_type(path.name)[0] or "application/octet-stream"
    return make_asset(path.read_bytes(), media_type, is_text=text_type is not None)


def _find_file(name: str) -> Path:
    first, _, rest = name.partition("/")
    wheel = list_folders().get(f"{first}/")
    base, inner = (STATIC, name) if wheel is None else (wheel, rest)
    base = base.resolve()
    if "\0" in name:
        raise NotFound("There is no such file.")
    path = (base / inner).resolve()
    if not path.is_relative_to(base) or not path.is_file():
        raise NotFound("There is no such file.")
    return path
