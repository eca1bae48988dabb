"""`python -m companion.sandbox`: a shop in a process of its own, for benchmarks and for trying things.

Prints one line of JSON when it listens (url, key, secret, and an administrator's username and
application_password), and serves until its standard input ends or an interrupt.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import sys

from companion.sandbox.pace import recorded_page_seconds, recorded_write_seconds
from companion.sandbox.seed import seed_custom, seed_main
from companion.sandbox.seed_bulk import seed_bulk
from companion.sandbox.server import Sandbox


def main(arguments: list[str] | None = None) -> None:
    """Open the shop, say where, wait."""
    options = _parser().parse_args(arguments)
    is_paced = options.pace == "recorded"
    with Sandbox(
        port=options.port,
        pretend_tls=options.pretend_tls,
        control=True,
        queue_seconds=options.queue_seconds,
        page_seconds=recorded_page_seconds if is_paced else None,
        write_seconds=recorded_write_seconds if is_paced else None,
        workers=options.workers,
        bridge=options.bridge,
    ) as sandbox:
        if options.people:
            {"main": seed_main, "custom": seed_custom}[options.people](sandbox.shop, sandbox.shop.clock())
        if options.orders or options.customers or options.tickets:
            seed_bulk(
                sandbox.shop,
                orders=options.orders,
                customers=options.customers,
                tickets=options.tickets,
                seed=options.seed,
            )
        sandbox.shop.serialise_all()
        credentials = sandbox.credentials
        login = {"username": credentials.admin.username, "application_password": credentials.admin.password}
        whereabouts = {"url": sandbox.url, "key": credentials.key, "secret": credentials.secret, **login}
        sys.stdout.write(json.dumps(whereabouts) + "\n")
        sys.stdout.flush()
        with contextlib.suppress(KeyboardInterrupt):
            sys.stdin.read()


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m companion.sandbox", description=__doc__)
    parser.add_argument("--port", type=int, default=0, help="0 takes a free one (default)")
    parser.add_argument("--people", choices=("main", "custom"), help="seed the demo's people of this shop")
    parser.add_argument("--orders", type=int, default=0, help="seed so many orders")
    parser.add_argument("--customers", type=int, default=0, help="seed so many customers")
    parser.add_argument("--tickets", type=int, default=0, help="seed so many tickets")
    parser.add_argument("--bridge", action="store_true", help="companion's own plugin is there")
    parser.add_argument("--seed", type=int, default=0, help="which invented shop (default 0)")
    parser.add_argument(
        "--pace", choices=("none", "recorded"), default="none", help="answer as slowly as a real shop did"
    )
    parser.add_argument("--workers", type=int, help="work on so many requests at once")
    parser.add_argument("--queue-seconds", type=float, help="run the webhook queue by itself, this often")
    parser.add_argument("--pretend-tls", action="store_true", help="take requests as if they came over TLS")
    return parser


if __name__ == "__main__":
    main()
