"""Give the reasons why findings on domains, products, ports and their files for dbt matter."""

from __future__ import annotations

from mesh_platform.model.reasons.reason import Reason

DOMAINS = {
    "domain.dbt-key": Reason(
        "`dbt_project.yml` has no keys but those that dbt knows.",
        "dbt reads nothing of the project, so none of the domain's products is built.",
    ),
    "domain.dbt-version": Reason(
        "`require-dbt-version` holds the version of dbt that is installed.",
        "dbt does not start in a project that asks for another one.",
    ),
    "domain.layout": Reason(
        "A domain is a dbt project and a code location of its name.",
        "dbt or Dagster does not find the domain, so none of its products is built.",
    ),
    "domain.location": Reason(
        "Dagster's list of code locations has every domain.",
        "nobody sees the domain in Dagster, and no schedule builds its products.",
    ),
    "domain.name": Reason(
        "A domain is called as its folder, in a name that can be written everywhere.",
        "paths, tables and commands follow from the name: readers would look elsewhere.",
    ),
}

FILES = {
    "file.kind": Reason(
        "What lies in a domain's folder is a file or a folder that can be read.",
        "dbt would end there, or wait for what a pipe or a device never says.",
    ),
}

PRODUCTS = {
    "product.cycle": Reason(
        "Products do not read each other in a circle.",
        "none of them can be built before the others, so readers of all get nothing new.",
    ),
    "product.id": Reason(
        "The id of a product says where it is.",
        "who knows a product by its id alone does not find it.",
    ),
    "product.name": Reason(
        "A product has a name that can be written everywhere.",
        "folder, tables and commands follow from the name, and would not fit together.",
    ),
    "product.no-port": Reason(
        "A product offers an output port.",
        "there is nothing that a consumer could read.",
    ),
    "product.status": Reason(
        "The status of a product is one of the agreed words.",
        "neither people nor programs can tell whether to rely on it.",
    ),
}

INPUTS = {
    "input.acknowledged": Reason(
        "An input port names a version that is offered.",
        "the product stays as its last release is, and its readers get nothing newer.",
    ),
    "input.contract-id": Reason(
        "An input port names a port of a mesh.",
        "nobody can tell whose data the product stands on, so it cannot be built.",
    ),
    "input.format": Reason(
        "An input port names a format that can be read.",
        "no reader serves it, so the product cannot be built.",
    ),
    "input.location": Reason(
        "The location of an input port is one file.",
        "no reader serves anything else, so the product cannot be built.",
    ),
    "input.no-source": Reason(
        "An input port says where its data comes from.",
        "there is nothing to read, so the product cannot be built.",
    ),
    "input.option": Reason(
        "What an input port says of its file can be followed.",
        "the file would be read in another way than the team means.",
    ),
    "input.unknown-port": Reason(
        "An input port names a port that is offered.",
        "there is nothing to read: neither the product nor what reads it can be built.",
    ),
    "input.version": Reason(
        "An input port names a version that is offered.",
        "the SQL may rely on something that no release promises.",
    ),
}

PORTS = {
    "port.contract-id": Reason(
        "A port and its contract have the same name.",
        "consumers would rely on a promise that is another port's.",
    ),
    "port.name": Reason(
        "A port has a name that can be written everywhere.",
        "files, tables and commands follow from the name, and would not fit together.",
    ),
    "port.name-clash": Reason(
        "The name of a port is unique within its domain.",
        "both would be one table: readers would get the rows of either.",
    ),
    "port.no-contract": Reason(
        "An output port has a contract.",
        "consumers would read data of which nobody promises anything.",
    ),
    "port.same-table": Reason(
        "Each port promises a table of its own.",
        "one model would have to keep two promises: a change for one breaks the other.",
    ),
    "port.version": Reason(
        "A port and its contract say the same version.",
        "consumers cannot know which of the two they rely on.",
    ),
    "suite.no-port": Reason(
        "A suite of expectations belongs to a port.",
        "it never runs: what it was to catch goes out to readers.",
    ),
}

FOR_DBT = {
    "generated.in-the-way": Reason(
        "The names of generated files are left to the platform.",
        "dbt goes by what stands there, and never learns what contracts and ports say.",
    ),
    "generated.out-of-step": Reason(
        "Generated files fit what they are made from.",
        "dbt finds no source that is not in them, and people read columns that are promised no"
        " more.",
    ),
    "generated.left-behind": Reason(
        "A generated file goes with its product.",
        "dbt still describes models that nobody has any more.",
    ),
    "ports.described-twice": Reason(
        "The model behind a port is described by its contract alone.",
        "dbt stops at the second description, and nothing of the domain is built.",
        stops=True,
    ),
    "ports.drift": Reason(
        "What dbt is told of a port follows from its contract.",
        "dbt, and who reads its pages, goes by another promise than consumers do.",
    ),
    "generated.profile": Reason(
        "A domain's folder links to the profile that all domains share.",
        "who starts dbt there reads that no profile is found, not that `mesh dbt` starts it.",
    ),
    "sources.columns": Reason(
        "What dbt is told of an input follows from the provider's contract.",
        "who writes SQL by dbt's pages looks for columns that are not there.",
    ),
    "sources.drift": Reason(
        "What dbt is told of inputs follows from the input ports.",
        "dbt does not know what the SQL may read, so builds fail.",
    ),
    "suite.read-by-dbt": Reason(
        "`.dbtignore` keeps suites that are written in Python from dbt.",
        "dbt fails at the file, and nothing of the domain is built.",
    ),
}

