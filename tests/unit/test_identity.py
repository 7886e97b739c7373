"""Keyed hashes of ids, and the key they are made with."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import stat
from pathlib import Path

import pytest

from jobs.errors import SettingsError
from jobs.identity import IdentityKey, key_path, read_identity_key
from jobs.settings import Settings, read_settings


def settings(tmp_path: Path, key_file: str | None = None) -> Settings:
    base = read_settings(lake=str(tmp_path / "lake"))
    return base.model_copy(update={"lake": base.lake.model_copy(update={"key_file": key_file})})


def test_the_hash_is_the_first_16_bytes_of_hmac_sha_256() -> None:
    block = b"secret".ljust(64, b"\0")  # RFC 2104, by hand
    inner = hashlib.sha256(bytes(b ^ 0x36 for b in block) + b"he\x1f0042").digest()
    outer = hashlib.sha256(bytes(b ^ 0x5C for b in block) + inner).digest()
    assert base64.b32decode(IdentityKey(b"secret").hashed("he", " 0042\n") + "======") == outer[:16]
    assert hmac.compare_digest(outer, hmac.digest(b"secret", b"he\x1f0042", "sha256"))


def test_ids_differ_by_namespace_number_and_key() -> None:
    key = IdentityKey(b"secret")
    ids = [key.hashed("a", "bc"), key.hashed("ab", "c"), key.hashed("a", "BC"), IdentityKey(b"other").hashed("a", "bc")]
    assert len(set(ids)) == 4
    assert all(len(one) == 26 for one in ids)


def test_the_first_use_makes_a_key_that_only_its_owner_reads(tmp_path: Path) -> None:
    first = read_identity_key(settings(tmp_path), may_make=True)
    path = tmp_path / "lake.key"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert read_identity_key(settings(tmp_path), may_make=True) == first
    assert read_identity_key(settings(tmp_path), may_make=False) == first
    assert len(first.secret) == 32
    assert first.secret.hex() not in repr(first)


def test_a_key_that_a_standing_lake_needs_is_never_made_anew(tmp_path: Path) -> None:
    mistyped = tmp_path / "keys" / "lake.kye"
    with pytest.raises(SettingsError, match=r"lake\.kye: no such file, and the ids of the lake .*/lake are hashed"):
        read_identity_key(settings(tmp_path, str(mistyped)), may_make=False)
    assert not mistyped.parent.exists()


def test_a_key_in_the_lake_or_none_at_all_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="lies in the lake"):
        key_path(settings(tmp_path, str(tmp_path / "lake" / "key")))
    with pytest.raises(SettingsError, match="a path outside it is needed"):
        key_path(read_settings(lake="s3a://bucket/lake"))
    (tmp_path / "key").write_text(json.dumps({"version": 1}))
    with pytest.raises(SettingsError, match="no key of hashed ids"):
        read_identity_key(settings(tmp_path, str(tmp_path / "key")), may_make=True)
