"""JSON files that other people wrote: read with bounds and clear errors, written in one piece."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path
from typing import Any, TypeVar

import msgspec

from matching.errors import UnusableFile

DEFAULT_MAX_BYTES = 64 << 20
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"

T = TypeVar("T")


def read_document(path: Path, kind: type[T], what: str, *, max_bytes: int) -> T:
    """Read and decode a file.

    Raises
    ------
    UnusableFile
        Naming the file, and the place in it where there is one.
    """
    data = _read_bytes(path, max_bytes)
    if not data.strip():
        raise UnusableFile(f"{path.name} is empty; expected {what}.")
    try:
        return msgspec.json.decode(data, type=kind)
    except msgspec.ValidationError as error:
        raise UnusableFile(f"{path.name} is not {what}: {error}.") from error
    except msgspec.DecodeError as error:
        raise UnusableFile(f"{path.name} is no complete JSON file: {error}.") from error
    except (RecursionError, UnicodeDecodeError) as error:
        raise UnusableFile(f"{path.name} is no usable JSON file: {error}.") from error


def _read_bytes(path: Path, max_bytes: int) -> bytes:
    try:
        if path.is_dir():
            raise UnusableFile(f"{path.name} is a folder; give a JSON file.")
        with path.open("rb") as file:
            data = file.read(max_bytes + 1)
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise UnusableFile(f"{path.name} cannot be read: {reason}.") from error
    if len(data) > max_bytes:
        raise UnusableFile(f"{path.name} is larger than {max_bytes / (1 << 20):.0f} MB; refused.")
    return data.removeprefix(_BYTE_ORDER_MARK)


def write_document(path: Path, document: Any) -> None:
    """Write a document as JSON; whoever reads sees the old file or the whole new one.

    Raises
    ------
    UnusableFile
        When the place cannot be written to.
    """
    write_whole(path, format_document(document))


def format_document(document: Any) -> bytes:
    """JSON with one line for each field, and one for each entry of a long list."""
    lines = []
    for key, value in msgspec.to_builtins(document).items():
        text = msgspec.json.encode(value)
        if isinstance(value, list) and value:
            entries = b",\n".join(b"  " + msgspec.json.encode(entry) for entry in value)
            text = b"[\n" + entries + b"\n ]"
        lines.append(b" " + msgspec.json.encode(key) + b": " + text)
    return b"{\n" + b",\n".join(lines) + b"\n}\n"


def write_whole(path: Path, data: bytes) -> None:
    """Write bytes beside the target, flush them to the disk, and rename.

    Raises
    ------
    UnusableFile
        When the place cannot be written to.
    """
    try:
        descriptor, beside = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise UnusableFile(f"{path.name} cannot be written: {reason}.") from error
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        mask = os.umask(0)
        os.umask(mask)
        os.chmod(beside, 0o666 & ~mask)
        os.replace(beside, path)
    except BaseException as error:
        Path(beside).unlink(missing_ok=True)
        if isinstance(error, OSError):
            reason = error.strerror or type(error).__name__
            raise UnusableFile(f"{path.name} cannot be written: {reason}.") from error
        raise
