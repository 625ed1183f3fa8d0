"""Rules with other weights, as they would be were they written so."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction

from bareme.audit.whatif import Change
from bareme.diagnostics import Diagnostic, listing, not_a_number
from bareme.exact import NotANumber, percent, rational, read_number
from bareme.framework import Figure, Framework, Notation, Part, Weight
from bareme.methods.aggregation import method_named
from bareme.profiles.profile import Path
from bareme.profiles.supposed import Argument
from bareme.record import replace

Weights = Mapping[Path, Weight]

ONE = Fraction(1)


def read_weights(
    given: Sequence[tuple[Path, Argument]], framework: Framework
) -> tuple[dict[Path, Weight], list[Diagnostic]]:
    """Read the weights that parts are supposed to have, and with them those of their siblings.

    A percentage is a share: of the weights of a figure's parts together, which stay what they are;
    the parts that are not named share the rest as they did before. Any other number is the weight
    itself, and all else stays.

    Args:
        given: paths of figures, questions or measures, each with its weight.
        framework: without errors.
    """
    found: list[Diagnostic] = []
    wanted: dict[Path, dict[Path, tuple[Argument, Fraction]]] = {}
    for path, each in given:
        value = _number(each, found)
        parent = _counts(framework, path)
        if value is None or _refused(parent, path, each, wanted, found):
            continue
        assert parent is not None
        wanted.setdefault(parent.path, {})[path] = each, value
    weights: dict[Path, Weight] = {}
    for at, named in wanted.items():
        weights |= _under(framework.figures[at], named, found)
    return weights, found


def reweighed(framework: Framework, weights: Weights) -> Framework:
    """The same rules with other weights, in whatever state that leaves them."""
    ends = {path[:end] for path in weights for end in range(1, len(path) + 1)}
    made: dict[Path, Part] = {}
    parts: dict[Path, Part] = dict(framework.figures)
    parts |= {child.path: child for each in framework.figures.values() for child in each.children}
    for path in sorted(ends, key=len, reverse=True):
        part = parts[path]
        if path in weights:
            part = replace(part, weight=weights[path])
        if isinstance(part, Figure):
            children = tuple(made.get(child.path, child) for child in part.children)
            part = replace(part, children=children)
        made[path] = part
    roots = {path: part for path, part in made.items() if isinstance(part, Figure)}
    indices = tuple(
        replace(each, root=roots.get(each.root.path, each.root)) for each in framework.indices
    )
    return replace(framework, indices=indices)


def weight_changes(framework: Framework, after: Framework, named: Sequence[Path]) -> list[Change]:
    """The weights that differ, those that were named first."""
    changes: dict[Path, Change] = {}
    for figure in framework.figures.values():
        now, then = after.figures[figure.path].counted, figure.counted
        for part, other in zip(then, now, strict=True):
            if part.weight != other.weight and part.path not in changes:
                changes[part.path] = Change(
                    "weight", ".".join(part.path), part.title, "",
                    _shown(figure, part), _shown(after.figures[figure.path], other),
                    part.weight.span if part.weight else part.name_span,
                )  # fmt: skip
    first = [changes.pop(path) for path in dict.fromkeys(named) if path in changes]
    return [*first, *(replace(each, what="sibling") for each in changes.values())]


def _number(each: Argument, found: list[Diagnostic]) -> Fraction | None:
    """A weight as rules write it: `2`, `30%`, `1/5`."""
    text = each.value.strip()
    sides = [read_number(side) for side in text.removesuffix("%").split("/")]
    numbers = [side for side in sides if not isinstance(side, NotANumber)]
    if len(numbers) < len(sides) or len(sides) > 2 or (sides[1:] and sides[1] == 0):
        why = "write a weight as rules do: `2`, `30%`, `1/5`"
        found.append(replace(not_a_number(each.value, each.value_span, why), help=why, fix=()))
        return None
    value = numbers[0] / (numbers[1] if numbers[1:] else 1) / (100 if text.endswith("%") else 1)
    if value < 0:
        message = f"the weight of `{each.name}` is {text}; a weight is 0 or more"
        found.append(Diagnostic("E303", message, each.value_span))
        return None
    return value


def _counts(framework: Framework, path: Path) -> Figure | None:
    """The figure that counts a part; of two the one that the index rests on."""
    counting = [
        each
        for each in framework.figures.values()
        if any(child.path == path for child in each.counted)
    ]
    passed = {each.path for figure in framework.figures.values() for each in figure.passed_over}
    return next((each for each in counting if each.path not in passed), None)


def _refused(
    parent: Figure | None,
    path: Path,
    each: Argument,
    wanted: Mapping[Path, Mapping[Path, tuple[Argument, Fraction]]],
    found: list[Diagnostic],
) -> bool:
    """Whether a part can have no other weight; say why."""
    dotted = ".".join(path)
    if parent is None:
        message = f"`{dotted}` has no weight: no figure counts it as a part"
        found.append(Diagnostic("E307", message, each.name_span, "weigh what stands below it"))
    elif not method_named(parent.settings.aggregation.value).weighs:
        method = parent.settings.aggregation.value
        message = f"the weight of `{dotted}` has no effect: a {method} knows no weights"
        found.append(Diagnostic("E307", message, each.name_span, "leave it out"))
    elif path in wanted.get(parent.path, {}):
        message = f"`{dotted}` has a weight twice"
        found.append(Diagnostic("E403", message, each.name_span, "keep one"))
    else:
        return False
    return True


def _under(
    figure: Figure, named: Mapping[Path, tuple[Argument, Fraction]], found: list[Diagnostic]
) -> dict[Path, Weight]:
    """The weights of the parts of one figure, as far as they change."""
    shares = [each for each, _ in named.values() if each.value.strip().endswith("%")]
    if not shares:
        return {
            path: Weight(value, Notation.RELATIVE, each.value.strip(), each.value_span)
            for path, (each, value) in named.items()
        }
    last = [each for each, _ in named.values()][-1]
    if len(shares) < len(named):
        message = "of the parts of one figure, some have shares and some have weights"
        found.append(
            Diagnostic("E302", message, last.value_span, "write percents for all, or none")
        )
        return {}
    weights = {child.path: child.weight.value if child.weight else ONE for child in figure.counted}
    if any(value < 0 for value in weights.values()):
        message = f"parts of `{figure.dotted}` are subtracted, so none has a share of it"
        found.append(Diagnostic("E303", message, last.value_span, "write weights, not percents"))
        return {}
    total = sum(weights.values(), Fraction(0))
    others = {path: value for path, value in weights.items() if path not in named}
    rest, left = sum(others.values(), Fraction(0)), ONE - sum(v for _, v in named.values())
    if left < 0 or (left > 0 and rest == 0):
        said = listing([".".join(path) for path in named])
        message = f"the weights of {said} add up to {percent(ONE - left)}, not 100%"
        if left < 0 and others:
            message = message.replace("not 100%", "more than 100%")
        found.append(Diagnostic("E301", message, last.value_span))
        return {}
    values = {path: total * value for path, (_, value) in named.items()}
    values |= {path: total * left * value / rest for path, value in others.items() if rest}
    return {path: _weight(figure, value, last) for path, value in values.items()}


def _weight(figure: Figure, value: Fraction, said: Argument) -> Weight:
    """A weight in the notation of its siblings."""
    notations = [child.weight.notation for child in figure.counted if child.weight]
    if notations and notations[0] is Notation.PERCENT:
        return Weight(value, Notation.PERCENT, percent(value), said.value_span)
    return Weight(value, Notation.RELATIVE, rational(value), said.value_span)


def _shown(figure: Figure, part: Part) -> str:
    """A weight as a share of a mean, or as the factor that it is in a sum."""
    value = part.weight.value if part.weight else ONE
    if not method_named(figure.settings.aggregation.value).mean:
        return rational(value)
    total = sum((c.weight.value if c.weight else ONE for c in figure.counted), Fraction(0))
    return percent(value / total)
