"""Frozen, slotted data, made quickly: every start of the program makes 140 such classes.

A record is written and used as a frozen dataclass with slots is; `dataclasses.field` says what
takes part in comparison and in `repr`, and what stands where nothing is given. But `dataclasses`
writes and compiles six methods of every class as source text, which was a third of a cold start.
Here all classes share the same methods, but for `__init__`, which is written when the first of a
class is made: half of the classes are never used in a run.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import MISSING, Field, field
from operator import attrgetter
from typing import Any, TypeVar, dataclass_transform

R = TypeVar("R", bound="Record")

Fields = Mapping[str, "Field[Any]"]


@dataclass_transform(frozen_default=True, field_specifiers=(field,))
class _RecordType(type):
    """Makes the classes of records.

    `class Band(Record, caches=True)` lets properties keep what they work out (`cached_property`);
    `kw_only=True` is for the type checker alone: values are given by name.
    """

    def __new__(
        mcls,
        name: str,
        bases: tuple[type, ...],
        body: dict[str, Any],
        *,
        caches: bool = False,
        kw_only: bool = False,  # noqa: ARG004
    ) -> _RecordType:
        own = {each: _field_of(body.pop(each, MISSING)) for each in body.get("__annotations__", ())}
        inherited = [each._fields for each in bases if isinstance(each, _RecordType)]
        fields: dict[str, Field[Any]] = {}
        for each in [*inherited, own]:
            fields |= each
        room = caches and not any(each.__dictoffset__ for each in bases)
        body["__slots__"] = (*own, "__dict__") if room else tuple(own)
        body["__match_args__"] = tuple(fields)
        body["__init__"] = _first
        body["_fields"] = fields
        body["_compared"] = _getter([each for each, f in fields.items() if f.compare])
        return super().__new__(mcls, name, bases, body)

    __match_args__: tuple[str, ...]
    _fields: Fields
    _compared: Callable[[object], Any]


def _first(self: object, *values: Any, **named: Any) -> None:
    """Stands in for `__init__` until the first of a class is made."""
    made: Any = type(self)
    made.__init__ = _initialiser(made)
    made.__init__(self, *values, **named)


def _field_of(written: Any) -> Field[Any]:
    made: Field[Any] = written if isinstance(written, Field) else field(default=written)
    return made


def _getter(names: Sequence[str]) -> Callable[[object], Any]:
    """What reads these values of a record, all at once."""
    return attrgetter(*names) if names else lambda _: ()


class Record(metaclass=_RecordType):
    """Frozen data: two of one class are equal where all values are that take part in comparison."""

    def __setattr__(self, name: str, value: object) -> None:
        raise AttributeError(f"cannot assign to {name!r}: {type(self).__name__} is frozen")

    def __delattr__(self, name: str) -> None:
        raise AttributeError(f"cannot delete {name!r}: {type(self).__name__} is frozen")

    def __eq__(self, other: object) -> bool:
        if type(self) is not type(other):
            return NotImplemented
        compared = type(self)._compared
        return bool(compared(self) == compared(other))

    def __hash__(self) -> int:
        return hash(type(self)._compared(self))

    def __repr__(self) -> str:
        shown = [name for name, each in type(self)._fields.items() if each.repr]
        values = ", ".join(f"{name}={getattr(self, name)!r}" for name in shown)
        return f"{type(self).__qualname__}({values})"


def replace(of: R, /, **changes: Any) -> R:
    """The same record with some values changed.

    Raises:
        TypeError: where it has no value of such a name.
    """
    made = type(of)
    kept = {name: getattr(of, name) for name in made._fields if name not in changes}
    return made(**kept, **changes)


def _initialiser(made: _RecordType) -> Callable[..., None]:
    """The `__init__` of one class: its source holds the names of its values and nothing else."""
    names: dict[str, Any] = {"_new": object()}
    taken, body = [], []
    for number, (name, each) in enumerate(made._fields.items()):
        names[f"_put_{number}"] = getattr(made, name).__set__
        value = name
        if each.default is not MISSING:
            names[f"_default_{number}"] = each.default
            taken.append(f"{name}=_default_{number}")
        elif each.default_factory is not MISSING:
            names[f"_new_{number}"] = each.default_factory
            taken.append(f"{name}=_new")
            value = f"_new_{number}() if {name} is _new else {name}"
        else:
            if "*" not in taken and any("=" in before for before in taken):
                taken.append("*")  # of a class whose values are given by name
            taken.append(name)
        body.append(f"    _put_{number}(self, {value})")
    header = f"def __init__(self, {', '.join(taken)}):"
    exec("\n".join([header, *body]), names)  # noqa: S102 as `dataclasses` does
    made_by: Callable[..., None] = names["__init__"]
    return made_by
