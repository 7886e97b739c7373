"""What a query may do, judged by the plan that Spark's own parser makes of it: read the lake's tables, nothing else.

A parsed plan names every table, function and statement as it is written, whatever quotes, comments, subqueries or CTEs
it stands in; nothing of it has been looked up or run yet.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from pyspark.sql import SparkSession

from jobs.errors import GridlakeError
from jobs.registry import SCHEMAS

PROTECTED = "protected"
QUERY_NODES = frozenset(
    {
        "Aggregate", "AsOfJoin", "Deduplicate", "Distinct", "Except", "Filter", "Generate", "GlobalLimit", "Intersect",
        "Join", "LateralJoin", "LocalLimit", "LocalRelation", "Offset", "OneRowRelation", "PipeOperator", "Pivot",
        "Project", "RelationTimeTravel", "Repartition", "RepartitionByExpression", "Sample", "Sort", "SubqueryAlias",
        "Tail", "Union", "UnresolvedHaving", "UnresolvedHint", "UnresolvedInlineTable", "UnresolvedRelation",
        "UnresolvedSubqueryColumnAliases", "UnresolvedTVFAliases", "UnresolvedTableValuedFunction", "UnresolvedWith",
        "Unpivot", "Window", "WithWindowDefinition",
    }
)  # fmt: skip
"""Plans of queries that read: all else is a statement (DDL, DML, SET, a script), or runs what is not told."""
ROW_FUNCTIONS = frozenset(
    {
        "explode", "explode_outer", "inline", "inline_outer", "json_tuple", "posexplode", "posexplode_outer", "range",
        "stack", "variant_explode", "variant_explode_outer",
    }
)  # fmt: skip
"""Functions that may stand where a table does; others read tables or paths by name."""
CALLS_JAVA = frozenset({"java_method", "reflect", "try_reflect"})
BUILT_NAMES = frozenset({"ExpressionWithUnresolvedIdentifier"})
"""Expressions that name what they stand for only once they are computed."""


def tables_read(spark: SparkSession, query: str, *, protected: bool) -> set[str]:
    """Names of the lake's tables that a query reads, ``schema.table`` in small letters.

    Parameters
    ----------
    protected
        Whether it may read the schema of source ids and personal data.

    Raises
    ------
    GridlakeError
        The query would do anything but read tables of the lake; says what.
    PySparkException
        It is no SQL.
    """
    plan = spark._jsparkSession.sessionState().sqlParser().parsePlan(query)
    tables: set[str] = set()
    for node, is_plan in _nodes(plan):
        kind = node.getClass().getSimpleName().removesuffix("$")
        if is_plan and kind not in QUERY_NODES:
            raise GridlakeError(f"one query that reads is needed, such as 'select …'; this has: {_words(kind)}")
        if kind in BUILT_NAMES:
            raise GridlakeError("identifier(…) of a computed name is not let through: write the name itself")
        if kind == "UnresolvedRelation":
            tables |= _table(_texts(node.multipartIdentifier()), protected=protected)
        elif kind == "UnresolvedTableValuedFunction" and _function(node.name()) not in ROW_FUNCTIONS:
            raise GridlakeError(f"{_function(node.name())}(…) may not stand for a table: name tables as schema.table")
        elif kind == "UnresolvedFunction" and (name := _function(node.nameParts())) in CALLS_JAVA:
            raise GridlakeError(f"{name}(…) calls Java, and is not let through")
    return tables


def _table(parts: list[str], *, protected: bool) -> set[str]:
    """The table of the lake by that name; none where it is a name that the query gives."""
    if len(parts) == 1:
        return set()
    schema, name, written = parts[0].lower(), parts[-1].lower(), ".".join(parts)
    if len(parts) != 2 or schema not in SCHEMAS:
        raise GridlakeError(
            f"{written}: no table of the lake; a name is schema.table, with one of {', '.join(SCHEMAS)}"
        )
    if schema == PROTECTED and not protected:
        raise GridlakeError(f"{written} holds source ids or personal data: --protected lets a query read it")
    return {f"{schema}.{name}"}


def _nodes(plan: Any) -> Iterator[tuple[Any, bool]]:
    """Every node of a plan and of its expressions, subqueries and CTEs with them; True where it is a plan."""
    waiting = [(plan, True)]
    while waiting:
        node, is_plan = waiting.pop()
        yield node, is_plan
        waiting += [(child, is_plan) for child in _each(node.children())]
        kind = node.getClass().getSimpleName()
        if is_plan:
            # CTEs are a plan's inner children, as the parts of statements are, which are refused before they are met.
            waiting += [(inner, True) for inner in _each(node.innerChildren())]
            waiting += [(expression, False) for expression in _each(node.expressions())]
            if kind == "RelationTimeTravel":
                waiting.append((node.relation(), True))
        elif _is_subquery(node):
            waiting.append((node.plan(), True))


def _is_subquery(expression: Any) -> bool:
    found = expression.getClass()
    while found is not None:
        if found.getSimpleName() == "SubqueryExpression":
            return True
        found = found.getSuperclass()
    return False


def _each(found: Any) -> Iterator[Any]:
    """The elements of a Scala sequence."""
    elements = found.iterator()
    while elements.hasNext():
        yield elements.next()


def _texts(found: Any) -> list[str]:
    return [str(one) for one in _each(found)]


def _function(parts: Any) -> str:
    """A function's name without its catalogue and schema."""
    return _texts(parts)[-1].lower()


def _words(kind: str) -> str:
    """A plan's class in words.

    >>> _words("DeleteFromTable")
    'delete from table'
    """
    return " ".join(re.findall(r"[A-Z]+(?![a-z])|[A-Z][a-z]+", kind)).lower()
