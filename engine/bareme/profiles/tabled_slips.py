"""The known slips of a table's printed figures, put on the values that they are about."""

from __future__ import annotations

from collections.abc import Sequence

from bareme.diagnostics import Diagnostic, instead, nearest, quote, without_lines
from bareme.framework import Framework
from bareme.profiles.figures import OF_AN_INDEX
from bareme.profiles.layout import DeclaredSlip, Layout
from bareme.profiles.profile import Differs, Profile
from bareme.profiles.slips import as_yaml
from bareme.record import replace


def mark_slips(
    profiles: Sequence[Profile], layout: Layout, framework: Framework, found: list[Diagnostic]
) -> list[Profile]:
    """The profiles with every declared slip marked; one that fits nothing is reported."""
    by_entity = {profile.entity: profile for profile in profiles}
    for slip in layout.differs:
        profile = by_entity.get(slip.entity.value)
        if profile is None:
            near = nearest(slip.entity.value, by_entity)
            message = f"there is no entity {quote(slip.entity.value)} in the table"
            help = f"`{near}`" if near else "take it out"
            fix = instead(slip.entity.span, as_yaml(near) if near else None)
            found.append(Diagnostic("E420", message, slip.entity.span, help, fix=fix))
            continue
        marked = _marked(profile, slip, framework)
        if marked is None:
            message = (
                f"nothing is printed of {quote(slip.figure.value)} for {quote(profile.entity)}"
            )
            printed = [".".join(path) for path in profile.printed]
            printed += [".".join(path) for path in profile.printed_ratings]
            printed += [f"{index}.rank" for index in profile.printed_ranks]
            printed += [f"{index}.band" for index in profile.printed_bands]
            last = slip.figure.value.rpartition(".")[2]
            if last in OF_AN_INDEX:  # a score is not what was meant
                printed = [each for each in printed if each.endswith(f".{last}")]
            near = nearest(slip.figure.value, printed)
            help = (
                f"`{near}`"
                if near
                else (
                    f"name the column of the {last} under `published`, or take the slip out"
                    if last in OF_AN_INDEX
                    else "write the index and the figure, `theft.security`"
                )
            )
            fix = instead(slip.figure.span, near)
            found.append(Diagnostic("E420", message, slip.figure.span, help, fix=fix))
            continue
        by_entity[profile.entity] = marked
    return list(by_entity.values())


def _marked(profile: Profile, slip: DeclaredSlip, framework: Framework) -> Profile | None:
    """The profile with the slip on what it names: a rank, `theft.rank`, a band or a figure."""
    differs = Differs(slip.reason.value, slip.reason.span, without_lines(slip.span))
    ids = tuple(slip.figure.value.split("."))
    index, last = ids[0], ids[-1]
    if last in OF_AN_INDEX and len(ids) == 2:
        if last == "rank" and index in profile.printed_ranks:
            rank = replace(profile.printed_ranks[index], differs=differs)
            return replace(profile, printed_ranks={**profile.printed_ranks, index: rank})
        if last == "band" and index in profile.printed_bands:
            band = replace(profile.printed_bands[index], differs=differs)
            return replace(profile, printed_bands={**profile.printed_bands, index: band})
    if ids in profile.printed_ratings:
        rating = replace(profile.printed_ratings[ids], differs=differs)
        return replace(profile, printed_ratings={**profile.printed_ratings, ids: rating})
    for figure in framework.named(ids):
        if figure.path in profile.printed:
            printed = replace(profile.printed[figure.path], differs=differs)
            return replace(profile, printed={**profile.printed, figure.path: printed})
    return None
