"""What known custom properties say: by their names without case and signs, and by their words."""

from __future__ import annotations

import pytest

from mesh_platform.model.changes.terms import MASKING, PERSONAL, custom


@pytest.mark.parametrize("word", [None, "", " ", False, "false", "No", "none", "NONE "])
def test_a_word_that_says_no_is_as_if_nothing_were_said(word: object) -> None:
    assert custom({"personalData": word, "masking": word}, PERSONAL) is None
    assert custom({"personalData": word, "masking": word}, MASKING) is None


@pytest.mark.parametrize("word", [True, "yes", "registration", {"kind": "name"}])
def test_every_other_word_is_kept(word: object) -> None:
    assert custom({"unit": "mi", "personalData": word}, PERSONAL) == word


@pytest.mark.parametrize("name", ["personal_data", "PII", "is-pii", "containsPersonalData"])
def test_a_property_is_known_by_each_of_its_names(name: str) -> None:
    assert custom({name: True}, PERSONAL) is True
    assert custom({name: True}, MASKING) is None
