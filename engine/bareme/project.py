"""What a program can do with rules and profiles; the command line calls nothing else.

>>> import bareme
>>> rules = bareme.load(".", framework="nuclear-security")
>>> cohort = rules.cohort("2023")
>>> results = rules.score(cohort)
>>> results["theft"].by_entity["KAZ"][0].score
Fraction(66, 1)
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import field
from fractions import Fraction
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from bareme import files
from bareme.audit.unanswered import must_be_answered
from bareme.checks import check
from bareme.cohorts import edition_of, editions_of, read_cohort
from bareme.diagnostics import (
    DEFAULT_LIMIT,
    Diagnostic,
    counted,
    has_errors,
    in_order,
    instead,
    listing,
    nearest,
    quote,
    render,
)
from bareme.exact import MAX_BITS
from bareme.framework import Figure, Framework, Index, asks_alike
from bareme.language import tree
from bareme.language.parse import parse
from bareme.plan import Plan, plan_index
from bareme.profiles.order import EditionOrder, check_asked
from bareme.profiles.profile import Cohort, Profile
from bareme.record import Record, replace
from bareme.resolve import resolve
from bareme.results import IndexResults
from bareme.scoring.cohort import Scored, score_cohort
from bareme.scoring.exact import TooLong
from bareme.scoring.surroundings import Surroundings, carried_parts
from bareme.source import Sources, Span

if TYPE_CHECKING:  # only `infer` and `whatif` need them
    from bareme.audit.inferred import Inferred
    from bareme.audit.printed_lines import LeftOut, NotInferred, PrintedLine
    from bareme.audit.reaching import Largest, Reached
    from bareme.audit.whatif import WhatIf
    from bareme.proofs.prove import FrameworkProof, Say

if TYPE_CHECKING:
    from bareme.audit.differences import Comparison, NoScoreToCompare
    from bareme.audit.explain import Explanation, RatingExplained
    from bareme.audit.history import History
    from bareme.audit.losses import HeldDown


class InputRefused(Exception):
    """Rules or profiles that hold mistakes; its text is every message, as the command prints it."""

    def __init__(self, diagnostics: list[Diagnostic], sources: Sources) -> None:
        self.diagnostics = diagnostics
        self.sources = sources
        super().__init__(messages(diagnostics, sources))


class NoSuchName(LookupError):
    """A framework, edition, index, entity or figure that is not there; its text is a sentence."""


class Rules(Record, caches=True):
    """One framework as it stands in a project folder.

    Attributes:
        framework: the checked rules.
        root: the project folder, which holds `rules/` and `profiles/`; or what else they are read
            from, such as a revision of it.
        sources: every file read so far, by name.
        diagnostics: what is wrong with the rules, in order; empty where nothing is.
    """

    framework: Framework
    root: files.Place
    sources: Sources
    diagnostics: tuple[Diagnostic, ...]
    _cohorts: dict[str, tuple[Cohort, tuple[Diagnostic, ...]]] = field(default_factory=dict)
    _scored: dict[tuple[str, str], tuple[Cohort, Scored]] = field(default_factory=dict)

    @property
    def name(self) -> str:
        return self.framework.name

    @property
    def readable(self) -> bool:
        """Whether the rules' text could be read in whole; else profiles are not held against it."""
        return not any(each.code.startswith(("E0", "E1")) for each in self.diagnostics)

    @cached_property
    def plans(self) -> Mapping[str, Plan]:
        """The plan of each index.

        Raises:
            InputRefused: where the rules hold mistakes.
        """
        if has_errors(self.diagnostics):
            raise InputRefused(list(self.diagnostics), self.sources)
        return {index.id: plan_index(self.framework, index) for index in self.framework.indices}

    @cached_property
    def editions(self) -> tuple[str, ...]:
        """The editions there are profiles of, oldest first; an empty folder is none."""
        return self._order.ids

    @cached_property
    def _order(self) -> EditionOrder:
        return EditionOrder.of(editions_of(self.root, self.name, self.sources))

    def cohort(self, edition: str) -> Cohort:
        """Every profile of one edition.

        Raises:
            NoSuchName: where there is no such edition.
            InputRefused: where a profile holds mistakes.
        """
        cohort, found = self.read_cohort(edition)
        if has_errors(found):
            raise InputRefused(in_order(found, self.sources), self.sources)
        return cohort

    def read_cohort(self, edition: str) -> tuple[Cohort, tuple[Diagnostic, ...]]:
        """Every profile of one edition that can be read, and what is wrong with any."""
        if edition not in self.editions:
            raise NoSuchName(no_such("edition", edition, self.editions))
        if edition not in self._cohorts:
            cohort, found = read_cohort(
                self.root, self.framework, edition, self._order, self.sources
            )
            self._cohorts[edition] = cohort, found
            if self.framework.required and not has_errors([*self.diagnostics, *found]):
                self._cohorts[edition] = cohort, self._with_required(cohort, found)
        return self._cohorts[edition]

    def _with_required(self, cohort: Cohort, found: Sequence[Diagnostic]) -> tuple[Diagnostic, ...]:
        """What is wrong with a cohort, with the answers that the rules require and it lacks.

        Whether a question applies may depend on scores, so the cohort is scored for it.
        """
        lacking: dict[tuple[Span, str], Diagnostic] = {}
        try:
            for plan in self.plans.values():
                for trace in self._score(plan, cohort).traces:
                    for each in must_be_answered(trace):
                        lacking.setdefault((each.span, each.message), each)
        except InputRefused:  # an edition before it, or a score too long: said where that is
            return tuple(found)
        said = {each.span for each in lacking.values()}
        blanks = [each for each in found if each.code != "W410" or each.span not in said]
        return (*blanks, *lacking.values())

    def adopt(self, other: Rules) -> None:
        """Take over the cohorts of other rules that would be read alike, so as not to read twice.

        That is so where the rules ask for the same answers, whatever these are worth, and the files
        of an edition are the same. Which answers are required may depend on what others are worth.
        """
        if self.framework.required or self.editions != other.editions:
            return
        if not asks_alike(self.framework, other.framework):
            return
        for edition, read in other._cohorts.items():
            folder = f"profiles/{self.name}/{edition}/"
            theirs = {name: each for name, each in other.sources.items() if name.startswith(folder)}
            if edition in self.editions and files.same(self.root, other.root, folder, theirs):
                self._cohorts.setdefault(edition, read)
                self.sources.update(theirs)

    def earlier(self, index: Index, edition: str) -> str | None:
        """The edition that changes of an index are counted from, if there is one before this."""
        if index.compare_with is None:
            return None
        before = self.editions[: self.editions.index(edition)]
        named = index.compare_with.value
        if named is None:
            return before[-1] if before else None
        return named if named in before else None

    def warnings(self, cohort: Cohort) -> list[Diagnostic]:
        """What is odd but sound about one edition and what it is compared with."""
        found = list(self.read_cohort(cohort.edition.id)[1])
        return in_order([each for each in found if not has_errors([each])], self.sources)

    def check_editions(self) -> list[Diagnostic]:
        """Warn of folders that are not read, and of an edition that nothing is compared with."""
        found: list[Diagnostic] = files.unread_folders(self.root, "profiles", self.name)
        for name in files.folders(self.root, "profiles", self.name):
            if name not in self.editions:
                found += edition_of(self.root, self.name, name, self.sources)[1]
                found += files.unread_profiles(self.root, self.name, name)
                found.append(
                    Diagnostic(
                        "W405",
                        f"{quote(name)} is no edition: there are no profiles in it",
                        Span(f"profiles/{self.name}/{name}", 0, 0),
                        "add a profile for each entity, or delete the folder",
                    )
                )
        for index in self.framework.indices:
            setting = index.compare_with
            if setting is None or setting.value is None or setting.span is None:
                continue
            end = setting.span.end
            named = Span(setting.span.file, end - len(setting.value), end)
            if len(self.editions) > 1 and setting.value == self.editions[-1]:
                found.append(
                    Diagnostic(
                        "W203",
                        f"{quote(setting.value)} is the newest edition, so no edition is "
                        "compared with it",
                        named,
                        f"name an earlier one, `{self.editions[-2]}`, or `previous edition`",
                    )
                )
            elif self.editions and setting.value not in self.editions:
                near = nearest(setting.value, self.editions)
                there = ", ".join(quote(each) for each in self.editions)
                found.append(
                    Diagnostic(
                        "W203",
                        f"there is no edition {quote(setting.value)} to compare with, "
                        "so no changes are published",
                        named,
                        f"`{near}`" if near else f"the editions are {there}",
                        fix=instead(named, near),
                    )
                )
        return found

    def score(self, cohort: Cohort, indices: Iterable[str] = ()) -> dict[str, IndexResults]:
        """Score and publish.

        Args:
            cohort: the entities, each with its answers.
            indices: the ids wanted, all where empty.

        Returns:
            The results by id of the index, in the order of the rules.
        """
        wanted = set(indices)
        results: dict[str, IndexResults] = {}
        for index in self.framework.indices:
            if wanted and index.id not in wanted:
                continue
            plan = self.plans[index.id]
            before = self.earlier(index, cohort.edition.id)
            then = self.cohort(before) if before else None
            results[index.id] = IndexResults(
                plan,
                cohort.edition,
                self._score(plan, cohort),
                then.edition if then else None,
                self._score(plan, then) if then else None,
            )
        return results

    def explain(
        self, cohort: Cohort, entity: str, figure: str, part: str | None = None
    ) -> Explanation:
        """One figure's derivation, down to answers, sources and rule lines.

        Args:
            cohort: the edition's cohort.
            entity: an entity's id or name, in any case.
            figure: an index's id, and as many ids below it as make the figure unmistakable.
            part: the part of the entity, where the figure is scored for each.

        Raises:
            NoSuchName: where there is no such entity, figure or question.
        """
        from bareme.audit.explain import NotForEntity, explain  # only `explain` needs them

        path = self.path(figure)
        if path in self.framework.ratings:
            raise NoSuchName(f"`{'.'.join(path)}` is a rating; `explain_rating` explains it")
        profile, results = self._results_of(cohort, entity, path)
        try:
            accepted = self.framework.accepted
            return explain(results, profile.entity, path, self.sources, accepted, part)
        except NotForEntity as of_parts:
            if not of_parts.unit:
                what = f"`{'.'.join(path)}` is scored for the entity, not for each of its parts"
                raise NoSuchName(f"{what}; leave `--part` out") from None
            there = listing(of_parts.parts, last="or") or f"there is no {of_parts.unit}"
            what = f"`{'.'.join(path)}` is scored for each {of_parts.unit}"
            if part is None:
                raise NoSuchName(f"{what}; name one with `--part`: {there}") from None
            raise NoSuchName(f"{what}, and {quote(part)} is none; it is {there}") from None

    def history(self, explanation: Explanation) -> History:
        """The revisions that touched a line of rules or profiles that a figure rests on.

        Args:
            explanation: of `explain`.

        Raises:
            NoSuchName: where the project is in no git repository, or has no revision yet.
        """
        from bareme.audit.history import History, follow, lines_on_path  # only this needs them
        from bareme.files.past import Past
        from bareme.files.revisions import NoRevision

        lines = lines_on_path(explanation)
        texts = {line.file: self.sources[line.file].text for line in lines}
        try:
            past = Past(self.root, texts)
            touches = follow(lines, texts, past.edits())
            return History(explanation, lines, touches, past.untracked, past.cut)
        except NoRevision as none:
            raise NoSuchName(str(none)) from None

    def explain_difference(
        self, cohort: Cohort, entity: str, other: str, figure: str
    ) -> Comparison:
        """Why a figure of one entity is not that of another, down to answers.

        Args:
            cohort: the edition's cohort.
            entity: an entity's id or name, in any case.
            other: the entity that it is held against.
            figure: as of `explain`.

        Raises:
            NoSuchName: where there is no such entity or figure, or one has no score of it.
        """
        from bareme.audit.differences import NoScoreToCompare, compare  # only this needs them

        path = self._of_entity(figure)
        against, _ = self._results_of(cohort, other, path)
        profile, results = self._results_of(cohort, entity, path)
        try:
            return compare(results, profile.entity, against.entity, path, self.sources)
        except NoScoreToCompare as none:
            raise NoSuchName(_no_score(none)) from None

    def explain_loss(self, cohort: Cohort, entity: str, figure: str) -> HeldDown:
        """What holds a figure of an entity down, down to answers.

        Args:
            cohort: the edition's cohort.
            entity: an entity's id or name, in any case.
            figure: as of `explain`.

        Raises:
            NoSuchName: where there is no such entity or figure, or it has no score.
        """
        from bareme.audit.differences import NoScoreToCompare  # only this needs them
        from bareme.audit.losses import hold_down

        path = self._of_entity(figure)
        profile, results = self._results_of(cohort, entity, path)
        try:
            return hold_down(results, profile.entity, path, self.framework.bounds, self.sources)
        except NoScoreToCompare as none:
            raise NoSuchName(_no_score(none)) from None

    def _of_entity(self, figure: str) -> tuple[str, ...]:
        """The path of a figure that is an entity's own, and no rating."""
        path = self.path(figure)
        if path in self.framework.ratings:
            raise NoSuchName(f"`{'.'.join(path)}` is a rating; name a figure that it reads")
        scope = self.framework.scopes.get(path)
        if scope is not None:
            whole = ".".join(scope)
            raise NoSuchName(f"`{'.'.join(path)}` is scored for each part; name `{whole}`")
        return path

    def explain_rating(self, cohort: Cohort, entity: str, rating: str) -> RatingExplained:
        """How one rating came about: what it read, and the grade that holds.

        Args:
            cohort: the edition's cohort.
            entity: an entity's id or name, in any case.
            rating: the ids of an index and of its rating, `freedom.status`.

        Raises:
            NoSuchName: where there is no such entity or rating.
        """
        path = self.path(rating)
        if path not in self.framework.ratings:
            raise NoSuchName(f"`{'.'.join(path)}` is no rating")
        from bareme.audit.explain import explain_rating

        profile, results = self._results_of(cohort, entity, path)
        return explain_rating(results, profile.entity, path, self.sources)

    def whatif(
        self,
        cohort: Cohort,
        entity: str,
        answers: Iterable[tuple[str, str]] = (),
        weights: Iterable[tuple[str, str]] = (),
        part: str | None = None,
    ) -> WhatIf:
        """What would move, were answers of an entity or weights other ones.

        Args:
            cohort: the edition's cohort.
            entity: an entity's id or name, in any case.
            answers: ids of questions or measures, or paths of figures, each with its answer, number
                or given score as text; blank where it is not answered, or not given.
            weights: figures, questions or measures, each with a share of its parent, `30%`, or with
                a weight as rules have it, `2`.
            part: the part of the entity that answers, where it is not the entity.

        Raises:
            NoSuchName: where there is no such entity or figure.
            InputRefused: where the rules or a profile would be refused with that in it.
        """
        from bareme.audit.supposing import Refused, what_if

        answers, weights = list(answers), list(weights)
        paths = [self.path(name) for name, _ in weights]
        profile = self.entity(cohort, entity)
        try:
            return what_if(
                self.framework, cohort, profile, answers, weights, paths, part, self._score_under
            )
        except Refused as refused:
            sources = {**self.sources, refused.source.name: refused.source}
            raise InputRefused(refused.diagnostics, sources) from None

    def largest(
        self, cohort: Cohort, entity: str, figure: str | None = None, most: int = 5
    ) -> Largest:
        """The single answers of an entity that could move a figure most, each changed alone.

        Args:
            cohort: the edition's cohort.
            entity: an entity's id or name, in any case.
            figure: as of `explain`; without it the one index that the entity is in.
            most: how many answers.

        Raises:
            NoSuchName: where there is no such entity or figure.
        """
        from bareme.audit.reaching import largest

        profile, path, results = self._figure_of(cohort, entity, figure)
        return largest(self.framework, results, profile.entity, path, most)

    def reach(
        self,
        cohort: Cohort,
        entity: str,
        wanted: str,
        figure: str | None = None,
        keep: Iterable[str] = (),
    ) -> Reached:
        """The fewest answers of an entity by which a figure comes to a score or a rank.

        Args:
            cohort: the edition's cohort.
            entity: an entity's id or name, in any case.
            wanted: a published score, `70`, or `rank 10`.
            figure: as of `explain`; without it the one index that the entity is in.
            keep: questions and measures whose answers may not change.

        Raises:
            NoSuchName: where there is no such entity, figure or question, or the figure can have no
                such score or rank.
        """
        from bareme.audit.reaching import reach
        from bareme.audit.standing import NotThere

        profile, path, results = self._figure_of(cohort, entity, figure)
        kept = [self._question(each) for each in keep]
        try:
            return reach(self.framework, results, profile.entity, path, wanted, kept)
        except NotThere as refused:
            raise NoSuchName(str(refused)) from None

    def _question(self, named: str) -> str:
        known = [*self.framework.questions, *self.framework.recorded]
        if named not in known:
            raise NoSuchName(no_such("question", named, known))
        return named

    def _figure_of(
        self, cohort: Cohort, entity: str, figure: str | None
    ) -> tuple[Profile, tuple[str, ...], IndexResults]:
        """An entity, the path of a figure that has one score for it, and the results of its index.

        Where no figure is named it is the one index that the entity is in.
        """
        profile = self.entity(cohort, entity)
        if figure is None:
            scored = self.score(cohort)
            there = [id for id, each in scored.items() if profile.entity in each.by_entity]
            if len(there) != 1:
                what = f"{quote(profile.name)} is in {counted(len(there), 'index', 'indices')}"
                raise NoSuchName(f"{what}; name one with `--of`: {listing(there, last='or')}")
            return profile, (there[0],), scored[there[0]]
        path = self.path(figure)
        if path not in self.framework.figures:
            raise NoSuchName(f"`{'.'.join(path)}` is no figure; name an index or what stands in it")
        if path in self.framework.scopes:
            raise NoSuchName(f"`{'.'.join(path)}` is scored for each part, and has no one score")
        return profile, path, self._results_of(cohort, entity, path)[1]

    def _score_under(self, framework: Framework, cohort: Cohort) -> dict[str, IndexResults]:
        """Score by other rules than these, earlier editions included."""
        if framework is self.framework:
            return self.score(cohort)
        return replace(self, framework=framework, _scored={}).score(cohort)

    def _results_of(
        self, cohort: Cohort, entity: str, path: tuple[str, ...]
    ) -> tuple[Profile, IndexResults]:
        """An entity, and the results of the index of a path, which it has to be in."""
        profile = self.entity(cohort, entity)
        plan = self.plans[path[0]]
        results = self.score(cohort, [path[0]])[path[0]]
        if plan.include is not None and profile.entity not in results.by_entity:
            place = self.sources[plan.include.span.file].place(plan.include.span)
            raise NoSuchName(
                f"{quote(profile.name)} is not in `{path[0]}`, which includes entities where "
                f"{plan.include.written} ({place})"
            )
        return profile, results

    def prove(self, seconds: int, say: Say = lambda *_: None) -> FrameworkProof:
        """What the rules can do and can never do, for every profile.

        Args:
            seconds: that the solver may take for one question, where it is installed; without it
                some things are only tested.
            say: is told how far it is.
        """
        from bareme.proofs.prove import prove
        from bareme.proofs.search import solver_of

        editions = self._order.ids
        unasked = [self._order.not_asked(self.framework, each) for each in editions]
        return prove(self.framework, unasked, solver_of(seconds), say)

    def infer_weights(
        self,
        cohort: Cohort,
        figure: str,
        *,
        alongside: Sequence[str] = (),
        changes: bool = True,
        weights: Sequence[Fraction] | None = None,
        as_scored: bool = False,
    ) -> Inferred:
        """Which weights of a figure's parts the printed figures of an edition allow.

        Args:
            cohort: the edition's cohort, of which printed figures are read.
            figure: as of `explain`.
            alongside: figures with parts of the same ids, taken to have the same weights.
            changes: whether printed changes are used, and so the scores before them.
            weights: relative weights of the parts, 0 or more, to hold against the print.
            as_scored: take parts exactly as the rules score them, given scores included, rather
                than as anything that is rounded to what is printed.

        Raises:
            NoSuchName: where there is no such figure, or its parts are not those of the first.
            InputRefused: where no print could say anything of its weights.
        """
        from bareme.audit import inferred, printed_lines  # only `infer` needs them

        figures = [self._weighed(each) for each in (figure, *alongside)]
        first = figures[0]
        found: list[PrintedLine | LeftOut] = []
        if weights is not None and len(weights) != len(first.counted):
            there = listing([part.id for part in first.counted])
            wanted = counted(len(first.counted), "weight")
            raise NoSuchName(f"`{first.dotted}` takes {wanted}, in this order: {there}")
        for each in figures:
            index = self.framework.index(each.path[0])
            assert index is not None
            before = index.compare_with.value if index.compare_with else None
            before = before or self.earlier(index, cohort.edition.id) or ""
            of = printed_lines.Print(cohort, before, changes, self._scores(index, cohort, before))
            same_order = printed_lines.in_order_of(first, each)
            if same_order is None:
                raise NoSuchName(
                    f"`{each.dotted}` has other parts than `{first.dotted}`: "
                    f"{listing([part.id for part in each.counted])}"
                )
            found += printed_lines.lines_of(index, same_order, of)
        return inferred.infer_weights(figures, cohort.edition.id, found, weights, as_scored)

    def _scores(
        self, index: Index, cohort: Cohort, before: str
    ) -> dict[tuple[str, bool], dict[tuple[str, ...], Fraction]]:
        """The score of each figure of an index, by entity and whether it is before the changes."""
        earlier = [self.cohort(before)] if before in self.editions else []
        return {
            (trace.profile.entity, each is not cohort): {
                step.path: value.score
                for step, value in zip(trace.plan.steps, trace.values, strict=True)
                if value.score is not None
            }
            for each in [cohort, *earlier]
            for trace in self.score(each, [index.id])[index.id].traces
        }

    def weighed_below(self, figure: str) -> list[Figure | NotInferred]:
        """The figures below one that are made of weighed parts, or why nothing is said of them.

        Figures that end the tree are not in it: those that are given, and those made of questions.
        """
        from bareme.audit.printed_lines import not_inferred

        above = self.framework.figures.get(self.path(figure))
        below = list(above.figures())[1:] if above else []
        return [
            not_inferred(self.framework, each) or each
            for each in below
            if any(part.path in self.framework.figures for part in each.counted)
        ]

    def _weighed(self, named: str) -> Figure:
        """A figure of whose weights a print can say something."""
        from bareme.audit.printed_lines import not_inferred

        path = self.path(named)
        figure = self.framework.figures.get(path)
        if figure is None:
            what = "rating" if path in self.framework.ratings else "question"
            raise NoSuchName(f"`{'.'.join(path)}` is a {what}, which has no weighed parts")
        reason = not_inferred(self.framework, figure)
        if reason is not None:
            message = f"nothing can be inferred of the weights in `{figure.dotted}`"
            found = Diagnostic("E471", message, reason.span, reason.reason)
            raise InputRefused([found], self.sources)
        return figure

    def entity(self, cohort: Cohort, named: str) -> Profile:
        """The profile of an entity named by id or by name, in any case."""
        for found in (
            [p for p in cohort.profiles if named == p.entity],
            [p for p in cohort.profiles if named == p.name],
            [p for p in cohort.profiles if named.casefold() in _names(p)],
        ):
            if len(found) == 1:
                return found[0]
            if found:
                ids = ", ".join(quote(p.entity) for p in found)
                raise NoSuchName(f"{quote(named)} names {len(found)} entities: {ids}; use an id")
        names = [name for p in cohort.profiles for name in dict.fromkeys((p.name, p.entity))]
        raise NoSuchName(no_such(f"entity of {cohort.edition.id} named", named, names))

    def path(self, figure: str) -> tuple[str, ...]:
        """The full path of a figure, rating or question, named by its path or its id alone."""
        ids = tuple(figure.split("."))
        if ids in self.framework.ratings:
            return ids
        asked = self.framework.asked_at.get(ids[-1], [])
        candidates = [each.path for each in self.framework.named(ids)]
        if not candidates:
            candidates = [path for path in asked if len(ids) == 1 or set(ids) <= set(path)]
        if not candidates and len(ids) == 1:
            named = [*self.framework.figures, *self.framework.ratings]
            candidates = [path for path in named if path[-1] == ids[0]]
        if len(candidates) == 1:
            return candidates[0]
        if candidates:
            raise NoSuchName(
                f"{quote(figure)} names {len(candidates)} figures: "
                + ", ".join(quote(".".join(path)) for path in candidates)
            )
        known = [
            each.dotted
            for each in self.framework.figures.values()
            if each.path[0] == ids[0] or self.framework.index(ids[0]) is None
        ]
        known += [each.dotted for each in self.framework.ratings.values() if each.path[0] == ids[0]]
        short = [f"{each.path[0]}.{each.id}" for each in self.framework.figures.values()]
        near = nearest(figure, [*known, *short, *self.framework.questions])
        alike = [dotted for dotted in known if ids[-1] in dotted.rpartition(".")[2]]
        near = near or next(iter(alike), None)
        raise NoSuchName(no_such("figure", figure, known if near is None else [near]))

    def _around(self, plan: Plan, cohort: Cohort) -> Surroundings:
        """What the editions before one know of an index, each scored with what those before know.

        The oldest is scored first, so that none has to wait for another.
        """
        partial, edition = cohort.edition.partial, cohort.edition.id
        if not carried_parts(plan) or edition not in self.editions:
            return Surroundings(partial)
        before = self.editions[: self.editions.index(edition)]
        scored = [self._score(plan, self.cohort(earlier)) for earlier in before]
        return Surroundings(partial, carried=scored[-1].carried_on() if scored else {})

    def _score(self, plan: Plan, cohort: Cohort) -> Scored:
        """One index of a cohort, once however many editions are compared with it."""
        known, scored = self._scored.get((plan.index, cohort.edition.id), (None, None))
        if known is cohort and scored is not None:
            return scored
        try:
            scored = score_cohort(plan, cohort.profiles, self._around(plan, cohort))
        except TooLong as too_long:
            found = Diagnostic(
                "E310",
                f"the score of `{too_long.step.figure}` for {quote(too_long.profile.name)} would "
                f"need more than {MAX_BITS:,} bits to be exact",
                too_long.step.span,
                "give weights and points fewer decimals",
            )
            raise InputRefused([found], self.sources) from None
        self._scored[plan.index, cohort.edition.id] = cohort, scored
        return scored


