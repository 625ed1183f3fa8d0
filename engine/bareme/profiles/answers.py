"""One recorded answer: a label of a question's scale, or the number of a measure.

Every reader of answers comes here, so that a cell of a table and a line of a profile that say the
same mean the same.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from bareme.diagnostics import (
    Diagnostic,
    Note,
    difference,
    instead,
    listing,
    nearest,
    not_a_number,
    quote,
)
from bareme.exact import NotANumber, read_number, shorten
from bareme.framework import Framework, Measure, Question
from bareme.methods.missing import AVERAGE_OF
from bareme.profiles.profile import Answer, Evidence
from bareme.record import Record
from bareme.source import Span

MAX_ANSWER = 2_000
NO_ANSWER = (
    "na",
    "n/a",
    "n.a.",
    "nan",
    "null",
    "none",
    "~",
    "-",
    "–",
    "—",
    ".",
    "..",
    "...",
    "…",
    "",
)
"""What other programs, and people, write where nobody answered."""

_TRUTH = {"true": "Yes", "false": "No"}
_REMARK = re.compile(r" *\(([^()]+)\)| *[,;:–—-] +(\S.*)")

Asked = Question | Measure
"""What an answer is to."""


class Refused(Record):
    """An answer that is not taken.

    Attributes:
        fault: what is wrong with it; None where the rules are at fault and have said so.
        off_scale: the answer, where it is no label of its scale.
        remark: where the answer is a label and a remark behind it: the two.
    """

    fault: Diagnostic | None
    off_scale: Answer | None = None
    remark: tuple[str, str] | None = None


def find_asked(framework: Framework, id: str) -> Asked | None:
    """The question or measure of this id."""
    return framework.questions.get(id) or framework.recorded.get(id)


def all_asked(framework: Framework) -> dict[str, Asked]:
    """Every question, then every measure, by id."""
    return {**framework.questions, **framework.recorded}


def read_answer(asked: Asked, text: str, evidence: Evidence, span: Span) -> Answer | Refused:
    """Read an answer that is not blank.

    Args:
        asked: what it answers.
        text: exactly as written.
        evidence: where it comes from.
        span: where it was written.
    """
    if len(text) > MAX_ANSWER:
        return Refused(
            Diagnostic(
                "E408",
                f"this answer has {len(text):,} characters; there may be {MAX_ANSWER:,}",
                span,
                f"an answer is {_kind(asked)}; put the text under `note:`",
            )
        )
    if isinstance(asked, Measure):
        return _measured(asked, text, evidence, span)
    scale = asked.scale
    answer = Answer(text, evidence, span)
    if scale is None or scale.label(text) is not None:
        return answer
    if scale.complete:
        remark = _with_remark(text, [label.text for label in scale.labels])
        return Refused(_not_on_scale(asked, text, span, remark), answer, remark)
    return Refused(None)


def _with_remark(text: str, labels: Sequence[str]) -> tuple[str, str] | None:
    """The label and the remark of an answer such as `Yes (since 2021)`."""
    for label in sorted(labels, key=len, reverse=True):
        rest = text.removeprefix(label)
        if rest != text and (found := _REMARK.fullmatch(rest)):
            return label, found[1] or found[2]
    return None


def blank_answer(asked: Asked, span: Span) -> Diagnostic:
    """The warning that an answer was left blank."""
    policy = _policy_words(asked.settings.when_missing.value)
    return Diagnostic(
        "W410",
        f"the answer to `{asked.id}` is blank; the rules {policy}",
        span,
        "answer it, or delete the line",
    )


def _policy_words(policy: str) -> str:
    """What the rules do with it, as the end of a sentence on them."""
    if policy.startswith(AVERAGE_OF):
        return f"count it as the {policy}"
    return policy.replace("leave", "leave it").replace("carry", "carry what was known")


def unknown_question(framework: Framework, key: str, span: Span) -> Diagnostic:
    """The message for an answer to what is not asked."""
    known = all_asked(framework)
    coded = [each.id for each in known.values() if each.code == key]
    figures = [f.path for f in framework.figures.values() if f.id == key]
    near = coded[0] if coded else nearest(key, known)
    if key in framework.measures:
        formula = framework.measures[key].formula
        assert formula is not None
        message = f"`{key}` is worked out by a formula, so nobody answers it"
        return Diagnostic("E221", message, span, f"answer {listing(formula.reads)}")
    fix = instead(span, near if coded or not figures else None)
    if coded:
        help = f"it is the code of `{near}`; write the id"
    elif figures:
        below = ".".join(figures[0][1:]) or figures[0][0]
        help = f"it is a figure; write `{below}` under `given:` and `{figures[0][0]}:`"
    elif near:
        help = f"`{near}`"
    else:
        words = "`question` or `measure`" if framework.measures else "`question`"
        help = f"the ids of questions stand in the rules, after the word {words}"
    return Diagnostic("E221", f"there is no question {quote(key)}", span, help, fix=fix)


def example_answer(asked: Asked) -> str:
    """An answer that could stand there, for a help."""
    if isinstance(asked, Measure):
        return shorten(asked.plausible[1]) if asked.plausible else "12.5"
    labels = asked.scale.labels if asked.scale else ()
    return labels[0].text if labels else "…"


def _kind(asked: Asked) -> str:
    return "a number" if isinstance(asked, Measure) else "a label of the rules"


def _measured(measure: Measure, text: str, evidence: Evidence, span: Span) -> Answer | Refused:
    value = read_number(text)
    if isinstance(value, NotANumber):
        return Refused(not_a_number(text, span, value.reason))
    if measure.plausible is not None:
        low, high = measure.plausible
        if not low <= value <= high:
            return Refused(
                Diagnostic(
                    "E226",
                    f"{text} is not plausible for `{measure.id}`, which lies from {shorten(low)} "
                    f"to {shorten(high)}" + (f" {measure.unit}" if measure.unit else ""),
                    span,
                    "look at the source and the unit again; if it is right, widen `plausible`",
                    (Note("the range is declared here", measure.span),),
                )
            )
    return Answer(text, evidence, span, value)


def _not_on_scale(
    question: Question, text: str, span: Span, remark: tuple[str, str] | None
) -> Diagnostic:
    assert question.scale is not None
    labels = [label.text for label in question.scale.labels]
    others = [name for label in question.scale.labels for name in label.names[1:]]
    points = read_number(text)
    scored = [each.text for each in question.scale.labels if each.points == points]
    on = "among the options of" if question.scale.own else "on scale"
    name = question.id if question.scale.own else question.scale.name
    truth = _TRUTH.get(text.lower())
    near = truth if truth in labels else nearest(text, [*labels, *others])
    fix = instead(span, near)
    if remark is not None:
        help = f"`{remark[0]}`, and what is added to it as a `note`"
        fix = ()
    elif near and _starts_with(text, near):
        help, fix = f"`{near}`, say; an answer is one label", ()
    elif near is None and len(scored) == 1:
        help = f"`{scored[0]}`, the answer that earns {text} points"
        fix = instead(span, scored[0])
    elif near is None:
        help = f"`{question.id}` is answered {listing(labels, last='or')}"
    else:
        how = difference(text, near)
        help = f"`{near}`" + (f": {how}" if how else "")
    return Diagnostic("E222", f"{quote(text)} is not {on} `{name}`", span, help, fix=fix)


def _starts_with(text: str, label: str) -> bool:
    """Whether an answer goes on after what could be a label, so that it may mean another."""
    return text.casefold().startswith(f"{label.casefold()} ")
