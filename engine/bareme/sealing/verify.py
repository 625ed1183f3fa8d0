"""Checking a sealed edition, and recomputing it from what is in it."""

from __future__ import annotations

from collections.abc import Sequence

from bareme import files, project
from bareme.audit import figures as sealed_figures
from bareme.audit.chain import Given, check_next
from bareme.audit.figures import Fields, NotCanonical, compare_figures, figure_count, figures_text
from bareme.audit.sealed import (
    FIGURES_FILE,
    LIMITS,
    Head,
    Limits,
    Sealed,
    hash_of,
    place_in,
    unpack,
)
from bareme.audit.verified import Verified
from bareme.diagnostics import Diagnostic, has_errors, quote
from bareme.language import VERSION
from bareme.profiles.profile import Cohort
from bareme.project import InputRefused, Rules
from bareme.record import replace
from bareme.sealing.differences import otherwise_written, said_of
from bareme.sealing.members import SETTINGS, evidence_missing, members_of, named_file, recorded
from bareme.source import Source, Sources, Span


def verify(file: str, data: bytes, limits: Limits = LIMITS) -> Verified:
    """Check the bytes of a sealed edition, and recompute every figure from what is in it.

    Args:
        file: what messages call it.
        data: the whole file.
        limits: how much of it is read.
    """
    sealed, found = unpack(file, data, limits)
    checked = Verified(file, hash_of(data), sealed.head if sealed else None, tuple(found), {})
    if sealed is None:
        return checked
    if unlike := _unlike(file, sealed.head):
        return replace(checked, found=(*found, *unlike))
    if FIGURES_FILE in {each.name for each in sealed.entries if not each.whole}:
        return checked
    return _recomputed(checked, sealed)


def chained(checked: Sequence[Verified]) -> list[Verified]:
    """The same editions, each held to those before it as links of one chain."""
    found: list[Verified] = []
    before: list[Given] = []
    for each in checked:
        if each.head is None:
            found.append(each)
            continue
        this = Given(each.file, each.sha256, each.head)
        found.append(replace(each, found=(*each.found, *check_next(before, this))))
        before.append(this)
    return found


def _unlike(file: str, head: Head) -> list[Diagnostic]:
    """Whether this version of Barème computes otherwise than the one that sealed an edition."""
    if head.language != VERSION:
        said = f"its rules are of version {head.language} of the language; this reads {VERSION}"
    elif head.settings != SETTINGS:
        said = f"it was computed with {quote(head.settings)}; this computes with `{SETTINGS}`"
    else:
        return []
    help = f"verify it with Barème {head.engine}, which sealed it"
    return [
        Diagnostic("E601", f"this sealed edition is not recomputed: {said}", Span(file, 0, 0), help)
    ]


def _recomputed(checked: Verified, sealed: Sealed) -> Verified:
    head, file = sealed.head, checked.file
    figures_place = place_in(file, FIGURES_FILE)
    text = Source(figures_place, sealed.figures.decode("utf-8", "replace"))
    sources: Sources = {figures_place: text}
    try:
        of = sealed_figures.head_of(sealed.figures)
    except NotCanonical as odd:
        return replace(checked, found=(*checked.found, _not_canonical(text, odd)), sources=sources)
    if mixed := _mixed(head, of, Span(figures_place, 0, 0)):
        return replace(checked, found=(*checked.found, mixed), sources=sources)
    rules = project.read_rules(files.Held(sealed.files), head.framework)
    try:
        if has_errors(rules.diagnostics):
            raise InputRefused(list(rules.diagnostics), rules.sources)
        cohort = rules.cohort(head.edition)
        ours = figures_text(head.framework, cohort, rules.score(cohort))
        odd_ones = _odd(rules, sealed, cohort)
    except (InputRefused, project.NoSuchName) as refused:
        said = _cannot(refused, head, file)
        return replace(checked, found=(*checked.found, said), sources=_cited(file, rules.sources))
    try:
        differences = compare_figures(sealed.figures, ours)
    except NotCanonical as odd:
        return replace(checked, found=(*checked.found, _not_canonical(text, odd)), sources=sources)
    differ = said_of(differences, rules, cohort, sealed.figures)
    odd_ones += otherwise_written(sealed.figures, ours, bool(differ or odd_ones))
    cited = {**_cited(file, rules.sources), **sources}
    return replace(
        checked,
        found=(*checked.found, *(_in(file, each) for each in [*odd_ones, *differ])),
        sources=cited,
        recomputed=True,
        entities=len(cohort.profiles),
        figures=figure_count(ours),
        differ=sum(1 for each in differences if each.figure),
        depend=tuple(dict.fromkeys(each.figure for each in differences if each.figure)),
        links=_links(cohort),
        evidence=len(files.evidence_files(rules.root, head.framework, head.edition)),
    )


