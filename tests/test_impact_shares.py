"""What edits move is divided among them exactly, whatever the rules."""

from __future__ import annotations

import random
import re
from fractions import Fraction
from itertools import permutations

import pytest

from bareme.audit.impact.answers import answered
from bareme.audit.impact.index import scales_of
from bareme.audit.impact.publication import published_edits
from bareme.audit.impact.shares import Moved, around_union, what_is_read
from bareme.audit.impact.union import NotSeparable, Union
from bareme.language.format import format_rules
from bareme.plan import plan_index
from bareme.record import replace
from bareme.scoring.cohort import score_cohort
from bareme.scoring.exact import score
from bareme.source import Source
from edited_programs import edited, sound
from sound_programs import Writer
from sound_scores import some_profile

EDITION = "2020"
FOUND = (7306,)  # programs in which shares were wrong once
SHORT, LONG = 80, 10_000


def games(seed: int):
    """The indices of a sound program and of the same program edited, answered anew in part."""
    chance = random.Random(seed)
    text = Writer(chance).files
    old = sound(text)
    assert old is not None
    new = sound(edited(text, chance, chance.choice((0, 1, 2, 3))))
    assert new is not None
    before = some_profile(old, "e", EDITION, chance)
    after = (
        some_profile(new, "e", EDITION, chance)
        if chance.random() < 0.3
        else some_of(before, new, chance)
    )
    for index in old.indices:
        if new.index(index.id) is None:
            continue
        plans = plan_index(old, index), plan_index(new, new.index(index.id))
        scored = score_cohort(plans[0], [before]), score_cohort(plans[1], [after])
        if not all(each.profiles for each in scored):
            continue
        try:
            union = Union(*plans, scales_of((old, new)))
        except NotSeparable:
            continue
        own = answered(before, after, (old, new))
        around = tuple(around_union(each.plan, each.around, union) for each in scored)
        yield union, own, around, scored


def some_of(before, new, chance):
    """A profile by other rules that answers like one, but for a few answers."""
    other = some_profile(new, before.entity, EDITION, chance)
    answers = dict(other.answers)
    for question, answer in before.answers.items():
        asked = new.questions.get(question)
        known = asked is None or asked.scale is None or asked.scale.label(answer.text)
        if question in answers and known and chance.random() < 0.8:
            answers[question] = answer
    return replace(other, answers=answers, given=before.given)


def naive(union, own, around, keys, number):
    """The Shapley value by every order of making the edits, each scored from the start.

    Edits that count as one are made at once.
    """

    def value(made):
        on = frozenset().union(*made)
        plan = union.plan(on & union.keys)
        values = score(plan, own.profile(on & own.edits.keys()), around[("others",) in on]).values
        return values[number].score

    first, last = value(()), value(keys)
    if first is None or last is None:
        return None
    worth = {}
    shares = dict.fromkeys(keys, Fraction(0))
    orders = [*permutations(keys)]
    for order in orders:
        on = set()
        for key in order:
            scores = []
            for _ in range(2):
                at = frozenset(on)
                if at not in worth:
                    found = value(at)
                    worth[at] = first if found is None else found
                scores.append(worth[at])
                on.add(key)
            shares[key] += (scores[1] - scores[0]) / len(orders)
    return {key: share for key, share in shares.items() if share}


def check_games(seeds) -> tuple[int, int]:
    moved_figures = compared = 0
    for seed in seeds:
        for union, own, around, scored in games(seed):
            game = Moved(union, what_is_read(union), own, around)
            for path, number in union.numbers.items():
                before, after = (
                    each.columns[each.plan.numbers[path]].score(0)
                    if path in each.plan.numbers
                    else None
                    for each in scored
                )
                players = game.players[number]
                here = [path in each.plan.numbers for each in scored]
                if here[0]:
                    assert game.value(number, 0).score == before, (seed, path)
                if here[1]:
                    assert game.value(number, players).score == after, (seed, path)
                if not all(here):
                    continue
                shares = game.shares(number)
                if before is None or after is None:
                    assert shares is None, (seed, path)
                    continue
                assert sum(shares.values()) == after - before, (seed, path)
                moved_figures += bool(shares)
                keys = [
                    frozenset(key for key in game.keys if game.bit(key) & atom & players)
                    for atom in game.atoms
                    if atom & players
                ]
                if 2 <= len(keys) <= 5:
                    assert shares == naive(union, own, around, keys, number), (seed, path)
                    compared += 1
    return moved_figures, compared


def test_shares_add_up_and_are_those_of_every_order():
    moved, compared = check_games([*range(SHORT), *FOUND])

    assert moved > SHORT
    assert compared > SHORT // 2


@pytest.mark.long
def test_shares_of_many_edits_add_up():
    moved, _ = check_games(range(SHORT, SHORT + LONG))

    assert moved > LONG


@pytest.mark.parametrize("seed", range(60))
def test_rules_laid_out_anew_or_retitled_have_no_edits(seed):
    files = Writer(random.Random(seed)).files
    old = sound(files)
    again = {
        name: re.sub(
            r'^( *(?:index|category|indicator|question|measure) \w+) "[^"]*"',
            r'\1 "Another title"',
            format_rules(Source(f"rules/fuzz/{name}.bareme", f"# A comment.\n\n{text}")),
            flags=re.MULTILINE,
        )
        for name, text in reversed(files.items())
    }
    new = sound(again)
    assert old is not None
    assert new is not None

    for index in old.indices:
        plans = plan_index(old, index), plan_index(new, new.index(index.id))
        assert Union(*plans, scales_of((old, new))).edits == {}
        assert [*published_edits(*plans)] == []
