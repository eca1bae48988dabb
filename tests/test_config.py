from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from companion.config import Config, ConfigError, Secret, Shop
from companion.config.options import Options
from companion.config.reader import options_of

ENVIRON = {
    "COMPANION_MASTER_KEY": "0123456789abcdef0123456789abcdef",
    "SHOP_KEY": "ck_0123456789",
    "SHOP_SECRET": "cs_0123456789",
}
GOOD = """
master_key = "env:COMPANION_MASTER_KEY"
[shops.main]
url = "https://shop.example"
consumer_key = "env:SHOP_KEY"
consumer_secret = "env:SHOP_SECRET"
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path


def load(folder: Path, text: str, environ: Mapping[str, str] | None = None) -> Config:
    path = folder / "config.toml"
    path.write_text(text, encoding="utf-8")
    return Config.load(path, ENVIRON if environ is None else environ)


def problems(folder: Path, text: str, environ: Mapping[str, str] | None = None) -> list[str]:
    with pytest.raises(ConfigError) as caught:
        load(folder, text, environ)
    return caught.value.problems


def test_short_file_gets_all_defaults(folder: Path) -> None:
    config = load(folder, GOOD)
    assert config.master_key == Secret("0123456789abcdef0123456789abcdef")
    assert config.web.port == 8765
    assert config.installation.timezone == "Asia/Tehran"
    assert config.push.mode == "dry-run"
    assert config.redis_url is None
    assert [shop.key for shop in config.shops] == ["main"]
    assert config.shop("main").consumer_secret == Secret("cs_0123456789")
    assert config.warnings == ()
    assert config.path == folder / "config.toml"


def test_shop_without_a_name_goes_by_its_key(folder: Path) -> None:
    assert load(folder, GOOD).shop("main").title == "main"
    assert load(folder, GOOD + 'name = "بوتیک"').shop("main").title == "بوتیک"


def test_unknown_shop_is_a_key_error(folder: Path) -> None:
    with pytest.raises(KeyError):
        load(folder, GOOD).shop("other")


def test_file_with_a_byte_order_mark_is_read(folder: Path) -> None:
    assert load(folder, "\ufeff" + GOOD).web.port == 8765


def test_every_problem_is_reported_at_once(folder: Path) -> None:
    found = problems(
        folder,
        """
        master_kye = "env:COMPANION_MASTER_KEY"
        [web]
        port = 70000
        prot = 8765
        public_url = "companion.example"
        threads = "eight"
        [installation]
        timezone = "asia/tehran"
        language = "farsi"
        toman = 1
        country = "ir"
        [push]
        mode = "dryrun"
        [limits]
        sign_in = "10"
        [shop.main]
        [shops.Main]
        [shops.a]
        url = "https://shop.example/"
        consumer_key = "ck_visible"
        consumer_secret = "env:SHOP_SECERT"
        [shops.b]
        url = "http://SHOP.example"
        username = "companion"
        [shops.c]
        """,
    )
    meaning_of_master_key = next(option.meaning for option in options_of(Options) if option.name == "master_key")
    assert found == [
        "shops.b.url: is the shop a once more",
        'master_kye: there is no such option (did you mean "master_key"?)',
        'shop: there is no such option (did you mean "shops"?)',
        f"master_key: is missing ({meaning_of_master_key})",
        'installation.language: must be one of "fa", "en", not "farsi"',
        'installation.timezone: "asia/tehran" is no time zone of the IANA database (did you mean "Asia/Tehran"?)',
        'installation.country: "ir" is no two-letter country code, such as "IR" (did you mean "IR"?)',
        "installation.toman: must be true or false, not 1",
        'web.prot: there is no such option (did you mean "port"?)',
        "web.port: must be a whole number from 1 to 65535, not 70000",
        'web.public_url: must be a whole address such as "https://shop.example", not "companion.example"',
        'web.threads: must be a whole number from 2 to 64, not "eight"',
        "[shops.Main]: a key is 1 to 32 of a-z, 0-9 and -, such as [shops.main]",
        'shops.a.consumer_key: a secret never stands here: give it as "env:NAME" or "file:PATH"',
        'shops.a.consumer_secret: the environment variable SHOP_SECERT is not set (did you mean "SHOP_SECRET"?)',
        "shops.b.application_password: is missing beside username",
        "shops.c.consumer_key: is missing, with consumer_secret (or username with application_password)",
        "shops.c.url: is missing (Address of the shop, as its visitors see it)",
        'push.mode: must be one of "off", "dry-run", "on", not "dryrun" (did you mean "dry-run"?)',
        'limits.sign_in: must be such as "10/minute" or "10/minute;100/day" (second, minute, hour, day), not "10"',
    ]


def test_error_reads_as_a_list(folder: Path) -> None:
    with pytest.raises(ConfigError) as caught:
        load(folder, GOOD + "[web]\nport = 0\nthreads = 0")
    first, *rest = str(caught.value).splitlines()
    assert first == f"{folder / 'config.toml'} has 2 problems:"
    assert all(line.startswith("  - web.") for line in rest)


def test_no_problem_shows_a_secret(folder: Path) -> None:
    found = problems(
        folder,
        """
        master_key = "too-short-to-be-a-master-key"
        redis_url = "redis://:hunter2hunter2@cache.example"
        [database]
        url = "postgresql://companion:hunter2hunter2@db.example/companion"
        [shops.a]
        url = "ftp://user:hunter2hunter2@shop.example"
        consumer_key = "ck_hunter2hunter2"
        consumer_secrets = "cs_hunter2hunter2"
        application_password = "hunter2 hunter2"
        """,
    )
    assert len(found) >= 6
    assert "hunter2" not in "".join(found)
    assert "too-short" not in "".join(found)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("web = 3", "[web]: must be a table of options"),
        ("shops = 3", "[shops]: must be tables, one for each, such as [shops.main]"),
        ("shops.main = 3", "[shops.main]: must be a table of options"),
        ("[web]\nport = true", "web.port: must be a whole number from 1 to 65535, not true"),
        ("[web]\nport = [1]", "web.port: must be a whole number from 1 to 65535, not a list"),
        ("[web]\nport = {}", "web.port: must be a whole number from 1 to 65535, not a table"),
        ("[web]\nport = 8765.5", "web.port: must be a whole number from 1 to 65535, not 8765.5"),
        ("[sync]\ndrain_seconds = 0", "sync.drain_seconds: must be a number from 0.1 to 60, not 0"),
        (
            "[web]\nhost = 'http://x/'",
            'web.host: must be an address such as "127.0.0.1" or a host name, not "http://x/"',
        ),
        (
            "[web]\ntrusted_proxy = '*'",
            'web.trusted_proxy: must be the IP address that your web server connects from, such as "127.0.0.1"',
        ),
        ("[web]\npublic_url = 'https://a.example?x'", 'web.public_url: must end before any "?" or "#"'),
        (
            "[web]\npublic_url = 'https://a.example:99999'",
            'web.public_url: must be a whole address such as "https://shop.example", not "https://a.example:99999"',
        ),
        (
            "[database]\nurl = 'mysql://h/d'",
            'database.url: must be "sqlite:///FILE" or "postgresql://USER@HOST/DATABASE"',
        ),
        (
            "[database]\nurl = 'sqlite://'",
            'database.url: must be "sqlite:///FILE" or "postgresql://USER@HOST/DATABASE"',
        ),
        (
            "[database]\nurl = 'postgresql://h'",
            'database.url: must be "sqlite:///FILE" or "postgresql://USER@HOST/DATABASE"',
        ),
        (
            "[database]\nurl = 'postgresql://u:p@h/d'",
            'database.url: its password must not stand in this file: give it as "env:NAME" or "file:PATH"',
        ),
        ("[installation]\ntimezone = 'Mars/Base'", 'installation.timezone: "Mars/Base" is no time zone'),
        (
            "[installation]\ncountry = 'Iran'",
            'installation.country: "Iran" is no two-letter country code, such as "IR"',
        ),
    ],
)
def test_wrong_value_is_named_with_what_is_right(folder: Path, text: str, sentence: str) -> None:
    (found,) = problems(folder, 'master_key = "env:COMPANION_MASTER_KEY"\n' + text)
    assert found.startswith(sentence)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("username = 'x'", "consumer_key: stands beside a user name: keep the key pair or the user, not both"),
        ("order_url = 'https://shop.example/{order}'", "order_url: must hold {id} once"),
        ("order_url = 'shop.example/{id}'", "order_url: must be a whole address"),
        ("ca_file = 'nowhere.pem'", "ca_file: the file"),
        ("ticket_url = 'https://shop.example/'", "ticket_url: must hold {id} once"),
        ("helpdesk = 'zendesk'\nhelpdesk_username = 'x'\nhelpdesk_password = 'env:APP'", "helpdesk: must be one of"),
        (
            "helpdesk = 'awesome-support'",
            "helpdesk_username: is missing, with helpdesk_password (a WooCommerce key opens no helpdesk)",
        ),
        ("helpdesk = 'awesome-support'\nhelpdesk_username = 'x'", "helpdesk_password: is missing beside"),
        ("helpdesk = 'awesome-support'\nhelpdesk_password = 'env:APP'", "helpdesk_username: is missing beside"),
        (
            "helpdesk_username = 'x'",
            'helpdesk_username: is given, but no helpdesk: set helpdesk = "awesome-support"',
        ),
        (
            "helpdesk = 'awesome-support'\nhelpdesk_username = 'x'\nhelpdesk_password = 'env:SHOP_SECRET'",
            "helpdesk_password: is a part of a WooCommerce key; an application password is made under Users > Profile",
        ),
        (
            "helpdesk = 'awesome-support'\nhelpdesk_username = 'ck_1'\nhelpdesk_password = 'env:APP'",
            "helpdesk_username: is a part of a WooCommerce key, not a user name",
        ),
        (
            "auth = 'basic'\nurl = 'http://shop.example'",
            'auth: over http anybody on the way could read the key: "auto" signs with it instead',
        ),
        ("bridge = 'no'", 'bridge: must be true or false, not "no"'),
        ("auth = 'digest'", 'auth: must be one of "auto", "basic", "query", "oauth", not "digest"'),
        ("timeout_seconds = 1", "timeout_seconds: must be a number from 5 to 300, not 1"),
        ("meta_keys = ['national_id']", "meta_keys: must be keys with their labels, such as {billing_national_id = {"),
        ("meta_keys = {national_id = 'کد ملی'}", "meta_keys: must be keys with their labels"),
        ("meta_keys = {national_id = {fa = 'کد ملی'}}", "meta_keys: must be keys with their labels"),
        ("meta_keys = {national_id = {fa = 'کد ملی', en = ' '}}", "meta_keys: must be keys with their labels"),
        ("meta_keys = {'national id' = {fa = 'کد ملی', en = 'National id'}}", "meta_keys: must be keys with"),
    ],
)
def test_wrong_shop_option_is_named_with_its_shop(folder: Path, text: str, sentence: str) -> None:
    good = GOOD.replace('url = "https://shop.example"\n', "") if "\nurl" in text else GOOD
    (found,) = problems(folder, good + text, ENVIRON | {"APP": "abcd efgh ijkl mnop qrst uvwx"})
    assert found.startswith(f"shops.main.{sentence}")


BY_PASSWORD = """
master_key = "env:COMPANION_MASTER_KEY"
[shops.main]
url = "https://shop.example"
consumer_key = ""
username = "companion"
application_password = "env:APP"
"""
WITH_PASSWORD = ENVIRON | {"APP": "abcd efgh ijkl mnop qrst uvwx"}


def test_chosen_fields_are_read_with_their_labels(folder: Path) -> None:
    config = load(folder, GOOD + "meta_keys = {_melli = {fa = 'کد ملی', en = 'National id'}}")
    (label,) = config.shop("main").meta_keys.values()
    assert (label.told_in("fa"), label.told_in("en")) == ("کد ملی", "National id")


def test_application_password_does_not_go_with_signing(folder: Path) -> None:
    found = problems(folder, BY_PASSWORD + 'auth = "oauth"', WITH_PASSWORD)
    assert found == ['shops.main.auth: an application password goes only with "auto" or "basic"']


def test_application_password_is_enough(folder: Path) -> None:
    shop = load(folder, BY_PASSWORD, WITH_PASSWORD).shop("main")
    assert shop.application_password == Secret("abcd efgh ijkl mnop qrst uvwx")
    assert shop.consumer_key is None


class TestHelpdesk:
    def test_shop_has_none_unless_it_is_named(self, folder: Path) -> None:
        assert load(folder, BY_PASSWORD, WITH_PASSWORD).shop("main").helpdesk_login is None

    def test_application_password_of_the_shop_opens_its_helpdesk_too(self, folder: Path) -> None:
        shop = load(folder, BY_PASSWORD + 'helpdesk = "awesome-support"', WITH_PASSWORD).shop("main")
        assert shop.helpdesk_login == ("companion", Secret(WITH_PASSWORD["APP"]))

    def test_helpdesk_has_an_application_password_of_its_own_beside_a_key(self, folder: Path) -> None:
        text = 'helpdesk = "awesome-support"\nhelpdesk_username = "sara"\nhelpdesk_password = "env:APP"'
        shop = load(folder, GOOD + text, WITH_PASSWORD).shop("main")
        assert shop.helpdesk_login == ("sara", Secret(WITH_PASSWORD["APP"]))

    def test_its_own_goes_before_that_of_the_shop(self, folder: Path) -> None:
        text = 'helpdesk = "awesome-support"\nhelpdesk_username = "sara"\nhelpdesk_password = "env:OTHER"'
        shop = load(folder, BY_PASSWORD + text, WITH_PASSWORD | {"OTHER": "another"}).shop("main")
        assert shop.helpdesk_login == ("sara", Secret("another"))

    def test_password_of_the_shop_does_not_travel_in_the_clear_either(self, folder: Path) -> None:
        assert problems(folder, BY_PASSWORD.replace("https:", "http:"), WITH_PASSWORD) == [
            "shops.main.application_password: anybody on the way could read it over http: use https, or a key"
        ]

    def test_its_password_does_not_travel_in_the_clear(self, folder: Path) -> None:
        text = GOOD.replace("https:", "http:") + 'helpdesk = "awesome-support"\n'
        text += 'helpdesk_username = "sara"\nhelpdesk_password = "env:APP"'
        assert problems(folder, text, WITH_PASSWORD) == [
            "shops.main.helpdesk: over http, anybody on the way could read its application password: use https"
        ]
        at_home = text.replace("shop.example", "127.0.0.1:8766")
        assert load(folder, at_home, WITH_PASSWORD).shop("main").helpdesk_login is not None


class TestFiles:
    def test_missing_file_says_how_to_write_one(self, folder: Path) -> None:
        with pytest.raises(ConfigError, match="`companion init` writes it"):
            Config.load(folder / "config.toml", ENVIRON)

    def test_folder_in_place_of_the_file_is_said(self, folder: Path) -> None:
        with pytest.raises(ConfigError, match="cannot be read"):
            Config.load(folder, ENVIRON)

    def test_broken_toml_names_its_line(self, folder: Path) -> None:
        (found,) = problems(folder, "[web]\nport = \n")
        assert "is not TOML" in found
        assert "line 2" in found

    def test_same_shop_key_twice_is_said(self, folder: Path) -> None:
        (found,) = problems(folder, GOOD + '[shops.main]\nurl = "https://other.example"')
        assert "is not TOML" in found

    def test_other_encodings_are_said(self, folder: Path) -> None:
        path = folder / "config.toml"
        path.write_bytes("name = 'فروشگاه'".encode("cp1256"))
        with pytest.raises(ConfigError, match="not UTF-8"):
            Config.load(path, ENVIRON)


class TestSecrets:
    def test_secret_comes_from_a_file_beside_the_configuration(self, folder: Path) -> None:
        (folder / "key").write_text("ck_from_file\n")
        (folder / "key").chmod(0o600)
        config = load(folder, GOOD.replace("env:SHOP_KEY", "file:key"))
        assert config.shop("main").consumer_key == Secret("ck_from_file")
        assert config.warnings == ()

    def test_secret_file_that_others_can_open_is_a_warning(self, folder: Path) -> None:
        (folder / "key").write_text("ck_from_file\n")
        (folder / "key").chmod(0o644)
        (warning,) = load(folder, GOOD.replace("env:SHOP_KEY", "file:key")).warnings
        assert warning.startswith("shops.main.consumer_key: other users of this machine can open")
        assert "ck_from_file" not in warning

    @pytest.mark.parametrize(
        ("given", "content", "sentence"),
        [("file:key", None, "does not exist"), ("file:key", "", "is empty"), ("file:.", None, "cannot be read")],
    )
    def test_unusable_file_is_said(self, folder: Path, given: str, content: str | None, sentence: str) -> None:
        if content is not None:
            (folder / "key").write_text(content)
            (folder / "key").chmod(0o600)
        (found,) = problems(folder, GOOD.replace("env:SHOP_KEY", given))
        assert sentence in found

    def test_binary_file_is_said(self, folder: Path) -> None:
        (folder / "key").write_bytes(b"\xff\xfe\x00")
        assert "it is not text" in problems(folder, GOOD.replace("env:SHOP_KEY", "file:key"))[0]

    def test_empty_variable_is_said(self, folder: Path) -> None:
        (found,) = problems(folder, GOOD, ENVIRON | {"SHOP_KEY": ""})
        assert found == "shops.main.consumer_key: the environment variable SHOP_KEY is empty"

    def test_secret_copied_with_a_line_break_is_said(self, folder: Path) -> None:
        (found,) = problems(folder, GOOD, ENVIRON | {"SHOP_KEY": "ck_1\nck_2"})
        assert found == "shops.main.consumer_key: has spaces or line breaks around it: copy it again"

    def test_short_master_key_is_refused_with_a_way_to_make_one(self, folder: Path) -> None:
        (found,) = problems(folder, GOOD, ENVIRON | {"COMPANION_MASTER_KEY": "short"})
        assert "openssl rand -hex 32" in found

    def test_nothing_secret_is_in_the_representation(self, folder: Path) -> None:
        url = "postgresql://companion:hunter2@db.example/companion"
        text = '[database]\nurl = "env:DATABASE_URL"\n' + GOOD.removeprefix('\nmaster_key = "env:COMPANION_MASTER_KEY"')
        config = load(folder, 'master_key = "env:COMPANION_MASTER_KEY"\n' + text, ENVIRON | {"DATABASE_URL": url})
        assert config.database.url.reveal() == url
        for secret in ("hunter2", "0123456789"):
            assert secret not in repr(config)
            assert secret not in str(config.shops)


class TestPlaces:
    def test_store_lies_beside_the_configuration(self, folder: Path) -> None:
        assert load(folder, GOOD).database.url.reveal() == f"sqlite:///{folder / 'companion.sqlite3'}"

    def test_absolute_store_stays_where_it_is(self, folder: Path) -> None:
        config = load(folder, GOOD + '[database]\nurl = "sqlite:////var/lib/companion/store.sqlite3"')
        assert config.database.url.reveal() == "sqlite:////var/lib/companion/store.sqlite3"

    def test_postgresql_without_a_password_may_stand_in_the_file(self, folder: Path) -> None:
        config = load(folder, GOOD + '[database]\nurl = "postgresql://companion@/companion"')
        assert config.database.url.reveal() == "postgresql://companion@/companion"

    def test_addresses_lose_their_last_slash(self, folder: Path) -> None:
        config = load(
            folder, GOOD.replace("shop.example", "shop.example/") + '[web]\npublic_url = "https://c.example/"'
        )
        assert config.shop("main").url == "https://shop.example"
        assert config.web.public_url == "https://c.example"

    def test_authority_file_is_found_beside_the_configuration(self, folder: Path) -> None:
        (folder / "ca.pem").write_text("")
        assert load(folder, GOOD + 'ca_file = "ca.pem"').shop("main").ca_file == str(folder / "ca.pem")


class TestEnvironment:
    def test_port_of_the_environment_goes_before_the_file(self, folder: Path) -> None:
        assert load(folder, GOOD + "[web]\nport = 1", ENVIRON | {"COMPANION_PORT": "9000"}).web.port == 9000

    @pytest.mark.parametrize("given", ["http", "-1", "99999"])
    def test_wrong_port_of_the_environment_is_said(self, folder: Path, given: str) -> None:
        (found,) = problems(folder, GOOD, ENVIRON | {"COMPANION_PORT": given})
        assert "port" in found.casefold()
        assert given in found

    def test_empty_port_of_the_environment_is_none(self, folder: Path) -> None:
        assert load(folder, GOOD, ENVIRON | {"COMPANION_PORT": ""}).web.port == 8765


class TestWarnings:
    @pytest.mark.parametrize(
        ("text", "sentence"),
        [
            (GOOD.replace("https:", "http:"), "shops.main.url: over http"),
            (GOOD + "verify_tls = false", "shops.main.verify_tls: anybody on the way"),
            (GOOD + '[web]\npublic_url = "http://c.example"', "web.public_url: over http"),
        ],
    )
    def test_unwise_value_is_a_warning(self, folder: Path, text: str, sentence: str) -> None:
        (warning,) = load(folder, text).warnings
        assert warning.startswith(sentence)

    def test_http_on_this_machine_is_no_warning(self, folder: Path) -> None:
        assert load(folder, GOOD.replace("https://shop.example", "http://127.0.0.1:8766")).warnings == ()


def test_configuration_can_be_made_by_code() -> None:
    config = Config(master_key=Secret("x" * 32), shops=(Shop(key="main", url="http://127.0.0.1:8766"),))
    assert config.path is None
    assert config.shop("main").auth == "auto"
