"""What commands have in common: the group they belong to, their options, what they look up."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import click

import bareme
from bareme import files, project
from bareme.cli import completion
from bareme.cli.output import FORMATS, format_of, say, say_json
from bareme.diagnostics import Diagnostic, has_errors, nearest
from bareme.profiles.profile import Cohort
from bareme.project import InputRefused, NoSuchName, Rules
from bareme.reports import machine, messages
from bareme.source import Sources, Span

DONE, ANSWER_IS_NO, BAD_INPUT, MACHINE_FAILED = 0, 1, 2, 3

Decorator = Callable[[Callable[..., int]], Callable[..., int]]


class Group(click.Group):
    """A group of commands that names the nearest to one that is misspelt."""

    def resolve_command(
        self, context: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """The command that is asked for; a misspelt one is refused with the nearest there is."""
        try:
            return super().resolve_command(context, args)
        except click.UsageError as refused:
            near = nearest(args[0], self.list_commands(context))
            if near is None or "Did you mean" in refused.message:  # as newer versions of click say
                raise
            message = f"{refused.message.rstrip('.')}. Did you mean '{near}'?"
            raise click.UsageError(message, refused.ctx) from None


class Commands(Group):
    """The commands; what one of them alone needs is imported when it is asked for."""

    def get_command(self, context: click.Context, name: str) -> click.Command | None:
        """The command of that name, if there is one."""
        if name == "check":
            from bareme.cli import checking  # noqa: F401 as it adds `check`
        elif name == "import":
            from bareme.cli import importing  # noqa: F401 as it adds `import`
        elif name == "impact":
            from bareme.cli import impact  # noqa: F401 as it adds `impact`
        elif name == "infer":
            from bareme.cli import inferring  # noqa: F401 as it adds `infer`
        elif name == "whatif":
            from bareme.cli import supposing  # noqa: F401 as it adds `whatif`
        elif name in ("seal", "verify"):
            from bareme.cli import sealing  # noqa: F401 as it adds both
        return super().get_command(context, name)

    def list_commands(self, context: click.Context) -> list[str]:
        """Every name, in order."""
        from bareme.cli import (  # noqa: F401 as they add commands
            checking,
            impact,
            importing,
            inferring,
            sealing,
            supposing,
        )

        return super().list_commands(context)


@click.group(
    cls=Commands,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog="Exit status: 0 done · 1 a printed figure differs, or a seal · 2 bad input · 3"
    " the machine failed.",
)
@click.version_option(bareme.__version__, "-V", "--version", message="bareme %(version)s")
@click.option(
    "-C",
    "folder",
    type=click.Path(path_type=Path, file_okay=False, exists=True),
    default=Path(),
    help="Work in this folder, which holds rules/ and profiles/.  [default: the current one]",
)
@click.pass_context
def cli(context: click.Context, folder: Path) -> None:
    """Score composite indices by rules that anyone can read, exactly."""
    context.obj = folder


def shared_options(formats: Sequence[str] = FORMATS) -> Decorator:
    """The options that commands have in common.

    Args:
        formats: in which results can be had; empty for a command that prints none.
    """

    def decorate(command: Callable[..., int]) -> Callable[..., int]:
        options = [
            click.option(
                "--framework",
                metavar="NAME",
                help="Only this framework.",
                shell_complete=completion.frameworks,
            ),
        ]
        if formats:
            options += [
                click.option(
                    "--format",
                    "chosen",
                    type=click.Choice(formats),
                    help="How to print.  [default: by the ending of -o, else table]",
                ),
                click.option(
                    "-o",
                    "--output",
                    type=click.Path(path_type=Path, dir_okay=False),
                    help="Write to this file, whole or not at all, instead of printing.",
                ),
            ]
        for option in reversed(options):
            command = option(command)
        return command

    return decorate


edition_option = click.option(
    "--edition",
    metavar="EDITION",
    help="Which edition.  [default: the newest]",
    shell_complete=completion.editions,
)


def chosen_format(
    chosen: str | None, output: Path | None, folder: Path, formats: Sequence[str] = FORMATS
) -> str:
    """The format that was asked for, by name or by the ending of a file that can be written."""
    how = format_of(chosen, output, formats)
    if how is None:
        assert output is not None
        raise click.BadParameter(
            f"the ending of {output.name!r} says no format; add --format {'|'.join(formats)}",
            param_hint="-o",
        )
    if output is not None:
        reason = files.unwritable(folder, output)
        if reason:
            raise click.BadParameter(reason, param_hint="-o")
    return how


def frameworks_of(folder: Path, framework: str | None) -> list[str]:
    names = project.frameworks(folder)
    if not names:
        raise NoSuchName(
            "there are no rules here: no folder `rules/` with a framework in it; "
            "work in the folder that holds it, or name that folder with -C; "
            "`bareme new NAME` makes one to start from"
        )
    if framework is not None and framework not in names:
        raise NoSuchName(project.no_such("framework", framework, names))
    return [framework] if framework else names


def rules_of(folder: Path, framework: str | None, named: str | None) -> list[Rules]:
    """The frameworks that hold what is named, each sound; all where none does or nothing is."""
    loaded = [project.read_rules(folder, name) for name in frameworks_of(folder, framework)]
    id = named.partition(".")[0] if named else ""
    holding = [
        rules for rules in loaded if rules.framework.index(id) or id in rules.framework.questions
    ]
    for rules in holding or loaded:
        if has_errors(rules.diagnostics):
            raise InputRefused(list(rules.diagnostics), rules.sources)
    return holding or loaded


@contextmanager
def said_as(how: str) -> Iterator[Said]:
    """What a command says beside its results, in their form: at its end, or where it is refused."""
    said = Said()
    try:
        yield said
    except InputRefused as refused:
        if how != "json":
            raise
        said.add(refused.diagnostics, refused.sources)
        say_json(machine.json_text(messages.messages_json(said.found, said.sources)))
        raise click.exceptions.Exit(BAD_INPUT) from None
    if how != "json":
        say(project.messages(said.found, said.sources))
    elif said.found:
        say_json(machine.json_text(messages.messages_json(said.found, said.sources)))


class Said:
    """The messages of a command, each with the files that it is about."""

    def __init__(self) -> None:
        self.found: list[Diagnostic] = []
        self.sources: Sources = {}

    def add(self, found: Iterable[Diagnostic], sources: Sources) -> None:
        self.found += found
        self.sources |= sources


def cohort_of(rules: Rules, edition: str | None, said: Said) -> Cohort:
    if not rules.editions:
        raise NoSuchName(f"there are no profiles of `{rules.name}` in profiles/{rules.name}/")
    cohort = rules.cohort(edition or rules.editions[-1])
    said.add(rules.warnings(cohort), rules.sources)
    return cohort


def index_of(rules: Rules, named: str) -> str:
    known = [index.id for index in rules.framework.indices]
    if named not in known:
        raise NoSuchName(project.no_such("index", named, known))
    return named


def place_in(sources: Sources) -> Callable[[Span], str]:
    return lambda span: sources[span.file].place(span)
