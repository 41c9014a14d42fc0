"""Imports run one way, bot -> handlers -> scheduler -> knowledge, and what is at the rim stays there."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
LAYERS = ("knowledge", "scheduler", "handlers", "bot")  # each may import itself and those before it
RIM = (
    "aiohttp",
    "wechatpy",
    "cryptography",
    "jinja2",
    "pydantic",
    "pydantic_settings",
    "alembic",
    "aiosqlite",
    "psycopg",
)
SQL = ("sqlmodel", "sqlalchemy")
SQL_MODULES = ("tables", "store")  # modules or folders of any package, besides the rim
READS = re.compile(r"environ\[|environ\.get|getenv")
SAMPLE = """
from __future__ import annotations
import os.path, bot.cli
from handlers import texts, model as m
from sqlmodel import SQLModel
"""


def imported(source: str) -> Iterator[str]:
    """The dotted names that a module's source imports, 'a.b' for `from a import b`."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "relative imports hide where a module stands"
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def modules(package: str) -> list[Path]:
    return sorted((ROOT / package).rglob("*.py"))


def tops(path: Path) -> set[str]:
    return {name.partition(".")[0] for name in imported(path.read_text("utf-8"))}


def named(paths: list[Path]) -> list[str]:
    return [str(path.relative_to(ROOT)) for path in paths]


def test_the_imports_of_a_module_are_seen() -> None:
    found = set(imported(SAMPLE))
    assert found == {
        "__future__.annotations", "os.path", "bot.cli", "handlers.texts", "handlers.model", "sqlmodel.SQLModel",
    }  # fmt: skip


@pytest.mark.parametrize("package", LAYERS)
def test_a_package_imports_no_higher_one(package: str) -> None:
    higher = set(LAYERS[LAYERS.index(package) + 1 :]) | {"tests", "benchmarks", "tools"}
    assert modules(package), "nothing was looked at"
    assert named([path for path in modules(package) if tops(path) & higher]) == []


@pytest.mark.parametrize("package", LAYERS[:-1])
def test_below_the_rim_nobody_knows_http_the_platform_or_the_environment(package: str) -> None:
    assert named([path for path in modules(package) if tops(path) & set(RIM)]) == []
    assert named([path for path in modules(package) if READS.search(path.read_text("utf-8"))]) == []


@pytest.mark.parametrize("package", LAYERS[:-1])
def test_only_tables_and_stores_know_sql(package: str) -> None:
    others = [path for path in modules(package) if not {path.stem, path.parent.name} & set(SQL_MODULES)]
    assert named([path for path in others if tops(path) & set(SQL)]) == []


def test_in_the_rim_only_the_database_its_migrations_and_its_copies_know_sql() -> None:
    knowing = [path.relative_to(ROOT / "bot") for path in modules("bot") if tops(path) & set(SQL)]
    assert [str(path) for path in knowing if path.parts[0] != "migrations"] == ["database.py", "dump.py"]


def test_the_stand_in_platform_knows_nothing_of_the_product() -> None:
    own = {name for path in modules("bot/demo") for name in imported(path.read_text("utf-8"))}
    assert sorted(n for n in own if n.partition(".")[0] in LAYERS and not n.startswith("bot.demo")) == []


@pytest.mark.parametrize("package", LAYERS)
def test_no_modules_import_each_other(package: str) -> None:
    files = {".".join(p.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__"): p for p in modules(package)}
    graph = {name: dependencies(path, files) - {name} for name, path in files.items()}
    while graph:  # take away what imports nothing that is left; a ring never goes
        leaves = {name for name, needs in graph.items() if not needs & graph.keys()}
        assert leaves, f"a ring among {sorted(graph)}"
        graph = {name: needs for name, needs in graph.items() if name not in leaves}


def dependencies(path: Path, files: dict[str, Path]) -> set[str]:
    found = set(imported(path.read_text("utf-8")))
    return {
        name for name in files if name in found or any(f.rpartition(".")[0] == name and f not in files for f in found)
    }
