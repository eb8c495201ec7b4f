"""The docstrings under a class's fields, which Python itself throws away."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path


def field_docs(cls: type) -> dict[str, str]:
    """Read each field's docstring from the class's source, as one paragraph.

    Empty where there is no source (a frozen application).
    """
    file = getattr(sys.modules[cls.__module__], "__file__", None)
    try:
        # inspect.getsource takes ten times as long, and every command's start waits for it.
        module = ast.parse(Path(file or "").read_text(encoding="utf-8"))
    except OSError:
        return {}
    found = (node for node in module.body if isinstance(node, ast.ClassDef))
    return {
        name: text
        for node in found
        if node.name == cls.__name__
        for name, text in _documented(node)
    }


def _documented(body: ast.ClassDef) -> Iterator[tuple[str, str]]:
    for field, below in pairwise(body.body):
        match field, below:
            case (
                ast.AnnAssign(target=ast.Name(id=name)),
                ast.Expr(value=ast.Constant(value=str(text))),
            ):
                yield name, " ".join(text.split())
