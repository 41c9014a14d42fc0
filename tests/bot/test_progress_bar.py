"""The line on a terminal that shows how far an import has come."""

from __future__ import annotations

import io
import re
import sys
from pathlib import Path

import pytest

from bot import cli
from bot.progress_bar import ERASE, line, progress_bar

ROWS = 2500


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True

    @property
    def drawn(self) -> list[str]:
        """What stood on the line, one after the other."""
        return self.getvalue().split(ERASE)[1:]


def test_the_bar_is_as_full_as_the_work_is_done() -> None:
    assert line("写", 0.5, 80) == f"[{'#' * 15}{' ' * 15}]  50%  写"
    assert line("写", 1.0, 80) == f"[{'#' * 30}] 100%  写"
    assert line("写", None, 80) == "写"


@pytest.mark.parametrize(("columns", "shown"), [(9, "正在读取"), (8, "正在读"), (3, "正"), (1, "")])
def test_a_line_is_narrower_than_its_terminal(columns: int, shown: str) -> None:
    assert line("正在读取", None, columns) == shown


def test_nothing_is_left_of_it_and_nothing_is_drawn_where_nobody_is_watching() -> None:
    terminal, file = Terminal(), io.StringIO()
    for out in (terminal, file):
        with progress_bar(out) as progress:
            progress("正在写入", 0.25)
    assert terminal.drawn[-1] == ""
    assert len(terminal.drawn) == 2
    assert file.getvalue() == ""


def test_a_long_import_shows_every_stage_filling_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PILOTBOT_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.setenv("COLUMNS", "80")
    terminal = Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)
    rows = [f"mofcom-2021-63/99.{n},第{n}号,第{n}号摘要,金融" for n in range(1, ROWS)]
    (tmp_path / "长.csv").write_text("\n".join(("编号,标题,摘要,板块", *rows)), "utf-8")
    assert cli.main(["import", "长.csv"]) == 0
    filled: dict[str, list[int]] = {}
    for drawn in terminal.drawn:
        if found := re.fullmatch(r"\[[# ]{30}\] +(\d+)%  (正在\w+).*", drawn):
            filled.setdefault(found[2], []).append(int(found[1]))
    assert list(filled) == ["正在读取", "正在与现有内容比较", "正在写入"]
    assert all(shares == sorted(shares) and len(set(shares)) > 1 for shares in filled.values())
    assert filled["正在写入"][-1] == 100
