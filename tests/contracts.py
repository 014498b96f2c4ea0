"""Two kinds of contract that import-linter lacks; `pyproject.toml` names them.

Both look at the text of an import, because the import graph knows packages outside only by their first name: it can't
tell `django.utils.translation` from `django.db`.
"""

from __future__ import annotations

import re

from collections.abc import Iterator
from fnmatch import fnmatchcase
from typing import Any

from grimp import ImportGraph
from importlinter import Contract, ContractCheck, fields, output


def _imports_of(graph: ImportGraph, module: str) -> Iterator[tuple[str, int, str]]:
    """Each direct import: the module imported, the line's number and its text."""
    for imported in sorted(graph.find_modules_directly_imported_by(module)):
        for detail in graph.get_import_details(importer=module, imported=imported):
            yield imported, detail["line_number"], detail["line_contents"]


def _imports_name(text: str, name: str) -> bool:
    """Does this import statement name `a.b` or something inside it, as `import a.b` or as `from a import b`?"""
    parent, _, last = name.rpartition(".")
    inside = rf"(import|from)\s+{re.escape(name)}(\.|\s|$)"
    beside = rf"from\s+{re.escape(parent)}\s+import\s.*\b{re.escape(last)}\b" if parent else r"(?!)"
    return bool(re.match(inside, text) or re.match(beside, text))


class _TextContract(Contract):
    """A contract that is broken by single lines, which it lists."""

    def check(self, graph: ImportGraph, verbose: bool) -> ContractCheck:
        broken = list(self.broken_lines(graph))
        return ContractCheck(kept=not broken, metadata={"broken": broken})

    def render_broken_contract(self, check: ContractCheck) -> None:
        for module, line, text in check.metadata["broken"]:
            output.print_error(f"{module}, line {line}: {text}")

    def broken_lines(self, graph: ImportGraph) -> Iterator[tuple[str, int, str]]:
        raise NotImplementedError


class PureCore(_TextContract):
    """The modules named, and all of ours that they import, import nothing of the frameworks but what is allowed."""

    type_name = "pure_core"
    modules = fields.SetField(subfield=fields.StringField())
    frameworks = fields.SetField(subfield=fields.StringField())
    allowed = fields.SetField(subfield=fields.StringField())

    def broken_lines(self, graph: ImportGraph) -> Iterator[tuple[str, int, str]]:
        frameworks: Any = self.frameworks
        allowed: Any = self.allowed
        for module in sorted(self._pure(graph)):
            for imported, line, text in _imports_of(graph, module):
                if imported in frameworks and not any(_imports_name(text, name) for name in allowed):
                    yield module, line, text

    def _pure(self, graph: ImportGraph) -> set[str]:
        names: Any = self.modules
        missing = {name for name in names if name not in graph.modules}
        if missing:
            raise ValueError(f"The pure core names modules that aren't there: {', '.join(sorted(missing))}.")
        pure = {module for name in names for module in (name, *graph.find_descendants(name))}
        for module in set(pure):
            pure |= {one for one in graph.find_upstream_modules(module) if not graph.is_module_squashed(one)}
        return pure


class OneDoor(_TextContract):
    """Only the modules that match a pattern of `doors` (`package.*`) may import `names`."""

    type_name = "one_door"
    names = fields.SetField(subfield=fields.StringField())
    doors = fields.SetField(subfield=fields.StringField())

    def broken_lines(self, graph: ImportGraph) -> Iterator[tuple[str, int, str]]:
        names: Any = self.names
        doors: Any = self.doors
        for module in sorted(one for one in graph.modules if not graph.is_module_squashed(one)):
            if any(fnmatchcase(module, door) for door in doors):
                continue
            for _imported, line, text in _imports_of(graph, module):
                if any(_imports_name(text, name) for name in names):
                    yield module, line, text
