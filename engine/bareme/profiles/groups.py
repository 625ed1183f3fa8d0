"""What an entity is sorted by: its region, its size; each a label that the rules list."""

from __future__ import annotations

from bareme.diagnostics import Diagnostic, Note, difference, instead, listing, nearest, quote
from bareme.framework import Framework, Group
from bareme.source import Span


def find_group(framework: Framework, id: str, span: Span) -> Group | Diagnostic:
    """The group of this id, or why there is none."""
    group = framework.groups.get(id)
    if group is not None:
        return group
    near = nearest(id, framework.groups)
    if near:
        help = f"`{near}`"
    elif framework.groups:
        help = f"the groups are {listing(list(framework.groups))}"
    else:
        help = "the rules declare no groups; take it out"
    message = f"there is no group {quote(id)}"
    return Diagnostic("E216", message, span, help, fix=instead(span, near))


def check_label(group: Group, text: str, span: Span) -> Diagnostic | None:
    """What is wrong with the label an entity has in a group; nothing where any text will do."""
    if not group.labels or text in group.labels:
        return None
    near = nearest(text, group.labels)
    how = difference(text, near) if near else ""
    return Diagnostic(
        "E228",
        f"{quote(text)} is not a label of group `{group.id}`",
        span,
        (f"`{near}`" + (f": {how}" if how else ""))
        if near
        else f"the labels are {listing(group.labels, last='or')}",
        (Note("the labels are listed here", group.span),),
        instead(span, near),
    )
