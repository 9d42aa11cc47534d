"""The policies that come with the platform: each explained, each with cases, each readable."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
import re
from pathlib import Path

import pytest

from mesh_platform.governance import starter
from mesh_platform.governance.cases import missing, try_policy
from mesh_platform.governance.policy import Policy, policies_of

POLICIES = [
    policy
    for module in pkgutil.iter_modules(starter.__path__, f"{starter.__name__}.")
    for policy in policies_of(importlib.import_module(module.name))
]
PAGE = Path(__file__).parents[2] / "docs" / "policies.md"
codes = [policy.info.code for policy in POLICIES]


def test_there_are_at_least_24_and_no_two_of_one_code() -> None:
    assert len(POLICIES) >= 24
    assert len(set(codes)) == len(codes)


@pytest.mark.parametrize("policy", POLICIES, ids=codes)
def test_the_cases_of_a_policy_hold(policy: Policy) -> None:
    tried = try_policy(policy)
    assert missing(tried) is None
    assert [each for each in tried if each.problem] == []


@pytest.mark.parametrize("policy", POLICIES, ids=codes)
def test_a_policy_is_short_and_its_violations_say_a_way_out(policy: Policy) -> None:
    body = inspect.getsource(policy.check).split('"""')[-1]
    statements = re.findall(r"^ {4,}(?:if|for|yield|return|\w+(?:, \w+)* =)", body, re.MULTILINE)
    assert len(statements) <= 9, statements
    for case in policy.cases:
        found = policy(case.build(), **case.parameters)
        several = [found] if hasattr(found, "message") else list(found or ())
        assert all(violation.fix for violation in several)


@pytest.mark.parametrize("policy", POLICIES, ids=codes)
def test_the_page_for_the_governance_group_names_every_policy(policy: Policy) -> None:
    assert f"`{policy.info.code}`" in PAGE.read_text(encoding="utf-8")
