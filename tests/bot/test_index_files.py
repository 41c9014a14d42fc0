"""The kept index: a restart reads it, a damaged one is built anew, and nothing in it is ever executed."""

from __future__ import annotations

import os
import pickle
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from bot.index_files import NEWEST, IndexFiles
from knowledge.match import fields_of
from knowledge.postings import Postings, fingerprint
from knowledge.synonyms import Synonyms
from tests.knowledge.plans import PACK

ENTRIES = [fields_of(measure) for measure in PACK.measures]
SYNONYMS = Synonyms(PACK.synonyms)


def kept(folder: Path) -> Postings:
    return Postings.kept(ENTRIES, SYNONYMS, IndexFiles(folder))


def only_file(folder: Path) -> Path:
    (path,) = folder.iterdir()
    return path


def same(one: Postings, other: Postings) -> bool:
    return all(np.array_equal(getattr(one, name), getattr(other, name)) for name in ("keys", "starts", "rows", "gains"))


def test_a_restart_reads_what_was_built(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    built = kept(tmp_path / "index")

    def never(*_: object) -> Postings:
        raise AssertionError("built again")

    monkeypatch.setattr(Postings, "of", never)
    assert same(kept(tmp_path / "index"), built)


@pytest.mark.parametrize("damage", [b"", b"PK\x03\x04 half a file", pickle.dumps({"keys": [1]})])
def test_a_file_that_is_no_index_is_built_anew(tmp_path: Path, damage: bytes) -> None:
    built = kept(tmp_path)
    only_file(tmp_path).write_bytes(damage)
    assert same(kept(tmp_path), built)
    assert IndexFiles(tmp_path).load(fingerprint(ENTRIES, SYNONYMS)) is not None


def test_a_flipped_byte_is_noticed(tmp_path: Path) -> None:
    built = kept(tmp_path)
    path = only_file(tmp_path)
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 0xFF
    path.write_bytes(data)
    assert same(kept(tmp_path), built)


@pytest.mark.parametrize(
    "wrong",
    [
        {"rows": np.full(3, 10**6, np.int32)},
        {"starts": np.array([0, 99], np.int64)},
        {"gains": np.zeros(3, np.float64)},
        {"keys": np.array([2, 1], np.int64)},
    ],
)
def test_arrays_that_point_beyond_an_end_are_built_anew(tmp_path: Path, wrong: dict[str, Any]) -> None:
    files, name = IndexFiles(tmp_path), fingerprint(ENTRIES, SYNONYMS)
    sound: dict[str, Any] = {
        "keys": np.array([1, 2], np.int64),
        "starts": np.array([0, 1, 3], np.int64),
        "rows": np.zeros(3, np.int32),
        "gains": np.zeros(3, np.float16),
    }
    assert Postings(**sound).is_sound(len(ENTRIES))
    files.save(name, sound | wrong)
    assert same(kept(tmp_path), Postings.of(ENTRIES, SYNONYMS))


def test_the_name_changes_with_the_texts_and_with_the_synonyms() -> None:
    names = {
        fingerprint(ENTRIES, SYNONYMS),
        fingerprint(ENTRIES[1:], SYNONYMS),
        fingerprint([*ENTRIES[1:], ENTRIES[0]], SYNONYMS),
        fingerprint(ENTRIES, Synonyms(())),
    }
    assert len(names) == 4


def test_old_files_go_and_the_ones_in_use_stay(tmp_path: Path) -> None:
    files = IndexFiles(tmp_path)
    for number in range(NEWEST + 2):
        files.save(f"v{number}", {"keys": np.arange(number)})
        os.utime(tmp_path / f"v{number}.npz", (number, number))
    assert sorted(path.stem for path in tmp_path.iterdir()) == ["v2", "v3", "v4"]


def test_a_folder_that_cannot_be_made_costs_only_time(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    (tmp_path / "file").write_text("in the way")
    assert kept(tmp_path / "file").rows.size
    assert "the index is not kept" in caplog.text