def _no_score(none: NoScoreToCompare) -> str:
    name, figure = none.trace.profile.name, none.line.step.figure
    return f"{quote(name)} has no score of `{figure}`: {none.line.value.status}"


def load(path: str | Path = ".", framework: str | None = None) -> Rules:
    """Load the rules of one framework.

    Args:
        path: a project folder, one that holds `rules/`; or a framework's own folder in there.
        framework: its name, needed where the project has several.

    Raises:
        NoSuchName: where there is no such framework, or several and none was named.
        InputRefused: where the rules hold mistakes.
    """
    folder = Path(path).absolute()
    if framework is None and folder.parent.name == "rules" and not (folder / "rules").is_dir():
        folder, framework = folder.parent.parent, folder.name
    names = frameworks(folder)
    if framework is None:
        if len(names) != 1:
            raise NoSuchName(f"name one framework of {', '.join(map(quote, names)) or 'none'}")
        framework = names[0]
    if framework not in names:
        raise NoSuchName(no_such("framework", framework, names))
    rules = read_rules(folder, framework)
    if has_errors(rules.diagnostics):
        raise InputRefused(list(rules.diagnostics), rules.sources)
    return rules


def frameworks(root: files.Place) -> list[str]:
    """The frameworks of a project: the folders in `rules/`."""
    return files.folders(root, "rules")


