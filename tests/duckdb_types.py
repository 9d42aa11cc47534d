"""Every type that DuckDB has, with values at its edges, for tests that walk all of them."""

from __future__ import annotations

SCALARS: dict[str, tuple[str, ...]] = {
    "BOOLEAN": ("true", "false"),
    "TINYINT": ("-128", "127"),
    "SMALLINT": ("-32768", "32767"),
    "INTEGER": ("-2147483648", "2147483647"),
    "BIGINT": ("-9223372036854775808", "9223372036854775807"),
    "FLOAT": ("-inf", "3.4028235e38", "nan", "-0.0"),
    "DOUBLE": ("inf", "1.7976931348623157e308", "nan", "5e-324"),
    "DECIMAL(4,1)": ("-999.9", "999.9"),
    "DECIMAL(9,9)": ("-0.999999999", "0.000000001"),
    "DECIMAL(18,3)": ("-999999999999999.999", "0"),
    "DECIMAL(38,0)": ("9" * 38, "-" + "9" * 38),
    "DECIMAL(38,10)": (f"{'9' * 28}.{'9' * 10}", "-0.0000000001"),
    "DECIMAL(38,38)": ("0." + "9" * 38, "0"),
    "VARCHAR": ("", "é\N{GRINNING FACE}\t'\"", "null"),
    "BLOB": ("", r"\x00\xFF"),
    "DATE": ("0001-01-01", "9999-12-31"),
    "TIMESTAMP": ("0001-01-01 00:00:00", "9999-12-31 23:59:59.999999"),
    "TIMESTAMP WITH TIME ZONE": ("0001-01-01 00:00:00+00", "2024-02-29 23:59:59.999999+02"),
    "HUGEINT": ("-170141183460469231731687303715884105728", "1"),
    "UTINYINT": ("255",),
    "USMALLINT": ("65535",),
    "UINTEGER": ("4294967295",),
    "UBIGINT": ("18446744073709551615",),
    "UHUGEINT": ("340282366920938463463374607431768211455", "1"),
    "BIGNUM": ("123456789012345678901234567890123456789012",),
    "UUID": ("8f14e45f-ceea-467f-9575-1d8e6b1f2b3a",),
    "JSON": ('{"a": 1}',),
    "ENUM('a', 'b')": ("a",),
    "BIT": ("101",),
    "TIME": ("23:59:59.999999",),
    "TIME_NS": ("23:59:59.999999999",),
    "TIME WITH TIME ZONE": ("23:59:59+02:00",),
    "TIMESTAMP_S": ("2024-02-29 23:59:59",),
    "TIMESTAMP_MS": ("2024-02-29 23:59:59.999",),
    "TIMESTAMP_NS": ("2024-02-29 23:59:59.999999999",),
    "TIMESTAMPTZ_NS": ("2024-02-29 23:59:59.999999999+00",),
    "INTERVAL": ("1 month 2 days",),
    "VARIANT": ("x",),
    "GEOMETRY": ("POINT(1 2)",),
    '"NULL"': (),
}
"""Types of single values, each with values as text that DuckDB casts to the type."""
OTHERS: dict[str, tuple[str, ...]] = {
    "FLOAT[3]": ("[1.0, 2.5, 3.0]",),
    "INTEGER[2][1]": ("[[1, 2]]",),
    "UNION(n INTEGER, s VARCHAR)": ("1",),
    "TUPLE(INTEGER, VARCHAR)": ("(1, x)",),
    "STRUCT(u UUID, i INTEGER)": ("{u: 8f14e45f-ceea-467f-9575-1d8e6b1f2b3a, i: 1}",),
    "MAP(UUID, TIME[])": ("{8f14e45f-ceea-467f-9575-1d8e6b1f2b3a=[10:00:00]}",),
    "STRUCT(a FLOAT[2], t TUPLE(INTEGER, DATE))[]": ("[{a: [1, 2], t: (1, 2024-01-01)}]",),
}
"""Types with parts that no release can hold."""
EVERY = SCALARS | OTHERS


def values(kind: str) -> list[str]:
    """The values of a type as SQL."""
    told = [f"'{text}'" for text in (v.replace("'", "''") for v in EVERY[kind])]
    return [f"cast({text} as {kind})" for text in told]
