"""The two kinds of contract of our own bite where they should, and nowhere else."""

import pytest

from grimp import ImportGraph

from tests.contracts import OneDoor, PureCore, _imports_name


@pytest.mark.parametrize(
    ("text", "name", "found"),
    [
        ("from django.core import mail", "django.core.mail", True),
        ("from django.core import cache, mail", "django.core.mail", True),
        ("from django.core.mail import EmailMessage", "django.core.mail", True),
        ("import django.core.mail", "django.core.mail", True),
        ("from django.core.mailbox import it", "django.core.mail", False),
        ("from django.core import mailers", "django.core.mail", False),
        ("import requests", "requests", True),
        ("from requests.adapters import HTTPAdapter", "requests", True),
        ("import requests_mock", "requests", False),
        ("from django.utils.translation import gettext_lazy as _", "django.utils.translation", True),
        ("from django.utils import translation", "django.utils.translation", True),
        ("from django.utils import timezone", "django.utils.translation", False),
    ],
)
def test_an_import_is_recognised_in_each_of_its_forms(text, name, found):
    assert _imports_name(text, name) is found


def graph_of(*imports):
    """A graph of (importer, imported, text of the line)."""
    graph = ImportGraph()
    for importer, imported, text in imports:
        for module in (importer, imported):
            if module not in graph.modules:
                graph.add_module(module, is_squashed=not module.startswith("ours"))
        graph.add_import(importer=importer, imported=imported, line_number=1, line_contents=text)
    return graph


def broken(kind, graph, **options):
    contract = kind("a name", {}, {name: list(values) for name, values in options.items()})
    return [module for module, _line, _text in contract.broken_lines(graph)]


PURE = {"modules": ["ours.core"], "frameworks": ["django"], "allowed": ["django.utils.translation"]}


def test_the_core_may_translate():
    graph = graph_of(("ours.core", "django", "from django.utils.translation import gettext_lazy as _"))
    assert broken(PureCore, graph, **PURE) == []


def test_the_core_may_not_reach_a_framework_through_another_module():
    graph = graph_of(
        ("ours.core", "ours.between", "from ours.between import it"),
        ("ours.between", "django", "from django.db import models"),
        ("ours.other", "django", "from django.db import models"),
    )
    assert broken(PureCore, graph, **PURE) == ["ours.between"]


def test_a_core_that_is_not_there_is_an_error():
    with pytest.raises(ValueError, match=r"ours\.core"):
        broken(PureCore, graph_of(("ours.other", "django", "import django")), **PURE)


def test_only_the_door_may_import_what_it_guards():
    graph = graph_of(
        ("ours.deliver_smtp", "django", "from django.core import mail"),
        ("ours.views", "django", "from django.core.mail import send_mail"),
        ("ours.models", "django", "from django.db import models"),
    )
    assert broken(OneDoor, graph, names=["django.core.mail"], doors=["ours.deliver*"]) == ["ours.views"]
