"""Keeps the plain data of the shipped rules, so that a start need not parse YAML again.

Purpose: one file, `rules.msgpack`, in the user's cache folder. It begins with a hash of
the rules' own bytes, of the form of this file and of the data that follows: one that is
damaged, cut short, of other rules or of another version reads as absent.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

_NAME: Final = "rules.msgpack"
_FORMAT: Final = b"pi-lint rules 1\n"  # raise it when the data has another form for the same files
_SIZE: Final = hashlib.sha256().digest_size


def read(folder: Path, digest: str) -> dict[str, Any] | None:
    """The data of each rule file by its name, or None where nothing valid is kept for these rules."""
    import msgspec

    try:
        content = (folder / _NAME).read_bytes()
        head, payload = content[:_SIZE], content[_SIZE:]
        if head != _seal(digest, payload):
            return None
        data = msgspec.msgpack.decode(payload)
    except (OSError, msgspec.MsgspecError):
        return None
    return data if isinstance(data, dict) else None


def write(folder: Path, digest: str, data: Mapping[str, Any]) -> None:
    """Keep the data; a folder that cannot be written to costs only time."""
    import msgspec

    payload = msgspec.msgpack.encode(dict(data))
    with contextlib.suppress(OSError):
        folder.mkdir(parents=True, exist_ok=True)
        # Other processes may read at any moment: they see the old file or the new one.
        handle, name = tempfile.mkstemp(dir=folder, prefix=f".{_NAME}")
        try:
            with open(handle, "wb") as file:
                file.write(_seal(digest, payload) + payload)
            os.replace(name, folder / _NAME)
        except OSError:
            os.unlink(name)
            raise


def _seal(digest: str, payload: bytes) -> bytes:
    return hashlib.sha256(_FORMAT + digest.encode() + b"\n" + payload).digest()
