"""The specifications that the endpoint table is held against, read where they lie."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import pytest

SHARED = Path(__file__).resolve().parents[2] / "../shared/openapi"
SERVER = SHARED / "server-2025-06.json"
OFFICIAL = SHARED / "reference/SpaceTraders.json"

Schema = dict[str, Any]


@dataclass(frozen=True)
class Described:
    """One operation as a specification describes it."""

    path: str
    method: str
    operation: Schema
    file: Path

    @property
    def id(self) -> str:
        return str(self.operation["operationId"])

    @property
    def ok(self) -> str:
        return min(self.operation["responses"])

    @property
    def reply(self) -> Schema | None:
        content = self.operation["responses"][self.ok].get("content")
        return content["application/json"]["schema"] if content else None

    @property
    def body(self) -> Schema | None:
        content = self.operation.get("requestBody", {}).get("content")
        return content["application/json"]["schema"] if content else None

    def resolve(self, schema: Schema) -> tuple[Schema, Described]:
        """Follow references; gives the schema and whoever resolves the ones in it."""
        where = self
        while "$ref" in schema:
            schema, where = where._follow(schema["$ref"])
        for part in schema.get("allOf", []):
            return where.resolve(part)
        return schema, where

    def _follow(self, reference: str) -> tuple[Schema, Described]:
        file, _, inner = reference.partition("#")
        target = (self.file.parent / file).resolve() if file else self.file
        document = document_of(target)
        for name in filter(None, inner.split("/")):
            document = document[name]
        return document, Described(self.path, self.method, self.operation, target)


@cache
def document_of(file: Path) -> Any:
    return json.loads(file.read_text())


def described(file: Path) -> dict[tuple[str, str], Described]:
    """Read all operations by method and path; skips the test where there is no such file."""
    if not file.exists():
        pytest.skip(f"{file.name} is not beside this checkout")
    return {(found.method, found.path): found for found in _operations(file)}


def _operations(file: Path) -> Iterator[Described]:
    for path, methods in document_of(file)["paths"].items():
        for method, operation in methods.items():
            if method in ("get", "post", "patch", "put", "delete"):
                yield Described(path, method.upper(), operation, file)


FORMS = ("full", "bare", "mixed")
"""With everything that is optional, with nothing of it, and with some."""


class Maker:
    """Makes JSON of a schema; the same seed makes the same."""

    def __init__(self, form: str, seed: int) -> None:
        self._form = form
        self._random = random.Random(seed)

    def make(self, where: Described, schema: Schema) -> Any:
        """Make one value."""
        schema, where = where.resolve(schema)
        choices = schema.get("anyOf") or schema.get("oneOf")
        if choices:
            return self.make(where, self._random.choice(choices))
        if schema.get("nullable") and self._form != "full":
            return None
        if schema.get("type") == "object" or "properties" in schema:
            return self._object(where, schema)
        if schema.get("type") == "array":
            count = {"full": 2, "bare": 0}.get(self._form, self._random.randrange(3))
            return [self.make(where, schema["items"]) for _ in range(count)]
        return self._scalar(schema)

    def _object(self, where: Described, schema: Schema) -> Any:
        needed = schema.get("required", [])
        known = schema.get("properties", {})
        extra = schema.get("additionalProperties")
        if not known and isinstance(extra, dict):
            return {"IRON": self.make(where, extra), "GOLD": self.make(where, extra)}
        return {
            name: self.make(where, each)
            for name, each in known.items()
            if name in needed or self._is_shown()
        }

    def _is_shown(self) -> bool:
        return self._form == "full" or (self._form == "mixed" and self._random.random() < 0.5)

    def _scalar(self, schema: Schema) -> Any:
        if "example" in schema and self._form == "full":
            return schema["example"]
        if "enum" in schema:
            return self._random.choice(schema["enum"])
        kinds: dict[str | None, Any] = {
            "integer": self._random.randrange(-5, 2**40),
            "number": self._random.choice([0, 1, 0.25, 7]),
            "string": self._random.choice(["", "X1-AB12-C3", "2026-07-04T13:00:00.250Z", 'é"\\']),
            "boolean": self._random.random() < 0.5,
        }
        return kinds.get(schema.get("type"))
