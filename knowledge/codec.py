"""Values to JSON and back. Pure; works for every frozen dataclass made of the types that `_reader` lists."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import MISSING, Field, fields, is_dataclass
from datetime import date
from enum import StrEnum
from functools import cache, partial
from types import NoneType
from typing import TYPE_CHECKING, Any, TypeVar, get_args, get_origin, get_type_hints

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

_PLAIN = frozenset((str, int, float, bool, NoneType))  # what JSON has as it is

T = TypeVar("T", bound="DataclassInstance")

_encode = json.JSONEncoder(ensure_ascii=False).encode  # json.dumps would make an encoder for each value


class Encoded(str):
    """JSON as text already, which a database's serialiser passes through."""


def encode(value: Any) -> str:
    """JSON's own types as text."""
    return value if type(value) is Encoded else _encode(value)


def to_json(value: Any) -> Any:
    """JSON's own types only, so that a value read back from a database compares equal to this one.

    A dataclass becomes an object of its fields, a tuple a list, a date an ISO string; keys of mappings become strings.
    """
    cls: Any = type(value)
    return value if cls in _PLAIN else _writer(cls)(value)


@cache  # asking what a value is takes longer than writing it
def _writer(cls: type) -> Callable[[Any], Any]:
    """What turns values of a type into JSON's own."""
    if is_dataclass(cls):
        return partial(_write_fields, _names(cls))
    return next((write for kind, write in _WRITERS.items() if issubclass(cls, kind)), _same)


def _write_fields(names: Iterable[str], value: Any) -> dict[str, Any]:
    # Asking here rather than in `to_json` spares a call for most fields.
    return {name: part if type(part := getattr(value, name)) in _PLAIN else to_json(part) for name in names}


def _write_mapping(value: Mapping[Any, Any]) -> dict[str, Any]:
    return {str(key): to_json(item) for key, item in value.items()}


_WRITERS: Mapping[type, Callable[[Any], Any]] = {
    tuple: lambda value: [to_json(item) for item in value],
    Mapping: _write_mapping,
    date: date.isoformat,
    StrEnum: lambda value: value.value,
}


def values(value: DataclassInstance) -> dict[str, Any]:
    """The fields of a dataclass as they are, and quickly: `asdict` copies whatever they hold."""
    return {name: getattr(value, name) for name in _names(type(value))}


@cache
def _names(cls: type[DataclassInstance]) -> tuple[str, ...]:
    return tuple(field.name for field in fields(cls))


def from_json(cls: type[T], data: Mapping[str, Any]) -> T:
    """The value that `to_json` made `data` of.

    Older and newer rows are welcome: unknown fields are passed over, missing ones and nulls get their default.
    :raises ValueError: a field without a default is missing, or a field does not hold what it should.
    """
    readers = _readers(cls)
    known = {name: value for name, value in data.items() if name in readers and value is not None}
    missing = _required(cls) - known.keys()
    if missing:
        raise ValueError(f"{cls.__name__} without {', '.join(sorted(missing))}")
    try:
        return cls(**{name: readers[name](value) for name, value in known.items()})
    except (TypeError, AttributeError) as error:
        raise ValueError(f"{cls.__name__} that cannot be read: {error}") from error


@cache
def _readers(cls: type[DataclassInstance]) -> Mapping[str, Callable[[Any], Any]]:
    return {name: _reader(hint) for name, hint in get_type_hints(cls).items()}


@cache
def _required(cls: type[DataclassInstance]) -> frozenset[str]:
    def has_default(field: Field[Any]) -> bool:
        return field.default is not MISSING or field.default_factory is not MISSING

    return frozenset(field.name for field in fields(cls) if not has_default(field))


def _reader(hint: Any) -> Callable[[Any], Any]:
    """What turns JSON into the annotated type. Text, numbers and enums convert themselves."""
    if hint is Any:  # JSON's own types
        return _same
    origin, args = get_origin(hint), get_args(hint)
    if NoneType in args:  # X | None
        return _reader(next(arg for arg in args if arg is not NoneType))
    if origin is tuple:
        return partial(_read_tuple, _reader(args[0]))
    if origin is Mapping:
        return partial(_read_mapping, *map(_reader, args))
    if isinstance(hint, type) and is_dataclass(hint):
        return partial(from_json, hint)
    read: Callable[[Any], Any] = date.fromisoformat if hint is date else hint
    return read


def _same(value: Any) -> Any:
    return value


def _read_tuple(read: Callable[[Any], Any], value: Any) -> tuple[Any, ...]:
    if isinstance(value, str):
        raise TypeError("text in place of a list")
    return tuple(read(item) for item in value)


def _read_mapping(read_key: Callable[[Any], Any], read: Callable[[Any], Any], value: Any) -> dict[Any, Any]:
    return {read_key(key): read(item) for key, item in value.items()}
