"""Writes frozen dataclasses as JSON can hold them, and reads them back by their types."""

from __future__ import annotations

import dataclasses
import types
from collections.abc import Callable, Mapping
from datetime import datetime
from enum import Enum
from functools import cache
from typing import Any, TypeVar, Union, cast, get_args, get_origin, get_type_hints

T = TypeVar("T")
Reader = Callable[[Any], Any]
_NUMBERS = frozenset({int, float, bool, type(None)})
_AS_THEY_ARE = _NUMBERS | {str}


def as_plain(value: Any) -> Any:
    """Return a value as JSON holds it. What a dataclass has by default is left out."""
    kind = type(value)
    if kind in _AS_THEY_ARE:
        return value
    if issubclass(kind, list | tuple):
        return [as_plain(held) for held in value]
    if dataclasses.is_dataclass(kind):
        fields = ((name, getattr(value, name), default) for name, default in _defaults(cast(type, kind)))
        return {name: as_plain(held) for name, held, default in fields if held != default}
    return _plainly(value)


def from_plain(kind: type[T], plain: Any) -> T:
    """Return what was written by `as_plain`; fields that this version does not know are left out."""
    return cast(T, _reader(cast(Any, kind))(plain))


def _plainly(value: Any) -> Any:
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, bytes):
        return value.hex()
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, Mapping):
        return {str(key): as_plain(held) for key, held in value.items()}
    raise TypeError(f"{type(value).__name__} can't be written plainly.")


@cache
def _reader(kind: Any) -> Reader:
    """Return what reads a value of a type; worked out once for each type."""
    if kind in (bytes, datetime):
        return bytes.fromhex if kind is bytes else datetime.fromisoformat
    if get_origin(kind) is not None:
        return _reader_of_many(get_origin(kind), get_args(kind))
    if dataclasses.is_dataclass(kind):
        return _reader_of_fields(kind)
    if isinstance(kind, type) and issubclass(kind, Enum):
        return kind
    return _as_it_is


def _reader_of_fields(kind: Any) -> Reader:
    hints = get_type_hints(kind)
    readers = {field.name: _reader(hints[field.name]) for field in dataclasses.fields(kind) if field.init}
    return lambda plain: kind(**{name: readers[name](held) for name, held in plain.items() if name in readers})


def _reader_of_many(origin: Any, kinds: tuple[Any, ...]) -> Reader:
    if origin in (Union, types.UnionType):
        return _reader_of_either(kinds)
    if issubclass(origin, Mapping):
        key, read = kinds[0], _reader(kinds[1])
        return lambda plain: {key(name): read(held) for name, held in plain.items()}
    if origin is tuple and kinds[-1] is not Ellipsis:
        readers = [_reader(each) for each in kinds]
        return lambda plain: tuple(read(held) for read, held in zip(readers, plain, strict=True))
    held_in, read = (list if issubclass(origin, list) else tuple), _reader(kinds[0])
    if read is _as_it_is:
        return held_in
    return lambda plain: held_in(map(read, plain))


def _reader_of_either(kinds: tuple[Any, ...]) -> Reader:
    """Return what reads one of several types, of which only one is no number: JSON tells the others apart."""
    (read,) = [_reader(each) for each in kinds if each not in _NUMBERS] or [_as_it_is]
    has_numbers = any(each in _NUMBERS - {type(None)} for each in kinds)
    return lambda plain: plain if plain is None or (has_numbers and not isinstance(plain, str)) else read(plain)


def _as_it_is(plain: Any) -> Any:
    return plain


@cache
def _defaults(kind: type) -> tuple[tuple[str, Any], ...]:
    absent = object()
    return tuple(
        (field.name, absent if field.default is dataclasses.MISSING else field.default)
        for field in dataclasses.fields(kind)
        if field.init
    )
