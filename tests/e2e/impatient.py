"""`companion`, but whoever was killed is missed after seconds: its claims and leases lapse forty times as soon.

All else is the product's own. So in one minute a test sees as many take-overs of half-done work as a day of crashes
would, and also those of work that its owner, only slow, is still at.
"""

from __future__ import annotations

from companion.cli import main
from companion.sync import lease
from companion.sync.deliveries import inbox
from companion.sync.pushing import outbox
from companion.sync.reading import aftercare, ticket_sweep

inbox._LEASE_S = 3
outbox._LEASE_S = 3
aftercare._CLAIM_S = 3
ticket_sweep._CLAIM_S = 3
lease._SECONDS = 3

main()
