"""The words that need quotes are those of the engine."""

import duckdb

from mesh_platform.model.reserved_words import RESERVED_WORDS
from mesh_platform.model.type_text import quoted_name

_OURS = "select keyword_name from duckdb_keywords() where keyword_category in "


def test_the_reserved_words_are_those_of_duckdb() -> None:
    asked = f"{_OURS} ('reserved', 'type_function')"
    assert {word for (word,) in duckdb.sql(asked).fetchall()} == RESERVED_WORDS


def test_any_keyword_can_be_a_column_as_it_is_written() -> None:
    for (word,) in duckdb.sql("select keyword_name from duckdb_keywords()").fetchall():
        name = quoted_name(word.upper())
        duckdb.sql(
            f'select cast({name} as integer) as {name} from (select 1 as "{word}")'
        ).fetchall()