def without_echoes(found: Sequence[Diagnostic]) -> list[Diagnostic]:
    """Without conditions that name a label as it should be, where its slip in a scale is said."""
    right = {
        (each.help, each.message.partition("` of ")[0]) for each in found if each.code == "E214"
    }
    return [
        each
        for each in found
        if each.code != "E218"
        or not any(
            each.message.startswith(f"{said} is no answer") and wrong == f"label {each.help[:-1]}"
            for said, wrong in right
        )
    ]


def strays(root: files.Place) -> list[Diagnostic]:
    """Warn of what stands beside the frameworks, and of profiles whose framework has no rules."""
    known = frameworks(root)
    beside = [*files.unread_folders(root, "rules"), *files.unread_folders(root, "profiles")]
    return beside + [
        Diagnostic(
            "W406",
            f"the profiles in {quote(name)} are not read: there is no framework of that name",
            Span(f"profiles/{name}", 0, 0),
            f"rename the folder to `{near}`" if near else f"its rules belong in rules/{name}/",
        )
        for name in files.folders(root, "profiles")
        if name not in known
        for near in [nearest(name, known)]
    ]


def read_rules(root: files.Place, framework: str) -> Rules:
    """Read and check one framework; whatever is wrong is in its `diagnostics`."""
    sources: Sources = {}
    found: list[Diagnostic] = []
    trees: list[tree.File] = []
    lost: set[str] = set()  # files that could not be read at all
    room = files.MAX_RULES
    names = files.rule_files(root, framework)
    for name in names:
        source, faults = files.read_source(root, name, sources, min(room, files.MAX_FILE))
        found += faults
        if source is None:
            lost.add(Path(name).name.removesuffix(files.RULES_ENDING))
            continue
        room -= len(source.text)
        stem = Path(name).name.removesuffix(files.RULES_ENDING)
        if any(each.code == "E001" for each in faults):
            lost.add(stem)
            continue
        file, faults = parse(source, stem)
        found += faults
        trees.append(file)
    found += files.unread_rules(root, framework)
    if not names:
        message = "this framework has no rules: no file here ends in `.bareme`"
        help = f"give the file of rules that ending, as in `{framework}.bareme`, or write one"
        found.append(Diagnostic("E006", message, Span(f"rules/{framework}", 0, 0), help))
    resolved, faults = resolve(framework, trees)
    if any(each.asked_in for each in resolved.questions.values()):
        order = EditionOrder.of(editions_of(root, framework, {}))
        faults += check_asked(resolved, order)
    found += _without_what_was_lost([*faults, *check(resolved)], trees, lost)
    if any(each.cut for each in trees):  # what it does not name may stand where it was not read
        found = [each for each in found if each.code.startswith(("E0", "E1"))]
    if has_errors(found):  # what looks unused may be used where something could not be read
        found = [each for each in found if not each.code.startswith("W2")]
    return Rules(resolved, root, sources, tuple(in_order(found, sources)))


