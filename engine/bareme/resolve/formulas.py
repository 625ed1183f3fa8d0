"""Formulas and divisors of measures: what they read, found by name in the whole framework."""

from __future__ import annotations

from collections.abc import Mapping

from bareme.diagnostics import SUGGESTED, Diagnostic, instead, nearest, quote
from bareme.exact import shorten
from bareme.framework import Factor, Figure, Formula, Framework, Measure, Term
from bareme.language import tree
from bareme.record import replace
from bareme.source import Span

Path = tuple[str, ...]


def resolve_formulas(
    framework: Framework,
    written: Mapping[Path, tree.Formula | tree.Per],
    found: list[Diagnostic],
) -> Framework:
    """Give every measure the formula that it is worked out by.

    Args:
        framework: with every measure and all data.
        written: the formulas, by the path of their measure.
        found: takes what is wrong.
    """
    if not written:
        return framework
    names = _Names(framework, written, found)

    def figure(old: Figure) -> Figure:
        return replace(
            old,
            children=tuple(
                figure(child)
                if isinstance(child, Figure)
                else names.measure(child)
                if isinstance(child, Measure)
                else child
                for child in old.children
            ),
        )

    indices = tuple(replace(index, root=figure(index.root)) for index in framework.indices)
    return replace(framework, indices=indices)


class _Names:
    """What formulas may speak of, by name."""

    def __init__(
        self,
        framework: Framework,
        written: Mapping[Path, tree.Formula | tree.Per],
        found: list[Diagnostic],
    ) -> None:
        self.framework = framework
        self.written = written
        self.found = found
        self.worked_out = {p[-1] for p, each in written.items() if isinstance(each, tree.Formula)}

    def measure(self, measure: Measure) -> Measure:
        written = self.written.get(measure.path)
        if written is None:
            return measure
        before = len(self.found)
        if isinstance(written, tree.Per):
            formula = self.per(measure, written)
        else:
            formula = self.formula(written)
        if len(self.found) > before:
            return replace(measure, damaged=True)
        return replace(measure, formula=formula)

    def per(self, measure: Measure, written: tree.Per) -> Formula:
        """The recorded number, divided by data and counted in so many of its units."""
        self.known(written.of)
        number, of = written.number.value, written.of.text
        if number <= 0:
            message = f"nothing is counted per {shorten(number)}"
            help = "write a number above 0, as in `per 100000 of population`"
            self.found.append(Diagnostic("E220", message, written.number.span, help))
        if of == measure.id:
            message = f"`{of}` is divided by itself"
            self.found.append(Diagnostic("E217", message, written.of.span, "name `data`, say"))
        factors: tuple[tuple[bool, Factor], ...] = (True, measure.id), (False, of), (True, number)
        text = f"{measure.id} per {shorten(number)} of {of}"
        return Formula((Term(True, factors),), text, (measure.id, of), written.span)

    def formula(self, written: tree.Formula) -> Formula:
        reads: dict[str, None] = {}
        terms = self.terms(written.of, reads)
        if not reads:
            message = "this formula reads nothing that is measured"
            help = "name measures or data in it, as in `formula exports / gdp * 100`"
            self.found.append(Diagnostic("E217", message, written.span, help))
        return Formula(terms, written.written, tuple(reads), written.span)

    def terms(self, of: tree.Expression, reads: dict[str, None]) -> tuple[Term, ...]:
        """Brackets are nested to a limit where the line is read, so this may call itself."""
        return tuple(
            Term(
                sign == "+",
                tuple((by == "*", self.factor(each, reads)) for by, each in product.factors),
            )
            for sign, product in of.products
        )

    def factor(self, of: tree.Factor, reads: dict[str, None]) -> Factor:
        match of:
            case tree.Number():
                return of.value
            case tree.Name():
                self.known(of)
                reads[of.text] = None
                return of.text
            case tree.Expression():
                inner: dict[str, None] = {}
                terms = self.terms(of, inner)
                reads |= inner
                return Formula(terms, "", tuple(inner), _place(of))

    def known(self, name: tree.Name) -> None:
        """Report a name that is no number which profiles record."""
        text = name.text
        if text in self.worked_out:
            message = f"`{text}` is worked out itself, and formulas read what is recorded"
            help = "write its formula out here, in brackets"
            self.found.append(Diagnostic("E217", message, name.span, help))
        elif text in self.framework.questions:
            message = f"`{text}` is a question: its answers are texts"
            help = "name a measure or `data`, or write `measure` in place of `question`"
            self.found.append(Diagnostic("E217", message, name.span, help))
        elif text not in self.framework.measures:
            few = len(self.found) < SUGGESTED
            near = nearest(text, self.framework.measures) if few else None
            help = f"`{near}`" if near else f"declare it, `data {text}` at the left edge"
            message = f"there is no measure and no data {quote(text)}"
            declare = instead(Span(name.span.file, 0, 0), f"data {text}\n")
            fix = instead(name.span, near) if near or not text.isidentifier() else declare
            self.found.append(Diagnostic("E216", message, name.span, help, fix=fix))


def _place(of: tree.Expression) -> Span:
    """Where the first name or number of a bracket stands."""
    first = of.products[0][1].factors[0][1]
    return _place(first) if isinstance(first, tree.Expression) else first.span
