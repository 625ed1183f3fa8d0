"""Laws that hold for every framework and every profile, tried on generated ones.

Each property writes a project to a folder and goes through `bareme.load`, as a person would. What
the figures should be comes from `naive.py`, which shares no code with the engine.
"""

from __future__ import annotations

import json
import os
import random
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

import bareme
import generators as g
import naive
from bareme.diagnostics import DEFAULT_LIMIT, has_errors
from bareme.profiles.nodes import read_nodes
from bareme.project import InputRefused, Rules, messages, read_rules
from bareme.reports.machine import json_text
from bareme.reports.records import explanation_json, score_record
from bareme.results import IndexResults
from bareme.source import Source
from generators import Figure, Label, Profile, Question, Scale, World

Path = tuple[str, ...]

most = settings(max_examples=settings.default.max_examples * 3)
"""For the one property that all others lean on."""

few = settings(max_examples=settings.default.max_examples // 4)
"""For properties that try several projects an example."""

many = settings(max_examples=settings.default.max_examples * 4)
"""For properties that cost next to nothing an example."""


@dataclass(frozen=True)
class Scored:
    """A project as the engine scores it: results by edition and index."""

    rules: Rules
    results: Mapping[str, Mapping[str, IndexResults]]

    @property
    def records(self) -> list[dict[str, Any]]:
        return [
            {**score_record(figure)}
            for edition in self.results.values()
            for results in edition.values()
            for figure in results.figures
        ]

    @property
    def exact(self) -> dict[tuple[str, str, str], Fraction | None]:
        """The unrounded score of each edition, entity and figure."""
        return {
            (r["edition"], r["entity"], r["figure"]): r["exact"] and Fraction(r["exact"])
            for r in self.records
        }

    def explanations(self) -> list[str]:
        """The derivation of each index of each entity, as JSON."""
        return [
            json_text(explanation_json(self.rules.explain(self.rules.cohort(edition), entity, id)))
            for edition, indices in self.results.items()
            for id, results in indices.items()
            for entity in results.by_entity
        ]


@contextmanager
def project(texts: Mapping[str, str | bytes]):
    with g.written(texts) as root:
        rules = bareme.load(root)
        results = {edition: rules.score(rules.cohort(edition)) for edition in rules.editions}
        yield Scored(rules, results)


def scored(world: World) -> Scored:
    with project(g.project_texts(world)) as found:
        return found


def refused(texts: Mapping[str, str | bytes]) -> list[str]:
    """The codes of the errors for which a framework is refused."""
    with g.written(texts) as root:
        rules = read_rules(root, g.FRAMEWORK)
        return [each.code for each in rules.diagnostics if each.severity == "error"]


def lines(records: list[dict[str, Any]]) -> list[str]:
    """Each record as the bytes it is printed in, in an order of their own."""
    return sorted(json_text([record]) for record in records)


# ---- what is tried


def features(world: World) -> set[str]:
    """What a world has to try the engine with."""
    rows = [row for edition in world.editions for row in naive.results(world, edition)]
    figures = world.figures.values()
    found = {f"status {row['status']}" for row in rows}
    found |= {f"{len(edition.profiles)} entities" for edition in world.editions}
    found |= {f"{len(world.files)} files", f"{len(world.editions)} editions"}
    found |= {f"{max(map(len, world.figures))} levels"}
    found |= {"a tie"} if any(row["tied"] for row in rows) else set()
    found |= {"a band"} if any(row["band"] for row in rows) else set()
    found |= {"no ranks"} if any(row["cohort"] is None for row in rows) else set()
    found |= {"a change"} if any(row["change"] for row in rows) else set()
    found |= {"a given figure"} if any(figure.given for figure in figures) else set()
    found |= {"same as"} if any(figure.same_as for figure in figures) else set()
    for figure in figures:
        found |= {f"{figure.places} decimals"} if figure.places is not None else set()
        for weight in (child.weight for child in figure.children):
            found.add(f"weight {re.sub('[0-9.]+', 'n', weight)}")
    for question in world.questions.values():
        own = isinstance(question.scale, Scale)
        scale = question.scale if own else world.scales[question.scale]
        form = scale.order or (scale.out_of and "out of") or (scale.reverse_of and "reversed")
        found.add(f"{'own' if own else 'named'} {form or 'points'}{' inline' * scale.inline}")
        found |= {"codes"} if any(label.code for label in scale.labels) else set()
    return found


def test_the_worlds_that_are_tried_hold_every_form_of_the_language():
    tapes = (g.Tape(random.Random(seed).randbytes(1000)) for seed in range(150))
    found = Counter(each for tape in tapes for each in features(g.draw_world(tape)))
    forms = ["points", "best first", "worst first", "out of"]

    wanted = [f"{own} {form}{line}" for own in ("own", "named") for form in forms
              for line in ("", " inline")]  # fmt: skip
    wanted += ["named reversed", "codes", "same as", "a given figure", "a tie", "a band"]
    wanted += ["a change", "no ranks", "weight ", "weight n", "weight n/n", "weight n%"]
    wanted += [f"status {each}" for each in ("answered", "computed", "rests on given", "given",
                                             "missing", "not applicable")]  # fmt: skip
    wanted += [f"{n} decimals" for n in range(4)] + [f"{n} entities" for n in range(1, 9)]
    wanted += [f"{n} files" for n in (1, 2, 3)] + [f"{n} editions" for n in (1, 2, 3)]
    wanted += [f"{n} levels" for n in (1, 2, 3, 4, 7)]
    assert [each for each in wanted if found[each] < 3] == []


# ---- the definition (C1)


@most
@given(world=g.worlds())
def test_the_engine_equals_the_definition(world):
    found = scored(world)
    wanted = [
        {"edition": edition.id, **row}
        for edition in world.editions
        for row in naive.results(world, edition)
    ]

    assert by_figure(found.records) == by_figure(wanted)
    assert {each.code for each in found.rules.diagnostics} <= {"W201", "W202", "W203"}


def by_figure(rows: list[dict[str, Any]]) -> dict[tuple[str, str, str], dict[str, Any]]:
    """The columns that both know, numbers exact, by edition, entity and figure."""
    columns = ("index", "score", "status", "band", "rank", "tied", "cohort", "median", "change")
    found = {
        (row["edition"], row["entity"], row["figure"]): {
            **{column: row[column] for column in columns},
            "exact": None if row["exact"] is None else Fraction(row["exact"]),
        }
        for row in rows
    }
    assert len(found) == len(rows), "a figure is published twice"
    return found


@given(world=g.worlds())
def test_scores_lie_in_their_range_and_between_the_least_and_greatest_part(world):
    for indices in scored(world).results.values():
        for results in indices.values():
            for trace in results.traces:
                for line in trace.lines:
                    score = line.value.score
                    assert score is None or 0 <= score <= 100
                    counted = [u.value.score for u in line.inputs if u.contribution is not None]
                    if counted and score is not None:
                        assert min(counted) <= score <= max(counted)


@given(world=g.worlds())
def test_contributions_add_up_exactly_and_shares_to_one(world):
    for indices in scored(world).results.values():
        for results in indices.values():
            for trace in results.traces:
                for line in trace.lines:
                    if not line.inputs:
                        continue
                    shares = [u.share for u in line.inputs if u.share is not None]
                    contributions = [u.contribution for u in line.inputs if u.share is not None]
                    if line.value.score is None:
                        assert not any(shares)
                    else:
                        assert sum(shares) == 1
                        assert sum(contributions) == line.value.score
                        assert all(share >= 0 for share in shares)


# ---- answers


@given(world=g.worlds(most=3), data=st.data())
def test_a_better_answer_never_lowers_a_figure(world, data):
    at = [
        (edition, profile, question, points)
        for edition in world.editions
        for profile in edition.profiles
        for question in world.questions.values()
        if (points := points_of(world, question)).get(profile.answers.get(question.id, ""))
        is not None
    ]
    assume(at)
    edition, profile, question, points = data.draw(g.some(at))
    now = points[profile.answers[question.id]]
    better = data.draw(g.some([a for a, p in points.items() if p is not None and p >= now]))

    improved = replace(profile, answers={**profile.answers, question.id: better})
    before, after = scored(world), scored(with_profile(world, profile, improved))

    path = next(path for path, each in g.walk(world.indices) if each is question)
    moved = {key for key, score in before.exact.items() if score != after.exact[key]}
    assert all(key[:2] == (edition.id, profile.entity) for key in moved)
    assert all(after.exact[key] > before.exact[key] for key in moved)
    assert ((edition.id, profile.entity, ".".join(path)) in moved) == (points[better] > now)


def points_of(world: World, question: Question) -> dict[str, Fraction | None]:
    """What each answer to a question is worth, by label and by code."""
    return {
        name: points
        for label, points in naive.label_points(world, question)
        for name in (label.text, label.code)
        if name
    }


def with_profile(world: World, old: Profile, new: Profile) -> World:
    return world.answering(lambda each: new if each is old else each)


@given(world=g.worlds(most=3), data=st.data())
def test_any_answers_left_blank_are_missing_as_the_definition_says(world, data):
    recorded = [(p.entity, q) for e in world.editions for p in e.profiles for q in p.answers]
    blank = data.draw(st.sets(g.some(recorded))) if recorded else set()
    silent = data.draw(st.booleans())

    def blanked(profile: Profile) -> Profile:
        left = {q: "" if (profile.entity, q) in blank else a for q, a in profile.answers.items()}
        if silent:  # the line itself is gone
            left = {q: a for q, a in left.items() if a}
        return replace(profile, answers=left)

    fewer = world.answering(blanked)
    wanted = {
        (edition.id, profile.entity, ".".join(path)): naive.outcome(fewer, profile, path).score
        for edition in fewer.editions
        for profile in edition.profiles
        for path, _ in g.walk(fewer.indices)
    }
    assert scored(fewer).exact == wanted


@given(world=g.worlds(), data=st.data())
def test_an_excluded_answer_equals_the_framework_without_that_question(world, data):
    asked = [
        path
        for path, each in g.walk(world.indices)
        if isinstance(each, Question) and others_count(world, path)
    ]
    assume(asked)
    path = data.draw(g.some(asked))
    question = path[-1]
    options = Scale(question, (Label("Yes", "100"), Label("No such cargo", excluded=True)))

    def relative(figure: Figure) -> Figure:
        """Percents as relative numbers, so that a sibling can be taken away."""
        if not any(each.id == question for each in figure.children):
            return figure
        return replace(
            figure,
            children=tuple(replace(c, weight=c.weight.rstrip("%")) for c in figure.children),
        )

    def excluding(figure: Figure) -> Figure:
        children = tuple(
            replace(child, scale=options) if child.id == question else child
            for child in figure.children
        )
        return replace(figure, children=children)

    def without(figure: Figure) -> Figure:
        return replace(figure, children=tuple(c for c in figure.children if c.id != question))

    plain = world.edited(relative)
    with_it = plain.edited(excluding).answering(
        lambda each: replace(each, answers={**each.answers, question: "No such cargo"})
    )
    without_it = plain.edited(without).answering(
        lambda each: replace(each, answers={q: a for q, a in each.answers.items() if q != question})
    )

    found = scored(with_it).records
    assert lines([r for r in found if r["figure"] != ".".join(path)]) == lines(
        scored(without_it).records
    )
    assert {r["status"] for r in found if r["figure"] == ".".join(path)} == {"not applicable"}


def others_count(world: World, path: Path) -> bool:
    parent = naive.at(world, path[:-1])
    assert isinstance(parent, Figure)
    return any(naive.weight(c.weight) for c in parent.children if c.id != path[-1])


# ---- weights (C7)


@given(world=g.worlds(), factor=st.sampled_from(["2", "1/7", "0.001", "1000000", "99/100"]))
def test_scaling_all_weights_of_a_parent_changes_nothing(world, factor):
    by = naive.weight(factor)

    def scale(figure: Figure) -> Figure:
        """Every weight times the factor, written as a fraction, percents among them."""
        weights = [naive.weight(child.weight) * by for child in figure.children]
        return replace(
            figure,
            children=tuple(
                replace(child, weight=f"{weight.numerator}/{weight.denominator}")
                for child, weight in zip(figure.children, weights, strict=True)
            ),
        )

    assert lines(scored(world.edited(scale)).records) == lines(scored(world).records)


def one_category(weights: list[str]) -> dict[str, str]:
    indicators = [Figure("indicator", f"i{n}", (), w, True) for n, w in enumerate(weights)]
    world = World((g.File("all", (), (), (Figure("index", "harbour", tuple(indicators)),)),))
    return g.rule_files(world)


@many
@given(tape=g.tapes(64), count=st.integers(1, 8), sign=st.sampled_from([-1, 1]), data=st.data())
def test_percents_off_by_one_part_in_ten_to_the_twelfth_are_refused(tape, count, sign, data):
    percents = g.percents(tape, count)
    at = data.draw(st.integers(0, count - 1))
    off = naive.weight(percents[at]) + sign * Fraction(1, 10**12)
    assume(off >= 0)
    units = off * 10**12

    assert refused(one_category(percents)) == []
    percents[at] = f"{g.decimal_text(int(units), 12)}%"
    assert refused(one_category(percents)) == ["E301"]


@many
@given(
    weights=st.lists(st.sampled_from(["", "2", "0", "1/3", "0.5"]), min_size=1, max_size=6),
    negative=st.sampled_from(["-1", "-0.000000000001", "-20", "-1/3"]),
    data=st.data(),
)
def test_negative_weights_are_refused_wherever_they_stand(weights, negative, data):
    at = data.draw(st.integers(0, len(weights)))

    assert "E303" in refused(one_category([*weights[:at], negative, *weights[at:]]))


@many
@given(weights=st.lists(st.sampled_from(["0", "0.0", "0/3", "-0", "1"]), min_size=1, max_size=6))
def test_weights_that_are_all_zero_are_refused(weights):
    assert refused(one_category(weights)) == ([] if "1" in weights else ["E303"])


@many
@given(
    percents=st.lists(st.sampled_from(["50%", "25%"]), min_size=1, max_size=3),
    others=st.lists(st.sampled_from(["", "1", "1/2", "50"]), min_size=1, max_size=3),
    data=st.data(),
)
def test_percents_and_relative_numbers_do_not_mix(percents, others, data):
    mixed = data.draw(st.permutations([*percents, *others]))

    assert refused(one_category(mixed)) == ["E302"]


# ---- order, spelling and place do not matter (C4, A11, D2)


@given(world=g.worlds(), tape=g.tapes(300))
def test_the_order_of_siblings_files_and_answers_does_not_matter(world, tape):
    names = tape.shuffled([f"f{n}" for n in range(len(world.files))])
    stems = {file.stem: name for file, name in zip(world.files, names, strict=True)}
    shuffled = world.edited(lambda f: replace(f, children=tuple(tape.shuffled(f.children))))
    files = tuple(
        replace(
            file,
            stem=stems[file.stem],
            uses=tuple(stems[use] for use in file.uses),
            scales=tuple(tape.shuffled(file.scales)),
            indices=tuple(tape.shuffled(file.indices)),
        )
        for file in shuffled.files
    )
    moved = replace(shuffled, files=files).answering(
        lambda each: replace(
            each,
            answers=dict(tape.shuffled(list(each.answers.items()))),
            given=dict(tape.shuffled(list(each.given.items()))),
        )
    )
    texts = {
        name.replace(".yaml", f"_{number}.yaml") if "edition" not in name else name: text
        for number, (name, text) in enumerate(reversed(g.project_texts(moved).items()))
    }

    with project(texts) as again:
        assert lines(again.records) == lines(scored(world).records)


@few
@given(world=g.worlds(most=3), tape=g.tapes(64))
def test_byte_order_marks_and_windows_line_ends_change_nothing(world, tape):
    texts = g.project_texts(world)
    other = {name: respelt(text, tape.below(4)) for name, text in texts.items()}

    with project(texts) as plain, project(other) as again:
        assert json_text(again.records) == json_text(plain.records)
        assert [*map(without_digests, again.explanations())] == [
            *map(without_digests, plain.explanations())
        ]


def without_digests(explanation: str) -> dict[str, Any]:
    """An explanation but for the files that it names, whose bytes are others."""
    found: dict[str, Any] = json.loads(explanation)
    assert found.pop("files")
    return found


def respelt(text: str, how: int) -> bytes:
    data = text.replace("\n", "\r\n").encode() if how & 1 else text.encode()
    return b"\xef\xbb\xbf" + data if how & 2 else data


@few
@given(world=g.worlds(most=1), tape=g.tapes(16), how=st.integers(0, 3))
def test_a_slip_is_reported_on_the_same_line_whatever_the_line_ends(world, tape, how):
    texts = g.rule_files(world)
    name = tape.pick(sorted(texts))
    rows = texts[name].splitlines()
    at = tape.below(len(rows) + 1)
    rows.insert(at, "@@@ nothing of the language")
    texts[name] = "\n".join(rows) + "\n"
    texts[name] = respelt(texts[name], how)  # type: ignore[assignment]

    with g.written(texts) as root:
        rules = read_rules(root, g.FRAMEWORK)
        places = {
            rules.sources[each.span.file].position(each.span.start)[0]
            for each in rules.diagnostics
            if each.span.file == name and rules.sources[name].text[each.span.start :][:1] == "@"
        }
    assert places == {at + 1}


@pytest.mark.parametrize(
    ("spelling", "code"),
    [
        (lambda text: text.encode("utf-16"), "E001"),
        (lambda text: text.encode("utf-16-le"), "E001"),
        (lambda text: text.replace("harbour", "hafen_ö").encode("latin-1"), "E001"),
        (lambda text: text.replace("\n", "\r").encode(), "E002"),
        (lambda text: text.replace("\n", "\r\n", 1).encode(), "E002"),
        (lambda text: text.replace("harbour", "har\u200bbour").encode(), "E003"),
        (lambda text: text.replace("harbour", "harbou\u0301r").encode(), "E004"),
    ],
    ids=["utf-16", "utf-16 without a mark", "latin-1", "cr", "mixed", "hidden", "decomposed"],
)
def test_other_encodings_are_refused_in_rules_and_in_profiles(spelling, code):
    rules = 'index harbour "Harbour"\n    indicator depth\n        given\n'
    profile = "entity: KAZ\nname: harbour\ngiven:\n  harbour: {depth: 50}\n"
    name = f"profiles/{g.FRAMEWORK}/2023/kaz.yaml"

    assert code in refused({f"rules/{g.FRAMEWORK}/all.bareme": spelling(rules)})
    with g.written({f"rules/{g.FRAMEWORK}/all.bareme": rules, name: spelling(profile)}) as root:
        with pytest.raises(InputRefused) as caught:
            bareme.load(root).cohort("2023")
        assert code in {each.code for each in caught.value.diagnostics}


@pytest.mark.parametrize("seed", ["0", "1", "12345"])
def test_hash_seed_zone_locale_and_folder_leave_no_mark_on_the_output(seed, tmp_path):
    command = [sys.executable, "-m", "bareme", "score", "--format", "json"]
    root = os.path.dirname(os.path.dirname(__file__))
    plain = subprocess.run([*command], cwd=root, capture_output=True, check=True)
    strange = os.environ | {
        "PYTHONHASHSEED": seed,
        "TZ": "Pacific/Kiritimati",
        "LC_ALL": "tr_TR.UTF-8",
        "PYTHONUTF8": "0",
    }
    again = subprocess.run(
        [*command[:3], "-C", root, *command[3:]],
        cwd=tmp_path, env=strange, capture_output=True, check=True,
    )  # fmt: skip

    assert again.stdout == plain.stdout
    assert again.stderr == plain.stderr
    assert os.fsencode(root) not in plain.stdout


# ---- references


@given(world=g.worlds(), data=st.data())
def test_circles_of_references_are_refused_and_nothing_else_is(world, data):
    paths = list(world.figures)
    start = data.draw(g.some(paths))
    target = data.draw(g.some(paths))
    kind = world.figures[start].kind
    assume(kind != "index")

    changed = at_path(
        world, start, lambda each: replace(each, children=(), given=False, same_as=target)
    )
    # What stood below is gone; a figure that repeated it would name nothing.
    assume(all(each.same_as in {(), *changed.figures} for each in changed.figures.values()))
    assert ("E304" in refused(g.rule_files(changed))) == circular(changed)


def circular(world: World) -> bool:
    """Whether some figure can be reached from itself, by taking away all that rest on nothing."""
    needs = {
        path: {each.same_as} if each.same_as
        else {(*path, c.id) for c in each.children if isinstance(c, Figure)}
        for path, each in world.figures.items()
    }  # fmt: skip
    settled = True
    while settled:
        settled = {path for path, others in needs.items() if not others}
        needs = {p: others - settled for p, others in needs.items() if p not in settled}
    return bool(needs)


@given(world=g.worlds(most=1))
def test_a_plan_has_each_figure_once_and_its_parts_before_it(world):
    with g.written(g.rule_files(world)) as root:
        plans = bareme.load(root).plans
    everything = len(world.figures) + len(world.questions)
    for plan in plans.values():
        seen: set[Path] = set()
        for number, step in enumerate(plan.steps):
            needed = [part.step for part in getattr(step, "parts", ())] + [getattr(step, "of", -1)]
            assert step.number == number
            assert step.path not in seen
            assert max(needed) < number
            seen.add(step.path)
        assert len(plan.steps) <= everything
        assert plan.steps[-1].path == (plan.index,)


@given(world=g.worlds(most=1), data=st.data())
def test_two_siblings_of_one_id_are_refused_whatever_they_are(world, data):
    parents = [path for path, each in world.figures.items() if len(each.children) > 1]
    assume(parents)
    parent = data.draw(g.some(parents))
    first, second = data.draw(st.permutations(world.figures[parent].children))[:2]

    def rename(figure: Figure) -> Figure:
        children = (replace(c, id=first.id) if c is second else c for c in figure.children)
        return replace(figure, children=tuple(children))

    assert "E204" in refused(g.rule_files(at_path(world, parent, rename)))


def at_path(world: World, path: Path, change: Callable[[Figure], Figure]) -> World:
    """The world with one figure changed."""

    def edit(figure: Figure, here: Path) -> Figure:
        if here == path:
            return change(figure)
        children = tuple(
            edit(child, (*here, child.id)) if isinstance(child, Figure) else child
            for child in figure.children
        )
        return replace(figure, children=children)

    files = tuple(
        replace(file, indices=tuple(edit(index, (index.id,)) for index in file.indices))
        for file in world.files
    )
    return replace(world, files=files)


# ---- damage

JUNK = (
    '"', "=", ",", ":", "#", "\t", "    ", "%", "/", "-", "−", "“", "\u200b", "\r", "\n", "---\n",
    "same as", "reverse of", "weight", "out of", "given", "from", "excluded", "1e5", "9" * 40,
    "[", "}", "{", "&x ", "*x", "!t ", "|", "> ", "- ", "? ", "<<: ", "@", "1/0", 'x "y"', "'",
)  # fmt: skip


@given(world=g.worlds(most=2, room=8), tape=g.tapes(64))
def test_damaged_rules_and_profiles_are_reported_and_never_crash(world, tape):
    texts = g.project_texts(world)
    name = tape.pick(sorted(texts))
    texts[name] = damaged(texts[name], tape)

    with g.written(texts) as root:
        rules = read_rules(root, g.FRAMEWORK)
        found = list(rules.diagnostics)
        for edition in rules.editions:
            cohort, faults = rules.read_cohort(edition)
            found += faults
            if not has_errors(rules.diagnostics):
                with suppress(InputRefused):  # another edition may be the damaged one
                    assert rules.score(cohort)
        assert messages(found, rules.sources).count("\n") >= len(found[:DEFAULT_LIMIT]) - 1
    for each in found:
        text = rules.sources[each.span.file].text if each.span.file in rules.sources else ""
        assert 0 <= each.span.start <= len(text) or not text


def damaged(text: str, tape: g.Tape) -> str:
    """The text with up to three things done to it that hands and tools do."""
    for _ in range(1 + tape.below(3)):
        at, how = tape.below(len(text) + 1), tape.below(5)
        rows = text.split("\n")
        row = tape.below(len(rows))
        match how:
            case 0:
                text = text[:at] + text[at + 1 + tape.below(12) :]
            case 1:
                text = text[:at] + tape.pick(JUNK) + text[at + tape.below(3) :]
            case 2:
                rows.insert(tape.below(len(rows) + 1), rows[row])
                text = "\n".join(rows)
            case 3:
                rows.insert(tape.below(len(rows)), rows.pop(row))
                text = "\n".join(rows)
            case _:
                rows[row] = " " * tape.below(13) + rows[row].strip()
                text = "\n".join(rows)
    return text


# ---- results


@given(world=g.worlds())
def test_ranks_agree_with_counting_and_equals_are_ties(world):
    for indices in scored(world).results.values():
        for results in indices.values():
            columns: dict[str, list[Any]] = {}
            for figure in results.figures:
                columns.setdefault(figure.figure, []).append(figure)
            for column in columns.values():
                for one in column:
                    for other in column:
                        if None in (one.rank, other.rank):
                            continue
                        assert (one.rank < other.rank) == (one.score > other.score)
                        assert one is other or (one.rank == other.rank) <= one.tied
                    if one.rank is not None:
                        above = [each for each in column if (each.score or -1) > one.score]
                        alike = [each for each in column if each.score == one.score]
                        assert one.rank == 1 + len(above)
                        assert one.tied == (len(alike) > 1)


@few
@given(tenths=st.lists(st.integers(1, 1000), min_size=3, max_size=6), data=st.data())
def test_sums_that_binary_floats_tell_apart_are_ties(tenths, data):
    """0.1, 0.2, 0.3 and 0.3, 0.2, 0.1 are the same score; a hundred-millionth less is not."""
    scores = [g.decimal_text(each, 1) for each in tenths]
    less = g.decimal_text(tenths[0] * 10**7 - 1, 8)
    orders = {
        "A": scores,
        "B": data.draw(st.permutations(scores)),
        "C": scores[::-1],
        "D": [less, *scores[1:]],
    }
    indicators = tuple(Figure("indicator", f"i{n}", given=True) for n in range(len(scores)))
    profiles = tuple(
        Profile(entity, given={("harbour", f"i{n}"): each for n, each in enumerate(order)})
        for entity, order in orders.items()
    )
    index = Figure("index", "harbour", indicators, places=9)
    world = World((g.File("all", (), (), (index,)),), (g.Edition("2023", profiles),))

    ranks = [
        (record["entity"], record["rank"], record["tied"])
        for record in scored(world).records
        if record["figure"] == "harbour"
    ]
    assert ranks == [("A", 1, True), ("B", 1, True), ("C", 1, True), ("D", 4, False)]


# ---- explanations (C8)


@given(world=g.worlds(most=3), data=st.data())
def test_an_explanation_replayed_alone_gives_the_same_score(world, data):
    found = scored(world)
    edition = data.draw(g.some(world.editions))
    profile = data.draw(g.some(edition.profiles))
    path = data.draw(g.some([path for path, _ in g.walk(world.indices)]))
    cohort = found.rules.cohort(edition.id)
    explanation = found.rules.explain(cohort, profile.entity, ".".join(path))
    text = json_text(explanation_json(explanation))
    document = json.loads(text, parse_float=Decimal)

    replayed = replay(document)
    steps = {step["figure"]: step for step in document["steps"]}
    for figure, score in replayed.items():
        assert score == (steps[figure]["exact"] and Fraction(steps[figure]["exact"]))
        assert score == naive.outcome(world, profile, tuple(figure.split("."))).score
    for step in document["steps"]:
        if step["how"] == "answer":
            question = world.questions[step["figure"].rpartition(".")[2]]
            asked = {label.text: points for label, points in naive.label_points(world, question)}
            coded = {label.code or label.text: label.text for label in world.labels_of(question)}
            assert step["label_on_scale"] in (step["answer"], coded.get(step["answer"]))
            assert asked[step["label_on_scale"]] == replayed[step["figure"]]
    assert document["figure"] == ".".join(path)
    assert document["exact"] == steps[document["figure"]]["exact"]
    hold_contributions(document)


def hold_contributions(document: dict[str, Any]) -> None:
    """Every step's weight and points follow from the shares above it, and add up to the figure."""
    steps = {step["step"]: step for step in document["steps"]}
    root = max(steps)
    weights = {root: Fraction(1)}
    leaves = Fraction(0)
    for number in sorted(steps, reverse=True):
        step = steps[number]
        exact = step["exact"] and Fraction(step["exact"])
        counts = number in weights and exact is not None
        if number != root or counts:
            assert (step["points"] and Fraction(step["points"])) == (
                weights[number] * exact if counts else None
            )
        if not counts:
            continue
        assert Fraction(step["effective_weight"]) == weights[number]
        below = [(used["step"], used["share"]) for used in step.get("inputs", [])]
        below += [(step["same_as"], "1")] if step["how"] == "same as" else []
        for part, share in below:
            if share is not None:
                weights[part] = weights.get(part, 0) + weights[number] * Fraction(share)
        leaves += 0 if below else weights[number] * exact
    if document["exact"] is not None:
        assert leaves == Fraction(document["exact"])


def replay(document: dict[str, Any]) -> dict[str, Fraction | None]:
    """Recompute every step of an explanation from its JSON alone.

    Points of an answer and given scores are taken as they stand; everything else is worked out
    again, from the weights and the steps named, in the order of their numbers.
    """
    scores: dict[int, Fraction | None] = {}
    figures: dict[str, Fraction | None] = {}
    for step in document["steps"]:
        match step["how"]:
            case "answer" | "given":
                score = None if step["exact"] is None else Fraction(step["exact"])
            case "same as":
                score = scores[step["same_as"]]
            case "arithmetic mean":
                counted = [
                    (Fraction(used["relative_weight"]), scores[used["step"]])
                    for used in step["inputs"]
                    if scores[used["step"]] is not None
                ]
                total = sum(weight for weight, _ in counted)
                score = sum(w * s for w, s in counted) / total if total else None
                for used in step["inputs"] if total else ():
                    if scores[used["step"]] is None:
                        assert used["share"] is None
                        assert used["contribution"] is None
                    else:
                        share = Fraction(used["relative_weight"]) / total
                        assert Fraction(used["share"]) == share
                        assert Fraction(used["contribution"]) == share * scores[used["step"]]
            case "nothing recorded":
                score = None
            case other:
                raise AssertionError(f"the replay does not know {other!r}")
        assert step["step"] not in scores
        scores[step["step"]] = score
        figures[step["figure"]] = score
    return figures


# ---- one spelling for each value (D3)


@given(world=g.worlds(most=3))
def test_json_read_and_printed_again_is_the_same_bytes(world):
    with project(g.project_texts(world)) as found:
        for text in [json_text(found.records), *found.explanations()]:
            assert printed_again(text) == text


def printed_again(text: str) -> str:
    """JSON through the standard library's reader and printer, numbers by their spelling.

    Fails on keys out of order, on a number that has two spellings, and on any float of Python's.
    """

    def keys_in_order(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        keys = [key for key, _ in pairs]
        assert keys == sorted(set(keys))
        return dict(pairs)

    def literal(number: str) -> str:
        assert re.fullmatch(r"-?(0|[1-9][0-9]*)(\.[0-9]*[1-9])?", number), number
        assert number != "-0"
        return f"\ue000{number}\ue001"

    def no_constant(name: str) -> None:
        raise AssertionError(f"{name} is no JSON")

    value = json.loads(
        text,
        object_pairs_hook=keys_in_order,
        parse_float=literal,
        parse_int=literal,
        parse_constant=no_constant,
    )
    again = json.dumps(value, ensure_ascii=False, indent=2, sort_keys=True) + "\n"
    return again.replace('"\ue000', "").replace('\ue001"', "")


# ---- nothing is overwritten in silence (A5)


@many
@given(world=g.worlds(most=1, editions=("2023",)), tape=g.tapes(64))
def test_a_duplicate_key_is_caught_wherever_it_is_inserted(world, tape):
    doc = g.profile_doc(world, world.editions[0].profiles[0])
    places = list(blocks(doc, ()))
    place = tape.pick(places)
    text = g.yaml_text(doubled(doc, place, tape))

    source = Source("profiles/harbours/2023/kaz.yaml", text)
    assert "E403" in {each.code for each in read_nodes(source)[1]}
    assert not read_nodes(Source(source.name, g.yaml_text(doc)))[1]


def blocks(doc: g.Doc, above: Path) -> Any:
    """The mappings of a document that hold something, by the keys that lead to them."""
    if not isinstance(doc, str) and doc:
        yield above
        for key, value in doc:
            yield from blocks(value, (*above, key))


def doubled(doc: g.Doc, place: Path, tape: g.Tape) -> g.Doc:
    """The document with one key of one mapping a second time, with a value of some kind."""
    assert not isinstance(doc, str)
    if place:
        return tuple(
            (key, doubled(value, place[1:], tape) if key == place[0] else value)
            for key, value in doc
        )
    key, value = tape.pick(doc)
    again = tape.pick([value, "50", "", (("answer", "Yes"),)])
    at = tape.below(len(doc) + 1)
    return (*doc[:at], (key, again), *doc[at:])


@few
@given(world=g.worlds(most=2, editions=("2023",)), tape=g.tapes(16))
def test_two_profiles_of_one_entity_are_caught(world, tape):
    edition = world.editions[0]
    texts = g.project_texts(world)
    twin = replace(tape.pick(edition.profiles), name="The other")
    texts[f"profiles/{g.FRAMEWORK}/2023/{tape.pick(['0', 'zz'])}_twin.yaml"] = g.yaml_text(
        g.profile_doc(world, twin)
    )

    with g.written(texts) as root, pytest.raises(InputRefused) as caught:
        bareme.load(root).cohort("2023")
    assert {each.code for each in caught.value.diagnostics if each.severity == "error"} == {"E406"}
