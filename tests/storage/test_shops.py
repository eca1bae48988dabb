from __future__ import annotations

from storage import shops
from storage.engine import Store
from tests.fixtures.store import Clock


def test_a_shop_is_ensured_without_touching_what_is_known(store: Store, clock: Clock) -> None:
    with store.write() as tx:
        shops.ensure(tx, [])
        shops.ensure(tx, ["tehran", "shiraz", "tehran"])
        shops.set_facts(tx, "tehran", {"name": "فروشگاه تهران", "decimals": 0}, now=clock())
        shops.pause(tx, "tehran")
        shops.ensure(tx, ["tehran"])
    with store.read() as tx:
        assert shops.every(tx) == [
            shops.ShopRow("shiraz", {}, None, is_paused=False),
            shops.ShopRow("tehran", {"name": "فروشگاه تهران", "decimals": 0}, clock(), is_paused=True),
        ]
        assert shops.get(tx, "tehran") == shops.every(tx)[1]
        assert shops.get(tx, "nowhere") is None


def test_writing_to_a_shop_can_be_paused_and_resumed(store: Store) -> None:
    with store.write() as tx:
        assert not shops.is_paused(tx, "tehran")
        shops.pause(tx, "tehran")  # one that was never seen, too: the wish must not be lost
        assert shops.is_paused(tx, "tehran")
        assert not shops.is_paused(tx, "shiraz")
        shops.resume(tx, "tehran")
        assert not shops.is_paused(tx, "tehran")


def test_facts_may_come_before_the_shop(store: Store, clock: Clock) -> None:
    with store.write() as tx:
        shops.set_facts(tx, "tehran", {"name": "T"}, now=clock())
        assert shops.get(tx, "tehran") == shops.ShopRow("tehran", {"name": "T"}, clock(), is_paused=False)


def test_each_rotation_puts_the_next_secrets_in_force(store: Store, clock: Clock) -> None:
    with store.write() as tx:
        assert shops.generation(tx, "tehran") == shops.Generation(1, None)
        assert shops.rotate(tx, "tehran", now=clock()) == 2
        clock.advance(60)
        assert shops.rotate(tx, "tehran", now=clock()) == 3
        assert shops.generation(tx, "tehran") == shops.Generation(3, clock())
        assert shops.generation(tx, "shiraz") == shops.Generation(1, None)
