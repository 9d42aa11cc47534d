"""Fails a step with a message, without a traceback of the platform's code.

Dagster stores the traceback of every error that a step raises, also of a `Failure`. That would put
sixty lines of its own code below the three that say what is wrong.
"""

from collections.abc import Iterator
from contextlib import contextmanager

import dagster as dg
from dagster._core.errors import DagsterUserCodeProcessError
from dagster_shared.error import SerializableErrorInfo

from mesh_platform.errors import MeshError
from mesh_platform.visible import visible


class DescribedError(DagsterUserCodeProcessError, dg.Failure):
    """Fail a step so that Dagster stores the message alone.

    Dagster stores an error that another process reported as it is, without a traceback. It treats
    a failure that brings its own report as such an error.
    """

    def __init__(self, words: str) -> None:
        """Set the message, and forbid retries, which would fail in the same way."""
        shown = visible(words)
        report = SerializableErrorInfo(message=shown, stack=[], cls_name="Failure")
        super().__init__(  # type: ignore[no-untyped-call]
            shown, allow_retries=False, user_code_process_error_infos=[report]
        )


@contextmanager
def in_words() -> Iterator[None]:
    """Fail the step with the message of a `MeshError`.

    Raises:
        DescribedError: the block raised a `MeshError`.
    """
    try:
        yield
    except MeshError as error:
        raise DescribedError(str(error)) from None