def _mixed(head: Head, of: Fields, where: Span) -> Diagnostic | None:
    """Whether the figures are of another edition than the manifest says."""
    theirs = f"{of.get('framework')} {of.get('edition')}"
    if theirs == head.title:
        return None
    said = f"mix-and-match: these are the figures of {quote(theirs)}, not of {quote(head.title)}"
    return Diagnostic("P603", said, where)


def _not_canonical(text: Source, odd: NotCanonical) -> Diagnostic:
    start = text.line_start(min(odd.line, max(1, text.lines)))
    said = "this line is not written as a line of figures is, or stands twice"
    return Diagnostic("P602", said, Span(text.name, start, start + 1))


def _cannot(refused: Exception, head: Head, file: str) -> Diagnostic:
    """Why an edition cannot be recomputed: the first mistake in it."""
    if not isinstance(refused, InputRefused):
        return Diagnostic("P602", f"this cannot be recomputed: {refused}", Span(file, 0, 0))
    first = next(each for each in refused.diagnostics if has_errors([each]))
    said = f"{head.title} cannot be recomputed: {first.message} ({first.code})"
    return _in(file, Diagnostic("P602", said, first.span))


def _odd(rules: Rules, sealed: Sealed, cohort: Cohort) -> list[Diagnostic]:
    """What is in a sealed edition beside what belongs there, or says something else than that."""
    members = members_of(rules, sealed.head.edition)
    extra = sorted(set(sealed.files) - {*members, FIGURES_FILE})
    found = [
        Diagnostic(
            "P602", "nothing of the sealed edition is computed from this file", Span(name, 0, 0)
        )
        for name in extra
    ]
    if cohort.edition.date != sealed.head.date:
        folder = f"profiles/{sealed.head.framework}/{sealed.head.edition}"
        dates = [each or "none" for each in (cohort.edition.date, sealed.head.date)]
        said = f"the date of the edition is {dates[0]} here, and {dates[1]} in the manifest"
        found.append(Diagnostic("P602", said, Span(f"{folder}/{files.EDITION_FILE}", 0, 0)))
    return found + evidence_missing(cohort, members, "P606")


def _links(cohort: Cohort) -> int:
    """How many answers and given scores name a source that is not a file of evidence."""
    sources = [evidence.source for evidence, _ in recorded(cohort)]
    return sum(1 for each in sources if each and named_file(each) is None)


def _cited(file: str, sources: Sources) -> Sources:
    """The files of a sealed edition as messages about it cite them."""
    return {
        place_in(file, name): replace(source, name=place_in(file, name))
        for name, source in sources.items()
    }


def _in(file: str, found: Diagnostic) -> Diagnostic:
    """A message about a file of a sealed edition, as it is said of that."""

    def inside(span: Span) -> Span:
        return replace(span, file=place_in(file, span.file))

    notes = tuple(
        replace(note, span=inside(note.span)) if note.span else note for note in found.notes
    )
    return replace(found, span=inside(found.span), notes=notes, fix=())
