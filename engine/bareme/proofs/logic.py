"""Facts and exact numbers that hang together, and whether they can all hold; by the library z3.

Nothing else knows the library, and it is loaded when the first logic is made. What holds whatever
else does is plain `True`, and a number that is known is a `Fraction`: neither is told to z3.

The answer rests on what is told and in which order, and on no clock: effort is counted in the
library's own steps. Only where a time is set as well can a slow machine give up before a fast one.
"""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction
from functools import cache
from importlib.util import find_spec
from math import lcm
from typing import Any

from bareme.record import Record

Fact = Any
"""True, False, or a statement of z3's."""

Term = Any
"""A `Fraction`, or a real number of z3's."""

MISSING = "proofs beyond what structure shows need the library z3: pip install 'bareme[prove]'"


@cache
def available() -> bool:
    """Whether the library is installed."""
    return find_spec("z3") is not None


class Limit(Record):
    """How much may be spent.

    Attributes:
        effort: steps of the library that one question may take.
        seconds: that one question may take besides; None for as long as it takes.
    """

    effort: int
    seconds: int | Fraction | None = None

    @property
    def left(self) -> int | None:
        """Milliseconds, at least one; None where no time is set."""
        return None if self.seconds is None else max(1, int(self.seconds * 1000))


class Logic:
    """What has to hold, in a world of its own, so that no other logic changes how it is solved."""

    def __init__(self) -> None:
        import z3

        self._z3 = z3
        self._context = z3.Context()
        self._told: list[Any] = []
        self._curved = False
        self._solver: Any = None
        self._spent = 0
        self._names = 0
        self._model: Any = None
        self._constants: dict[Fraction, Any] = {}

    # ---- what there is

    def _name(self) -> str:
        self._names += 1
        return f"x{self._names}"

    def fact(self) -> Fact:
        """Something that holds or does not."""
        return self._z3.Bool(self._name(), self._context)

    def number(self, low: Fraction | None = None, high: Fraction | None = None) -> Term:
        """A number between two, either of them included."""
        made = self._z3.Real(self._name(), self._context)
        if low is not None:
            self.hold(made >= self.term(low))
        if high is not None:
            self.hold(made <= self.term(high))
        return made

    def term(self, value: Term) -> Any:
        """A number as z3 has it."""
        if not isinstance(value, Fraction):
            return value
        if value not in self._constants:
            self._constants[value] = self._z3.RealVal(str(value), self._context)
        return self._constants[value]

    # ---- what holds

    def hold(self, *facts: Fact) -> None:
        """From here on these hold."""
        for each in facts:
            if each is not True:
                plain = self._plain(each)
                if self._solver is None:
                    self._told.append(plain)
                else:
                    self._solver.add(plain)

    def given(self, condition: Fact, *facts: Fact) -> None:
        """From here on these hold where a condition does."""
        for each in facts:
            self.hold(self.any(self.no(condition), each))

    def _plain(self, fact: Fact) -> Any:
        return self._z3.BoolVal(fact, self._context) if isinstance(fact, bool) else fact

    def all(self, *facts: Fact) -> Fact:
        """That all of them hold."""
        open = [each for each in facts if each is not True]
        if any(each is False for each in open):
            return False
        return self._z3.And(*open) if len(open) > 1 else open[0] if open else True

    def any(self, *facts: Fact) -> Fact:
        """That one of them holds at least."""
        open = [each for each in facts if each is not False]
        if any(each is True for each in open):
            return True
        return self._z3.Or(*open) if len(open) > 1 else open[0] if open else False

    def no(self, fact: Fact) -> Fact:
        """That it does not hold."""
        return not fact if isinstance(fact, bool) else self._z3.Not(fact)

    def differ(self, one: Fact, other: Fact) -> Fact:
        """That one of the two holds, and the other does not."""
        if isinstance(one, bool) or isinstance(other, bool):
            return self.any(self.all(one, self.no(other)), self.all(self.no(one), other))
        return one != other

    def named(self, fact: Fact) -> Fact:
        """The same under a short name, where it is long and used often."""
        if isinstance(fact, bool) or not fact.num_args():
            return fact
        made = self.fact()
        self.hold(made == fact)
        return made

    def one_of(self, many: int) -> list[Fact]:
        """So many facts of which exactly one holds."""
        if many < 2:
            return [True] * many
        if many == 2:
            one = self.fact()
            return [one, self.no(one)]
        facts = [self.fact() for _ in range(many)]
        self.hold(self.any(*facts), self.at_most(1, facts))
        return facts

    def at_most(self, count: int, facts: Iterable[Fact]) -> Fact:
        """That no more than so many hold."""
        facts = list(facts)
        return self.weighed([(Fraction(-1), each) for each in facts], Fraction(-count))

    def at_least(self, count: int, facts: Iterable[Fact]) -> Fact:
        """That so many hold or more."""
        return self.weighed([(Fraction(1), each) for each in facts], Fraction(count))

    def weighed(self, facts: Iterable[tuple[Fraction, Fact]], least: Fraction) -> Fact:
        """That the weights of those that hold add up to so much or more."""
        open: list[tuple[Fraction, Fact]] = []
        for weight, fact in facts:
            if fact is True:
                least -= weight
            elif fact is not False and weight:
                positive = weight > 0
                open.append((abs(weight), fact if positive else self.no(fact)))
                least += 0 if positive else -weight
        if least <= 0:
            return True
        if sum(weight for weight, _ in open) < least:
            return False
        over = lcm(least.denominator, *(weight.denominator for weight, _ in open))
        return self._z3.PbGe([(fact, int(weight * over)) for weight, fact in open],
                             int(least * over))  # fmt: skip

    # ---- numbers

    def sum(self, terms: Iterable[tuple[Fraction, Term]]) -> Term:
        """Numbers added up, each times another."""
        known, open = Fraction(0), []
        for times, term in terms:
            if isinstance(term, Fraction):
                known += times * term
            elif times:
                open.append(term if times == 1 else self.term(times) * term)
        if not open:
            return known
        added = [*open, self.term(known)] if known else open
        return self._z3.Sum(*added) if len(added) > 1 else added[0]

    def times(self, one: Term, other: Term) -> Term:
        """A product, of which neither factor may be known."""
        if isinstance(one, Fraction) and isinstance(other, Fraction):
            return one * other
        self._curved |= not isinstance(one, Fraction) and not isinstance(other, Fraction)
        return self.term(one) * self.term(other)

    def holds(self, one: Term, sign: str, other: Term) -> Fact:
        """That a number stands so to another: `<`, `≤`, `=`, `≥` or `>`."""
        if not isinstance(one, Fraction) or not isinstance(other, Fraction):
            one, other = self.term(one), self.term(other)
        match sign:
            case "<":
                return one < other
            case "≤":
                return one <= other
            case "=":
                return one == other
            case "≥":
                return one >= other
        return one > other

    def set(self, condition: Fact, one: Term, other: Term) -> None:
        """From here on a number is another where a condition holds."""
        self.given(condition, self.holds(one, "=", other))

    # ---- whether it can be

    def check(self, limit: Limit, *facts: Fact) -> bool | None:
        """Whether everything can hold, and these besides; None where the limit came first."""
        if any(each is False for each in facts):
            return False
        solver = self._ready()
        if self._spent >= limit.effort:
            return None
        solver.set("rlimit", min(limit.effort - self._spent, _MOST))
        left = limit.left
        if left is not None:
            solver.set("timeout", min(left, _MOST))
        found = solver.check(*[each for each in facts if each is not True])
        counts = solver.statistics()
        if "rlimit count" in counts.keys():  # noqa: SIM118
            self._spent = counts.get_key_value("rlimit count")
        if found == self._z3.sat:
            self._model = solver.model()
            return True
        return False if found == self._z3.unsat else None

    def _ready(self) -> Any:
        """What solves; by other means where numbers are multiplied with each other."""
        if self._solver is None:
            context = self._context
            self._solver = (
                self._z3.SimpleSolver(ctx=context)
                if self._curved
                else self._z3.SolverFor("QF_LRA", ctx=context)
            )
            self._solver.set("random_seed", 0)
            self._solver.add(*self._told)
        return self._solver

    def true(self, fact: Fact) -> bool:
        """Whether something holds in what the last check found."""
        if isinstance(fact, bool):
            return fact
        return bool(self._z3.is_true(self._model.eval(fact, model_completion=True)))

    def value(self, term: Term) -> Fraction | None:
        """A number in what the last check found; of an irrational one, one close by.

        None where it is too long to compute with.
        """
        if isinstance(term, Fraction):
            return term
        found = self._model.eval(term, model_completion=True)
        if self._z3.is_algebraic_value(found):
            found = found.approx(30)
        text = found.as_string()
        return Fraction(text) if len(text) < _LONGEST else None


_LONGEST = 2_000  # digits of a number that can still be told and read
_MOST = 2**32 - 1  # of the library's own counters
