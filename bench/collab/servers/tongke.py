"""The product as `python app.py` serves it, without its worker: settings from the environment."""

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
sys.path[:0] = [str(ROOT), str(ROOT / "platform")]

from app import create_app, create_asgi
from foundation.config import Settings
from web import processes


class NoWorker:
    def start(self) -> None: ...

    def stop(self) -> None: ...


processes.Worker = NoWorker  # type: ignore[assignment,misc]  # it has nothing to do here and would be measured too

settings = Settings.from_environment()
app = create_app(settings)
processes.serve(settings, lambda: create_asgi(app), lambda address: print(address, flush=True))
