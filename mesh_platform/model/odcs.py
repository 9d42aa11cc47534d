"""Read an ODCS contract file: validate it, convert it, then check that it can be kept.

The schema of the version that a file names judges it. Only then is the file converted to 3.2.0.
What the standard allows but the platform cannot keep becomes a finding of its own.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from mesh_platform.errors import MeshError
from mesh_platform.model.contract import Contract, Operator
from mesh_platform.model.contract_reader import contract_from
from mesh_platform.model.documents import Document, parse_document, read_document
from mesh_platform.model.findings import Finding
from mesh_platform.model.lint import contract_findings
from mesh_platform.model.misplaced import homes_of
from mesh_platform.model.odcs_upgrade import upgraded
from mesh_platform.model.odcs_versions import (
    NEWEST,
    READ,
    known_keys,
    later_keys,
    later_words,
    validator_of,
)
from mesh_platform.model.variables import resolved
from mesh_platform.model.verdict import Standard, judge, shown

_OPERATORS = frozenset(operator.value for operator in Operator)


def read_contract(
    path: Path, shown: str, variables: Mapping[str, str] | None = None
) -> tuple[Contract | None, list[Finding]]:
    """Read one contract.

    Args:
        path: the `*.odcs.yaml` file.
        shown: its name in messages, relative to the mesh.
        variables: values of `${NAME}`.

    Returns:
        The contract with warnings at most, or None and at least one error.

    Raises:
        MeshError: the file cannot be read as YAML.
    """
    return _sound(*read_draft(path, shown, variables))


def read_draft(
    path: Path, shown: str, variables: Mapping[str, str] | None = None
) -> tuple[Contract | None, list[Finding]]:
    """Read one contract as `read_contract` does, but return one that contradicts itself, too."""
    return _contract(read_document(path, shown), variables or {})


def parse_contract(
    text: str, shown: str, variables: Mapping[str, str] | None = None
) -> tuple[Contract | None, list[Finding]]:
    """Read the text of a contract that was kept elsewhere, as `read_contract` does."""
    return _sound(*_contract(parse_document(text, shown), variables or {}))


def _sound(
    contract: Contract | None, findings: list[Finding]
) -> tuple[Contract | None, list[Finding]]:
    return (None if any(f.blocking for f in findings) else contract), findings


def contract_as_written(text: str, shown: str) -> Contract:
    """Read the text of a contract that was kept elsewhere, without filling `${NAME}`.

    What variables fill is never a name, a version or a column.

    Raises:
        MeshError: the text is not a contract.
    """
    document, findings = newest_document(text, shown)
    contract = None
    if not any(finding.blocking for finding in findings):
        contract, findings = contract_from(document)
    if contract is None:
        wrong = min(findings, key=lambda finding: not finding.blocking)
        raise MeshError(wrong.message, place=wrong.place, fix=wrong.fix)
    return contract


def newest_document(text: str, shown: str) -> tuple[Document, list[Finding]]:
    """Read the text of a contract and convert it to the newest version of the standard.

    `${NAME}` is not filled; `apiVersion` stays that of the file.

    Raises:
        MeshError: the text is not YAML, or not a mapping.
    """
    document = parse_document(text, shown)
    findings = standard_findings(document) or _version_findings(document)
    if findings:
        return document, findings
    newest, findings = _as_newest(document)
    data = {**newest.data, "apiVersion": document.data["apiVersion"]}
    return replace(newest, data=data), findings


def _contract(
    document: Document, variables: Mapping[str, str]
) -> tuple[Contract | None, list[Finding]]:
    findings = standard_findings(document)
    if findings:
        return None, findings
    if findings := _version_findings(document):
        return None, findings
    document, findings = resolved(*_as_newest(document), variables)
    if any(finding.blocking for finding in findings):
        return None, findings
    contract, unreadable = contract_from(document)
    findings += unreadable
    if contract is not None:
        findings += contract_findings(contract, document)
    return contract, findings


def standard_findings(document: Document) -> list[Finding]:
    """Return the findings of the standard's schema, in the version that the file names."""
    version = document.data.get("apiVersion")
    older = f" {version}" if version in READ and version != NEWEST else ""
    name = f"the contract standard (ODCS{older})"
    standard = Standard(
        "contract",
        name,
        known_keys(version),
        later_keys(version),
        later_words(version),
        NEWEST,
        _OPERATORS,
        homes_of(version),
    )
    return judge(document, validator_of(version), standard)


def _version_findings(document: Document) -> list[Finding]:
    """Refuse a version such as 2.x, which the schema allows by name though its files differ."""
    version = document.data["apiVersion"]
    if version in READ:
        return []
    return [
        Finding(
            "contract.api-version",
            f"the version {shown(version)} of the contract standard is not read",
            document.place(("apiVersion",)),
            f"write the contract as `apiVersion: {NEWEST}`",
        )
    ]


def _as_newest(document: Document) -> tuple[Document, list[Finding]]:
    """Return the document as 3.2.0, with findings on what 3.2.0 cannot express."""
    if document.data["apiVersion"] == NEWEST:
        return document, []
    newer, findings = upgraded(document)
    standard = Standard("upgrade", f"ODCS {NEWEST}", known_keys(NEWEST), operators=_OPERATORS)
    findings += map(_as_upgrade, judge(newer, validator_of(NEWEST), standard))
    return newer, findings


def _as_upgrade(finding: Finding) -> Finding:
    """Turn the finding on a key without meaning into a warning; return any other as it is."""
    if finding.code != "upgrade.unknown-key":
        return finding
    return replace(finding, severity="warning")
