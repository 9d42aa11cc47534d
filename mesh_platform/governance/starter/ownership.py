"""Who answers for data, and how to reach them."""

from __future__ import annotations

from mesh_platform.governance.examples import a_domain, a_product
from mesh_platform.governance.policy import Violation, policy
from mesh_platform.governance.subjects import DomainSubject, ProductSubject

_NOBODY = ("", "unknown", "tbd", "todo", "none", "n/a")


@policy("domain.owner")
def domain_owner(domain: DomainSubject) -> Violation | None:
    """A domain names the team that owns it and an address that is read.

    A `domain.yaml` without owner, team or email is refused before; this is about words that name
    nobody.

    Why: data without an owner decays, and nobody may change it either.
    """
    team, email = domain.domain.team, domain.domain.email
    if team.strip().lower() in _NOBODY or "@" not in email.strip(" @"):
        return Violation(
            f"domain `{domain.name}` has no owner who can be reached: its team is `{team}`, "
            f"its address `{email}`",
            "under `owner` in domain.yaml, name the team that answers, and an email that it reads",
        )
    return None


@domain_owner.good
def _a_team_with_an_address() -> DomainSubject:
    return a_domain(team="sales-team", email="sales@example.com")


@domain_owner.bad
def _nobody() -> DomainSubject:
    return a_domain(team="unknown", email="unknown")


@domain_owner.bad
def _a_team_that_cannot_be_reached() -> DomainSubject:
    return a_domain(team="sales-team", email="ask at the desk")


@policy("product.owner-agrees")
def product_owner_agrees(product: ProductSubject) -> Violation | None:
    """A product that names a team names the team of its domain.

    Why: two owners are none: each waits for the other.
    """
    team, owner = product.product.team, product.domain.domain.team
    if team is not None and product.domain.unreadable:
        said = f"the team is `{team}`, and whom the domain belongs to cannot be read"
        return Violation(said, "mend domain.yaml first")
    if team is not None and team != owner:
        return Violation(
            f"the team is `{team}`, but the domain belongs to `{owner}`",
            f"write `team: {{name: {owner}}}`, or move the product to the domain of `{team}`",
        )
    return None


@product_owner_agrees.good
def _the_team_of_the_domain() -> ProductSubject:
    return a_product(team="sales-team")


@product_owner_agrees.bad
def _another_team() -> ProductSubject:
    return a_product(team="finance")


@policy("product.contact")
def product_contact(product: ProductSubject) -> Violation | None:
    """A product says where to ask about it.

    Why: who cannot ask guesses, or asks the wrong team.
    """
    if not product.product.support:
        return Violation(
            "the product does not say where to ask",
            "add a channel under `support` in the descriptor",
        )
    return None


@product_contact.good
def _a_channel() -> ProductSubject:
    return a_product(support=("https://example.com/ask",))


@product_contact.bad
def _nowhere_to_ask() -> ProductSubject:
    return a_product(support=())
