"""A tab of Chromium on a demo of its own, with a camera."""

from __future__ import annotations

import socket
import subprocess
import sys
import tempfile
import time

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser, Page, ViewportSize

from tests import demo


USUAL_PORT = 8000
LARGEST = 200_000  # bytes of a picture
# The waits of the demo, which are a minute, are passed by moving its clock; where its queue holds what is due at that
# moment, they are waited for.
PATIENCE = 150.0
WINDOW: ViewportSize = {"width": 1280, "height": 800}


@dataclass(frozen=True)
class Stage:
    """A tab on a running demo, the folder for its pictures, and what the demo's processes were told."""

    page: Page
    address: str
    folder: Path
    told: Mapping[str, str]

    def open(self, path: str) -> None:
        self.page.goto(f"{self.address}{path}", wait_until="load")

    def picture(self, name: str, *, height: int = WINDOW["height"]) -> None:
        """Keep what the window shows as `<name>.png`, in 256 colours."""
        self.page.set_viewport_size({**WINDOW, "height": height})
        self.page.mouse.move(0, 0)
        self.page.wait_for_timeout(600)
        file = self.folder / f"{name}.png"
        self.page.screenshot(path=file, animations="disabled", caret="hide")
        self.page.set_viewport_size(WINDOW)
        with Image.open(file) as shot:
            shot.convert("RGB").quantize(256, dither=Image.Dither.NONE).save(file, optimize=True)
        size = file.stat().st_size
        assert size <= LARGEST, f"{file.name} has {size} bytes"
        sys.stdout.write(f"{file.name}: {size // 1000} kB\n")
        sys.stdout.flush()

    def expect_success(self) -> None:
        """Wait until the admin says that it is done: saved, published, started."""
        self.page.locator(".messages .success").wait_for()

    def pass_a_minute(self) -> None:
        """Let the demo do what is due in a minute, beside its own queue."""
        now = (datetime.now(UTC) + timedelta(seconds=70)).isoformat()
        command = [sys.executable, "-m", "example_site.manage", "flows_tick", "--until-idle", "--now", now]
        subprocess.run(command, cwd=demo.ROOT, env=self.told, check=True, capture_output=True, timeout=120)

    def wait_for_mail(self, subject: str, address: str) -> None:
        """Open the mail of this subject to this address, as soon as it is in the inbox."""
        deadline = time.monotonic() + PATIENCE
        self.open("/inbox/")
        mail = self.page.locator(".mails a").filter(has_text=subject).filter(has_text=address)
        while not mail.count():
            assert time.monotonic() < deadline, f"{subject} never came to {address}"
            self.page.wait_for_timeout(500)
            self.open("/inbox/")
        mail.first.click()
        self.page.wait_for_load_state("load")


def usual_port() -> int:
    """The port of the tutorial, where nobody has it."""
    try:
        with socket.create_server(("127.0.0.1", USUAL_PORT)):
            return USUAL_PORT
    except OSError:
        return demo.free_port()


@contextmanager
def stage_on_a_demo(chromium: Browser, folder: Path) -> Iterator[Stage]:
    """A demo of its own, with nothing in it but what it is seeded with, and a tab that reads English by daylight."""
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as data:
        demos = demo.starting(Path(data))
        port = usual_port()
        try:
            demo.greeting(next(demos)(port))
            context = chromium.new_context(
                viewport=WINDOW, color_scheme="light", locale="en-GB", reduced_motion="reduce"
            )
            told = demo.environment(Path(data), port)
            yield Stage(context.new_page(), f"http://localhost:{port}", folder, told)
            context.close()
        finally:
            for _ended in demos:
                pass
