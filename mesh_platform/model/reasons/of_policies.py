"""Why findings on policies and waivers matter; what a policy itself finds, the policy explains."""

from __future__ import annotations

from mesh_platform.model.reasons.reason import Reason

POLICIES = {
    "policy.cannot-run": Reason(
        "Every policy that is switched on can run.",
        "what a policy could not judge is never passed.",
    ),
    "policy.duplicate-code": Reason(
        "The code of a policy is its own.",
        "settings and waivers of one would be about the other, too.",
    ),
    "policy.parameter": Reason(
        "A parameter of a policy has the type that the policy asks for.",
        "the policy cannot judge by it, and what it could not judge is never passed.",
    ),
    "policy.too-wide": Reason(
        "The policy of a domain judges that domain.",
        "one domain would decide what blocks all others.",
    ),
    "policy.unknown": Reason(
        "`mesh.yaml` names policies that exist.",
        "the policy that was meant is not in force.",
    ),
    "policy.unknown-parameter": Reason(
        "`mesh.yaml` sets parameters that the policy has.",
        "the policy would judge by another value than was decided.",
    ),
    "policy.until": Reason(
        "A grace has an end, and nothing else has.",
        "teams cannot know from when on the policy blocks.",
    ),
    "maturity.unknown-policy": Reason(
        "A criterion of maturity asks for a policy that exists.",
        "no product could meet it, so no level is told.",
    ),
}

WAIVERS = {
    "waiver.dbtignore": Reason(
        "`.dbtignore` keeps waivers from dbt.",
        "dbt may fail at the file, and nothing of the domain would be built.",
    ),
    "waiver.expired": Reason(
        "A waiver goes when its day has passed.",
        "the file names somebody who approves, and nobody does any more.",
    ),
    "waiver.misplaced": Reason(
        "Waivers stand beside the product or the domain that they are about.",
        "who was granted an exception is blocked all the same.",
    ),
    "waiver.not-needed": Reason(
        "A waiver excuses something.",
        "it would excuse the next violation, too, which nobody has approved.",
    ),
    "waiver.unknown-policy": Reason(
        "A waiver names a policy that exists.",
        "who was granted an exception is blocked all the same.",
    ),
}
