"""`bareme seal` and `bareme verify`: freeze an edition, and recompute it elsewhere."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import click

import bareme
from bareme import files, project, sealing
from bareme.audit.signature import MAX_SIGNATURE, Signer
from bareme.audit.verified import Verified
from bareme.cli import completion
from bareme.cli.output import emit_lines, emit_text, pen_for, say
from bareme.cli.shared import ANSWER_IS_NO, BAD_INPUT, DONE, cli, frameworks_of
from bareme.diagnostics import Diagnostic, counted, escape, has_errors
from bareme.project import InputRefused, NoSuchName, Rules
from bareme.reports import machine, messages, verification
from bareme.reports.lines import line
from bareme.sealing import origin
from bareme.source import Sources
from bareme.text import read_text


def limit_options(command: Callable[..., int]) -> Callable[..., int]:
    """The options that raise what is sealed or read at most."""
    for option in (
        click.option(
            "--max-bytes",
            type=click.IntRange(min=1),
            default=sealing.LIMITS.total,
            show_default=True,
            help="The most bytes of the files of a sealed edition.",
        ),
        click.option(
            "--max-files",
            type=click.IntRange(min=1),
            default=sealing.LIMITS.files,
            show_default=True,
            help="The most files of a sealed edition.",
        ),
    ):
        command = option(command)
    return command


@cli.command()
@click.argument("edition", shell_complete=completion.editions)
@click.option(
    "--framework",
    metavar="NAME",
    help="Of this framework, where several have such an edition.",
    shell_complete=completion.frameworks,
)
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Write to this file, whole or not at all.  [default: FRAMEWORK-EDITION.sealed]",
)
@click.option(
    "--after",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="SEALED",
    help="The sealed edition before it.  [default: the newest earlier one beside the new file]",
)
@click.option("--force", is_flag=True, help="Replace the file if it is another seal already.")
@limit_options
@click.pass_obj
def seal(
    folder: Path,
    edition: str,
    framework: str | None,
    output: Path | None,
    after: Path | None,
    force: bool,
    max_files: int,
    max_bytes: int,
) -> int:
    """Freeze EDITION with everything needed to recompute it, in one file.

    Rules, profiles, evidence and every figure, bound by their hashes, and chained to the sealed
    edition before it. `bareme verify` checks it anywhere.
    """
    rules = _rules_with(folder, framework, edition)
    to = folder / (output or sealing.name_of(rules, edition))
    refused = files.unwritable(folder, to)
    if refused:
        raise click.BadParameter(refused, param_hint="-o")
    limits = sealing.Limits(max_files, max_bytes)
    before = (
        sealing.given(folder / after, str(after), limits)
        if after is not None
        else sealing.newest_before(to.absolute().parent, rules, edition, to.name, limits)
    )
    made = sealing.seal(rules, edition, before, limits)
    if to.exists() and not force and files.read_named(to, to.name, limits.file) != made.data:
        raise click.BadParameter(
            f"{str(to)!r} is there already, and is not this; --force replaces it", param_hint="-o"
        )
    files.write(to, made.data)
    say(project.messages(rules.warnings(rules.cohort(edition)), rules.sources))
    held = [
        counted(made.rule_files, "rule file"),
        counted(made.entities, "entity", "entities"),
        counted(made.figures, "figure"),
    ]
    if made.evidence:
        held.append(f"{counted(made.evidence, 'file')} of evidence")
    dot = pen_for(None).between
    shown = escape(str(output or sealing.name_of(rules, edition)))
    lines = [line(f"Sealed {shown}: {dot.join(held)}"), line(f"sha256 {made.sha256}")]
    if before is not None:
        lines.append(line(f"after {before.head.edition}, sha256 {before.sha256}"))
    emit_lines(lines, None)
    return DONE


def _rules_with(folder: Path, framework: str | None, edition: str) -> Rules:
    """The one framework that has an edition of that name, sound."""
    loaded = [project.read_rules(folder, name) for name in frameworks_of(folder, framework)]
    having = [rules for rules in loaded if edition in rules.editions]
    if not having:
        known = dict.fromkeys(each for rules in loaded for each in rules.editions)
        raise NoSuchName(project.no_such("edition", edition, known))
    if len(having) > 1:
        names = ", ".join(f"`{rules.name}`" for rules in having)
        raise NoSuchName(f"{names} have an edition `{edition}`; name one with --framework")
    if has_errors(having[0].diagnostics):
        raise InputRefused(list(having[0].diagnostics), having[0].sources)
    return having[0]


@cli.command()
@click.argument("sealed", nargs=-1, type=click.Path(path_type=Path), metavar="FILE...")
@click.option("--hash", "sha256", metavar="SHA256", help="The hash that the last FILE has to have.")
@click.option(
    "--signers",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="Who may sign, as SSH lists allowed signers. The last FILE has to be signed by one.",
)
@click.option(
    "--against",
    type=click.Path(path_type=Path),
    metavar="PLACE",
    help="A project folder or another sealed edition: name every line of the last FILE that is"
    " otherwise there.",
)
@click.option(
    "--format",
    "how",
    type=click.Choice(["table", "json"]),
    default="table",
    help="How to print.  [default: table]",
)
@click.option("--stand-alone", is_flag=True, help="Print a verifier that needs Python alone.")
@limit_options
@click.pass_obj
def verify(
    folder: Path,
    sealed: tuple[Path, ...],
    sha256: str | None,
    signers: Path | None,
    against: Path | None,
    how: str,
    stand_alone: bool,
    max_files: int,
    max_bytes: int,
) -> int:
    """Check sealed editions, and recompute every figure from what is in them.

    Several files are a chain, the oldest first. A signature is checked where FILE.sig is there.
    """
    if stand_alone:
        emit_text(files.stand_alone_verifier(), None)
        return DONE
    if not sealed:
        raise click.UsageError("Missing argument 'FILE...'.")
    if sha256 is not None and not origin.is_hash(sha256):
        raise click.BadParameter("a SHA-256 is 64 digits, 0 to f", param_hint="--hash")
    allowed, sources = _signers(folder, signers)
    limits = sealing.Limits(max_files, max_bytes)
    checked = [_verified(folder, each, None, limits) for each in sealed[:-1]]
    checked.append(_verified(folder, sealed[-1], allowed, limits))
    if against is not None:
        checked[-1] = sealing.held_against(checked[-1], folder, sealed[-1], against, limits)
    if sha256 is not None:
        checked[-1] = origin.held_to_hash(checked[-1], sha256)
    checked = sealing.chained(checked)
    found = [one for each in checked for one in each.found]
    for each in checked:
        sources |= each.sources
    _print(checked, found, sources, how)
    return BAD_INPUT if has_errors(found) else ANSWER_IS_NO if found else DONE


def _signers(folder: Path, path: Path | None) -> tuple[list[Signer] | None, Sources]:
    """Who may sign, by a file that somebody named."""
    if path is None:
        return None, {}
    data = files.read_named(folder / path, str(path), files.MAX_FILE)
    if isinstance(data, Diagnostic):
        raise InputRefused([data], {})
    source, found = read_text(str(path), data)
    if has_errors(found):
        raise InputRefused(found, {source.name: source})
    allowed, unread = origin.allowed_signers(source)
    say(project.messages(unread, {source.name: source}))
    return allowed, {source.name: source}


def _verified(
    folder: Path, path: Path, allowed: list[Signer] | None, limits: sealing.Limits
) -> Verified:
    """One sealed edition, with what speaks for where it comes from."""
    data = files.read_named(folder / path, str(path), limits.file)
    if isinstance(data, Diagnostic):
        raise InputRefused([data], {})
    checked = sealing.verify(str(path), data, limits)
    beside = path.with_name(f"{path.name}{origin.SIGNATURE_ENDING}")
    if not (folder / beside).exists():
        return origin.held_to_signature(checked, data, None, allowed)
    signed = files.read_named(folder / beside, str(beside), MAX_SIGNATURE)
    if isinstance(signed, Diagnostic):
        raise InputRefused([signed], {})
    return origin.held_to_signature(checked, data, signed, allowed)


def _print(
    checked: Sequence[Verified], found: list[Diagnostic], sources: Sources, how: str
) -> None:
    if how == "json":
        editions = [verification.verification_json(each, bareme.__version__) for each in checked]
        said = messages.messages_json(found, sources, editions=editions)
        emit_text(machine.json_text(said), None)
        return
    errors = [each for each in found if has_errors([each])]
    differs = [each for each in found if not has_errors([each])]
    say(project.messages(errors, sources))
    drawn = project.messages(differs, sources).splitlines()
    lines = verification.verification_lines(checked, bareme.__version__, not found)
    emit_lines([*(line(text) for text in drawn), *lines], None)
