"""A command as a process: whatever happens, say it in words and give an exit status."""

from __future__ import annotations

import io
import sys
from collections.abc import Sequence

import click

from bareme.cli.commands import BAD_INPUT, DONE, MACHINE_FAILED, cli
from bareme.cli.output import say
from bareme.diagnostics import escape
from bareme.project import InputRefused, NoSuchName, messages


def run_command(arguments: Sequence[str] | None = None) -> int:
    """Run one command; whatever happens, say it in words and return the exit status."""
    if sys.stdout is None:  # it was closed before we began; results go nowhere, and quietly
        sys.stdout = io.TextIOWrapper(io.BytesIO(), encoding="utf-8")
    try:
        status = cli.main(arguments, prog_name="bareme", standalone_mode=False)
        return status if isinstance(status, int) else DONE
    except click.exceptions.NoArgsIsHelpError as shown:
        say(shown.format_message())
        return BAD_INPUT
    except click.ClickException as fault:
        say(_usage(fault))
        return BAD_INPUT
    except NoSuchName as missing:
        say(f"error: {missing}")
        return BAD_INPUT
    except InputRefused as refused:
        say(messages(refused.diagnostics, refused.sources))
        return BAD_INPUT
    except click.Abort:
        raise KeyboardInterrupt from None
    except OSError as failed:
        where = f"{escape(str(failed.filename))}: " if failed.filename else ""
        say(f"error: {where}{failed.strerror or failed}")
        return MACHINE_FAILED
    except MemoryError:
        say("error: there is not enough memory")
        return MACHINE_FAILED


def _usage(fault: click.ClickException) -> str:
    context = getattr(fault, "ctx", None)
    hint = f"\n`{context.command_path} --help` lists what there is." if context else ""
    return f"error: {fault.format_message()}{hint}"
