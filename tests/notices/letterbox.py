"""A mail server of the test's own: takes letters on a free port of this machine."""

import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from email import message_from_bytes, policy
from email.message import EmailMessage


class Letterbox:
    """What has arrived, and to whom nothing can be delivered."""

    def __init__(self) -> None:
        self.letters: list[EmailMessage] = []
        self.unknown: set[str] = set()
        self.calls = 0
        self.url = ""


@contextmanager
def letterbox() -> Iterator[Letterbox]:
    """A server that speaks as much SMTP as is needed."""
    box = Letterbox()

    class Talk(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            box.calls += 1
            self._say("220 letterbox")
            while line := self.rfile.readline().decode().strip():
                word = line.upper()
                if word.startswith("RCPT") and line.partition("<")[2].partition(">")[0] in box.unknown:
                    self._say("550 no such user")
                elif word == "DATA":
                    self._say("354 go on")
                    self._take()
                    self._say("250 taken")
                else:
                    self._say("221 bye" if word == "QUIT" else "250 fine")

        def _take(self) -> None:
            lines = []
            while (line := self.rfile.readline()) != b".\r\n":
                lines.append(line)
            letter = message_from_bytes(b"".join(lines), policy=policy.default)
            assert isinstance(letter, EmailMessage)
            box.letters.append(letter)

        def _say(self, text: str) -> None:
            self.wfile.write(f"{text}\r\n".encode())

    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Talk) as server:
        server.daemon_threads = True
        box.url = f"smtp://127.0.0.1:{server.server_address[1]}"
        thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
        thread.start()
        try:
            yield box
        finally:
            server.shutdown()
            thread.join()
