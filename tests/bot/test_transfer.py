"""`pilotbot import` and `pilotbot export` as processes would see them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook

from bot import cli, transfer
from bot.settings import Settings

PLAN = """上海市低空旅游试点工作方案

沪旅发〔2025〕8号

一、主要任务

1.放宽航线审批。支持运营企业在郊区开设观光航线。2026年底前建成三个起降点。

2.完善服务保障。鼓励保险机构开发乘客意外险产品。

上海市旅游局
2025年3月1日
"""


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PILOTBOT_DATA_DIR", str(tmp_path / "data"))
    return tmp_path


def run(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    status = cli.main(arguments)
    out, err = capsys.readouterr()
    return status, out, err


def load(capsys: pytest.CaptureFixture[str], *arguments: str) -> dict[str, Any]:
    """The counts of an import that works."""
    status, out, err = run(capsys, "import", "--json", *arguments)
    assert (status, err) == (0, "")
    found: dict[str, Any] = json.loads(out)
    assert found.pop("errors") == []
    return found


def counts(added: int = 0, changed: int = 0, unchanged: int = 0, retired: int = 0) -> dict[str, int]:
    return {"added": added, "changed": changed, "unchanged": unchanged, "retired": retired}


def test_a_new_document_becomes_measures_that_are_found_at_once(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "方案.txt").write_text(PLAN, "utf-8")
    assert load(capsys, "方案.txt", "--slug", "low-altitude") == counts(added=3)
    assert load(capsys, "方案.txt") == counts(unchanged=3)  # by now it is known by its number
    _, out, _ = run(capsys, "ask", "--json", "郊区观光航线")
    first = json.loads(out)["results"][0]
    assert (first["id"], first["clause"]) == ("low-altitude/1.1", "第1条第1项")


def test_a_dry_run_says_what_would_change_and_changes_nothing(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "方案.md").write_text(PLAN, "utf-8")
    status, out, err = run(capsys, "import", "--dry-run", "--slug", "low-altitude", "方案.md")
    assert (status, err) == (0, "")
    assert "新增 3" in out
    assert load(capsys, "方案.md", "--slug", "low-altitude") == counts(added=3)


def test_an_import_tells_how_many_sentences_became_no_measure_and_shows_the_first(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    frame = [f"第{n}处起降点由旅游局负责。" for n in range(1, 8)]
    text = PLAN.replace("\n上海市旅游局\n", f"\n三、保障措施\n{''.join(frame)}\n\n上海市旅游局\n")
    (folder / "方案.txt").write_text(text, "utf-8")
    _, out, _ = run(capsys, "import", "--dry-run", "--slug", "low-altitude", "方案.txt")
    lines = out.splitlines()
    (head,) = (n for n, line in enumerate(lines) if "没有列为措施" in line)
    assert lines[head].startswith("7 句")
    assert [line.split("：")[-1] for line in lines[head + 1 : head + 6]] == frame[:5]
    assert lines[head + 6] == "……另有 2 处"


def test_without_a_terminal_the_command_names_the_option_and_the_fault_itself_does_not(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "方案.txt").write_text(PLAN, "utf-8")
    status, out, err = run(capsys, "import", "--json", "方案.txt")
    assert status == 1
    assert err.rstrip().endswith("文件代号用 --slug 给出")
    (error,) = json.loads(out)["errors"]
    assert "请给出文件代号" in error["message"]
    assert "--slug" not in error["message"]


async def test_a_document_that_does_not_say_what_it_is_is_asked_for(folder: Path) -> None:
    (folder / "方案.txt").write_text(PLAN, "utf-8")
    asked: list[str] = []

    def ask(question: str) -> str:
        asked.append(question)
        return "low-altitude"

    settings = Settings.read({"PILOTBOT_DATA_DIR": str(folder / "data")})
    made = await transfer.load(settings, [folder / "方案.txt"], None, dry_run=True, ask=ask)
    assert made.plan.counts["added"] == 3
    assert len(asked) == 1
    with pytest.raises(transfer.TransferFailed):
        transfer.check((await transfer.load(settings, [folder / "方案.txt"], None, dry_run=True)).plan)


def test_the_whole_knowledge_goes_through_a_spreadsheet_without_loss(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "方案.txt").write_text(PLAN, "utf-8")
    load(capsys, "方案.txt", "--slug", "low-altitude")
    assert run(capsys, "export", "all.xlsx") == (0, "", "")
    again = load(capsys, "all.xlsx")
    assert again == counts(unchanged=again["unchanged"])
    assert again["unchanged"] > 126


def test_one_bad_file_keeps_all_files_of_the_command_out(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "方案.txt").write_text(PLAN, "utf-8")
    (folder / "bad.yaml").write_text("measures:\n  - id: low-altitude/1.1\n    summry: 错字\n", "utf-8")
    status, out, err = run(capsys, "import", "--json", "方案.txt", "bad.yaml", "--slug", "low-altitude")
    assert status == 1
    assert len(err.splitlines()) == 1
    (error,) = json.loads(out)["errors"]
    assert (error["file"], error["line"], error["column"]) == ("bad.yaml", 3, 5)
    assert "summry" in error["message"]
    assert load(capsys, "方案.txt", "--slug", "low-altitude") == counts(added=3)


def test_what_is_exported_is_imported_without_loss(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "方案.txt").write_text(PLAN, "utf-8")
    load(capsys, "方案.txt", "--slug", "low-altitude")
    assert run(capsys, "export", "all.yaml") == (0, "", "")
    again = load(capsys, "all.yaml")
    assert again == counts(unchanged=again["unchanged"])
    assert again["unchanged"] > 126


def test_a_working_day_calendar_is_loaded_and_exported(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    text = "workdays:\n  2030:\n    holidays: [2030-01-01]\n    worked: [2030-01-05]\n"
    (folder / "2030.yaml").write_text(text, "utf-8")
    assert load(capsys, "2030.yaml") == counts(added=1)
    run(capsys, "export", "all.yaml")
    assert "2030-01-05" in (folder / "all.yaml").read_text("utf-8")


def test_a_file_that_is_not_there_is_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    status, out, err = run(capsys, "import", "nothing.txt")
    assert (status, out) == (1, "")
    assert err == "pilotbot: nothing.txt cannot be read: no such file or directory\n"


def test_an_export_to_another_kind_of_file_is_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    status, _, err = run(capsys, "export", "all.doc")
    assert status == 1
    assert len(err.splitlines()) == 1


def test_ask_tells_of_a_measure_that_is_not_in_force(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "日期.csv").write_text("编号,失效日期\nmofcom-2021-63/2.13,2024-01-31\n", "utf-8")
    load(capsys, "日期.csv")
    _, out, _ = run(capsys, "ask", "--json", "63号文第2条第13项")
    first = json.loads(out)["results"][0]
    assert first["id"] == "mofcom-2021-63/2.13"
    assert first["status_note"].startswith("这条措施已于 2024-01-31 失效，现行规定请核实；试点期已于 2024-04-21 届满")


def test_the_rows_that_failed_are_given_back_to_be_mended(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "表.csv").write_text("编号,标题\nmofcom-2021-63/2.13,好的\n没有编号,坏的\n", "utf-8")
    status, _, err = run(capsys, "import", "表.csv", "--failed", "坏.xlsx")
    assert (status, err.count("\n")) == (1, 1)
    rows = list(load_workbook(folder / "坏.xlsx").worksheets[0].values)
    assert [row[:2] for row in rows] == [("编号", "标题"), ("没有编号", "坏的")]
    assert rows[1][2]  # why
    assert run(capsys, "import", "表.csv", "表.csv", "--failed", "坏.xlsx")[0] == 1
    (folder / "好.csv").write_text("编号,标题\nmofcom-2021-63/2.13,好的\n", "utf-8")
    assert run(capsys, "import", "好.csv", "--failed", "无.xlsx")[0] == 0
    assert not (folder / "无.xlsx").exists()


def test_a_document_has_no_rows_to_give_back(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "空.txt").write_text("没有条款", "utf-8")
    status, _, err = run(capsys, "import", "空.txt", "--slug", "empty", "--failed", "坏.xlsx")
    assert (status, err.count("\n")) == (1, 1)
    assert not (folder / "坏.xlsx").exists()
