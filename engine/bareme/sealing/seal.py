"""Sealing an edition with everything that its figures follow from."""

from __future__ import annotations

from collections.abc import Sequence

from bareme import __version__, files
from bareme.audit.chain import Given
from bareme.audit.figures import figure_count, figures_text
from bareme.audit.names import fault_of
from bareme.audit.sealed import ENDING, FIGURES_FILE, LIMITS, Head, Limits, Link, hash_of, packed
from bareme.diagnostics import Diagnostic, counted, in_order, quote
from bareme.language import VERSION
from bareme.project import InputRefused, Rules
from bareme.record import Record
from bareme.sealing.members import SETTINGS, evidence_missing, members_of
from bareme.source import Span
from bareme.text import read_text


class Made(Record):
    """A sealed edition, to be written.

    Attributes:
        data: the bytes of the file.
        figures: how many there are.
    """

    head: Head
    data: bytes
    rule_files: int
    entities: int
    figures: int
    evidence: int

    @property
    def sha256(self) -> str:
        return hash_of(self.data)


def name_of(rules: Rules, edition: str) -> str:
    """What a sealed edition is called, unless it is called something else."""
    return f"{rules.name}-{edition}{ENDING}"


def seal(rules: Rules, edition: str, after: Given | None = None, limits: Limits = LIMITS) -> Made:
    """Put an edition together with everything that it can be recomputed from.

    Args:
        rules: the framework.
        edition: the id of the edition.
        after: the sealed edition before it, if there is one.
        limits: how much is sealed.

    Raises:
        NoSuchName: where there is no such edition.
        InputRefused: where rules or profiles hold mistakes, or what is to be sealed cannot be.
    """
    cohort = rules.cohort(edition)
    results = rules.score(cohort)
    members = members_of(rules, edition)
    head = Head(
        framework=rules.name,
        edition=edition,
        date=cohort.edition.date,
        engine=__version__,
        language=VERSION,
        settings=SETTINGS,
        previous=Link(after.head.edition, after.sha256) if after else None,
    )
    found = [*_wrong_names(members), *evidence_missing(cohort, members, "E606")]
    if after is not None:
        found += _wrong_order(head, after)
    held, faults = _held(rules, () if found else members)
    found += faults
    held[FIGURES_FILE] = figures_text(rules.name, cohort, results)
    size = sum(map(len, held.values()))
    if size > limits.total or len(held) > limits.files:
        said = f"{counted(len(held), 'file')} of {counted(size, 'byte')}"
        most = f"at most {limits.files:,} of {limits.total:,} bytes can be"
        where = Span(f"profiles/{rules.name}/{edition}", 0, 0)
        help = "`--max-files` and `--max-bytes` raise that"
        said = f"this edition is not sealed: it is {said}; {most}"
        found.append(Diagnostic("E604", said, where, help))
    if found:
        raise InputRefused(in_order(found, rules.sources), rules.sources)
    data = packed(head, held)
    evidence = files.evidence_files(rules.root, rules.name, edition)
    return Made(
        head,
        data,
        rule_files=len(files.rule_files(rules.root, rules.name)),
        entities=len(cohort.profiles),
        figures=figure_count(held[FIGURES_FILE]),
        evidence=len(evidence),
    )


def _held(rules: Rules, members: Sequence[str]) -> tuple[dict[str, bytes], list[Diagnostic]]:
    """The bytes of each file: the same that the figures were computed from."""
    held: dict[str, bytes] = {}
    found: list[Diagnostic] = []
    for name in members:
        data = files.read(rules.root, name, files.MAX_TABLE)
        if isinstance(data, Diagnostic):
            found.append(data)
            continue
        held[name] = data
        scored = rules.sources.get(name)
        if scored is not None and read_text(name, data)[0].text != scored.text:
            said = "this file is not sealed: it was changed while the edition was scored"
            found.append(Diagnostic("E007", said, Span(name, 0, 0), "seal it again"))
    return held, found


def _wrong_names(members: Sequence[str]) -> list[Diagnostic]:
    return [
        Diagnostic(
            "E603", f"a file of this name is not sealed: {why}", Span(name, 0, 0), "rename it"
        )
        for name in members
        if (why := fault_of(name))
    ]


def _wrong_order(head: Head, after: Given) -> list[Diagnostic]:
    where = Span(after.file, 0, 0)
    if after.head.framework != head.framework:
        said = f"this is of framework {quote(after.head.framework)}, not {quote(head.framework)}"
        return [Diagnostic("E605", said, where)]
    if after.head.order > head.order:
        said = f"edition {quote(after.head.edition)} comes after {quote(head.edition)}, not before"
        return [Diagnostic("E605", said, where, "editions come in the order of their dates")]
    return []
