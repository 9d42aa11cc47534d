"""What known custom properties say: by their names without case and signs, and by their words."""

from __future__ import annotations

from itertools import permutations
from typing import Any

import pytest

from mesh_platform.contract_diff.terms import MASKING, PERSONAL, custom
from mesh_platform.contract_diff.values import Level
from tests.contract_diff.contracts import Document, level_of


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


def _says(**said: Any) -> Document:
    return {
        "customProperties": [{"property": name, "value": value} for name, value in said.items()]
    }


SAID_ALIKE: list[list[Document]] = [
    [
        {},
        _says(personalData=False),
        _says(pii="no"),
        _says(personal_data=None),
        _says(isPii="NONE"),
    ],
    [_says(personalData=True), _says(pii="true"), _says(isPii="Yes", personalData=True)],
    [_says(personalData="email"), _says(PII="email"), _says(pii="email", personalData=False)],
    [{}, _says(masking=False), _says(mask="none"), _says(maskingRule="")],
    [_says(masking="hash"), _says(mask="hash"), _says(mask="hash", masking="none")],
    [{}, _says(unit="none"), _says(uom=None)],
    [_says(unit="km"), _says(unitOfMeasure="km"), _says(unit="km", uom="km")],
    [_says(grain="order"), _says(data_granularity="order")],
    [_says(default=0), _says(defaultValue=0.0)],
]


@pytest.mark.parametrize("alike", SAID_ALIKE, ids=range(len(SAID_ALIKE)))
def test_a_meaning_said_by_another_name_or_denied_in_another_word_is_a_patch(
    alike: list[Document],
) -> None:
    for old, new in permutations(alike, 2):
        assert level_of(old, new) is Level.PATCH, (old, new)


@pytest.mark.parametrize(
    ("old", "new", "level"),
    [
        (_says(personalData=False), _says(personalData=True), Level.MAJOR),
        (_says(personalData=True), _says(pii=False), Level.MAJOR),
        (_says(personalData="email"), _says(pii="name"), Level.MAJOR),
        (_says(masking="hash"), _says(masking="none"), Level.MAJOR),
        (_says(masking="none"), _says(masking="hash"), Level.MAJOR),
        (_says(unit="none"), _says(unit="km"), Level.MINOR),
        (_says(unit="km"), _says(unit="km", uom="miles"), Level.MAJOR),
        ({}, _says(default=False), Level.MINOR),
        (_says(default=False), _says(default=True), Level.MAJOR),
        (_says(default=1), _says(default=True), Level.MAJOR),
    ],
)
def test_another_meaning_is_no_patch(old: Document, new: Document, level: Level) -> None:
    assert level_of(old, new) is level
