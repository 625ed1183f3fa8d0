"""A record is a frozen dataclass with slots in all that a program can tell."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import Generic, TypeVar

import pytest

from bareme.record import Record, replace

T = TypeVar("T")


class Step(Record, kw_only=True):
    number: int
    place: str = field(default="here", compare=False, repr=False)


class Count(Step, kw_only=True):
    unit: str
    seen: list[int] = field(default_factory=list)


class Setting(Record, Generic[T]):
    value: T
    written: str = ""


class Cached(Record, caches=True):
    number: int

    @cached_property
    def doubled(self) -> int:
        return self.number * 2


class Deeper(Cached, caches=True):
    name: str


class Nothing(Record):
    place: str = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Twin:
    value: int
    written: str = ""


def test_values_are_given_in_order_by_name_or_left_to_their_default():
    assert Setting(1, "one") == Setting(written="one", value=1) == Setting(1, written="one")
    assert Setting(1) == Setting(1, "")
    assert Count(number=1, unit="t").seen == []
    assert Count(number=1, unit="t").seen is not Count(number=1, unit="t").seen


@pytest.mark.parametrize(
    ("values", "named"), [((), {}), ((1, "", 2), {}), ((1,), {"value": 1}), ((1,), {"other": 2})]
)
def test_too_few_too_many_and_unknown_values_are_refused_as_a_dataclass_refuses_them(values, named):
    for made in (Setting, Twin):
        with pytest.raises(TypeError):
            made(*values, **named)


def test_equal_where_the_compared_values_are():
    assert Step(number=1, place="a") == Step(number=1, place="b") != Step(number=2, place="a")
    assert hash(Step(number=1, place="a")) == hash(Step(number=1, place="b"))
    assert Setting(1) != Twin(1)
    assert Setting((1,)) != Setting((2,))
    assert Nothing("a") == Nothing("b")
    assert Step(number=1) != Count(number=1, unit="t")
    with pytest.raises(TypeError, match="unhashable"):
        hash(Count(number=1, unit="t"))


def test_nothing_can_be_changed_added_or_removed():
    setting = Setting(1)
    for name in ("value", "other"):
        with pytest.raises(AttributeError, match="frozen"):
            setattr(setting, name, 2)
    with pytest.raises(AttributeError, match="frozen"):
        del setting.value
    assert not hasattr(setting, "__dict__")


def test_it_shows_its_values():
    assert repr(Setting(1)) == repr(Twin(1)).replace("Twin", "Setting")
    assert repr(Count(number=1, unit="t")) == "Count(number=1, unit='t', seen=[])"


def test_a_copy_with_other_values():
    count = Count(number=1, unit="t", place="there", seen=[3])
    other = replace(count, number=2)

    assert (other.number, other.unit, other.place, other.seen) == (2, "t", "there", [3])
    with pytest.raises(TypeError, match="unexpected keyword argument 'units'"):
        replace(count, units="kg")


def test_a_class_has_its_own_values_whichever_is_made_first():
    Cached(1)

    assert (Deeper(2, "two").number, Deeper(2, "two").name) == (2, "two")


def test_properties_are_kept_where_that_is_asked_for():
    deeper = Deeper(2, "two")

    assert (deeper.doubled, deeper.name) == (4, "two")
    assert vars(deeper) == {"doubled": 4}


def test_values_are_matched_in_order():
    match Count(number=1, unit="t", place="there"):
        case Count(number, place, unit):
            assert (number, place, unit) == (1, "there", "t")