_UNKNOWN = {"E203", "E216", "E230"}  # names that any file may declare


def _without_what_was_lost(
    found: Iterable[Diagnostic], trees: Iterable[tree.File], lost: set[str]
) -> list[Diagnostic]:
    """Without names that are unknown, but may be declared in a file that could not be read."""
    brings = {file.span.file for file in trees if any(_stem(use.text) in lost for use in file.uses)}
    used = {use.span for file in trees for use in file.uses if _stem(use.text) in lost}
    return [
        each
        for each in found
        if not (lost and each.code in _UNKNOWN)
        and not (each.code == "E201" and each.span.file in brings)
        and not (each.code == "E202" and each.span in used)
    ]


def _stem(used: str) -> str:
    return used.rpartition("/")[2].removesuffix(files.RULES_ENDING)


class Tidied(Record, caches=True):
    """One file of rules as it stands, and as `format` lays it out."""

    name: str
    before: str
    after: str

    @property
    def tidy(self) -> bool:
        return self.before == self.after


def tidied(root: files.Place, framework: str) -> list[Tidied]:
    """Every file of a framework's rules, laid out; links are left out, and nothing is written.

    Raises:
        InputRefused: where a line of the rules cannot be read.
    """
    from bareme.language.format import format_rules  # only `format` needs it

    rules = read_rules(root, framework)
    if not rules.readable:
        raise InputRefused(list(rules.diagnostics), rules.sources)
    return [
        Tidied(name, source.text, format_rules(source))
        for name, source in rules.sources.items()
        if not files.is_link(root, name)
    ]