MODELS = {
    "model.cycle": Reason(
        "Models of a domain do not read each other in a circle.",
        "there is none of them that dbt could build first, so it builds nothing of the domain.",
        stops=True,
    ),
    "model.dbt-contract": Reason(
        "Where dbt enforces a contract of its own, files of properties describe every column.",
        "dbt builds no model without the types of all its columns, so nothing is released.",
        withholds=True,
    ),
    "model.described-twice": Reason(
        "A model, a seed, a snapshot or a macro is described once.",
        "dbt stops at the second description, and nothing of the domain is built.",
        stops=True,
    ),
    "model.disabled": Reason(
        "The model behind a port is enabled.",
        "dbt leaves it out, so there is nothing to release.",
        withholds=True,
    ),
    "model.docs": Reason(
        "A description names blocks of docs that somebody wrote.",
        "dbt reads nothing of a domain in which one is missing.",
        stops=True,
    ),
    "model.elsewhere": Reason(
        "The model behind a port builds the table that its contract names.",
        "the platform looks for the table there and finds none, so nothing is released.",
        withholds=True,
    ),
    "model.empty": Reason(
        "A model holds a SELECT.",
        "there is nothing that the engine could run, so nothing is built.",
        withholds=True,
    ),
    "model.keeps-rows": Reason(
        "Only the model behind a port keeps rows from one build to the next.",
        "the rows are in no release, so what is released depends on what was built before.",
        withholds=True,
    ),
    "model.materialized": Reason(
        "The model behind a port leaves a table or a view.",
        "there is nothing from which a release could be written, or it is written unchecked.",
        withholds=True,
    ),
    "model.strategy": Reason(
        "An incremental model adds its rows in a way that dbt has for DuckDB.",
        "the first build releases, and each one after it fails.",
        withholds=True,
    ),
    "model.missing": Reason(
        "Behind each port stands a model of its table's name.",
        "there is nothing to release.",
        withholds=True,
    ),
    "model.name": Reason(
        "Models, seeds and snapshots have names that every tool can write.",
        "the domain is not loaded by Dagster, so none of its products is built.",
        stops=True,
    ),
    "model.name-clash": Reason(
        "What dbt knows by its name has a name of its own: models, seeds, sources, macros, tests.",
        "dbt cannot tell which one is meant, and builds nothing of the domain.",
        stops=True,
    ),
    "model.of-package": Reason(
        "A model reads models of its domain; of a package it takes macros, seeds and tests.",
        "nothing builds the table, so the build ends with the engine's error.",
        withholds=True,
    ),
    "model.private": Reason(
        "A model that dbt keeps to its group is read by models of that group alone.",
        "dbt reads nothing of a domain in which another model names it.",
        stops=True,
    ),
    "model.properties": Reason(
        "Files of properties are YAML, and say what dbt takes.",
        "dbt reads nothing of a domain in which it refuses one file.",
        stops=True,
    ),
    "model.python": Reason(
        "A model in Python is a program that Python can read.",
        "dbt reads nothing of a domain in which it cannot read one file.",
        stops=True,
    ),
    "model.seed": Reason(
        "A seed that a model reads has rows as long as its header, and types that DuckDB knows.",
        "a build would end while the seed is loaded, and nothing would be released.",
        withholds=True,
    ),
    "model.semicolon": Reason(
        "The SQL of a model or test is one SELECT without a semicolon at its end.",
        "the engine refuses the statement around it, so nothing is built.",
        withholds=True,
    ),
    "model.sql": Reason(
        "The SQL of a model is a SELECT that DuckDB can run over what its inputs promise.",
        "a build would end with DuckDB's error, and nothing would be released.",
        withholds=True,
    ),
    "model.template": Reason(
        "The template of a model, a test or a macro is one that dbt can read.",
        "dbt reads nothing of a domain in which it cannot read one file.",
        stops=True,
    ),
    "model.type": Reason(
        "The model behind a port returns the columns of its contract, with types that fit.",
        "a build refuses what the model returns, and nothing is released.",
        withholds=True,
    ),
    "model.undefined": Reason(
        "Templates and files of properties name what is there: macros, variables, tests, models.",
        "dbt reads nothing of a domain in which one is missing.",
        stops=True,
        withholds=True,
    ),
    "model.unreadable": Reason(
        "Models, tests and what stands beside them are text in UTF-8, of at most 2 MB.",
        "dbt reads nothing of a domain in which it cannot read one file.",
        stops=True,
    ),
}
