"""Which weights a print allows, for programs: flat records, and all of it with its proofs."""

from __future__ import annotations

from collections.abc import Callable

from bareme.audit.inferred import Inferred, Refuted
from bareme.audit.printed_lines import LeftOut, PrintedLine
from bareme.exact import rational, written
from bareme.framework import Part
from bareme.methods.inference import End
from bareme.methods.linear import Multipliers
from bareme.reports.machine import Json, Record
from bareme.source import Span

Place = Callable[[Span], str]

WEIGHT_COLUMNS = (
    "framework", "edition", "figure", "part", "label", "rules", "low", "low_open", "low_lines",
    "high", "high_open", "high_lines", "simple",
)  # fmt: skip


def letter(number: int) -> str:
    """The name of a printed line: `A` to `Z`, then `AA`."""
    more, at = divmod(number, 26)
    return (letter(more - 1) if more else "") + chr(ord("A") + at)


def weight_records(framework: str, found: Inferred) -> list[Record]:
    """A record for each weight of a figure, as docs/infer.md describes it."""
    return [
        {
            "framework": framework,
            "edition": found.edition,
            "figure": found.figure.dotted,
            "part": part.path[-1],
            "label": part.title,
            "rules": rational(found.tried[0].weights[at]),
            **_end_record("low", found, found.ranges[at].low if found.ranges else None),
            **_end_record("high", found, found.ranges[at].high if found.ranges else None),
            "simple": rational(found.simple[at]) if found.simple else None,
        }
        for at, part in enumerate(found.parts)
    ]


def _end_record(name: str, found: Inferred, end: End | None) -> Record:
    if end is None:
        return {name: None, f"{name}_open": None, f"{name}_lines": None}
    lines = " ".join(letter(each) for each in found.lines_in(end.multipliers))
    return {name: rational(end.value), f"{name}_open": end.open, f"{name}_lines": lines}


def inferred_json(framework: str, found: Inferred, place: Place) -> Json:
    """All that is known of the weights of one figure, as docs/infer.md describes it."""
    return {
        "framework": framework,
        "edition": found.edition,
        "figure": found.figure.dotted,
        "label": found.figure.title,
        "alongside": [each.dotted for each in found.alongside],
        "as_scored": found.as_scored,
        "fits": found.ranges is not None,
        "parts": [_part_json(found, at, part) for at, part in enumerate(found.parts)],
        "lines": [_line_json(number, each, place) for number, each in enumerate(found.lines)],
        "conditions": [
            {
                "line": letter(each.line),
                "says": "reaches up" if each.up else "reaches down",
                "coefficients": [rational(number) for number in each.row.coefficients],
                "above": each.row.strict,
            }
            for each in found.conditions
        ],
        "contradiction": None if found.contradiction is None else _times(found.contradiction),
        "tried": [
            {
                "name": each.name,
                "weights": [rational(weight) for weight in each.weights],
                "fits": each.fits,
                "against": [_refuted_json(one) for one in each.against],
            }
            for each in found.tried
        ],
        "off_score": [_refuted_json(one) for one in found.off_score],
        "left_out": [
            {**_whose(each), "reason": each.reason, "place": place(each.span)}
            for each in found.left_out
        ],
    }


def _part_json(found: Inferred, at: int, part: Part) -> Json:
    return {
        "part": part.path[-1],
        "label": part.title,
        "rules": rational(found.tried[0].weights[at]),
        "low": _end_json(found.ranges[at].low) if found.ranges else None,
        "high": _end_json(found.ranges[at].high) if found.ranges else None,
        "simple": rational(found.simple[at]) if found.simple else None,
    }


def _line_json(number: int, each: PrintedLine, place: Place) -> Json:
    return {
        "line": letter(number),
        **_whose(each),
        "before_changes": each.then,
        "score": written(each.score),
        "parts": [None if score is None else written(score) for score in each.parts],
        "place": place(each.span),
    }


def _whose(each: PrintedLine | LeftOut) -> dict[str, str]:
    return {
        "figure": ".".join(each.figure),
        "entity": each.entity,
        "name": each.name,
        "edition": each.edition,
    }


def _refuted_json(one: Refuted) -> Json:
    return {"line": letter(one.line), "least": rational(one.least), "most": rational(one.most)}


def _end_json(end: End) -> Json:
    return {"value": rational(end.value), "open": end.open, "proof": _times(end.multipliers)}


def _times(multipliers: Multipliers) -> Json:
    return [{"condition": number, "times": rational(each)} for number, each in multipliers.items()]
