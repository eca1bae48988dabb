"""What the shop says of itself: the API's root and WooCommerce's system status."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from companion.sandbox import bridge, helpdesk
from companion.sandbox.delivery import WORDPRESS
from companion.sandbox.rest import Call, Endpoint, cut, route
from companion.sandbox.shop import Shop
from companion.sandbox.views import VERSION
from companion.sandbox.wire import Response

NAMESPACES = ("oembed/1.0", "wc/v1", "wc/v2", "wc/v3", "wp/v2", "wp-site-health/v1")
_DATASTORES = "Automattic\\WooCommerce\\Internal\\DataStores\\Orders\\OrdersTableDataStore", "WC_Order_Data_Store_CPT"
_RATINGS = {name: name for name in ("exclude-from-catalog", "exclude-from-search", "featured", "outofstock")}
_PAGES = (("Shop base", ""), ("Cart", "cart"), ("Checkout", "checkout"), ("My account", "my_account"), ("Terms", ""))


def root(call: Call) -> Response:
    """The API's root, which anybody may read: the shop's name and, only here, its time zone."""
    return Response.of_json(cut(call, describe(call.shop, NAMESPACES)))


def root_without_woocommerce(call: Call) -> Response:
    """The root of a WordPress that has no WooCommerce."""
    namespaces = tuple(name for name in NAMESPACES if not name.startswith("wc"))
    return Response.of_json(cut(call, describe(call.shop, namespaces)))


def describe(shop: Shop, namespaces: tuple[str, ...]) -> dict[str, Any]:
    """The site as the API's root describes it."""
    offset = shop.zone.utcoffset(shop.clock().replace(tzinfo=None)) or timedelta()
    plugins = [helpdesk.NAMESPACE] * shop.helpdesk.answers + [bridge.NAMESPACE] * shop.bridge.is_active
    return {
        "name": shop.name,
        "description": "",
        "url": shop.url,
        "home": shop.url,
        "gmt_offset": _number(offset / timedelta(hours=1)),
        "timezone_string": shop.zone.key,
        "page_for_posts": 0,
        "page_on_front": 0,
        "show_on_front": "posts",
        "namespaces": [*namespaces, *plugins],
        "authentication": {
            "application-passwords": {"endpoints": {"authorization": f"{shop.url}/wp-admin/authorize-application.php"}}
        },
        "routes": {},
        "_links": {},
    }


def _number(hours: float) -> float | int:
    return int(hours) if hours.is_integer() else hours


def system_status(call: Call) -> Response:
    """WooCommerce's report on its own surroundings. Its `default_timezone` is PHP's, not the shop's."""
    return Response.of_json(cut(call, _status(call.shop)))


def _status(shop: Shop) -> dict[str, Any]:
    count = sum(1 for order in shop.orders.values() if order.status != "trash")
    return {
        "environment": _environment(shop),
        "database": {
            "wc_database_version": VERSION,
            "database_prefix": "wp_",
            "maxmind_geoip_database": "",
            "database_tables": {"woocommerce": _tables("woocommerce_order_items"), "other": _tables("options")},
            "database_size": {"data": 1.5, "index": 1.25},
        },
        "active_plugins": [_plugin()],
        "inactive_plugins": [],
        "dropins_mu_plugins": {"dropins": [], "mu_plugins": []},
        "theme": _theme(),
        "settings": _settings(shop),
        "security": {"secure_connection": True, "hide_errors": True},
        "pages": [_page(number, name, shortcode) for number, (name, shortcode) in enumerate(_PAGES, 5)],
        "post_type_counts": [
            {"type": "product", "count": str(len(shop.products))},
            {"type": "shop_order_placehold" if shop.is_hpos else "shop_order", "count": str(count)},
        ],
        "logging": {
            "logging_enabled": True,
            "default_handler": "Automattic\\WooCommerce\\Internal\\Admin\\Logging\\LogHandlerFileV2",
            "retention_period_days": 30,
            "level_threshold": "",
            "log_directory_size": "1 kB",
        },
    }


