"""The editions of a framework, and the cohort of one: profiles, and the table that it declares."""

from __future__ import annotations

from collections.abc import Iterable

from bareme import files
from bareme.diagnostics import Diagnostic, Note, instead, nearest, quote
from bareme.framework import Framework
from bareme.profiles.agreement import misspelt_labels, not_asked
from bareme.profiles.cells import read_sheet
from bareme.profiles.editions import read_edition
from bareme.profiles.layout import Layout
from bareme.profiles.order import EditionOrder
from bareme.profiles.profile import Cohort, Edition, Profile
from bareme.profiles.read import read_profile
from bareme.profiles.slips import as_yaml
from bareme.profiles.tables import read_table
from bareme.record import replace
from bareme.source import Sources


def editions_of(root: files.Place, framework: str, sources: Sources) -> list[Edition]:
    """The editions there are profiles or a table of; an empty folder is none."""
    return [
        edition
        for name in files.folders(root, "profiles", framework)
        for edition in [edition_of(root, framework, name, sources)[0]]
        if edition.table is not None or files.profile_files(root, framework, name)
    ]


def edition_of(
    root: files.Place, framework: str, name: str, sources: Sources
) -> tuple[Edition, list[Diagnostic]]:
    """What `edition.yaml` says of an edition, and what is wrong with it."""
    file = f"profiles/{framework}/{name}/{files.EDITION_FILE}"
    if not files.exists(root, file):
        return Edition(name, name, "", False), []
    source, found = files.read_source(root, file, sources)
    if source is None or found:
        return Edition(name, name, "", False), found
    return read_edition(name, source)


def read_cohort(
    root: files.Place, framework: Framework, name: str, order: EditionOrder, sources: Sources
) -> tuple[Cohort, tuple[Diagnostic, ...]]:
    """Every profile of one edition that can be read, and what is wrong with any."""
    edition, found = edition_of(root, framework.name, name, sources)
    table = edition.table
    file = table.file.value if table else None
    found += files.unread_profiles(root, framework.name, name, file)
    profiles: list[Profile] = []
    for each in files.profile_files(root, framework.name, name):
        source, faults = files.read_source(root, each, sources)
        found += faults
        if source is None or faults:
            continue
        profile, faults = read_profile(source, framework)
        found += faults
        profiles += [profile] if profile else []
    if table is not None and table.sound:
        rows, faults = _tabled(root, framework, name, table, sources)
        profiles += rows
        meant = {edit.text for each in faults if each.code == "E007" for edit in each.fix}
        found = [d for d in found if d.span.file.rpartition("/")[2] not in meant]
        found += faults
    by_id = _once(profiles, name, found)
    unasked = order.not_asked(framework, name)
    ordered = tuple(
        replace(by_id[entity], edition=name, unasked=unasked) for entity in sorted(by_id)
    )
    found += not_asked(framework, ordered)
    misspelt, spoken_for = misspelt_labels(framework, ordered)
    found = [d for d in found if d.code != "E222" or d.span not in spoken_for] + misspelt
    return Cohort(edition, ordered), tuple(found)


def _tabled(
    root: files.Place, framework: Framework, name: str, layout: Layout, sources: Sources
) -> tuple[list[Profile], list[Diagnostic]]:
    """The profiles that the edition's table holds."""
    folder = f"profiles/{framework.name}/{name}"
    file = f"{folder}/{layout.file.value}"
    source, found = files.read_source(root, file, sources, files.MAX_TABLE)
    if source is None:
        note = Note("the edition names it here", layout.file.span)
        found = [replace(each, notes=(*each.notes, note)) for each in found]
        near = nearest(layout.file.value, files.tables(root, framework.name, name))
        if near and not files.exists(root, file):
            fix = instead(layout.file.span, as_yaml(near))
            found = [replace(each, help=f"the edition means `{near}`?", fix=fix) for each in found]
        elif not files.exists(root, file):
            help = "put the table beside `edition.yaml`, or mend its name there"
            found = [replace(each, help=help) for each in found]
        return [], found
    if found:
        return [], found
    sheet, found = read_sheet(source)
    sources[file] = sheet
    edition = sources[f"{folder}/{files.EDITION_FILE}"]
    profiles, faults = read_table(sheet, layout, edition, framework)
    return profiles, [*found, *faults]


def _once(profiles: Iterable[Profile], edition: str, found: list[Diagnostic]) -> dict[str, Profile]:
    """Profiles by entity; a second of the same entity, in whatever case, is reported.

    Entities are named in any case, so two whose ids differ in case alone could not be told apart.
    """
    by_id: dict[str, Profile] = {}
    folded: dict[str, Profile] = {}
    for profile in profiles:
        first = folded.setdefault(profile.entity.casefold(), profile)
        if first is profile:
            by_id[profile.entity] = profile
            continue
        message = f"entity {quote(profile.entity)} has two profiles in edition {edition}"
        help = "keep one"
        if first.name != profile.name != profile.entity:
            help = f"keep one; if this is {quote(profile.name)}, give it an id of its own"
        if first.entity != profile.entity:
            message = (
                f"entities {quote(first.entity)} and {quote(profile.entity)} of edition {edition} "
                "differ in case alone"
            )
            help = "rename one of them, or keep one if they are the same"
        note = Note("the first is here", first.span)
        found.append(Diagnostic("E406", message, profile.span, help, (note,)))
    return by_id
