"""The stage: two pretend shops with their people, and a configuration of companion beside them in a folder.

The main shop has a helpdesk and companion's plugin; the other one is a WooCommerce and nothing else.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from companion.config import Config, Secret
from companion.sandbox import Sandbox, seed_custom, seed_main
from companion.sandbox.seed import NATIONAL_ID, Seeded
from companion.secrets import derive

_QUEUE_SECONDS = 1.0  # a real shop delivers about once a minute; nobody wants to wait that long to see it

_CONFIG = """\
master_key = "file:master-key"

[installation]
name = "دفتر یادداشت"

[web]
port = {port}
public_url = "http://127.0.0.1:{port}"

[push]
mode = "on"

[sync]
poll_seconds = 30
drain_seconds = 0.5

[log]
level = "{level}"
format = "text"

[limits]
sign_in = "100/minute"

[shops.main]
name = "فروشگاه اصلی"
url = "{main.url}"
consumer_key = "file:main-key"
consumer_secret = "file:main-secret"
helpdesk = "awesome-support"
helpdesk_username = "{login.username}"
helpdesk_password = "file:main-helpdesk-password"
meta_keys = {{{national_id} = {{fa = "کد ملی", en = "National id"}}}}

[shops.custom]
name = "سایت سفارشی‌ها"
url = "{custom.url}"
consumer_key = "file:custom-key"
consumer_secret = "file:custom-secret"
"""


@dataclass(frozen=True)
class Stage:
    """The shops, what the stories need to know of them, and where companion's configuration lies."""

    main: Sandbox
    custom: Sandbox
    seeded: Seeded
    config_path: Path

    def config(self) -> Config:
        """The configuration, read as any other."""
        return Config.load(self.config_path, {})


@contextmanager
def stage(*, port: int, shop_port: int = 0, level: str = "warning") -> Iterator[Stage]:
    """Opens the shops and writes the configuration into a folder that goes with the stage."""
    now = datetime.now(UTC)
    master_key = secrets.token_hex(32)
    bridge_secret = derive(Secret(master_key), "bridge", "main")
    with (
        TemporaryDirectory(prefix="companion-demo-") as folder,
        Sandbox(
            port=shop_port,
            name="فروشگاه اصلی",
            bridge=True,
            bridge_secret=bridge_secret,
            bridge_shop="main",
            queue_seconds=_QUEUE_SECONDS,
        ) as main,
        Sandbox(name="سایت سفارشی‌ها", awesome_support=False, queue_seconds=_QUEUE_SECONDS) as custom,
    ):
        seeded = seed_main(main.shop, now)
        seed_custom(custom.shop, now)
        login = main.credentials.admin
        written = {
            "config.toml": _CONFIG.format(
                port=port, main=main, custom=custom, login=login, level=level, national_id=NATIONAL_ID
            ),
            "master-key": master_key,
            "main-key": main.credentials.key,
            "main-secret": main.credentials.secret,
            "main-helpdesk-password": login.password,
            "custom-key": custom.credentials.key,
            "custom-secret": custom.credentials.secret,
        }
        for name, text in written.items():
            file = Path(folder) / name
            file.touch(mode=0o600)
            file.write_text(text, encoding="utf-8")
        yield Stage(main, custom, seeded, Path(folder) / "config.toml")
