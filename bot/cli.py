"""The `pilotbot` command."""

from __future__ import annotations

import argparse
import asyncio
import codecs
import io
import json
import os
import sys
from collections.abc import Callable, Coroutine, Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from aiohttp import ClientSession

from bot import backup, check, compose, evaluate, logs, look_up, memory, milestone_list, transfer
from bot.backup import BackupError
from bot.check import Level
from bot.demo_service import demo
from bot.menu import MENU, put_menu
from bot.process import CannotListen, take_short_turns
from bot.serve import serve
from bot.settings import ConfigurationError, Settings, unknown
from bot.transfer import TransferFailed
from bot.wecom.errors import ApiError
from handlers import import_report
from handlers.store import people
from knowledge.errors import Unavailable

Run = Callable[[Settings, argparse.Namespace], Coroutine[Any, Any, None]]


class Failed(Exception):  # noqa: N818 - says what happened
    """The work failed; the text is one line for people."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs one command and returns its exit status: 0 done, 1 failed (one line on stderr), 2 wrong usage."""
    _bear_any_character()
    options = parser().parse_args(arguments)
    logs.silence()
    memory.collect_rarely()
    take_short_turns()
    try:
        settings = Settings.read(os.environ)
        asyncio.run(options.run(settings, options))
        if sys.stdout:  # else it was closed from the start
            sys.stdout.flush()
    except (ConfigurationError, CannotListen, BackupError, TransferFailed, Unavailable, ApiError, Failed) as error:
        return _failed(error)
    except KeyboardInterrupt:
        return 130
    except OSError as error:  # of standard output: errors of files are told by whoever meets them
        sys.stdout = open(os.devnull, "w")  # noqa: SIM115 - so that the exit does not complain
        return 0 if isinstance(error, BrokenPipeError) else _failed(error.strerror or error)  # `pilotbot ask … | head`
    return 0


def _bear_any_character() -> None:
    """Standard output writes what its encoding lacks, as GBK does emoji, the way JSON does: \\ud83d\\ude00."""
    codecs.register_error("escape", _escaped)
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="escape")


def _escaped(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeEncodeError):
        raise error
    return json.dumps(error.object[error.start : error.end])[1:-1], error.end


def _failed(reason: object) -> int:
    print(f"pilotbot: {reason}", file=sys.stderr)
    return 1


def parser() -> argparse.ArgumentParser:
    """The command line."""
    top = argparse.ArgumentParser(prog="pilotbot", description="Answers about policy pilots in WeChat Work.")
    commands = top.add_subparsers(metavar="COMMAND", required=True)
    _add_services(commands)
    _add_ask(commands)
    _add_import(commands)
    _add_export(commands)
    _add_eval(commands)
    _add_milestones(commands)
    _add_state(commands)
    _add_set_up(commands)
    return top


def _add_services(commands: Any) -> None:
    """What runs until a signal."""
    summary = "run the service; configured by PILOTBOT_* variables"
    _command(commands, "serve", summary, lambda s, _: serve(s, check.examine))
    _command(commands, "demo", "the service with a stand-in for WeChat Work and a chat page", lambda s, _: demo(s))


def _add_ask(commands: Any) -> None:
    ask = _command(commands, "ask", "what the bot would find for a message", _ask)
    what = ask.add_mutually_exclusive_group(required=True)
    what.add_argument("text", metavar="TEXT", nargs="?", help="the message")
    what.add_argument("--batch", metavar="FILE", type=Path, help="one message a line; prints one JSON object a line")
    _add_json(ask)
    ask.add_argument("--explain", action="store_true", help="tell what matched and how the score came about")
    ask.add_argument("--top", metavar="N", type=_positive, default=10, help="results to show (10)")


def _add_import(commands: Any) -> None:
    loading = _command(commands, "import", "load documents, spreadsheets, packs or a working-day calendar", _import)
    loading.add_argument("files", metavar="FILE", nargs="+", type=Path)
    loading.add_argument("--slug", metavar="S", help="short name of the document in the file, as in mofcom-2021-63")
    loading.add_argument("--dry-run", action="store_true", help="show what would change, and change nothing")
    _add_json(loading)
    where = "where to put the rows of a single spreadsheet that have faults"
    loading.add_argument("--failed", metavar="FILE.xlsx", type=Path, help=where)


def _add_export(commands: Any) -> None:
    saving = _command(commands, "export", "write the whole knowledge to a pack (.yaml) or spreadsheet (.xlsx)", _export)
    saving.add_argument("file", metavar="FILE", type=Path)


def _add_eval(commands: Any) -> None:
    evaluation = _command(commands, "eval", "accuracy on a labelled set, by kind", _evaluate)
    evaluation.add_argument("file", metavar="FILE.jsonl", type=Path)
    _add_json(evaluation)


def _add_milestones(commands: Any) -> None:
    timeline = _command(commands, "milestones", "the pilots' timeline with its reminders", _milestones)
    timeline.add_argument("--from", dest="first", metavar="D", type=_day, help="the first day, as in 2026-01-31")
    timeline.add_argument("--to", dest="last", metavar="D", type=_day, help="the last day")
    _add_json(timeline)


def _add_state(commands: Any) -> None:
    """What is done to all that is kept."""
    saving = _command(commands, "backup", "copy the whole state into a file, while the service runs", _backup)
    saving.add_argument("file", metavar="FILE", type=Path, help="-: standard output")
    restoring = _command(commands, "restore", "replace the whole state by that of a backup", _restore)
    restoring.add_argument("file", metavar="FILE", type=Path, help="-: standard input")
    forgetting = _command(commands, "forget", "delete what is kept of one person, on their request", _forget)
    forgetting.add_argument("user", metavar="USER", help="the person's user id")


