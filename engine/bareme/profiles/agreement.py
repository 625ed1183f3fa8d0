"""Do the labels of the rules and the answers of a cohort agree?

Where many answers say `High` and the scale says `Hgih`, which nobody answers, the slip is in the
scale: it is reported there, once, and not at every answer.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from bareme.diagnostics import Diagnostic, Note, counted, difference, instead, nearest, quote
from bareme.framework import Framework, Label, Scale
from bareme.language.statement import label_in_a_line, quoted
from bareme.profiles.profile import PartOf, Profile
from bareme.record import Record
from bareme.source import Span


def not_asked(framework: Framework, profiles: Sequence[Profile]) -> list[Diagnostic]:
    """Report answers to questions that are not asked in this edition."""
    found: list[Diagnostic] = []
    for profile in profiles:
        parts = [part.answers for each in profile.parts.values() for part in each]
        for answers in (profile.answers, profile.off_scale, *parts):
            for id in sorted(profile.unasked & answers.keys()):
                asked = framework.questions[id].asked_in
                assert asked is not None
                here = quote(profile.edition)
                message = f"`{id}` is asked {asked.written}, and this is edition {here}"
                found.append(
                    Diagnostic(
                        "E431",
                        message,
                        answers[id].span,
                        "delete the answer, or change when the question is asked",
                        (Note("it is said here", asked.span),),
                    )
                )
    return found


def misspelt_labels(
    framework: Framework, profiles: Sequence[Profile]
) -> tuple[list[Diagnostic], set[Span]]:
    """Find labels of scales that were misspelt in the rules.

    Returns:
        A message for each, and the places of the answers that it speaks for.
    """
    scales = {scale.name: scale for scale in framework.scales}
    asked: dict[tuple[str, bool], tuple[Scale, set[str]]] = {}
    for question in framework.questions.values():
        if question.scale is not None and question.scale.complete:
            base = _base(question.scale, scales)
            asked.setdefault((base.name, base.own), (base, set()))[1].add(question.id)
    found: list[Diagnostic] = []
    spoken_for: set[Span] = set()
    answers = _texts_of(profiles)
    for scale, ids in asked.values():
        answered = {text for id in ids for text in answers.get(id, ())}
        unused = [each for each in scale.labels if answered.isdisjoint(each.names)]
        for label, places in _misspelt(scale, unused, profiles, ids):
            said = places[0].text
            found.append(
                Diagnostic(
                    "E214",
                    f"label {quote(label.text)} of {_named(scale)} is in no answer; "
                    f"{counted(len(places), 'answer')} say {quote(said)}",
                    label.span,
                    quote(said),
                    (Note("the first of them is here", places[0].span),),
                    fix=instead(label.span, _spelt(label, said)),
                )
            )
            spoken_for |= {place.span for place in places}
    return found, spoken_for


class _OffScale(Record):
    """An answer that is on no scale, and whose it is."""

    entity: str
    text: str
    span: Span


def _texts_of(profiles: Sequence[Profile]) -> dict[str, set[str]]:
    """Every text that a question is answered with."""
    texts: dict[str, set[str]] = {}
    for profile in profiles:
        for answering in _answering(profile):
            for id, answer in answering.answers.items():
                texts.setdefault(id, set()).add(answer.text)
    return texts


def _answering(profile: Profile) -> Iterator[Profile | PartOf]:
    """An entity, and its parts that answer for themselves."""
    yield profile
    for parts in profile.parts.values():
        yield from parts


def _misspelt(
    scale: Scale, unused: Sequence[Label], profiles: Sequence[Profile], ids: set[str]
) -> Iterable[tuple[Label, list[_OffScale]]]:
    """The unused labels that several profiles come near to, with their answers.

    One profile among several may have a slip of its own, as often as it likes; so may a lone one,
    or a few, that differ by capitals or dashes alone.
    """
    off: dict[str, list[_OffScale]] = {}
    for profile in profiles:
        for answering in _answering(profile):
            for id, answer in answering.off_scale.items():
                if id in ids:
                    place = _OffScale(profile.entity, answer.text, answer.span)
                    off.setdefault(answer.text, []).append(place)
    said: dict[Label, list[_OffScale]] = {}
    for text, places in off.items():
        near = nearest(text, [label.text for label in scale.labels])
        label = next((label for label in unused if label.text == near), None)
        if label is not None and len(places) > len(said.get(label, ())):
            said[label] = places  # of what several say, the commonest
    if not said:
        return
    asked = [p for p in profiles if not ids.isdisjoint((*p.answers, *p.off_scale))]
    for label, places in said.items():
        entities = len({place.entity for place in places})
        alike = bool(difference(places[0].text, label.text))
        if len(asked) == 1:
            sure = len(places) > 1 and not alike
        else:  # a slip of look alone is as likely in answers, unless nearly everybody makes it
            sure = entities > 1 and (not alike or 2 * entities > len(asked))
        if sure:
            yield label, places


def _base(scale: Scale, scales: dict[str, Scale]) -> Scale:
    """The scale that is written out, behind any number of reversals."""
    while scale.reverse_of is not None and scale.reverse_of in scales:
        scale = scales[scale.reverse_of]
    return scale


def _spelt(label: Label, text: str) -> str:
    """Another text in place of a label, as the rules have to write it."""
    return f"{label.code} {quoted(text)}" if label.code else label_in_a_line(text)


def _named(scale: Scale) -> str:
    return f"the options of `{scale.name}`" if scale.own else f"scale `{scale.name}`"