def _environment(shop: Shop) -> dict[str, Any]:
    megabytes = 1 << 20
    return {
        "home_url": shop.url,
        "site_url": shop.url,
        "store_id": "00000000-0000-4000-8000-000000000000",
        "version": VERSION,
        "log_directory": "/srv/shop/wp-content/uploads/wc-logs/",
        "log_directory_writable": True,
        "wp_version": WORDPRESS,
        "wp_multisite": False,
        "wp_memory_limit": 512 * megabytes,
        "wp_debug_mode": False,
        "wp_cron": shop.runs_jobs,
        "wp_environment_type": "local",
        "language": "fa_IR",
        "external_object_cache": None,
        "server_info": "sandbox",
        "server_architecture": "sandbox",
        "php_version": "8.2.36",
        "php_post_max_size": 32 * megabytes,
        "php_max_execution_time": 120,
        "php_max_input_vars": 1000,
        "curl_version": "7.88.1, OpenSSL/3.0.22",
        "suhosin_installed": False,
        "max_upload_size": 32 * megabytes,
        "mysql_version": "10.11.19",
        "mysql_version_string": "10.11.19-MariaDB",
        "default_timezone": "UTC",
        "fsockopen_or_curl_enabled": True,
        "soapclient_enabled": True,
        "domdocument_enabled": True,
        "gzip_enabled": True,
        "mbstring_enabled": True,
        "remote_post_successful": False,
        "remote_post_response": "",
        "remote_get_successful": False,
        "remote_get_response": "",
    }


def _settings(shop: Shop) -> dict[str, Any]:
    return {
        "api_enabled": False,
        "force_ssl": False,
        "currency": shop.currency,
        "currency_symbol": "&#x062A;&#x0648;&#x0645;&#x0627;&#x0646;" if shop.currency == "IRT" else shop.currency,
        "currency_position": "left",
        "thousand_separator": ",",
        "decimal_separator": ".",
        "number_of_decimals": shop.decimals,
        "geolocation_enabled": False,
        "taxonomies": {name: name for name in ("external", "grouped", "simple", "variable")},
        "product_visibility_terms": {**_RATINGS, **{f"rated-{n}": f"rated-{n}" for n in range(1, 6)}},
        "woocommerce_com_connected": "no",
        "enforce_approved_download_dirs": True,
        "order_datastore": _DATASTORES[0 if shop.is_hpos else 1],
        "HPOS_enabled": shop.is_hpos,
        "HPOS_sync_enabled": shop.storage.endswith("-sync"),
        "enabled_features": ["analytics", "order_attribution", *(["custom_order_tables"] if shop.is_hpos else [])],
    }


def _tables(name: str) -> dict[str, dict[str, str]]:
    return {f"wp_{name}": {"data": "0.09", "index": "0.05", "engine": "InnoDB"}}


def _plugin() -> dict[str, Any]:
    return {
        "plugin": "woocommerce/woocommerce.php",
        "name": "WooCommerce",
        "version": VERSION,
        "version_latest": VERSION,
        "url": "https://woocommerce.com/",
        "author_name": "Automattic",
        "author_url": "https://woocommerce.com",
        "network_activated": False,
    }


def _theme() -> dict[str, Any]:
    return {
        "name": "Plain",
        "version": "1.0",
        "version_latest": 0,
        "author_url": "",
        "is_child_theme": False,
        "is_block_theme": False,
        "has_woocommerce_support": True,
        "has_woocommerce_file": False,
        "has_outdated_templates": False,
        "overrides": [],
        "parent_name": "",
        "parent_version": "",
        "parent_version_latest": "",
        "parent_author_url": "",
    }


def _page(number: int, name: str, shortcode: str) -> dict[str, Any]:
    return {
        "page_name": name,
        "page_id": str(number),
        "page_set": True,
        "page_exists": True,
        "page_visible": True,
        "shortcode": f"[woocommerce_{shortcode}]" if shortcode else "",
        "block": f"woocommerce/{shortcode}" if shortcode else "",
        "shortcode_required": bool(shortcode),
        "shortcode_present": False,
        "block_present": bool(shortcode),
        "block_required": bool(shortcode),
    }


ROOT = route("/", {"GET": Endpoint("open", root)})
ROOT_WITHOUT_WOOCOMMERCE = route("/", {"GET": Endpoint("open", root_without_woocommerce)})
ROUTES = (route("/wc/v3/system_status", {"GET": Endpoint("list", system_status)}),)
