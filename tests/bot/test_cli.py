"""The command line: what it prints, its exit status, and one line for whatever goes wrong."""

from __future__ import annotations

import io
import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from bot.cli import main
from bot.database import Database, default_url

APP = {
    "PILOTBOT_WECOM_CORP_ID": "ww0123456789abcdef",
    "PILOTBOT_WECOM_AGENT_ID": "1000002",
    "PILOTBOT_WECOM_SECRET": "hush-secret",
    "PILOTBOT_WECOM_TOKEN": "hushtoken",
    "PILOTBOT_WECOM_AES_KEY": "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG",
    "PILOTBOT_PUBLIC_URL": "https://bot.example.com",
}
BESIDE: dict[str, Any] = {
    "env": os.environ | {"PYTHONPATH": str(Path(__file__).parents[2])},
    "stderr": subprocess.PIPE,
}
INTERRUPTED = """
import builtins, os, signal
from bot.__main__ import main
real = builtins.__import__
def slow(name, *rest):
    if name == "bot":
        os.kill(os.getpid(), signal.SIGINT)
    return real(name, *rest)
builtins.__import__ = slow
main()
"""
READY_SECONDS = 20.0  # for a process to come up on a busy machine


@pytest.fixture(autouse=True)
def clean(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A folder of its own, and none of the developer's variables."""
    for name in [name for name in os.environ if name.startswith("PILOTBOT_")]:
        monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)


