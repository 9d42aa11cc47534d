"""Why findings on contracts matter: on what they say, on their rules, on how they are written."""

from __future__ import annotations

from mesh_platform.model.reasons.reason import Reason

PROMISES = {
    "contract.api-version": Reason(
        "A contract is written for a version of the standard that is read.",
        "what its words mean would be a guess, so nothing of it is held.",
    ),
    "contract.day": Reason(
        "A day in a contract is one that a program can read.",
        "nobody is warned in time of a day that no program understands.",
    ),
    "contract.duration": Reason(
        "A length of time in a contract is a number with a unit.",
        "nothing can tell whether the promise is kept, nor whether a change makes it worse.",
    ),
    "contract.schedule": Reason(
        "A schedule is a cron of five fields.",
        "the whole domain is refused by Dagster, so none of its products is built.",
    ),
    "contract.time-zone": Reason(
        "A time zone is a name of the IANA list.",
        "the whole domain is refused by Dagster, so none of its products is built.",
    ),
    "contract.contradiction": Reason(
        "What a column promises can be kept.",
        "every release with a value there would be withheld.",
    ),
    "contract.duplicate-column": Reason(
        "Each column of a contract has a name of its own.",
        "neither readers nor SQL can say which of the two they mean.",
    ),
    "contract.duplicate-id": Reason(
        "Each contract has an id of its own.",
        "who refers to a contract by its id cannot know which promise is meant.",
    ),
    "contract.enum-twice": Reason(
        "Each allowed value stands once.",
        "one of the two may be meant as another value, which is refused now.",
    ),
    "contract.enum-value": Reason(
        "Each allowed value fits what the column promises besides.",
        "a row with this value withholds the release, though the contract allows it.",
    ),
    "contract.example": Reason(
        "An example is a value that the column may have.",
        "readers write code for values that never come.",
    ),
    "contract.key-position": Reason(
        "The columns of a key are numbered from 1 without gaps.",
        "in which order the columns make the key is left to chance.",
    ),
    "contract.long-name": Reason(
        "Names are short enough for common engines.",
        "an engine that cuts names takes two for the same, or finds none.",
    ),
    "contract.measure": Reason(
        "A measure promises nothing that only a stored column can keep.",
        "readers would rely on a promise that no check looks at.",
    ),
    "contract.name": Reason(
        "Tables and columns have names that can be written.",
        "nobody could name it in a query.",
    ),
    "contract.no-columns": Reason(
        "A contract promises at least one column.",
        "consumers have nothing to rely on, and checks nothing to hold.",
    ),
    "contract.no-port": Reason(
        "A contract is that of a port.",
        "who reads the file takes it for a promise, and no check holds it.",
    ),
    "contract.no-type": Reason(
        "A column has a type.",
        "its type may change with any release, and no check tells its readers.",
    ),
    "contract.not-masked": Reason(
        "What a contract says of masking is true of the data.",
        "who reads the port sees values that its contract calls masked.",
    ),
    "contract.one-table": Reason(
        "The contract of a port describes one table.",
        "what the port promises is open, so no check can hold it.",
    ),
    "contract.pattern": Reason(
        "A pattern is a regular expression that the engine knows.",
        "its check could never run, so nothing would be released.",
        withholds=True,
    ),
    "contract.type": Reason(
        "A column has one type, which DuckDB has and a release can hold.",
        "every release would be withheld: no table of that type can be written, or read again.",
        withholds=True,
    ),
    "contract.two-bounds": Reason(
        "One side of a column has one bound.",
        "readers cannot tell which of the two decides.",
    ),
}

RULES = {
    "contract.cannot-run": Reason(
        "Every check of a contract can run.",
        "a check that cannot run protects no reader, and withholds releases where it blocks.",
        withholds=True,
    ),
    "contract.duplicate-rule": Reason(
        "Each rule of a contract has a name of its own.",
        "who sees the result of `…_2` does not know which of the two it is.",
    ),
    "contract.no-metric": Reason(
        "A rule of the library says what it counts.",
        "it looks like a check and counts nothing: readers are not protected.",
    ),
    "contract.percent": Reason(
        "A percentage is a number from 0 to 100.",
        "the rule would hold always or never, whatever the data.",
    ),
    "contract.rule-arguments": Reason(
        "A rule has the arguments that it counts by.",
        "what it counts is open, so it protects no reader.",
    ),
    "contract.rule-column": Reason(
        "A rule measures a column of its contract.",
        "its check could never run, so nothing would be released.",
    ),
    "contract.rule-columns": Reason(
        "A rule says which columns it measures.",
        "what it counts is open, so it protects no reader.",
    ),
    "contract.unit": Reason(
        "A limit is in rows or in per cent.",
        "the limit may be far from what was meant, and let bad data out.",
    ),
    "contract.unknown-argument": Reason(
        "A rule has no argument that it does not use.",
        "what the argument was to say has no effect on what is counted.",
    ),
    "contract.unknown-severity": Reason(
        "A rule is an error, a warning or for information.",
        "whether it withholds a release is open.",
    ),
    "*.no-operator": Reason(
        "A rule says what must hold.",
        "what it counts is compared with nothing: it would never object.",
    ),
    "*.threshold": Reason(
        "A rule compares with a value that its operator can use.",
        "nothing can be compared with this one: the rule would never decide.",
    ),
    "*.two-operators": Reason(
        "A rule compares by one operator.",
        "which of them decides about a release would be a guess.",
    ),
}

FILES = {
    "*.invalid": Reason(
        "A file says only what its format allows.",
        "a file that is not understood is not read: what it says does not count.",
    ),
    "*.missing-key": Reason(
        "A file says all that its format needs.",
        "a file with a gap is not read: what else it says does not count either.",
    ),
    "*.unknown-key": Reason(
        "A file has no key that its format does not know.",
        "nobody reads an unknown key: what it was to say has no effect.",
    ),
    "upgrade.version": Reason(
        "A contract is written for the newest version of the standard that is read.",
        "its words are taken as the newest version means them, which may be another sense.",
    ),
    "variable.missing": Reason(
        "Each variable has a value or a default.",
        "what the file says there is open: nothing can be built by it.",
    ),
    "variable.not-filled": Reason(
        "A variable stands only where it is filled.",
        "readers meet `${…}` as if it were the value.",
    ),
}
