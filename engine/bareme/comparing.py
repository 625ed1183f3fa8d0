"""Two states of a project side by side: what is different, and what it moves.

>>> from bareme import comparing
>>> before, after = comparing.states(Path("."), "HEAD", None)
>>> found = comparing.impact(before, after, "nuclear-security")
>>> found.indices[0].changes("KAZ")[("theft",)].difference
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cached_property
from pathlib import Path

from bareme import files
from bareme.audit.impact.edits import Edit, Key, said_of
from bareme.audit.impact.index import IndexImpact
from bareme.audit.printed import Comparison, Outcome, compare_with_print
from bareme.audit.sealed import ENDING
from bareme.diagnostics import has_errors, quote
from bareme.files.revisions import NoRevision, Repository
from bareme.profiles.profile import Cohort
from bareme.project import InputRefused, NoSuchName, Rules, frameworks, no_such, read_rules
from bareme.record import Record
from bareme.results import IndexResults
from bareme.source import Sources

WORKING_TREE = "the working tree"


class State(Record):
    """A project as it stands somewhere.

    Attributes:
        label: what it is called: `HEAD`, `the working tree`, `edition 2022`.
        place: where it is read from.
        edition: the only edition that is looked at, where one was named.
    """

    label: str
    place: files.Place
    edition: str | None = None


def states(root: Path, before: str | None, after: str | None) -> tuple[State, State]:
    """The states that two names mean.

    Args:
        root: the project folder.
        before: an edition, a folder, a sealed edition, or a revision of the repository; `HEAD`
            where it is None.
        after: likewise; the working tree where it is None, or its newest edition after an edition.

    Raises:
        NoSuchName: where a name means nothing.
        RefusedIn: where a sealed edition is not whole.
    """
    old = _state(root, before or "HEAD")
    if after is not None:
        return old, _state(root, after)
    return old, State(WORKING_TREE, root)


def _state(root: Path, named: str) -> State:
    if named in _editions(root):
        return State(f"edition {named}", root, named)
    path = root / named
    if path.is_dir():
        return State(named, path)
    if named.endswith(ENDING):
        return _sealed(path, named)
    try:
        return State(named, Repository(root).at(named))
    except NoRevision as missing:
        known = sorted(_editions(root))
        if named == "HEAD" and str(missing).startswith("there is no revision"):
            help = "nothing is committed yet; commit once, or name an edition or a folder"
            raise NoSuchName(f"{quote(named)}: {help}") from None
        if str(missing).startswith("there is no revision"):
            what = "edition, folder, sealed edition or revision"
            raise NoSuchName(no_such(what, named, known)) from None
        raise NoSuchName(f"{quote(named)}: {missing}") from None


def _sealed(path: Path, named: str) -> State:
    """A sealed edition, whose rules and answers are those that were sealed."""
    from bareme.sealing import opened  # only for sealed editions

    try:
        sealed, _ = opened(path, named)
    except InputRefused as refused:
        raise RefusedIn(State(named, path), refused) from None
    return State(named, files.Held(sealed.files), sealed.head.edition)


def _editions(root: Path) -> set[str]:
    return {
        edition
        for framework in frameworks(root)
        for edition in files.folders(root, "profiles", framework)
    }


class Quiet(Record):
    """A file of rules that is different and moves nothing."""

    name: str
    how: str


class Impact(Record, caches=True):
    """One framework in two states; None on a side where it is not there.

    Attributes:
        editions: the edition that is looked at on each side.
        indices: what moves in each index that was asked for, in the order of the rules.
        whole: whether these are all indices of the framework.
    """

    name: str
    rules: tuple[Rules | None, Rules | None]
    cohorts: tuple[Cohort | None, Cohort | None]
    editions: tuple[str, str]
    indices: tuple[IndexImpact, ...]
    whole: bool

    @property
    def apart(self) -> bool:
        """Whether two editions are compared: then rules and answers are told apart."""
        return self.editions[0] != self.editions[1]

    @property
    def sources(self) -> tuple[Sources, Sources]:
        """The files read on each side."""
        old, new = (rules.sources if rules else {} for rules in self.rules)
        return old, new

    @cached_property
    def rule_edits(self) -> Mapping[Key, Edit]:
        """Every edit of rules, those of all indices once."""
        found: dict[Key, Edit] = {}
        figures: dict[Key, dict[str, None]] = {}
        unions = [each.union for each in self.indices if each.union]
        for union in unions:
            for key, reached in union.reached.items():
                figures.setdefault(key, {}).update(dict.fromkeys(reached))
        for each in self.indices:
            for key, edit in (each.union.edits if each.union else each.rule_edits).items():
                found.setdefault(key, said_of(edit, [*figures.get(key, ())]))
            for edit in each.publication_edits:
                found.setdefault(edit.key, edit)
        return found

    @cached_property
    def quiet(self) -> tuple[Quiet, ...]:
        """The files of rules that are different though no edit is in them.

        None is named where not all indices were looked at, or no rules stand on one side.
        """
        if not self.whole or None in self.rules:
            return ()
        old, new = ({n: s.text for n, s in side.items()} for side in self.sources)
        folder = f"rules/{self.name}/"
        names = sorted(name for name in {*old, *new} if name.startswith(folder))
        edited = {
            span.file
            for edit in self.rule_edits.values()
            for span in (edit.span_before, edit.span_after)
            if span
        }
        return tuple(
            Quiet(name, _how(name, old, new))
            for name in names
            if name not in edited and old.get(name) != new.get(name)
        )

    @cached_property
    def changed(self) -> tuple[str, ...]:
        """The files that were read on both sides and are others after."""
        old, new = self.sources
        return tuple(
            name for name in sorted(new) if name in old and old[name].text != new[name].text
        )

    @cached_property
    def read_once(self) -> tuple[frozenset[str], frozenset[str]]:
        """The files that were read before alone, and after alone, if they are there or not."""
        old, new = self.sources
        return frozenset(old.keys() - new.keys()), frozenset(new.keys() - old.keys())

    @cached_property
    def printed(self) -> tuple[tuple[Comparison, ...], tuple[Comparison, ...]]:
        """The printed figures that agreed before and do not now, and the other way round."""
        old, new = self._beside_print(0), self._beside_print(1)
        both = [each for each in new if each in old]
        lost = [new[each] for each in both if _agrees(old[each]) and not _agrees(new[each])]
        won = [new[each] for each in both if _agrees(new[each]) and not _agrees(old[each])]
        return tuple(lost), tuple(won)

    def _beside_print(self, at: int) -> dict[tuple[str, ...], Comparison]:
        """Each printed figure of a side, beside what the rules there give."""
        cohort = self.cohorts[at]
        sides = [(each.before, each.after)[at] for each in self.indices]
        results = [side for side in sides if side is not None]
        return {
            (each.entity, each.figure, each.what, each.printed): each
            for each in (compare_with_print(cohort, results) if cohort else ())
        }


def _agrees(compared: Comparison) -> bool:
    return compared.outcome in (Outcome.AGREES, Outcome.NO_SLIP)


def _how(name: str, old: Mapping[str, str], new: Mapping[str, str]) -> str:
    """In which way a file is different, by the texts of all files before and after."""
    if name in old and name in new:
        return "what changed in it moves no figure"
    one, other, mine = (new, old, new[name]) if name in new else (old, new, old[name])
    twin = next((each for each in sorted(other.keys() - one.keys()) if other[each] == mine), None)
    if twin is not None:
        return f"it was {twin}" if one is new else f"it is {twin} now"
    return f"it is {'new' if one is new else 'gone'}, and moves no figure"


def impact(
    before: State,
    after: State,
    framework: str,
    edition: str | None = None,
    index: str | None = None,
) -> Impact:
    """What is different in one framework between two states, and what it moves.

    Args:
        before, after: the states.
        framework: its name, of one that is there on either side.
        edition: the one that is looked at on both sides; else that of the states, else the newest
            one after, and the same one before, if it was there.
        index: only this one.

    Raises:
        RefusedIn: where the rules or profiles of a state hold mistakes.
        NoSuchName: where there is no such edition or index.
    """
    rules = _both_rules(before, after, framework)
    editions = _both_editions(rules, (before, after), edition)
    return impact_of(framework, rules, editions, index, (before, after))


def impact_of(
    framework: str,
    rules: tuple[Rules | None, Rules | None],
    editions: tuple[str, str],
    index: str | None = None,
    states: tuple[State, State] | None = None,
) -> Impact:
    """What moves between two states that were read.

    Args:
        framework: its name.
        rules: of each state; None where the framework is not there.
        editions: of each state; empty where there is none.
        index: only this one.
        states: what each is called, for messages.

    Raises:
        InputRefused: where profiles of a state hold mistakes.
        RefusedIn: the same, where it is known what the states are called.
        NoSuchName: where there is no such index.
    """
    cohorts: list[Cohort | None] = []
    scored: list[dict[str, IndexResults]] = []
    for at, (side, name) in enumerate(zip(rules, editions, strict=True)):
        if side is not None and side is rules[1] and rules[0] is not None:
            side.adopt(rules[0])
        try:
            cohorts.append(side.cohort(name) if side is not None and name else None)
            scored.append(side.score(cohorts[-1]) if side and cohorts[-1] else {})
        except InputRefused as refused:
            if states is None:
                raise
            raise RefusedIn(states[at], refused) from None
    known = list(dict.fromkeys([*scored[1], *scored[0]]))
    if index is not None and index not in known:
        raise NoSuchName(no_such("index", index, known))
    sides = [each.framework if each is not None else None for each in rules]
    pair = (sides[0] or sides[1], sides[1] or sides[0])
    assert pair[0] is not None
    assert pair[1] is not None
    indices = tuple(
        IndexImpact(
            scored[0].get(id), scored[1].get(id), (pair[0], pair[1]), editions[0] != editions[1]
        )
        for id in known
        if index is None or id == index
    )
    whole = len(indices) == len(known)
    return Impact(framework, rules, (cohorts[0], cohorts[1]), editions, indices, whole)


def rules_of_both(before: State, after: State, framework: str) -> tuple[Rules | None, Rules | None]:
    """The rules of a framework in two states; None where it is not there.

    Raises:
        RefusedIn: where the rules of a state hold mistakes.
    """
    return _both_rules(before, after, framework)


def _both_rules(before: State, after: State, framework: str) -> tuple[Rules | None, Rules | None]:
    found: list[Rules | None] = []
    for state in (before, after):
        if found and state.place == before.place:
            found.append(found[0])
            continue
        there = framework in frameworks(state.place)
        rules = read_rules(state.place, framework) if there else None
        if rules is not None and has_errors(rules.diagnostics):
            raise RefusedIn(state, InputRefused(list(rules.diagnostics), rules.sources))
        found.append(rules)
    return found[0], found[1]


class RefusedIn(Exception):
    """The rules or profiles of one state hold mistakes."""

    def __init__(self, state: State, refused: InputRefused) -> None:
        super().__init__(state.label)
        self.state = state
        self.refused = refused


def _both_editions(
    rules: tuple[Rules | None, Rules | None], sides: tuple[State, State], edition: str | None
) -> tuple[str, str]:
    known = [each.editions if each is not None else () for each in rules]
    named = [edition or side.edition for side in sides]
    there = known[1] or known[0]
    for name in named:
        if name is not None and name not in {*known[0], *known[1]}:
            raise NoSuchName(no_such("edition", name, there))
    last = named[1] or (known[1][-1] if known[1] else "")
    first = named[0] or (last if last in known[0] else known[0][-1] if known[0] else "")
    return first if first in known[0] else "", last if last in known[1] else ""


def frameworks_in(before: State, after: State) -> Iterator[str]:
    """The frameworks that are there on either side, those after first."""
    yield from dict.fromkeys([*frameworks(after.place), *frameworks(before.place)])
