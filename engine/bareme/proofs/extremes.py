"""The least and the greatest score of every figure, each with a profile that has it."""

from __future__ import annotations

from fractions import Fraction

from bareme.audit.sharing import Picks
from bareme.proofs.choices import Choice, Way
from bareme.proofs.goals import Beyond
from bareme.proofs.search import (
    BETWEEN,
    MOST_BETTERED,
    MOST_LOOKS,
    TOO_MANY,
    Furthest,
    Prover,
    Shown,
)


def extreme(prover: Prover, step: int, *, up: bool) -> Furthest:
    """The greatest score of a step, or the least.

    What is open after so many looks goes to the solver, which betters what was found until it says
    that nothing does.
    """
    return _Climb(prover, step, up).run()


class _Climb:
    def __init__(self, prover: Prover, step: int, up: bool) -> None:
        self.prover = prover
        self.step = step
        self.up = up
        self.best: Fraction | None = None
        self.shown: Shown | None = None
        self.tried = 0

    def goal(self) -> Beyond:
        return Beyond(self.step, self.up, self.best)

    def run(self) -> Furthest:
        prover = self.prover
        reach = prover.whole.reach[self.step]
        option = (reach.up if self.up else reach.down)[0]
        if option is None:
            return Furthest(None, None, None, 0)
        bound = option[0]
        read, rests = prover.tangled(self.goal())
        stack: list[dict[Choice, Way]] = [{}]
        looks, loose = 0, False
        while stack and looks < MOST_LOOKS and self.best != bound:
            settled = stack.pop()
            guesses = prover.possible(self.goal(), settled)
            if guesses is None:
                continue
            looks += 1
            self.candidates(settled, guesses)
            if prover.possible(self.goal(), settled) is None:
                continue
            choice = prover.next(settled, guesses, read, rests)
            if choice is None:
                loose = True
                continue
            ways = prover.bounds(settled).ways(choice)
            stack += [{**settled, choice: way} for way in reversed(ways)]
        if self.best == bound or (not stack and not loose):
            return Furthest(self.best, self.best, self.shown, self.tried)
        return self.solved(bound)

    def candidates(self, settled: dict[Choice, Way], guesses: list[Picks]) -> None:
        for chosen in self.prover.candidates(settled, guesses):
            self.tried += 1
            self.better(self.prover.shows(self.goal(), chosen))

    def better(self, found: Shown | None) -> bool:
        if found is None:
            return False
        self.best, self.shown = found.traces[0].values[self.step].score, found
        return True

    def solved(self, bound: Fraction) -> Furthest:
        reason = TOO_MANY
        solve = self.prover.solve
        for _ in range(MOST_BETTERED if solve is not None else 0):
            assert solve is not None
            decided = solve(self.goal(), self.prover.choices)
            self.tried += decided.looked
            if decided.impossible:
                return Furthest(self.best, self.best, self.shown, self.tried)
            if not self.better(self.prover.confirms(self.goal(), decided)):
                reason = decided.reason or reason
                break
        else:
            reason = BETWEEN if solve is not None else reason
        return Furthest(self.best, bound, self.shown, self.tried, reason)
