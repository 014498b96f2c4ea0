"""A receiver of HTTP calls that misbehaves when told to, for webhooks and APIs.

    receiver.answers((500, {}, "busy"), HANG, DROP)    the next three calls are answered so; afterwards 200 and `{}`
    receiver.at_call(lambda: process.kill())           before the next answer

`calls` keeps every call that was read to its end.
"""

import http.server
import threading

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, replace


HANG = "hang"
DROP = "drop"
LONGEST_HANG = 30.0
Answer = tuple[int, dict[str, str], str]


@dataclass(frozen=True)
class Call:
    """A call that was read to its end; `answer` is what it got."""

    path: str
    headers: dict[str, str]
    body: bytes
    answer: Answer | str = ""


class Receiver:
    """Listens on a free port of this machine from `start` to `stop`."""

    def __init__(self) -> None:
        self.calls: list[Call] = []
        self._answers: deque[Answer | str] = deque()
        self._callbacks: deque[Callable[[], object]] = deque()
        self._is_over = threading.Event()
        self._http = http.server.ThreadingHTTPServer(("127.0.0.1", 0), _handler_of(self))
        self._http.daemon_threads = True
        self.port: int = self._http.server_address[1]

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def answers(self, *answers: Answer | str) -> None:
        self._answers.extend(answers)

    def at_call(self, callback: Callable[[], object]) -> None:
        self._callbacks.append(callback)

    def taken(self, call: Call) -> Answer | str:
        """Keep the call, and say what to do."""
        answer = self._answers.popleft() if self._answers else (200, {}, "{}")
        self.calls.append(replace(call, answer=answer))
        if self._callbacks:
            self._callbacks.popleft()()
        return answer

    def forget(self) -> None:
        """Be as if newly started: without plans and without memory."""
        for memory in (self.calls, self._answers, self._callbacks):
            memory.clear()

    def hang(self) -> None:
        self._is_over.wait(LONGEST_HANG)

    def start(self) -> None:
        threading.Thread(target=self._http.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()

    def stop(self) -> None:
        self._is_over.set()
        self._http.shutdown()
        self._http.server_close()


def _handler_of(receiver: Receiver) -> type[http.server.BaseHTTPRequestHandler]:
    class Handler(http.server.BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            headers = {name.lower(): value for name, value in self.headers.items()}
            answer = receiver.taken(Call(self.path, headers, body))
            if answer == HANG:
                receiver.hang()
            elif answer != DROP:
                self._send(*answer)
            self.close_connection = True

        def _send(self, status: int, headers: dict[str, str], body: str) -> None:
            data = body.encode()
            self.send_response(status)
            for name, value in {"Content-Length": str(len(data)), **headers}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(data)

        def log_message(self, *args: object) -> None:
            pass

    return Handler
