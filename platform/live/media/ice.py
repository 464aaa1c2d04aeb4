"""How browsers find a way to each other: TURN with passwords that are good for a school day."""

import base64
import hashlib
import hmac
import time
from typing import Any

from foundation.config import Settings

PASSWORD_SECONDS = 12 * 3600


def ice_servers(settings: Settings, name: str) -> list[dict[str, Any]]:
    """The servers for one screen, as `RTCPeerConnection` takes them; none without TURN_URL.

    The password is that of the TURN REST convention, which coturn knows as `use-auth-secret`; `name` stands in coturn's log.
    """
    addresses = [address.strip() for address in settings.turn_url.split(",") if address.strip()]
    if not addresses:
        return []
    if not settings.turn_secret:
        return [{"urls": addresses}]
    user = f"{int(time.time()) + PASSWORD_SECONDS}:{name}"
    digest = hmac.new(settings.turn_secret.encode(), user.encode(), hashlib.sha1).digest()
    return [{"urls": addresses, "username": user, "credential": base64.b64encode(digest).decode()}]
