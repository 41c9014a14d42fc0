"""Keeps the index of a large knowledge base on disk: plain arrays, no pickle, replaced as a whole, newest few only."""

from __future__ import annotations

import logging
import os
import tempfile
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

NEWEST = 3  # files that stay: the running version, the one before, and one being tried

log = logging.getLogger("pilotbot.knowledge")


class IndexFiles:
    """A folder of .npz files, made when first needed. Implements `knowledge.postings.Keep`."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def load(self, name: str) -> Mapping[str, NDArray[Any]] | None:
        """None where there is no such file, or a damaged one."""
        path = self._path(name)
        try:
            with path.open("rb") as file, zipfile.ZipFile(file):  # no zip, no .npz
                file.seek(0)
                loaded = np.load(file, allow_pickle=False)
                arrays = {key: loaded[key] for key in loaded.files}
            os.utime(path)  # it is in use: the newest stay
        except FileNotFoundError:
            return None
        except (OSError, ValueError, EOFError, KeyError, zipfile.BadZipFile) as error:
            log.warning("the kept index %s cannot be read and is built anew: %s", path.name, error)
            return None
        return arrays

    def save(self, name: str, arrays: Mapping[str, NDArray[Any]]) -> None:
        """A full or read-only disk is told in the log and costs only time at the next start."""
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            with tempfile.NamedTemporaryFile(dir=self._folder, suffix=".part", delete=False) as file:
                np.savez(file, **dict(arrays))  # type: ignore[arg-type]
            os.replace(file.name, self._path(name))
            self._tidy()
        except OSError as error:
            log.warning("the index is not kept: %s", error)

    def _path(self, name: str) -> Path:
        return self._folder / f"{name}.npz"

    def _tidy(self) -> None:
        newest_first = sorted(self._folder.glob("*.npz"), key=lambda path: path.stat().st_mtime, reverse=True)
        for path in newest_first[NEWEST:]:
            path.unlink(missing_ok=True)
