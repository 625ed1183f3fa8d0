"""An explanation as a document: Markdown, or one page of HTML that needs nothing but itself.

Every text from rules and profiles is escaped: it can be read, and it can do nothing else.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import escape as in_html

import bareme
from bareme.audit.differences import Comparison
from bareme.audit.explain import Explanation, RatingExplained
from bareme.audit.history import History
from bareme.audit.losses import HeldDown
from bareme.record import Record
from bareme.reports.derivation import heading, told, verdict
from bareme.reports.ledger import Ledger, compared, held_down
from bareme.reports.lines import Pen, plain
from bareme.reports.past import history
from bareme.reports.rated import rating_lines

PEN = Pen()


class Item(Record):
    """One thing in a list, which may stand below another.

    Attributes:
        depth: 0 for what stands below nothing.
        head: what it is.
        aside: what is said of it beside: where its rule is, its weight.
        notes: the lines below.
        name: that it can be cited by; empty where it has been before.
    """

    depth: int
    head: str
    aside: str
    notes: tuple[str, ...]
    name: str


class Document(Record):
    """An explanation to be read.

    Attributes:
        title: who, which edition, which figure.
        lead: sentences before the list.
        items: each after the one that it stands below.
        closing: sentences after the list.
        drawn: lines as they are drawn for a terminal, where it has no list.
    """

    title: str
    lead: tuple[str, ...] = ()
    items: tuple[Item, ...] = ()
    closing: tuple[str, ...] = ()
    drawn: str = ""


def document(
    found: Explanation | RatingExplained | Comparison | HeldDown | History, depth: int | None = None
) -> Document:
    """What was found, as a document; a derivation down to so many levels, None for all."""
    match found:
        case Explanation():
            return _derivation(found, depth)
        case Comparison():
            return _ledger(compared(found, PEN))
        case HeldDown():
            return _ledger(held_down(found, PEN))
        case History():
            return _ledger(history(found, PEN))
        case RatingExplained():
            title, *rest = rating_lines(found, PEN)
            return Document(plain([title]).strip(), drawn=plain(rest))


def _derivation(explanation: Explanation, depth: int | None) -> Document:
    items: list[Item] = []
    names: set[str] = set()
    for each in told(explanation, PEN, depth):
        part = each.row.trace.profile.part
        name = each.row.line.step.figure + (f"@{part}" if part else "")
        notes = tuple(text for text, _ in each.notes)
        items.append(
            Item(each.row.depth, each.head, each.place, notes, "" if name in names else name)
        )
        names.add(name)
    closing = (verdict(explanation, PEN),)
    return Document(heading(explanation, PEN), items=tuple(items), closing=closing)


def _ledger(ledger: Ledger) -> Document:
    items = tuple(
        Item(0, f"{each.points}  {each.name}", each.aside, each.notes, "")
        for each in ledger.entries
    )
    return Document(ledger.heading, (ledger.title,), items, ledger.closing)


# ---- Markdown


def markdown(of: Document) -> str:
    """The document as CommonMark."""
    blocks = [f"# {_md(of.title)}", *(_md(each) for each in of.lead)]
    if of.drawn:
        blocks.append("\n".join(f"    {each}" for each in of.drawn.splitlines()))
    if of.items:
        blocks.append("\n".join(line for item in of.items for line in _md_item(item)))
    return "\n\n".join([*blocks, *(_md(each) for each in of.closing)]) + "\n"


def _md_item(item: Item) -> Iterator[str]:
    margin = "  " * item.depth
    aside = f" · {_md(item.aside)}" if item.aside else ""
    yield f"{margin}- **{_md(item.head)}**{aside}"
    yield from (f"{margin}  - {_md(note)}" for note in item.notes)


_MARKS = re.compile(r"[\\`*_\[\]<>|~&$]")
_AT_START = re.compile(r"^(\d*)([#+=.)-])")


def _md(text: str) -> str:
    """A text that Markdown shows as it is, on one line."""
    one_line = " ".join(text.split())
    return _AT_START.sub(r"\1\\\2", _MARKS.sub(r"\\\g<0>", one_line))


# ---- HTML


def html(of: Document) -> str:
    """The document as one page, without scripts and without anything from elsewhere."""
    body = [f"<h1>{in_html(of.title)}</h1>", *(f"<p>{in_html(each)}</p>" for each in of.lead)]
    if of.drawn:
        body.append(f"<pre>{in_html(of.drawn)}</pre>")
    body += _tree(of.items)
    body += [f'<p class="closing">{in_html(each)}</p>' for each in of.closing]
    body.append(f"<footer>Computed by bareme {bareme.__version__}</footer>")
    return _PAGE.format(title=in_html(of.title), style=_STYLE, body="\n".join(body))


def _tree(items: tuple[Item, ...]) -> Iterator[str]:
    """A list in which what has parts can be folded; all of it is open at first, as in print."""
    depth = 0
    for at, item in enumerate(items):
        if at == 0:
            yield '<ul class="tree">'
        elif item.depth <= depth:
            yield "</li>" + "</ul></details></li>" * (depth - item.depth)
        depth = item.depth
        name = f' id="{in_html(item.name)}"' if item.name else ""
        aside = f' <span class="aside">{in_html(item.aside)}</span>' if item.aside else ""
        head = f"<strong>{in_html(item.head)}</strong>{aside}"
        notes = "".join(f"<p>{in_html(note)}</p>" for note in item.notes)
        if at + 1 < len(items) and items[at + 1].depth > depth:
            yield f"<li{name}><details open><summary>{head}</summary>{notes}<ul>"
        else:
            yield f"<li{name}>{head}{notes}"
    if items:
        yield "</li>" + "</ul></details></li>" * depth + "</ul>"


_PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>{title}</title>
<style>{style}</style>
</head>
<body>
{body}
</body>
</html>
"""

_STYLE = """
:root { color-scheme: light dark; --ink: #1a1a1a; --soft: #595959; --line: #c8c8c8; --page: #fff }
@media (prefers-color-scheme: dark) {
  :root { --ink: #ececec; --soft: #a8a8a8; --line: #4a4a4a; --page: #161616 }
}
body { max-width: 56rem; margin: 1.5rem auto; padding: 0 1rem; color: var(--ink);
  background: var(--page); font: 1rem/1.45 system-ui, sans-serif; overflow-wrap: anywhere }
h1 { font-size: 1.25rem }
ul { list-style: none; margin: 0; padding-left: 1rem; border-left: 1px solid var(--line) }
ul.tree { padding-left: 0; border: 0 }
li { margin: .6rem 0 }
li p { margin: .1rem 0 .1rem 1rem; color: var(--soft); font-size: .9rem }
summary { cursor: pointer }
.aside, footer { color: var(--soft); font-size: .85rem }
.closing { font-weight: 600 }
li:target > strong, li:target > details > summary { outline: 2px solid currentcolor }
@media print {
  :root { --ink: #000; --soft: #333; --line: #999; --page: #fff }
  body { max-width: none; margin: 0; font-size: 10pt }
  li > strong, summary { break-after: avoid }
}
"""
