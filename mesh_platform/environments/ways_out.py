"""Keep the commands that a message advises in the environment that the message is about."""

from __future__ import annotations

import re

DEFAULT_ENVIRONMENT = "dev"
_COMMAND = re.compile(
    r"\bmesh (?:product \w+|policy \w+|export \w+|build|check|compliance|dbt|diff|doctor|lineage"
    r"|list|plan|read|releases|rollback|show|status|sync|up|verify)\b"
)
"""A command without its arguments; `mesh env` names environments itself."""


def option_of(environment: str) -> str:
    """Return the option of a command that names an environment: ` --env prod`, or nothing."""
    return "" if environment == DEFAULT_ENVIRONMENT else f" --env {environment}"


def in_environment(text: str, environment: str) -> str:
    """Have each command in a text name the environment, unless the text names one already."""
    if "--env" in text:
        return text
    return _COMMAND.sub(lambda command: command[0] + option_of(environment), text)
