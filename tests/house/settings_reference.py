"""Write docs/reference/settings.md from `wagtail_flows.conf`: `make docs`. A test proves that the page is current."""

from pathlib import Path

from wagtail_flows.conf import Setting, Settings


PAGE = Path(__file__).resolve().parents[2] / "docs" / "reference" / "settings.md"
INTRODUCTION = """# Settings

<!-- Made by `make docs` from wagtail_flows/conf.py. Change it there. -->

All settings are optional. They are read from the Django settings of your site, each time they are needed; a system
check (`python manage.py check`) names the ones that are wrong or misspelt.
"""


def page() -> str:
    """The whole page, as Markdown."""
    return "\n".join([INTRODUCTION, *map(section, Settings.declared())])


def section(setting: Setting) -> str:
    return f"## `{setting.name}`\n\n{kind(setting)}; default `{setting.default!r}`.\n\n{setting.help_text}\n"


def kind(setting: Setting) -> str:
    """Type and bounds: `int, 1 to 60`."""
    names = setting.kind_names()
    if setting.least is not None and setting.most is not None:
        return f"`{names}`, {setting.least} to {setting.most}"
    return f"`{names}`, at least {setting.least}" if setting.least is not None else f"`{names}`"


if __name__ == "__main__":
    PAGE.parent.mkdir(parents=True, exist_ok=True)
    PAGE.write_text(page(), encoding="utf-8")
