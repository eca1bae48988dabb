"""Builds what reaches a configured shop: the one place where adapters are named."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from companion.config import Shop as ShopConfig
from companion.secrets import Secrets
from companion.sync.pages import Pace
from companion.sync.shop import Shop
from connectors.awesome_support.source import AwesomeSupport
from connectors.circuit import Circuit, CircuitState
from connectors.http import Timeouts
from connectors.woocommerce.credentials import ConsumerKey, Credentials
from connectors.woocommerce.source import WooCommerce
from connectors.wordpress.bridge import Bridge, SigningKey
from connectors.wordpress.credentials import ApplicationPassword

Clock = Callable[[], datetime]


def connect(
    config: ShopConfig, *, secrets: Secrets, clock: Clock, heard: Callable[[CircuitState], object] = lambda _: None
) -> Shop:
    """A shop as the engine works with it: where it does not answer, all that reaches it waits together, and `heard` is
    told. Raises Refused for credentials that may not travel so.
    """
    circuit = Circuit(clock=clock, heard=heard)
    return Shop(
        config.key,
        woocommerce(config, circuit),
        Pace(config.pages_in_flight),
        helpdesk=awesome_support(config, circuit),
        bridge=bridge(config, circuit, secrets=secrets, clock=clock),
    )


def woocommerce(config: ShopConfig, circuit: Circuit | None = None) -> WooCommerce:
    """The shop's WooCommerce. Raises Refused for credentials that may not travel so."""
    return WooCommerce(
        url=config.url,
        credentials=_credentials(config),
        timeout=Timeouts(read=config.timeout_seconds),
        verify=config.ca_file or config.verify_tls,
        circuit=circuit,
    )


def awesome_support(config: ShopConfig, circuit: Circuit | None = None) -> AwesomeSupport | None:
    """The shop's helpdesk, where the configuration names one. Raises Refused for a password that may not travel so."""
    if config.helpdesk_login is None:
        return None
    username, password = config.helpdesk_login
    return AwesomeSupport(
        url=config.url,
        credentials=ApplicationPassword(username, password.reveal()),
        timeout=Timeouts(read=config.timeout_seconds),
        verify=config.ca_file or config.verify_tls,
        circuit=circuit,
    )


def bridge(config: ShopConfig, circuit: Circuit | None = None, *, secrets: Secrets, clock: Clock) -> Bridge | None:
    """Companion's plugin in the shop, unless it is never to be asked. Whether it runs there, its answers tell."""
    if not config.bridge:
        return None
    return Bridge(
        url=config.url,
        credentials=SigningKey(config.key, lambda: secrets.bridge_secrets(config.key, clock()), clock),
        timeout=Timeouts(read=config.timeout_seconds),
        verify=config.ca_file or config.verify_tls,
        circuit=circuit,
    )


def _credentials(config: ShopConfig) -> Credentials:
    if config.consumer_key is not None and config.consumer_secret is not None:
        return ConsumerKey(config.consumer_key.reveal(), config.consumer_secret.reveal(), manner=config.auth)
    if config.application_password is None:  # the configuration refuses this; nothing is assumed here
        msg = f"shop {config.key} has no credentials"
        raise ValueError(msg)
    return ApplicationPassword(config.username, config.application_password.reveal())
