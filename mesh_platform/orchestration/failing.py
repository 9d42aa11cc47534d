"""Ends a step with words instead of an error of the platform's code.

Dagster stores the traceback of whatever a step raises, also of a `Failure`: sixty lines of its own
code below the three that say what is wrong.
"""

from collections.abc import Iterator
from contextlib import contextmanager

import dagster as dg
from dagster._core.errors import DagsterUserCodeProcessError
from dagster_shared.error import SerializableErrorInfo

from mesh_platform.errors import MeshError
from mesh_platform.visible import visible


class DescribedError(DagsterUserCodeProcessError, dg.Failure):
    """A failure of which Dagster keeps the words alone.

    Of an error that another process has reported Dagster stores that report as it is, and adds no
    traceback; a failure that brings its own report is taken for one.
    """

    def __init__(self, words: str) -> None:
        """Fail with these words; a second try would end in the same."""
        shown = visible(words)
        report = SerializableErrorInfo(message=shown, stack=[], cls_name="Failure")
        super().__init__(  # type: ignore[no-untyped-call]
            shown, allow_retries=False, user_code_process_error_infos=[report]
        )


@contextmanager
def in_words() -> Iterator[None]:
    """Fail the step with what a `MeshError` says.

    Raises:
        DescribedError: an error was raised inside the block.
    """
    try:
        yield
    except MeshError as error:
        raise DescribedError(str(error)) from None
