"""Whether two texts of rules are the same index, for people and for programs."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from fractions import Fraction

from bareme.diagnostics import counted, listing
from bareme.exact import decimal, rational, shorten, written
from bareme.profiles.profile import Answer, Profile
from bareme.proofs.equivalence import Apart, Equivalence, Side, Verdict, Witness
from bareme.proofs.unlike import Difference
from bareme.reports.lines import Pen, TextLine, line, pad, width
from bareme.reports.machine import Json
from bareme.source import Span

MOST = 12  # figures and differences that are shown for people

Place = Callable[[Span | None, int], str]
"""Where something is said, in the state before (0) or after (1); empty where it is not."""

_PLAIN = re.compile(r"[^\W_][^:#\"'\n\t]*(?<! )")
_KINDS = {"figure": "Figure", "answer": "Answer", "print": "Print "}


def lines(found: Equivalence, labels: tuple[str, str], place: Place, pen: Pen) -> list[TextLine]:
    """What was found of one framework.

    Args:
        found: of it.
        labels: what the two states are called.
        place: where something is said.
        pen: the characters that can be shown.
    """
    drawn = [line((f"{found.framework}: {verdict_words(found)}", "bold"))]
    drawn += [line(text) for text in _how(found)]
    told = found.differences[:MOST]
    for each in told:
        drawn += [line(text) for text in difference_lines(each, place, pen)]
    if len(told) < len(found.differences):
        drawn.append(line(f"{pen.more} {len(found.differences) - len(told)} more (JSON holds all)"))
    if found.witness is not None:
        drawn += _witness_lines(found.witness, labels, pen)
    return drawn


def verdict_words(found: Equivalence) -> str:
    """The verdict, as a sentence."""
    if found.verdict is Verdict.PROVED:
        return "the same for every profile. This is proved."
    if found.verdict is Verdict.REFUTED:
        return "not the same."
    return f"not told apart by {counted(found.tried, 'profile')}. This is tested, not proved."


def _how(found: Equivalence) -> Iterator[str]:
    """How the figures were decided."""
    if found.verdict is Verdict.REFUTED:
        return
    yield f"{counted(found.figures, 'figure')}: {found.alike} of one form, however written"
    for names, how in (
        (found.enumerated, "the same on every profile, each looked at"),
        (found.solved, "proved by a solver"),
        (found.tested, "not proved"),
    ):
        if names:
            yield f"{len(names)} {how}: {listing(names)}"


def difference_lines(each: Difference, place: Place, pen: Pen) -> Iterator[str]:
    """One thing that is said otherwise, and both lines that say so."""
    what = pen.text(each.what)
    if each.before and each.after:
        words = f"{what}: {pen.text(each.before)} {pen.arrow} {pen.text(each.after)}"
    else:
        words = f"{what}: {pen.text(each.after or each.before)} "
        words += "(new)" if each.after else "(gone)"
    yield f"{_KINDS[each.kind]}  {words}"
    places = [place(each.span_before, 0), place(each.span_after, 1)]
    if any(places):
        yield f"        {f' {pen.arrow} '.join(dict.fromkeys(filter(None, places)))}"


# ---- the profile


def _witness_lines(witness: Witness, labels: tuple[str, str], pen: Pen) -> list[TextLine]:
    said = profile_lines(witness.profile)
    where = f", in edition {witness.edition}" if witness.edition else ""
    drawn = [line(), line((f"A profile that tells them apart{where}:", "bold"))]
    drawn += [line(pen.text(f"  {text}")) for text in said or ["answers: {}"]]
    if witness.high is not None:
        end = "greatest" if witness.high else "least"
        drawn.append(line(f"where missing parts count as the {end} score that others can have"))
    if witness.figures:
        drawn += [line(), *_table(witness.figures, labels, pen)]
    else:
        drawn.append(line(f"Its entity is in one and not in the other: {witness.what}"))
    return drawn


def _table(figures: Sequence[Apart], labels: tuple[str, str], pen: Pen) -> list[TextLine]:
    rows = [("", *map(pen.text, labels))]
    for each in figures[:MOST]:
        name = f"{'.'.join(each.path)}{f' ({each.part})' if each.part else ''}"
        rows.append((pen.text(name), _words(each.before, pen), _words(each.after, pen)))
    wide = [max(width(row[at]) for row in rows) for at in range(3)]
    drawn = [
        line("  ".join(pad(text, cells) for text, cells in zip(row, wide, strict=True)).rstrip())
        for row in rows
    ]
    drawn[0] = line((drawn[0][0][0], "dim"))
    if len(figures) > MOST:
        drawn.append(line(f"{pen.more} {len(figures) - MOST} more (JSON holds all)"))
    return drawn


def _words(side: Side, pen: Pen) -> str:
    """What is published, and the unrounded score where that is another number."""
    exact, status = side.came
    if side.printed is None or exact is None:
        return str(status)
    band = f" {pen.text(side.band)}" if side.band else ""
    printed = decimal(side.printed, side.places)
    short = shorten(exact).replace("…", pen.more)
    return f"{printed}{band}" if short == printed else f"{printed}{band} ({short})"


def profile_lines(profile: Profile) -> list[str]:
    """A profile as it may be written: groups, answers, parts and given scores."""
    found: list[str] = []
    if profile.groups:
        found += ["groups:", *(f"  {id}: {_text(text)}" for id, text in profile.groups.items())]
    if profile.answers:
        found += ["answers:", *(f"  {text}" for text in _answers(profile.answers.items()))]
    for unit, parts in profile.parts.items():
        found += [*(["parts:"] if "parts:" not in found else []), f"  {unit}:"]
        for part in parts:
            below = [f"      {text}" for text in _answers(part.answers.items())]
            found += [f"    {_text(part.name)}:", *below] if below else [f"    {part.name}: {{}}"]
    index = ""
    for path, given in sorted(profile.given.items()):
        found += [] if index else ["given:"]
        if path[0] != index:
            index = path[0]
            found.append(f"  {index}:")
        found.append(f"    {'.'.join(path[1:]) or index}: {written(given.score)}")
    return found


def _answers(answers: Iterable[tuple[str, Answer]]) -> Iterator[str]:
    for id, answer in answers:
        yield f"{id}: {answer.text if answer.value is not None else _text(answer.text)}"


def _text(text: str) -> str:
    """A text as YAML reads it, in quotes where it needs them."""
    return text if _PLAIN.fullmatch(text) else json.dumps(text, ensure_ascii=False)


# ---- for programs


def equivalent_json(found: Equivalence, place: Place) -> dict[str, Json]:
    """All that was found of one framework."""
    witness = found.witness
    return {
        "framework": found.framework,
        "verdict": found.verdict.value,
        "figures": found.figures,
        "one_form": found.alike,
        "enumerated": list(found.enumerated),
        "solved": list(found.solved),
        "tested": list(found.tested),
        "tried": found.tried,
        "differences": [_difference_json(each, place) for each in found.differences],
        "profile": _profile_json(witness.profile) if witness else None,
        "edition": witness.edition or None if witness else None,
        "stands_in": _STANDS_IN[witness.high] if witness else None,
        "apart": [_apart_json(each) for each in witness.figures] if witness else [],
    }


_STANDS_IN = {None: None, True: "greatest", False: "least"}


def _difference_json(each: Difference, place: Place) -> dict[str, Json]:
    return {
        "kind": each.kind,
        "what": each.what,
        "before": each.before or None,
        "after": each.after or None,
        "place_before": place(each.span_before, 0) or None,
        "place_after": place(each.span_after, 1) or None,
    }


def _profile_json(profile: Profile) -> dict[str, Json]:
    return {
        "groups": dict(profile.groups),
        "answers": {id: answer.text for id, answer in profile.answers.items()},
        "parts": {
            unit: {part.name: {id: a.text for id, a in part.answers.items()} for part in parts}
            for unit, parts in profile.parts.items()
        },
        "given": {".".join(path): rational(given.score) for path, given in profile.given.items()},
    }


def _apart_json(each: Apart) -> dict[str, Json]:
    return {
        "figure": ".".join(each.path),
        "part": each.part or None,
        **_side_json(each.before, "before"),
        **_side_json(each.after, "after"),
    }


def _side_json(side: Side, when: str) -> dict[str, Json]:
    exact: Fraction | None = side.came[0]
    return {
        f"exact_{when}": None if exact is None else rational(exact),
        f"status_{when}": side.came[1].value,
        f"score_{when}": side.printed,
        f"band_{when}": side.band,
    }
