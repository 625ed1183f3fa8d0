"""Caps, floors and conditions: what they speak of, found by name in the whole framework."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction

from bareme.diagnostics import (
    SUGGESTED,
    Diagnostic,
    Edit,
    Fix,
    Note,
    instead,
    listing,
    nearest,
    quote,
)
from bareme.exact import written
from bareme.framework import (
    Adjustment,
    AtLeast,
    Bound,
    Compared,
    Condition,
    Decision,
    Exists,
    Figure,
    Formula,
    Framework,
    InGroup,
    IsAnswer,
    Not,
    Origin,
    Range,
    Require,
    When,
)
from bareme.language import tree
from bareme.language.statement import label_in_a_line
from bareme.record import replace

Path = tuple[str, ...]
Written = Mapping[Path, Sequence[tree.Rule]]
"""The rules as written, by the path of the figure, question or measure that they are about."""


def resolve_rules(framework: Framework, written: Written, found: list[Diagnostic]) -> Framework:
    """Give every figure, question and measure its caps, floors and conditions."""
    names = _Names(framework, found)

    def figure(old: Figure) -> Figure:
        rules = written.get(old.path, ())
        adjustments = [
            adjustment
            for each in rules
            if isinstance(each, tree.Cap | tree.Floor)
            for adjustment in _adjustment(each, old, names)
        ]
        return replace(
            old,
            adjustments=tuple(adjustments),
            decisions=_decisions(rules, old, names, found),
            skip=_skip(rules, old.path, names),
            require=_require(rules, found),
            children=tuple(
                figure(child)
                if isinstance(child, Figure)
                else replace(child, skip=_skip(written.get(child.path, ()), child.path, names))
                for child in old.children
            ),
        )

    indices = []
    for index in framework.indices:
        rules = written.get((index.id,), ())
        include = [each.when for each in rules if isinstance(each, tree.Include)]
        ranked = [each.when for each in rules if isinstance(each, tree.RankEntities)]
        whom = [names.when(each, (index.id,), False) for each in include[:1]]
        whose = [names.when(each, (index.id,), False) for each in ranked[:1]]
        indices.append(
            replace(
                index,
                root=figure(index.root),
                include=whom[0] if whom else None,
                ranked=whose[0] if whose else None,
            )
        )
    return replace(framework, indices=tuple(indices))


def _adjustment(written: tree.Cap | tree.Floor, figure: Figure, names: _Names) -> list[Adjustment]:
    kind = Bound.CAP if isinstance(written, tree.Cap) else Bound.FLOOR
    when = names.when(written.when, figure.path) if written.when else None
    if written.when and when is None:
        return []
    return [Adjustment(kind, written.points.value, when, written.span)]


def _decisions(
    rules: Sequence[tree.Rule], figure: Figure, names: _Names, found: list[Diagnostic]
) -> tuple[Decision, ...]:
    """The scores that conditions decide; the last one has to hold where none before it does."""
    written = [each for each in rules if isinstance(each, tree.ScoreWhen)]
    if not written or figure.origin is not Origin.DECIDED:
        return ()
    last = next((each for each in written if each.when is None), None)
    if last is None:
        found.append(
            Diagnostic(
                "E227",
                f"{figure.level} `{figure.id}` has no score where none of these conditions holds",
                written[-1].span,
                f"end with `score {_near_0(figure.range)} otherwise`, say",
            )
        )
    elif last is not written[-1]:
        after = written[written.index(last) + 1]
        found.append(
            Diagnostic(
                "E227",
                "this never holds: `otherwise` stands above it",
                after.span,
                "move `otherwise` to the end"
                if sum(each.when is None for each in written) == 1
                else "let one line alone say `otherwise`, the last one",
                (Note("`otherwise` is here", last.span),),
                _otherwise_last(written),
            )
        )
    decisions: list[Decision] = []
    for each in written:
        when = names.when(each.when, figure.path) if each.when else None
        if each.when is None or when is not None:
            decisions.append(Decision(each.points.value, when, each.span))
    return tuple(decisions)


def _near_0(range: Range) -> str:
    """The score of a range that is 0, or nearest to it: an example that can be kept."""
    low, high = range
    return written(max(low, min(Fraction(0), high)))


def _otherwise_last(rules: Sequence[tree.ScoreWhen]) -> Fix:
    if sum(each.when is None for each in rules) > 1:
        return ()
    by = sorted(rules, key=lambda each: each.when is None)
    return tuple(Edit(old.span, _spelt(new)) for old, new in zip(rules, by, strict=True))


def _spelt(rule: tree.ScoreWhen) -> str:
    holds = f"when {rule.when.written}" if rule.when else "otherwise"
    return f"score {written(rule.points.value)} {holds}"


def _skip(rules: Sequence[tree.Rule], path: Path, names: _Names) -> tuple[When, ...]:
    read = [names.when(each.when, path) for each in rules if isinstance(each, tree.Skip)]
    return tuple(each for each in read if each is not None)


def _require(rules: Sequence[tree.Rule], found: list[Diagnostic]) -> Require | None:
    for each in rules:
        if isinstance(each, tree.Require):
            least = each.least.value / 100 if each.share else each.least.value
            if (
                least < 0
                or (each.share and least > 1)
                or (not each.share and least.denominator != 1)
            ):
                found.append(
                    Diagnostic(
                        "E220",
                        "that is neither a share nor a number of answers",
                        each.least.span,
                        "as in `require 60% of answers` or `require 3 answers`",
                    )
                )
                return None
            return Require(least, each.share, each.span)
    return None


class _Names:
    """What conditions may speak of, by name."""

    def __init__(self, framework: Framework, found: list[Diagnostic]) -> None:
        self.framework = framework
        self.found = found
        self.by_id: dict[tuple[str, str], list[Figure]] = {}
        for each in framework.figures.values():
            self.by_id.setdefault((each.path[0], each.id), []).append(each)

    def when(self, written: tree.When, path: Path, scores: bool = True) -> When | None:
        """The condition with its names resolved; None where one of them is wrong.

        Args:
            path: of what the rule is about; figures of the same index need no full path.
            scores: whether it may read scores.
        """
        reads: list[Path] = []
        condition = self._condition(written.condition, path[0], reads)
        if condition is None:
            return None
        if reads and not scores:
            self.found.append(
                Diagnostic(
                    "E217",
                    "who is in an index, or ranked, cannot depend on scores",
                    written.span,
                    "name a group, a question or a measure",
                )
            )
            return None
        return When(condition, written.written, tuple(dict.fromkeys(reads)), written.span)

    def _condition(
        self, written: tree.Condition, index: str, reads: list[Path]
    ) -> Condition | None:
        match written:
            case tree.Not():
                of = self._condition(written.of, index, reads)
                return None if of is None else Not(of)
            case tree.AtLeast():
                parts = [self._condition(each, index, reads) for each in written.of]
                sound = tuple(each for each in parts if each is not None)
                return AtLeast(written.count, sound) if len(sound) == len(parts) else None
            case tree.Is():
                return self._is(written, index)
            case tree.Answered():
                thing = self._thing(written.subject, index, ("question", "measure", "group"))
                if thing is None:
                    return None
                kind, id = thing
                reads += [id] if kind == "figure" else []
                return Exists(kind, id, self._formula(kind, id))
            case tree.Compare():
                thing = self._thing(written.subject, index, ("measure", "figure"))
                if thing is None:
                    return None
                kind, id = thing
                if kind in ("question", "group"):
                    label = label_in_a_line(self._labels(kind, id[-1])[0])
                    self._wrong(written.subject, kind, "its answers are texts", f"is {label}")
                    return None
                reads += [id] if kind == "figure" else []
                number = written.number.value
                return Compared(kind, id, written.sign, number, self._formula(kind, id))

    def _labels(self, kind: str, id: str) -> Sequence[str]:
        if kind == "group":
            return self.framework.groups[id].labels or ("North",)
        scale = self.framework.questions[id].scale
        return [label.text for label in scale.labels] if scale and scale.labels else ("Yes",)

    def _formula(self, kind: str, id: Path) -> Formula | None:
        """By which a measure is worked out; one that is recorded is read as it was recorded."""
        measure = self.framework.measures.get(id[-1]) if kind == "measure" else None
        return measure.formula if measure and not measure.recorded else None

    def _is(self, written: tree.Is, index: str) -> Condition | None:
        thing = self._thing(written.subject, index, ("question", "group"))
        if thing is None:
            return None
        kind, (*_, id) = thing
        if kind in ("measure", "figure"):
            self._wrong(written.subject, kind, "it is a number", "< 50")
            return None
        wanted = [label.text for label in written.labels]
        if kind == "group":
            labels = self.framework.groups[id].labels
            if not self._known(written.labels, {each: {each} for each in labels}, f"group `{id}`"):
                return None
            return InGroup(id, frozenset(wanted))
        scale = self.framework.questions[id].scale
        names = {
            name: set(label.names)
            for label in (scale.labels if scale else ())
            for name in label.names
        }
        if scale is None or not scale.complete:
            return None
        if not self._known(written.labels, names, f"question `{id}`"):
            return None
        return IsAnswer(id, frozenset(each for text in wanted for each in names[text]))

    def _known(
        self, labels: Sequence[tree.Text], names: Mapping[str, set[str]], whose: str
    ) -> bool:
        wrong = [each for each in labels if names and each.text not in names]
        for each in wrong:
            near = nearest(each.text, names)
            help = f"`{near}`" if near else f"its answers are {listing(list(names), last='or')}"
            fix = instead(each.span, label_in_a_line(near)) if near else ()
            message = f"{quote(each.text)} is no answer of {whose}"
            self.found.append(Diagnostic("E218", message, each.span, help, fix=fix))
        return not wrong

    def _wrong(self, subject: tree.Name, kind: str, why: str, how: str) -> None:
        self.found.append(
            Diagnostic(
                "E217",
                f"`{subject.text}` is a {kind}: {why}",
                subject.span,
                f"write `{subject.text} {how}`, say",
            )
        )

    def _thing(
        self, subject: tree.Name, index: str, first: tuple[str, ...]
    ) -> tuple[str, Path] | None:
        """What a name names; where several things have the name, one of the kinds in `first`."""
        text = subject.text
        figures = self._figures(text, index)
        holds: dict[str, Callable[[], bool]] = {
            "question": lambda: text in self.framework.questions,
            "measure": lambda: text in self.framework.measures,
            "group": lambda: text in self.framework.groups,
            "figure": lambda: bool(figures),
        }
        for kind in (*first, *holds):
            if holds[kind]():
                if kind != "figure":
                    return kind, (text,)
                if len(figures) == 1:
                    return kind, figures[0].path
                paths = listing([each.dotted for each in figures], last="or")
                self.found.append(
                    Diagnostic(
                        "E207",
                        f"{quote(text)} names {len(figures)} figures",
                        subject.span,
                        f"write the path in full: {paths}",
                        tuple(Note(f"`{f.dotted}` is here", f.name_span) for f in figures[:4]),
                    )
                )
                return None
        known = [
            *self.framework.questions,
            *self.framework.measures,
            *self.framework.groups,
            *(id for own, id in self.by_id if own == index),
        ]
        few = len(self.found) < SUGGESTED
        fits = self._named(first, index) if few else []
        near = nearest(text, fits) or nearest(text, known) if few else None
        self.found.append(
            Diagnostic(
                "E216",
                f"there is no question, measure, group or figure {quote(text)}",
                subject.span,
                f"`{near}`"
                if near
                else "a condition names a question, a measure, a group, or a "
                "figure of this index; one of another index by its path, `index.indicator`",
                fix=instead(subject.span, near if near in fits else None),
            )
        )
        return None

    def _named(self, kinds: Sequence[str], index: str) -> list[str]:
        """The names of things of some kinds."""
        names: dict[str, list[str]] = {
            "question": [*self.framework.questions],
            "measure": [*self.framework.measures],
            "group": [*self.framework.groups],
            "figure": [id for own, id in self.by_id if own == index],
        }
        return [name for kind in kinds for name in names[kind]]

    def _figures(self, text: str, index: str) -> list[Figure]:
        ids = tuple(text.split("."))
        if len(ids) > 1 or self.framework.index(ids[0]) is not None:
            return self.framework.named(ids)
        return self.by_id.get((index, ids[0]), [])
