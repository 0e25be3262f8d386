"""Parses each query for Trino and prints, as JSON, what would mean something else there than in DuckDB."""

import json
import sys
from pathlib import Path

from sqlglot import exp, parse
from sqlglot.errors import ErrorLevel, SqlglotError

# DuckDB counts the boundaries between two instants, Trino the whole units. For milliseconds both are the same.
EXACT_UNIT = "millisecond"
# Functions with other names, arguments or results in Trino.
DIFFERENT = {
    "arg_max", "arg_min", "date_add", "date_part", "epoch", "epoch_ms", "list_agg", "median", "mode", "quantile", "quantile_cont",
    "quantile_disc", "string_agg", "strftime", "strptime", "to_days", "try_cast", "unnest", "generate_series", "range",
}


def is_double(node):
    return isinstance(node, exp.Cast) and node.to.is_type("double")


def problems_of(text):
    try:
        trino, duckdb = (parse(text, read=dialect, error_level=ErrorLevel.RAISE) for dialect in ("trino", "duckdb"))
    except SqlglotError as error:
        return [f"does not parse: {error}"]
    if len(trino) != 1 or len(duckdb) != 1:
        return ["is not one statement"]
    [statement] = trino
    found = ["a parameter, which Trino does not name"] if "$" in text else []
    for node in statement.walk():
        sql = node.sql("trino")
        if isinstance(node, exp.Div) and not (is_double(node.left) or is_double(node.right)):
            found.append(f"integer division in one of both: {sql}")
        if isinstance(node, exp.DateDiff) and node.text("unit").lower() != EXACT_UNIT:
            found.append(f"date_diff counts differently: {sql}")
        if isinstance(node, (exp.JSONExtract, exp.JSONExtractScalar)) or "json" in type(node).__name__.lower():
            found.append(f"JSON function: {sql}")
        if isinstance(node, exp.Anonymous) and node.name.lower() in DIFFERENT:
            found.append(f"function {node.name}")
        if isinstance(node, (exp.Quantile, exp.Median, exp.ApproxQuantile, exp.PercentileCont, exp.DateAdd, exp.Explode, exp.Qualify,
                             exp.Placeholder, exp.Parameter, exp.GroupConcat, exp.TryCast, exp.ILike)):
            found.append(f"{type(node).__name__}: {sql}")
        if isinstance(node, exp.Group) and node.args.get("all") is not None:
            found.append("GROUP BY ALL")
        if isinstance(node, exp.Star) and node.args.get("except"):
            found.append("star with exclusions")
    return found


print(json.dumps({path: problems_of(Path(path).read_text()) for path in sys.argv[1:]}))
