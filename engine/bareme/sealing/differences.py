"""What differs between a sealed edition and what it is recomputed to, in words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from bareme.audit.figures import OF_COHORT, Difference, Fields, deepest, read_figures
from bareme.audit.sealed import FIGURES_FILE
from bareme.diagnostics import Diagnostic, Note, counted, quote
from bareme.plan import Ask, Count, Repeat
from bareme.profiles.profile import Answer, Cohort, Profile
from bareme.project import Rules
from bareme.record import replace
from bareme.source import Source, Span


def said_of(
    differences: Sequence[Difference], rules: Rules, cohort: Cohort, text: bytes
) -> list[Diagnostic]:
    """What differs, in words: only what the rest follows from, and each cause once.

    Args:
        differences: every figure that is not what was sealed.
        rules: as they were sealed.
        cohort: the same.
        text: the sealed figures.
    """
    if not differences:
        return []
    profiles = {each.entity: each for each in cohort.profiles}
    figures = Source(FIGURES_FILE, text.decode("ascii"))
    strange = _strange(differences, profiles, text, figures)
    answers = _answers(text)
    found, by_rule = list(strange.values()), dict[Span, list[Difference]]()
    keys = {(each.figure, *each.key.who) for each in differences if each.figure}
    for each in deepest(differences):
        rule = _rule(each, rules)
        if each.entity in strange or (_same_as(each.figure, rules), *each.key.who) in keys:
            continue
        was = answers.get((*each.key.who, each.question))
        if not each.figure and _answered(each, profiles[each.entity]) == was:
            continue  # it is a figure now that shows it, or was one that did
        if rule is not None and each.question and "answer" not in each.fields:
            by_rule.setdefault(rule, []).append(each)
        else:
            found.append(_said(each, rule, profiles[each.entity], figures))
    for rule, each_of in by_rule.items():
        first = _said(each_of[0], rule, profiles[each_of[0].entity], figures)
        if len(each_of) > 1:
            more = counted(len(each_of) - 1, "more answer")
            first = replace(first, notes=(*first.notes, Note(f"{more} scored otherwise by it")))
        found.append(first)
    return found


def _strange(
    differences: Sequence[Difference],
    profiles: Mapping[str, Profile],
    text: bytes,
    figures: Source,
) -> dict[str, Diagnostic]:
    """Entities that are in the edition, or among its sealed figures, alone."""
    sealed = {key.entity for key in read_figures(text)[1]}
    found: dict[str, Diagnostic] = {}
    for each in differences:
        profile = profiles.get(each.entity)
        if profile is None:
            said = f"there are sealed figures of {quote(each.entity)}, and no such entity"
            found.setdefault(each.entity, Diagnostic("P602", said, _line(figures, each)))
        elif each.entity not in sealed:
            said = f"{quote(profile.name)} is in the edition, and not among its sealed figures"
            found.setdefault(each.entity, Diagnostic("P602", said, profile.span))
    return found


def _answers(text: bytes) -> dict[tuple[str, str, str, str], str]:
    """Every sealed answer, by entity or part and question, whether a figure shows it or not."""
    lines = [Difference(key, at, said, None) for key, (at, said) in read_figures(text)[1].items()]
    return {
        (*each.key.who, each.question): str(each.sealed["answer"])
        for each in lines
        if each.sealed and "answer" in each.sealed
    }


def _answered(each: Difference, profile: Profile) -> str | None:
    """The answer to a question as it is in the profile."""
    own = [p for p in profile.parts.get(each.key.unit, ()) if p.name == each.key.part]
    answer = (own[0].answers if own else profile.answers).get(each.question)
    return answer.text if answer else None


def otherwise_written(sealed: bytes, ours: bytes, said: bool) -> list[Diagnostic]:
    """What is amiss with texts of figures beside the figures: their first line, and their order.

    Args:
        sealed, ours: the texts.
        said: whether it was said already of some figure that it differs.
    """
    if sealed == ours:
        return []
    (head, _), (of, _) = read_figures(sealed), read_figures(ours)
    if head != of:
        odd = next(each for each in {**head, **of} if head.get(each) != of.get(each))
        was, now = (quote(str(each.get(odd, "none"))) for each in (head, of))
        message = f"the figures are said to be of {odd} {was}, and are of {now}"
        return [Diagnostic("P602", message, Span(FIGURES_FILE, 0, 1))]
    if said:
        return []
    message = "the figures are not in their order, or say something twice"
    return [Diagnostic("P602", message, Span(FIGURES_FILE, 0, 1))]


def _same_as(figure: str, rules: Rules) -> str | None:
    """The figure whose score this one takes over, if it takes one."""
    path = tuple(figure.split("."))
    plan = rules.plans.get(path[0])
    step = plan.steps[plan.numbers[path]] if plan and path in plan.numbers else None
    return plan.steps[step.of].figure if plan and isinstance(step, Repeat) else None


def _said(each: Difference, rule: Span | None, profile: Profile, figures: Source) -> Diagnostic:
    """One figure that is not what was sealed, at the answer, or at the line that tells."""
    both = each.ours is not None and each.sealed is not None
    if "answer" in each.fields and each.question and (both or not each.figure):
        return _answer_said(each, profile)
    at = _line(figures, each)
    part = f", {quote(each.key.part)}" if each.key.part else ""
    what = f"{quote(profile.name)}, {quote(each.figure)}{part}"
    if each.ours is None:
        return Diagnostic("P602", f"{what}: sealed, and there is no such figure", at)
    if each.sealed is None:
        return Diagnostic("P602", f"{what}: not sealed, and there is such a figure", at)
    differ = set(each.fields)
    if all(of.get("exact") == of.get("score") for of in (each.sealed, each.ours)):
        differ.discard("exact")
    differ = differ - OF_COHORT or differ
    shown = [field for field in _FIELDS if field in differ][:4]
    was, now = (_listed(each_of, shown) for each_of in (each.sealed, each.ours))
    notes = (Note("it is scored by this", rule),) if rule else ()
    return Diagnostic("P602", f"{what}: sealed {was}; recomputed {now}", at, notes=notes)


_FIELDS = (
    "score", "exact", "status", "band", "rank", "tied", "change", "median", "mean", "cohort",
    "unrounded_rank", "unrounded_tied", "level", "answer", "part", "unit",
)  # fmt: skip
"""What is said of a figure that differs, first what is looked at first."""


def _listed(fields: Fields, shown: Sequence[str]) -> str:
    return ", ".join(
        f"{each} {quote(str(fields[each]))}" if each in fields else f"no {each}" for each in shown
    )


def _answer_said(each: Difference, profile: Profile) -> Diagnostic:
    """An answer that is not what was sealed, where it stands."""
    id = each.question
    answers: Mapping[str, Answer] = profile.answers
    for part in profile.parts.get(each.key.unit, ()):
        if part.name == each.key.part:
            answers = {**answers, **part.answers}
    was = (each.sealed or {}).get("answer")
    then = f"was sealed as {quote(str(was))}" if was is not None else "was sealed as not answered"
    answer = answers.get(id)
    if answer is None:
        said = f"{quote(id)} is not answered here, and {then}"
        return Diagnostic("P602", said, profile.span)
    return Diagnostic("P602", f"{quote(f'{id}: {answer.text}')} {then}", answer.span)


def _rule(each: Difference, rules: Rules) -> Span | None:
    """The line of the rules that scores a figure; of a question that of its label."""
    path = tuple(each.figure.split("."))
    plan = rules.plans.get(path[0])
    if plan is None or path not in plan.numbers or each.key.part:
        return None
    step = plan.steps[plan.numbers[path]]
    answer = (each.ours or {}).get("answer")
    if isinstance(step, Ask) and answer in step.labels:
        return step.labels[str(answer)][1]
    if isinstance(step, Count) and step.by.span is not None:
        return step.by.span
    return step.span


def _line(figures: Source, each: Difference) -> Span:
    """Where the figures say what differs first; their end where they do not have it."""
    if not each.line:
        return Span(figures.name, len(figures.text), len(figures.text))
    start, line = figures.line_start(each.line), figures.line(each.line)
    field = next((field for field in _FIELDS if field in each.fields), "figure")
    at = max(line.find(f'"{field}":'), 0)
    ends = [end for end in (line.find(',"', at), line.find("}", at)) if end > 0]
    return Span(figures.name, start + at, start + min(ends))