def _add_set_up(commands: Any) -> None:
    """What connects the service with the platform."""
    _command(commands, "check", "the set-up doctor: what is wrong, and the next step to take", lambda s, _: _check(s))
    _command(commands, "menu", "put the app's bottom menu in place on the platform", lambda s, _: _menu(s))


def _add_json(command: argparse.ArgumentParser) -> None:
    command.add_argument("--json", action="store_true", help="print JSON")


def _command(commands: Any, name: str, summary: str, run: Run) -> argparse.ArgumentParser:
    command: argparse.ArgumentParser = commands.add_parser(name, help=summary, description=summary)
    command.set_defaults(run=run)
    return command


def _positive(text: str) -> int:
    if not text.isascii() or not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError("must be a whole number, at least 1")
    return int(text)


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError("must be a date as in 2026-01-31") from None


async def _milestones(settings: Settings, options: argparse.Namespace) -> None:
    found = await milestone_list.listed(settings, options.first, options.last)
    as_json = json.dumps(milestone_list.as_json(found), ensure_ascii=False)
    print(as_json if options.json else milestone_list.as_text(found))


async def _ask(settings: Settings, options: argparse.Namespace) -> None:
    async with look_up.desk(settings) as desk:
        find = desk.explain if options.explain else desk.ask
        if options.batch is None:
            answer = find(options.text, options.top)
            print(json.dumps(answer, ensure_ascii=False) if options.json else look_up.as_text(answer))
            return
        for line in _lines(options.batch):
            print(json.dumps(find(line, options.top), ensure_ascii=False))


async def _check(settings: Settings) -> None:
    async with ClientSession() as session:
        findings = [*await check.examine(settings, session), *check.variables(unknown(os.environ))]
    for finding in findings:
        print(finding)
    if failed := [finding.check for finding in findings if finding.level is Level.FAIL]:
        raise Failed(f"not ready to serve: {', '.join(failed)}")


async def _menu(settings: Settings) -> None:
    await put_menu(settings)
    print(f"the menu is in place: {'、'.join(button['name'] for button in MENU['button'])}")


async def _backup(settings: Settings, options: argparse.Namespace) -> None:
    made = await asyncio.to_thread(backup.save, compose.database_of(settings), options.file, datetime.now(UTC))
    told = sys.stderr if backup.is_stream(options.file) else sys.stdout
    print(f"backed up {made.rows} rows at revision {made.revision} into {options.file}", file=told)


async def _restore(settings: Settings, options: argparse.Namespace) -> None:
    made = await asyncio.to_thread(backup.load, compose.database_of(settings), options.file)
    print(f"restored {made.rows} rows of {made.at.isoformat(timespec='seconds')} from {options.file}")


async def _import(settings: Settings, options: argparse.Namespace) -> None:
    if options.failed and len(options.files) > 1:
        raise Failed("--failed goes with a single spreadsheet")
    ask = input if sys.stdin.isatty() and not options.json else None
    made = await transfer.load(settings, options.files, options.slug, dry_run=options.dry_run, ask=ask)
    print(transfer.as_json(made.plan) if options.json else import_report.report(made.plan, made.consequences))
    if options.failed and made.plan.faults:
        transfer.save_failed(options.failed, options.files[0], made.plan)
    transfer.check(made.plan)


async def _export(settings: Settings, options: argparse.Namespace) -> None:
    await transfer.save(settings, options.file)


async def _forget(settings: Settings, options: argparse.Namespace) -> None:
    user = options.user.strip().lower()
    database = compose.database_of(settings)
    database.must_exist()
    try:
        await database.migrate()
        async with database.transaction() as session:
            touched = await people.forget(session, user)
    finally:
        await database.close()
    print(f"{user}: {touched} rows deleted or made anonymous" if touched else f"{user}: nothing is kept")


async def _evaluate(settings: Settings, options: argparse.Namespace) -> None:
    questions = [_question(options.file, n, line) for n, line in enumerate(_lines(options.file), 1) if line.strip()]
    if not questions:
        raise Failed(f"{options.file} holds no labelled question")
    async with look_up.desk(settings) as desk:
        figures = evaluate.measure(desk.find, questions)
    as_json = json.dumps(evaluate.as_json(figures), ensure_ascii=False, indent=2)
    print(as_json if options.json else evaluate.as_table(figures))


def _lines(path: Path) -> list[str]:
    """The lines of a text file; a last one without an end counts, an empty last one does not."""
    try:
        text = path.read_text("utf-8-sig")
    except OSError as error:
        raise Failed(f"{path} cannot be read: {(error.strerror or str(error)).lower()}") from None
    except UnicodeDecodeError:
        raise Failed(f"{path} is not UTF-8 text") from None
    # Not splitlines(): a message may hold characters that it takes for line ends.
    return text.removesuffix("\n").replace("\r\n", "\n").split("\n") if text else []


def _question(path: Path, number: int, line: str) -> evaluate.Question:
    try:
        return evaluate.question(json.loads(line))
    except (ValueError, KeyError, TypeError, AttributeError):
        wanted = '{"q": message, "gold": [ids], "ok": [ids], "kind": word}'
        raise Failed(f"{path}, line {number}: not a labelled question, which is {wanted}") from None