def write_tidied(root: Path, file: Tidied) -> None:
    """Write a file of rules as it was laid out, whole or not at all.

    Raises:
        OSError: where that fails; what stood there before still does.
    """
    files.write(root / file.name, file.after.encode("utf-8"))


def messages(
    diagnostics: Iterable[Diagnostic], sources: Sources, limit: int = DEFAULT_LIMIT
) -> str:
    """Every message, drawn, and how many more there are past the limit."""
    ordered = list(diagnostics)
    shown = [render(each, sources) for each in ordered[:limit]]
    if len(ordered) > limit:
        shown.append(f"and {counted(len(ordered) - limit, 'more message')}")
    return "\n".join(shown)


def no_such(what: str, found: str, known: Iterable[str]) -> str:
    """One sentence for a name that names nothing, with the nearest that does."""
    names = list(known)
    near = nearest(found, names)
    if near:
        return f"there is no {what} {quote(found)}; the nearest is {quote(near)}"
    there = ", ".join(quote(each) for each in names[:12]) or "none"
    more = f" and {len(names) - 12} more" if len(names) > 12 else ""
    return f"there is no {what} {quote(found)}; there is {there}{more}"


def _names(profile: Profile) -> tuple[str, str]:
    return profile.entity.casefold(), profile.name.casefold()
