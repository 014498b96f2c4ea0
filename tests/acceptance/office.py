"""The admin by HTTP: a session of somebody who works there, who fills in forms as a browser sends them."""

from __future__ import annotations

import json

from typing import Any

import requests

from bs4 import BeautifulSoup, Tag
from django.urls import reverse
from wagtail.models import Locale
from wagtail.test.utils.form_data import nested_form_data, rich_text, streamfield

from wagtail_flows.messages.models import Message


class Office:
    """`url` is that of the live server. Every refusal fails the story with what the page said."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.session = requests.Session()

    def enter(self, username: str, password: str) -> None:
        self.fill(reverse("wagtailadmin_login"), username=username, password=password)

    def page(self, path: str) -> BeautifulSoup:
        answer = self.session.get(self.url + path, timeout=30)
        assert answer.status_code == 200, f"{path}: {answer.status_code}"
        return BeautifulSoup(answer.text, "html.parser")

    def fill(self, path: str, action: str = "", **values: Any) -> BeautifulSoup:
        """Open the page, change these inputs of its form, press the button `action`; the page that follows."""
        form = _form(self.page(path))
        data = {**_inputs(form), **values} | ({action: "1"} if action else {})
        answer = self.session.post(self.url + (form.get("action") or path), data=data, timeout=30)
        following = BeautifulSoup(answer.text, "html.parser")
        refused = [
            found.get_text(" ", strip=True)
            for found in following.select(".error-message, .messages .error, .errorlist")
        ]
        assert answer.status_code == 200, answer.status_code
        assert not any(refused), refused
        assert answer.history, f"{path} showed its form again"
        return following

    def connect_shop(self, **values: Any) -> None:
        self.fill(reverse("flows_shops:add"), **values)

    def publish_message(self, path: str, body: list[tuple[str, Any]], **values: Any) -> None:
        self.fill(path, "action-publish", **values, **nested_form_data({"body": streamfield(body)}))

    def publish_scenario(self, name: str, graph: dict[str, Any]) -> None:
        path = reverse("flows_scenarios:add")
        self.fill(path, "action-publish", name=name, graph=json.dumps(graph))

    def translate(self, name: str, locale: str, body: list[tuple[str, Any]], **values: Any) -> str:
        """Translate a published e-mail: copy it, write it anew, publish it. Its key, for scenarios."""
        original = Message.objects.get(name=name, locale__language_code="en")
        wanted = Locale.objects.get(language_code=locale).pk
        submit = reverse(
            "simple_translation:submit_snippet_translation", args=["wagtail_flows", "message", original.pk]
        )
        self.fill(submit, locales=str(wanted))
        copy = Message.objects.get(translation_key=original.translation_key, locale__language_code=locale)
        self.publish_message(reverse("flows_messages:edit", args=[copy.pk]), body, **values)
        return str(original.translation_key)


def text(html: str) -> dict[str, Any]:
    """The value of a text block, as the editor of rich text sends it."""
    return {"text": rich_text(html, features=["bold", "italic", "link"])}


def _form(page: BeautifulSoup) -> Tag:
    """The form of the page: the one that posts and has a token, not the one that logs out."""
    forms = [
        form
        for form in page.select("form[method=post], form[method=POST]")
        if form.select("[name=csrfmiddlewaretoken]")
    ]
    return max(forms, key=lambda form: len(form.select("input, textarea, select")))


def _inputs(form: Tag) -> dict[str, str]:
    data: dict[str, str] = {}
    for found in form.select("input[name], textarea[name], select[name]"):
        name = str(found["name"])
        if found.name == "select":
            chosen = found.select_one("option[selected]") or found.select_one("option")
            data[name] = str(chosen.get("value", "")) if chosen else ""
        elif found.name == "textarea":
            data[name] = found.get_text()
        elif found.get("type") in {"checkbox", "radio"}:
            if found.has_attr("checked"):
                data[name] = str(found.get("value", "on"))
        elif found.get("type") not in {"submit", "button", "file"}:
            data[name] = str(found.get("value", ""))
    return data
