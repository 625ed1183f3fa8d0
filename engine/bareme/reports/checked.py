"""What `check` found, for people: each edition's printed figures, computed and given apart."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence

from bareme.audit.printed import Basis, Comparison, Outcome
from bareme.diagnostics import counted, escape
from bareme.framework import Framework
from bareme.profiles.profile import Cohort
from bareme.reports.lines import TextLine, line
from bareme.source import Span

_COMPARED = (Outcome.AGREES, Outcome.DIFFERS, Outcome.NO_SLIP)


def framework_line(framework: Framework) -> TextLine:
    """What the rules hold."""
    counts = [
        counted(len(framework.indices), "index", "indices"),
        counted(len(framework.figures), "figure"),
        counted(len(framework.questions), "question"),
        counted(len(framework.scales), "scale"),
    ]
    return line((framework.name, "bold"), f": {', '.join(counts)}; every score lies in 0 to 100")


def edition_lines(
    cohort: Cohort, comparisons: Sequence[Comparison], place: Callable[[Span], str]
) -> list[TextLine]:
    """One edition: who is there, and how many printed figures are reproduced."""
    answers = sum(profile.answer_count for profile in cohort.profiles)
    given = sum(len(profile.given) for profile in cohort.profiles)
    whole = " (partial cohort)" if cohort.edition.partial else ""
    who = [counted(len(cohort.profiles), "entity", "entities") + whole]
    who += [counted(answers, "answer"), counted(given, "given score")]
    lines = [line(f"  {cohort.edition.id}: {', '.join(who)}")]
    figures = [each for each in comparisons if each.what in ("score", "change")]
    comparable = [each for each in figures if each.outcome in _COMPARED]
    agree = [each for each in comparable if each.outcome is not Outcome.DIFFERS]
    if comparable:
        if len(agree) == len(comparable):
            said = f"{counted(len(agree), 'printed figure')} {'agree' if agree[1:] else 'agrees'}"
        else:
            said = f"{len(agree)} of {counted(len(comparable), 'printed figure')} agree"
        lines.append(line(f"    {said}: {_by_basis(agree)}"))
    for what in ("rank", "band", "rating"):
        of_it = [each for each in comparisons if each.what == what and each.outcome in _COMPARED]
        right = [each for each in of_it if each.outcome is not Outcome.DIFFERS]
        if of_it:
            lines.append(line(f"    {len(right)} of {len(of_it)} printed {what}s agree"))
    lines += _known_slips(comparisons, place)
    lines += _not_comparable(comparisons, place)
    return lines


def _by_basis(agree: Sequence[Comparison]) -> str:
    counts = Counter(each.basis for each in agree)
    resting = counts[Basis.RESTS_ON_GIVEN]
    computed = counts[Basis.COMPUTED] + resting
    rests = f" ({resting} of them rest in part on given scores)" if resting else ""
    over = counts[Basis.OVERRIDDEN]
    instead = f", {over} given in place of what the rules derive" if over else ""
    return f"{computed} computed{rests}, {counts[Basis.GIVEN]} given{instead}"


def _known_slips(comparisons: Sequence[Comparison], place: Callable[[Span], str]) -> list[TextLine]:
    """Printed values that are known to be wrong, each with the reason."""
    slips = [each for each in comparisons if each.outcome is Outcome.KNOWN_SLIP]
    if not slips:
        return []
    verb = "is a known slip" if len(slips) == 1 else "are known slips"
    return [line(f"    {counted(len(slips), 'printed value')} {verb}:")] + [
        line(
            f"      {escape(each.name)}, {each.figure}: {each.what} printed "
            f"{escape(each.printed)}, ours {each.ours or 'none'}: {escape(each.reason)} "
            f"({place(each.span)})"
        )
        for each in slips
    ]


def _not_comparable(
    comparisons: Sequence[Comparison], place: Callable[[Span], str]
) -> list[TextLine]:
    groups: dict[tuple[str, str], list[Comparison]] = {}
    for each in comparisons:
        if each.outcome is Outcome.NOT_COMPARABLE:
            because = f" ({place(each.because)})" if each.because else ""
            groups.setdefault((each.what, each.reason + because), []).append(each)
    return [
        line(
            f"    {counted(len(group), f'printed {what}')} "
            f"{'is' if len(group) == 1 else 'are'} not comparable: {reason}"
        )
        for (what, reason), group in groups.items()
    ]
