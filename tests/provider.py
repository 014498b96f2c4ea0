"""A provider's API on this machine: a real HTTP server that answers as told and remembers what it was sent."""

import json
import threading

from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qsl


class Provider(ThreadingHTTPServer):
    """Answers like Mailjet's Send API v3.1 unless told otherwise. `settings` are anymail's, by which it is reached."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Answering)
        self.received: list[dict] = []
        self.status = 200
        self.answer: object = {
            "Messages": [{"Status": "success", "To": [{"Email": "alice@example.org", "MessageID": 4711}]}]
        }

    def start(self) -> None:
        self._thread = threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
        self._thread.start()

    def stop(self) -> None:
        self.shutdown()
        self.server_close()
        self._thread.join()

    def use(self, settings, name: str = "mailjet", **own: str) -> None:
        """Let the site's mail leave by anymail's backend of this name."""
        url = f"http://127.0.0.1:{self.server_address[1]}/v3.1/"
        keys = {"MAILJET_API_KEY": "key", "MAILJET_SECRET_KEY": "secret"}
        settings.ANYMAIL = {**settings.ANYMAIL, **keys, f"{name.upper()}_API_URL": url, **own}
        backend = f"anymail.backends.{name}.EmailBackend"
        if hasattr(settings, "MAILERS"):
            settings.MAILERS = {"default": {"BACKEND": backend}}
        else:
            settings.EMAIL_BACKEND = backend


class _Answering(BaseHTTPRequestHandler):
    server: Provider

    def do_POST(self) -> None:
        content = self.rfile.read(int(self.headers["Content-Length"])).decode()
        is_json = "json" in self.headers["Content-Type"]
        self.server.received.append(json.loads(content) if is_json else dict(parse_qsl(content)))
        body = json.dumps(self.server.answer).encode()
        self.send_response(self.server.status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.send_header("X-Message-Id", "4711")
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args: object) -> None:
        pass
