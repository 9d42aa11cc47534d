"""What is told of a message of dbt."""

from __future__ import annotations

from mesh_platform.engines.dbt.runner import _message

RAISED = """\
Runtime Error in model enriched (products/revenue/enriched.py)
  Python model failed:
  Traceback (most recent call last):
    File "/tmp/tmpabc.py", line 12, in model
      t["fee"] = t["prise"]
                 ~^^^^^^^^^
KeyError: 'prise'
"""


def test_of_a_python_model_that_raises_the_error_is_told_and_no_frame() -> None:
    assert _message("model", RAISED) == (
        "Runtime Error in model enriched (products/revenue/enriched.py) Python model failed:"
        " KeyError: 'prise'"
    )


def test_a_message_without_frames_is_told_on_one_line() -> None:
    assert _message("model", "Binder Error:\n  no column") == "Binder Error: no column"
