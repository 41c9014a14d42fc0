"""The documents say what is there: commands, variables, files. Nothing is missing, nothing is promised."""

from __future__ import annotations

import argparse
import re
from pathlib import Path

import pytest

from bot.cli import parser
from bot.settings import PREFIX, RESERVED, SERVE, Settings

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text("utf-8")
DOCUMENTS = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])

_LINK = re.compile(r"\]\((?!https?://|mailto:|#)([^)#\s]+)")
_MODULE = re.compile(r"python -m ((?:benchmarks|bot|tools)[\w.]*)")
_PATH = re.compile(r"`((?:benchmarks|bot|docs|handlers|knowledge|scheduler|tests|tools|deploy)/[\w./-]*\w/?)`")
_TARGET = re.compile(r"(?:`|^\$ )make ([a-z ]+?)(?:`| *$| +#)", re.M)


def section(heading: str) -> str:
    """The part of the README under a heading."""
    return README.split(f"## {heading}\n", 1)[1].split("\n## ", 1)[0]


def rows(heading: str) -> str:
    """The table of a section."""
    return "\n".join(line for line in section(heading).splitlines() if line.startswith("|"))


def commands() -> dict[str, argparse.ArgumentParser]:
    """Name -> its parser, of every command there is."""
    action = next(a for a in parser()._actions if isinstance(a, argparse._SubParsersAction))
    return dict(action.choices)


def test_every_command_is_in_the_readme_and_no_other() -> None:
    first_cells = " ".join(re.findall(r"^\| ([^|]*) \|", rows("Commands"), re.M))
    named = {words.split()[0] for words in re.findall(r"`(?:pilotbot )?([a-z][^`]*)`", first_cells)}
    assert named == set(commands())


def test_every_option_of_a_command_in_the_readme_exists() -> None:
    for name, options in re.findall(r"`pilotbot ([a-z]+)([^`]*)`", README):
        known = {option for action in commands()[name]._actions for option in action.option_strings}
        assert set(re.findall(r"--[a-z-]+", options)) <= known, name


def test_every_variable_is_in_the_readme_and_no_other() -> None:
    named = set(re.findall(rf"{PREFIX}([A-Z_]+[A-Z])\b", rows("Configuration")))
    assert {name for name in named if not name.startswith(RESERVED)} == {n.upper() for n in Settings.model_fields}


def test_the_variables_that_serving_needs_are_marked() -> None:
    marked = re.findall(rf"`{PREFIX}([A-Z_]+)` \*", rows("Configuration"))
    assert sorted(marked) == sorted(name.upper() for name in SERVE)


def test_variables_named_anywhere_exist() -> None:
    for document in DOCUMENTS:
        named = set(re.findall(rf"\b{PREFIX}([A-Z_]*[A-Z])\b(?!_)", document.read_text("utf-8")))
        unknown = named - {n.upper() for n in Settings.model_fields} - {"TEST_POSTGRES"}
        assert {name for name in unknown if not name.startswith(RESERVED.rstrip("_"))} == set(), document.name


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_what_a_document_refers_to_is_there(document: Path) -> None:
    text = document.read_text("utf-8")
    missing = [link for link in _LINK.findall(text) if not (document.parent / link).exists()]
    missing += [path for path in _PATH.findall(text) if not (ROOT / path).exists()]
    missing += [module for module in _MODULE.findall(text) if not _is_module(module)]
    assert missing == []


def _is_module(name: str) -> bool:
    path = ROOT.joinpath(*name.split("."))
    return path.with_suffix(".py").exists() or (path / "__main__.py").exists()


def test_the_targets_of_make_that_documents_name_exist() -> None:
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text("utf-8"), re.M))
    for document in DOCUMENTS:
        named = {name for names in _TARGET.findall(document.read_text("utf-8")) for name in names.split()}
        assert named <= targets, document.name
