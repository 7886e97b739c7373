"""Ids that reveal nothing: keyed hashes of the sources' own ids, equal wherever the same id is delivered."""

from __future__ import annotations

import base64
import hmac
import json
import os
import secrets
from dataclasses import dataclass
from pathlib import Path

from jobs.errors import SettingsError
from jobs.settings import Settings

HASHED = frozenset({"usage_point_id", "customer_id", "meter_id"})
"""Our columns that only ever hold hashes."""

_BETWEEN = "\x1f"  # stands in no id, so "a" + "bc" and "ab" + "c" stay apart


@dataclass(frozen=True)
class IdentityKey:
    """The secret that the hashes are made with. A new version makes new ids: it is changed for a reason only."""

    secret: bytes
    version: int = 1

    def __repr__(self) -> str:
        return f"IdentityKey(version={self.version})"

    def hashed(self, namespace: str, source_id: str) -> str:
        """Base32 text of the first 16 bytes of HMAC-SHA-256(key, namespace and source id without outer blanks).

        >>> key = IdentityKey(b"secret")
        >>> key.hashed("head_end", " 42 ") == key.hashed("head_end", "42") != key.hashed("other", "42")
        True
        """
        message = f"{namespace}{_BETWEEN}{source_id.strip()}".encode()
        return base64.b32encode(hmac.digest(self.secret, message, "sha256")[:16]).rstrip(b"=").decode()


def key_path(settings: Settings) -> Path:
    """Place of the key: configured, else beside the lake, never in it.

    Raises
    ------
    SettingsError
        The key would lie in the lake, or the lake is an object store and no place is configured.
    """
    root = settings.lake.root
    if settings.lake.key_file is None:
        if "://" in root:
            raise SettingsError(
                f"lake.key_file: the lake is at {root}; a path outside it is needed for the key of the ids"
            )
        return Path(f"{root.rstrip('/')}.key").resolve()
    path = Path(settings.lake.key_file).expanduser().resolve()
    if "://" not in root and path.is_relative_to(Path(root).resolve()):
        raise SettingsError(f"lake.key_file: {path} lies in the lake; whoever reads the lake must not read the key")
    return path


def read_identity_key(settings: Settings, *, may_make: bool) -> IdentityKey:
    """The key of the hashed ids.

    Parameters
    ----------
    may_make
        Whether a missing key is made, readable by its owner alone: only for a lake that holds no id yet.

    Raises
    ------
    SettingsError
        The key is missing and may not be made, or the file holds no key.
    """
    path = key_path(settings)
    if may_make:
        _make_missing(path)
    elif not path.is_file():
        raise SettingsError(
            f"{path}: no such file, and the ids of the lake {settings.lake.root} are hashed with the key it held: put "
            "that key back, or say where it lies with lake.key_file; where it is lost, ingest into a new lake"
        )
    try:
        content = json.loads(path.read_text())
        return IdentityKey(bytes.fromhex(content["key"]), int(content["version"]))
    except (ValueError, KeyError, TypeError) as fault:
        raise SettingsError(f'{path}: no key of hashed ids; needed is {{"version": 1, "key": "<hex>"}}') from fault


def _make_missing(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return
    with os.fdopen(descriptor, "w") as file:
        json.dump({"version": 1, "key": secrets.token_hex(32)}, file)