def run(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    status = main(arguments)
    printed = capsys.readouterr()
    return status, printed.out, printed.err


def test_ask_prints_the_answer_for_people(capsys: pytest.CaptureFixture[str]) -> None:
    status, out, err = run(capsys, "ask", "QFLP")
    assert (status, err) == (0, "")
    assert out.startswith("answer\n")
    assert "第" in out


def test_ask_prints_json_of_the_agreed_shape(capsys: pytest.CaptureFixture[str]) -> None:
    status, out, _ = run(capsys, "ask", "--json", "--top", "3", "老外能考证吗")
    answer = json.loads(out)
    assert (status, answer["query"], answer["status"]) == (0, "老外能考证吗", "answer")
    assert len(answer["results"]) == 3
    first = answer["results"][0]
    assert set(first) == {
        "id", "score", "title", "summary", "document", "clause", "sectors", "url", "status_note",
    }  # fmt: skip
    assert 0 <= first["score"] <= 1
    assert first["url"] == f"http://127.0.0.1:8080/measures/{first['id']}"
    assert first["status_note"].startswith("试点期已于 ")


def test_ask_explains_what_matched_and_how_it_decided(capsys: pytest.CaptureFixture[str]) -> None:
    status, out, _ = run(capsys, "ask", "--explain", "--top", "1", "老外能考证吗")
    assert status == 0
    assert "in domain" in out.splitlines()[1]
    assert "characters '" in out
    _, out, _ = run(capsys, "ask", "--explain", "--json", "--top", "1", "老外能考证吗")
    answer = json.loads(out)
    assert set(answer["results"][0]["evidence"][0]) == {"kind", "field", "query", "entry", "weight"}
    assert answer["explanation"]["decision"]["right"] >= answer["explanation"]["decision"]["answer_from"]


def test_a_batch_gives_a_line_for_each_line_also_for_blank_ones(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    (tmp_path / "q.txt").write_bytes("\ufeffQFLP\r\n\r\n帮助\n今天天气".encode())
    status, out, _ = run(capsys, "ask", "--batch", "q.txt")
    answers = [json.loads(line) for line in out.splitlines()]
    assert status == 0
    assert [a["query"] for a in answers] == ["QFLP", "", "帮助", "今天天气"]
    assert [a["status"] for a in answers] == ["answer", "none", "none", "none"]


def test_asking_needs_no_database_and_makes_none(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    run(capsys, "ask", "QFLP")
    assert list(tmp_path.iterdir()) == []


def test_the_timeline_is_printed_with_its_reminders(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    status, out, _ = run(capsys, "milestones", "--json")
    listed = json.loads(out)
    assert (status, len(listed)) == (0, 12)
    assert sum(len({each["at"] for each in one["reminders"]}) for one in listed) == 37
    assert list(tmp_path.iterdir()) == []
    _, out, _ = run(capsys, "milestones", "--from", "2022-05-05", "--to", "2022-05-05", "--json")
    assert json.loads(out) == [
        {
            "pilot": "shanghai-2020-24",
            "milestone": "mid-term",
            "title": "试点中期",
            "date": "2022-05-05",
            "derived": True,
            "provisional": False,
            "reminders": [
                {"lead": 30, "at": "2022-04-02T09:10:00+08:00"},
                {"lead": 7, "at": "2022-04-28T09:10:00+08:00"},
                {"lead": 1, "at": "2022-04-29T09:10:00+08:00"},
                {"lead": 0, "at": "2022-05-05T09:10:00+08:00"},
            ],
        }
    ]
    _, out, _ = run(capsys, "milestones", "--from", "2024-01-01", "--to", "2024-02-01")
    assert out.splitlines()[0] == "2024-01-21  mofcom-2021-63/final-review  终期评估  (derived)"
    assert run(capsys, "milestones", "--from", "2030-01-01", "--json")[1] == "[]\n"
    with pytest.raises(SystemExit, match="2"):
        run(capsys, "milestones", "--to", "soon")


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (("ask", "--batch", "nowhere.txt"), "nowhere.txt cannot be read: no such file or directory"),
        (("ask", "--batch", "."), ". cannot be read: is a directory"),
        (("ask", "--batch", "binary"), "binary is not UTF-8 text"),
        (("eval", "broken.jsonl"), "broken.jsonl, line 2: not a labelled question"),
        (("eval", "list.jsonl"), "list.jsonl, line 1: not a labelled question"),
        (("eval", "empty.jsonl"), "empty.jsonl holds no labelled question"),
        (("serve",), "PILOTBOT_WECOM_CORP_ID is not set"),
        (("menu",), "PILOTBOT_WECOM_CORP_ID is not set"),
        (("backup", "state"), "there is no database at data/pilotbot.db"),
        (("forget", "li"), "there is no database at data/pilotbot.db"),
        (("restore", "nowhere"), "nowhere cannot be read: no such file or directory"),
        (("restore", "binary"), "binary is no backup of pilotbot, or is damaged"),
    ],
)
def test_what_fails_is_one_line_and_status_1(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, arguments: tuple[str, ...], complaint: str
) -> None:
    (tmp_path / "binary").write_bytes(b"\xff\xfe\x00")
    (tmp_path / "broken.jsonl").write_text('{"q": "a", "gold": [], "kind": "none-x"}\n{"q": \n', "utf-8")
    (tmp_path / "list.jsonl").write_text("[1]\n", "utf-8")
    (tmp_path / "empty.jsonl").touch()
    status, out, err = run(capsys, *arguments)
    assert (status, out, err.count("\n")) == (1, "", 1)
    assert err.startswith(f"pilotbot: {complaint}")


def test_an_unreachable_platform_is_one_line(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in APP.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("PILOTBOT_WECOM_API_BASE", "http://127.0.0.1:1")
    status, out, err = run(capsys, "menu")
    assert (status, out) == (1, "")
    assert err == "pilotbot: gettoken: no connection to WeChat Work (ClientConnectorError)\n"


def test_check_prints_a_line_for_each_and_fails_when_something_is_wrong(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("PILOTBOT_WECOM_API_BASE", "http://127.0.0.1:1")
    status, out, err = run(capsys, "check")
    assert (status, err) == (1, "pilotbot: not ready to serve: config\n")
    assert out.startswith("fail  config ")
    assert "PILOTBOT_WECOM_CORP_ID" in out
    assert list(tmp_path.iterdir()) == []


def test_check_tells_of_variables_that_nobody_reads(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("PILOTBOT_WECOM_API_BASE", "http://127.0.0.1:1")
    monkeypatch.setenv("PILOTBOT_WECOM_TOKN", "x")
    (tmp_path / ".env").write_text("pilotbot_zzzzzz=1\nPOSTGRES_PASSWORD=x\n", "utf-8")
    _, out, _ = run(capsys, "check")
    mistyped, strange = [line for line in out.splitlines() if line.split()[1] == "variable" and "_TEST_" not in line]
    assert mistyped.startswith("warn ")
    assert "PILOTBOT_WECOM_TOKN" in mistyped
    assert mistyped.endswith("PILOTBOT_WECOM_TOKEN？")
    assert "PILOTBOT_ZZZZZZ" in strange
    assert "README" in strange


def test_forgetting_a_stranger_says_so(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    Database(default_url(tmp_path / "data")).upgrade()
    assert run(capsys, "forget", " LiSi ") == (0, "lisi: nothing is kept\n", "")


def test_a_backup_is_made_and_restored(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    Database(default_url(tmp_path / "data")).upgrade()
    assert run(capsys, "backup", "state")[0::2] == (0, "")
    status, out, err = run(capsys, "restore", "state")
    assert (status, err) == (0, "")
    assert out.startswith("restored 0 rows of 20")
    assert (tmp_path / "state").exists()


@pytest.mark.parametrize(("lost", "status"), [(0, 0), (20, 1)])  # bytes
def test_a_backup_goes_through_a_pipe_and_one_that_broke_is_refused(
    capsysbinary: pytest.CaptureFixture[bytes], monkeypatch: pytest.MonkeyPatch, tmp_path: Path, lost: int, status: int
) -> None:
    Database(default_url(tmp_path / "data")).upgrade()
    assert main(("backup", "-")) == 0
    piped = capsysbinary.readouterr()
    assert piped.err.startswith(b"backed up 0 rows")
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(piped.out[: len(piped.out) - lost])))
    assert main(("restore", "-")) == status


def test_what_the_encoding_of_standard_output_lacks_is_escaped(monkeypatch: pytest.MonkeyPatch) -> None:
    printed = io.BytesIO()
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(printed, "gbk"))
    assert main(("ask", "红烧肉 😀", "--json")) == 0
    text = printed.getvalue().decode("gbk")
    assert "红烧肉" in text
    assert json.loads(text)["query"] == "红烧肉 😀"


@pytest.mark.skipif(not Path("/dev/full").is_char_device(), reason="only Linux has such a device")
@pytest.mark.parametrize("arguments", [("milestones",), ("ask", "QFLP", "--json")])  # less and more than a buffer
def test_a_full_disk_behind_standard_output_is_one_line(arguments: tuple[str, ...]) -> None:
    with Path("/dev/full").open("wb") as full:
        ended = subprocess.run([sys.executable, "-m", "bot", *arguments], **BESIDE, stdout=full, check=False)
    assert (ended.returncode, ended.stderr) == (1, b"pilotbot: No space left on device\n")


def test_an_interrupt_while_modules_are_imported_says_nothing() -> None:
    ended = subprocess.run([sys.executable, "-c", INTERRUPTED], **BESIDE, stdout=subprocess.PIPE, check=False)
    assert (ended.returncode, ended.stderr) == (-signal.SIGINT, b"")


@pytest.mark.parametrize("arguments", [(), ("fly",), ("ask",), ("ask", "a", "--top", "0"), ("eval",), ("serve", "x")])
def test_wrong_usage_is_status_2(capsys: pytest.CaptureFixture[str], arguments: tuple[str, ...]) -> None:
    with pytest.raises(SystemExit) as caught:
        main(arguments)
    assert caught.value.code == 2
    assert "usage: pilotbot" in capsys.readouterr().err


def test_eval_prints_a_table_by_kind(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    lines = [
        {"q": "QFLP", "gold": ["shanghai-2020-24/5.10"], "ok": [], "kind": "keyword"},
        {"q": "今天天气", "gold": [], "ok": [], "kind": "none-chitchat"},
    ]
    (tmp_path / "q.jsonl").write_text("\n".join(map(json.dumps, lines)), "utf-8")
    status, out, _ = run(capsys, "eval", "q.jsonl")
    assert status == 0
    assert [line.split()[:2] for line in out.splitlines()[1:3]] == [["keyword", "1"], ["none-chitchat", "1"]]
    status, out, _ = run(capsys, "eval", "q.jsonl", "--json")
    assert json.loads(out)["none-chitchat"]["false"]["value"] == 0


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("PILOTBOT_WECOM_AES_KEY", "too-short"),
        ("PILOTBOT_WECOM_TOKEN", "t" * 33),
        ("PILOTBOT_WECOM_CORP_ID", " "),
    ],
)
def test_serve_refuses_what_the_platform_cannot_have_given(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    for variable, usual in APP.items():
        monkeypatch.setenv(variable, usual)
    monkeypatch.setenv(name, value)
    status, _, err = run(capsys, "serve")
    assert (status, err.count("\n")) == (1, 1)
    assert err.startswith(f"pilotbot: {name}")
    assert value.strip() == "" or value not in err


def test_a_taken_port_is_one_line(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        for variable, value in {**APP, "PILOTBOT_PORT": str(port)}.items():
            monkeypatch.setenv(variable, value)
        status, _, err = run(capsys, "serve")
    assert status == 1
    assert err.startswith(f"pilotbot: cannot listen on 127.0.0.1:{port}: address already in use")


def test_a_database_that_cannot_be_used_is_one_line(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("not a folder", "utf-8")
    for variable, value in {**APP, "PILOTBOT_PORT": "0", "PILOTBOT_DATA_DIR": "file/below"}.items():
        monkeypatch.setenv(variable, value)
    status, _, err = run(capsys, "serve")
    assert (status, err.strip().count("\n"), err.startswith("pilotbot: ")) == (1, 0, True)


@pytest.fixture
def service(tmp_path: Path) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """`pilotbot serve` as a process of its own, and where it listens."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    environment = {**os.environ, **APP, "PILOTBOT_PORT": str(port)}
    command = [sys.executable, "-m", "bot", "serve"]
    environment["PYTHONPATH"] = str(Path(__file__).parent.parent.parent)
    with subprocess.Popen(command, env=environment, cwd=tmp_path, stderr=subprocess.PIPE, text=True) as process:
        try:
            yield process, f"http://127.0.0.1:{port}"
        finally:
            process.kill()


def fetched(url: str) -> int:
    """The status of a page, waiting for the service to come up."""
    deadline = time.monotonic() + READY_SECONDS
    while True:
        try:
            with urllib.request.urlopen(url, timeout=5) as response:  # noqa: S310  our own process
                return int(response.status)
        except OSError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.1)


def test_serve_comes_up_answers_and_drains_at_sigterm(
    service: tuple[subprocess.Popen[str], str], tmp_path: Path
) -> None:
    process, base = service
    assert fetched(f"{base}/readyz") == 200
    assert fetched(f"{base}/measures/mofcom-2021-63/2.13") == 200
    process.send_signal(signal.SIGTERM)
    _, log = process.communicate(timeout=READY_SECONDS)
    assert process.returncode == 0
    assert (tmp_path / "data" / "pilotbot.db").exists()
    assert "hush" not in log
    assert "Traceback" not in log
