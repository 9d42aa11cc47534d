"""Ends a step with words instead of an error of the platform's code."""

from collections.abc import Iterator
from contextlib import contextmanager

import dagster as dg

from mesh_platform.errors import MeshError


@contextmanager
def in_words() -> Iterator[None]:
    """Fail the step with what a `MeshError` says; its traceback tells an operator nothing.

    Raises:
        dagster.Failure: an error was raised inside the block.
    """
    try:
        yield
    except MeshError as error:
        raise dg.Failure(description=str(error), allow_retries=False) from None
