"""Packs as files: YAML read node by node, so that every fault knows its line and column; written so that reading gives
the same. What a pack does not mention stays as it is known.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import yaml

from knowledge import import_texts as texts
from knowledge.changes import KINDS
from knowledge.model import Pack
from knowledge.stated import SORTS, Fault, Raw, Sort, Stated, read_entry

_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_DUMPER = getattr(yaml, "CSafeDumper", yaml.SafeDumper)
_SECTIONS = {sort.section: kind for kind, sort in SORTS.items()}
_NOT_WRITTEN = {"item", "ordinal", "document"}  # of a measure: they follow from its id


@dataclass(slots=True)
class PackFile:
    """What a pack states, and everything that is wrong with it."""

    stated: list[Stated] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    others: dict[str, tuple[yaml.Node, yaml.Node]] = field(default_factory=dict)  # sections that the caller reads


def read_pack(file: str, text: str, others: Sequence[str] = ()) -> PackFile:
    """:param others: names of sections that are not ours; they come back as nodes."""
    return _Reader(file, others).read(text)


def write_pack(pack: Pack, others: Mapping[str, Any] | None = None) -> str:
    """A pack as YAML that `read_pack` reads back without loss: fields that are empty are written, too."""
    sections: dict[str, Any] = {}
    for name, kind in KINDS.items():
        if name in SORTS and (values := getattr(pack, kind.attribute)):
            sections[SORTS[name].section] = [_written(name, kind.body(value)) for value in values]
    written: str = yaml.dump(
        sections | dict(others or {}), Dumper=_DUMPER, allow_unicode=True, sort_keys=False, width=120, line_break="\n"
    )
    return written


def _written(kind: str, body: Mapping[str, Any]) -> Any:
    if kind == "synonym":
        return body["words"]
    return {name: value for name, value in body.items() if kind != "measure" or name not in _NOT_WRITTEN}


class _Reader:
    def __init__(self, file: str, others: Sequence[str]) -> None:
        self._file = file
        self._names = [*_SECTIONS, *others]
        self._others = others
        self._seen: set[int] = set()
        self._found = PackFile()

    def read(self, text: str) -> PackFile:
        try:
            root = yaml.compose(text, Loader=_LOADER)
        except (yaml.YAMLError, RecursionError) as error:
            self._fault(getattr(error, "problem_mark", None), texts.NOT_YAML)
            return self._found
        if not isinstance(root, yaml.MappingNode) or not root.value:
            known = "、".join(self._names)
            self._fault(root.start_mark if root else None, texts.NOT_A_PACK.format(known=known))
            return self._found
        for key, node in self._pairs(root):
            if key.value in self._others:
                self._found.others[key.value] = (key, node)
            elif key.value in _SECTIONS:
                self._section(_SECTIONS[key.value], key, node)
            else:
                self._fault(key.start_mark, texts.UNKNOWN_SECTION.format(value=key.value, known="、".join(self._names)))
        return self._found

    def _section(self, kind: str, key: yaml.ScalarNode, node: yaml.Node) -> None:
        if _is_null(node):
            return
        if not isinstance(node, yaml.SequenceNode):
            self._fault(node.start_mark, texts.NOT_ENTRIES.format(value=key.value))
            return
        for entry in node.value:
            self._entry(kind, entry)

    def _entry(self, kind: str, node: yaml.Node) -> None:
        line, before = node.start_mark.line + 1, len(self._found.faults)
        raw, columns = self._words(node) if kind == "synonym" else self._fields(SORTS[kind], node)
        if len(self._found.faults) > before:
            return
        stated, faults = read_entry(kind, raw, self._file, line, columns)
        self._found.faults += faults
        if stated:
            self._found.stated.append(stated)

    def _words(self, node: yaml.Node) -> tuple[dict[str, Raw], dict[str, int]]:
        """A group of synonyms is written as a plain list."""
        return {"words": self._raw(node)}, {"words": node.start_mark.column + 1}

    def _fields(self, sort: Sort, node: yaml.Node) -> tuple[dict[str, Raw], dict[str, int]]:
        raw: dict[str, Raw] = {}
        columns: dict[str, int] = {}
        if not isinstance(node, yaml.MappingNode):
            self._fault(node.start_mark, texts.NOT_FIELDS)
            return raw, columns
        for key, value in self._pairs(node):
            name = next((n for n, f in sort.fields.items() if key.value in (n, f.name, *f.other_names)), None)
            if name is None:
                known = "、".join(sort.fields)
                self._fault(key.start_mark, texts.UNKNOWN_FIELD.format(value=key.value, known=known))
            elif name in raw:
                self._fault(key.start_mark, texts.FIELD_TWICE.format(value=key.value))
            else:
                raw[name] = self._raw(value)
                columns[name] = value.start_mark.column + 1
        return raw, columns

    def _pairs(self, node: yaml.MappingNode) -> Iterator[tuple[yaml.ScalarNode, yaml.Node]]:
        for key, value in node.value:
            if isinstance(key, yaml.ScalarNode):
                yield key, value
            else:
                self._fault(key.start_mark, texts.NOT_FIELDS)

    def _raw(self, node: yaml.Node) -> Raw:
        """The text of a node as it is written: dates and numbers are not interpreted here."""
        if _is_null(node):
            return None
        if isinstance(node, yaml.ScalarNode):
            return str(node.value)
        if id(node) in self._seen:  # through an alias: entries are written out, and a few lines cannot grow to millions
            self._fault(node.start_mark, texts.ALIASED)
            return None
        self._seen.add(id(node))
        if isinstance(node, yaml.SequenceNode):
            return [self._raw(item) for item in node.value]
        if isinstance(node, yaml.MappingNode):
            return {key.value: self._raw(value) for key, value in self._pairs(node)}
        raise AssertionError("YAML has scalars, sequences and mappings")

    def _fault(self, place: yaml.Mark | None, message: str) -> None:
        line, column = (place.line + 1, place.column + 1) if place else (1, 1)
        self._found.faults.append(Fault(self._file, line, column, message))


def _is_null(node: yaml.Node) -> bool:
    return isinstance(node, yaml.ScalarNode) and node.tag == "tag:yaml.org,2002:null"
