"""Why findings on changes matter: versions, who is reached, who agreed, and what SQL reads."""

from __future__ import annotations

from mesh_platform.model.reasons.reason import Reason

VERSIONS = {
    "version.backwards": Reason(
        "A version never goes back.",
        "consumers would meet a number a second time, with another meaning.",
    ),
    "version.too-small": Reason(
        "A version says at least what changed.",
        "consumers go by the number: they would take the change for less than it is.",
    ),
}

AGREEMENTS = {
    "ack.dbtignore": Reason(
        "`.dbtignore` keeps acknowledgements from dbt.",
        "dbt may fail at the file, and nothing of the domain would be built.",
    ),
    "ack.expired": Reason(
        "A consumer's word counts until its day.",
        "the consumer gets no new data, and nobody answers for that any more.",
    ),
    "ack.misplaced": Reason(
        "An acknowledgement lies in the folder of the product whose team agrees.",
        "who wrote it believes to have agreed, and the plan goes on asking.",
    ),
    "ack.not-an-input": Reason(
        "A consumer agrees to changes of ports that it reads.",
        "the word settles nothing, and the port that was meant still breaks the consumer.",
    ),
    "ack.other-change": Reason(
        "A consumer has agreed to the change that comes.",
        "its team does not expect this break.",
    ),
    "change.half-moved": Reason(
        "A consumer that has moved to a new major reads what that promises.",
        "its next build fails, and its readers get nothing new.",
    ),
    "change.not-agreed": Reason(
        "A break reaches only consumers that have moved or agreed.",
        "they rely on what is promised now: their builds fail, their numbers are wrong, or come"
        " too late.",
    ),
    "change.moved-onto": Reason(
        "Who moves to another major looks at what means something else there.",
        "a number that means another amount is released as before, and no check can tell.",
    ),
    "plan.not-compared": Reason(
        "What changes can be compared with what was promised.",
        "a break in it would reach its consumers unseen.",
    ),
}

LINEAGE = {
    "lineage.less-protected": Reason(
        "A column is at least as classified as every column whose values it holds.",
        "values that one product protects are open at the next, and nobody is asked.",
        withholds=True,
    ),
    "lineage.no-column": Reason(
        "SQL reads columns that are there.",
        "a build on what its inputs promise now fails, and consumers get nothing new.",
        withholds=True,
    ),
    "lineage.not-returned": Reason(
        "A model returns all columns that its contract promises.",
        "the next release is withheld, and consumers get nothing new.",
        withholds=True,
    ),
    "lineage.undeclared-read": Reason(
        "SQL reads the input ports of its product and nothing else.",
        "whose table it is does not know of this reader, and may break it unasked.",
    ),
    "lineage.unit-test": Reason(
        "A unit test of a model can run.",
        "the next build fails, and consumers get nothing new.",
        withholds=True,
    ),
    "lineage.unused-input": Reason(
        "A product reads every input port that it declares.",
        "its provider asks and waits for a team that a change does not concern.",
    ),
    "lineage.unvouched": Reason(
        "Lineage can follow the SQL.",
        "whom a change reaches through this model cannot be told for sure.",
    ),
}
