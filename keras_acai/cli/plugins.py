"""What other packages add to `keras-acai`, found by their entry points.

An entry point of the group `keras_acai.commands` names a `typer.Typer` with one command. It is
imported when the command is called, or when all commands are listed.
"""

import functools
import importlib.metadata

import typer
import typer.core

COMMANDS = "keras_acai.commands"
RUNS = "keras_acai.runs"  # `open_report` of training runs that are not finished


class Commands(typer.core.TyperGroup):
    """The commands of `keras-acai`, and after them those of the entry points."""

    def list_commands(self, context):
        """Returns the names of all commands."""
        return [*super().list_commands(context), *_entry_points(COMMANDS)]

    def get_command(self, context, name):
        """Returns the command of this name, or None."""
        command = super().get_command(context, name)
        if command is None and name in _entry_points(COMMANDS):
            command = typer.main.get_command(load(COMMANDS, name))
            command.name = name
        return command


def load(group, name):
    """Returns what the entry point of this name refers to."""
    return _entry_points(group)[name].load()


@functools.cache
def _entry_points(group):
    return {one.name: one for one in importlib.metadata.entry_points(group=group)}
