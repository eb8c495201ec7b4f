"""The docstrings under a class's fields, which Python itself throws away."""

from __future__ import annotations

import ast
import inspect
import textwrap
from collections.abc import Iterator
from itertools import pairwise


def field_docs(cls: type) -> dict[str, str]:
    """Read each field's docstring from the class's source, as one paragraph.

    Empty where there is no source (a frozen application).
    """
    try:
        source = textwrap.dedent(inspect.getsource(cls))
    except OSError:
        return {}
    return dict(_documented(ast.parse(source).body[0]))


def _documented(body: ast.AST) -> Iterator[tuple[str, str]]:
    statements = body.body if isinstance(body, ast.ClassDef) else []
    for field, below in pairwise(statements):
        match field, below:
            case (
                ast.AnnAssign(target=ast.Name(id=name)),
                ast.Expr(value=ast.Constant(value=str(text))),
            ):
                yield name, " ".join(text.split())
