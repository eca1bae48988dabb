"""A crowd of invented people as shops would know them, with the truth of who is who: for `benchmarks/identity.py`.

Everything that the figures depend on stands in CHANCES. Latin spellings are written by hand, as people write them, and
nothing here is shared with the program's own rules.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

CHANCES = {
    "latin": 0.20,  # an account whose name is in Latin letters
    "swapped": 0.04,  # last name first
    "typo": 0.02,  # one letter wrong, missing, twice or misplaced in one of the names
    "arabic letters": 0.20,
    "title": 0.03,
    "half a name": 0.02,  # the last name alone
    "no name": 0.01,
    "email given": 0.85,  # WooCommerce asks for both; many shops here drop the e-mail
    "other email": 0.10,  # hers too, but not her usual one
    "phone given": 0.97,
    "other phone": 0.05,
    "postcode given": 0.60,
    "moved": 0.05,  # another postcode than usually
    "filled in": 0.02,  # instead of a postcode what the form takes, or the city's
    "collected": 0.02,  # the postcode of one of twenty places where parcels are kept for many
    "in a family": 0.05,  # people who share their phone with one or two relatives
    "named alike": 0.30,  # relatives whose given names differ by a letter or an ending
    "shares an email": 0.10,  # of the families: their e-mail address too
    "in an office": 0.01,  # people who order from an address that 8 to 20 people use
    "at the counter": 0.01,  # accounts with the shop's own phone, e-mail or a filler
    "second hand": 0.003,  # people whose phone was a stranger's before
}

_MEN = (
    "محمد:mohammad,mohamad,muhammad علی:ali رضا:reza حسین:hossein,hosein حسن:hassan,hasan مهدی:mehdi,mahdi "
    "امیر:amir احسان:ehsan سعید:saeed,saeid حمید:hamid حامد:hamed مجید:majid وحید:vahid فرید:farid نوید:navid "
    "امید:omid بهرام:bahram شهرام:shahram بهزاد:behzad فرزاد:farzad فرهاد:farhad فرشاد:farshad مهران:mehran "
    "کامران:kamran آرش:arash سیاوش:siavash کاوه:kaveh بابک:babak نیما:nima پویا:pouya,pooya پوریا:pouria,pooria "
    "سینا:sina میلاد:milad یاسر:yaser ناصر:naser نادر:nader قاسم:ghasem جواد:javad عباس:abbas ابراهیم:ebrahim "
    "اسماعیل:esmaeil,esmail یوسف:yousef,yusef مسعود:masoud,masood محمود:mahmoud,mahmood مصطفی:mostafa "
    "مرتضی:morteza مجتبی:mojtaba داوود:davood,davoud ایمان:iman امین:amin پیمان:peyman,payman ایرج:iraj "
    "تورج:touraj جمشید:jamshid خسرو:khosrow,khosro منوچهر:manouchehr"
)
_WOMEN = (
    "فاطمه:fatemeh,fateme زهرا:zahra زهره:zohreh مریم:maryam سارا:sara,sarah نرگس:narges لیلا:leila,leyla "
    "مینا:mina مونا:mona شیرین:shirin شیوا:shiva نسرین:nasrin نسترن:nastaran پریسا:parisa پروین:parvin "
    "سمیرا:samira سمانه:samaneh الهام:elham الهه:elaheh اعظم:azam معصومه:masoumeh,masoome طاهره:tahereh "
    "فریده:farideh حمیده:hamideh وحیده:vahideh سعیده:saeedeh,saeideh مهناز:mahnaz شهناز:shahnaz گلناز:golnaz "
    "فرناز:farnaz مژگان:mojgan,mozhgan ژاله:jaleh,zhaleh هانیه:hanieh مرضیه:marzieh راضیه:razieh خدیجه:khadijeh "
    "صدیقه:sedigheh نیلوفر:niloufar,niloofar سپیده:sepideh ستاره:setareh یاسمن:yasaman آیدا:aida ندا:neda "
    "هدی:hoda کیمیا:kimia بهاره:bahareh مهسا:mahsa نگار:negar نگین:negin"
)
_FAMILIES = (
    "احمدی:ahmadi محمدی:mohammadi,mohamadi حسینی:hosseini,hoseini رضایی:rezaei,rezaee کریمی:karimi "
    "موسوی:mousavi,moosavi جعفری:jafari صادقی:sadeghi مرادی:moradi رحیمی:rahimi رحمانی:rahmani قاسمی:ghasemi "
    "هاشمی:hashemi اکبری:akbari ابراهیمی:ebrahimi نوروزی:norouzi,noroozi عباسی:abbasi یوسفی:yousefi,yusefi "
    "شریفی:sharifi سلیمانی:soleimani صالحی:salehi کاظمی:kazemi نظری:nazari زارعی:zarei باقری:bagheri "
    "طاهری:taheri امینی:amini حیدری:heydari,heidari اسدی:asadi فرهادی:farhadi علوی:alavi کاویانی:kaviani "
    "شمس:shams جلالی:jalali خسروی:khosravi رستمی:rostami قربانی:ghorbani میرزایی:mirzaei,mirzaee "
    "شجاعی:shojaei,shojaee یزدانی:yazdani کیانی:kiani,kiyani نجفی:najafi تهرانی:tehrani شیرازی:shirazi "
    "اصفهانی:esfahani تبریزی:tabrizi بهرامی:bahrami منصوری:mansouri,mansoori پناهی:panahi توکلی:tavakoli "
    "خلیلی:khalili دهقان:dehghan دهقانی:dehghani چراغی:cheraghi شکری:shokri غفاری:ghaffari ذاکری:zakeri"
)
_ENDINGS = {"پور": "pour", "نژاد": "nejad", "زاده": "zadeh", "راد": "rad", "فر": "far"}
_ALIKE = (
    "حمید حامد", "حمید حمیده", "وحید وحیده", "سعید سعیده", "فرید فریده", "بهرام شهرام", "مهناز شهناز", "فرزاد فرهاد",
    "فرهاد فرشاد", "امین ایمان", "زهرا زهره", "مینا مونا", "مهران کامران", "پویا پوریا", "نگار نگین", "محمد محمود",
)  # fmt: skip
_COMPOUND = {"محمد": ("رضا", "علی", "حسین", "مهدی", "امین"), "امیر": ("حسین", "علی", "محمد", "رضا"), "علی": ("رضا",)}
_TITLES = ("آقای", "خانم", "سید", "دکتر", "مهندس")
_DIGITS = str.maketrans("0123456789", "۰۱۲۳۴۵۶۷۸۹")
_ARABIC = str.maketrans("یک", "يك")
_KEYS = "ابتثجچحخدذرزسشصضطظعغفقکگلمنوهی"


def _spellings(text: str) -> dict[str, list[str]]:
    return {name: latin.split(",") for name, _, latin in (entry.partition(":") for entry in text.split())}


MEN, WOMEN, FAMILY_NAMES = _spellings(_MEN), _spellings(_WOMEN), _spellings(_FAMILIES)
LATIN = MEN | WOMEN | FAMILY_NAMES | {persian: [latin] for persian, latin in _ENDINGS.items()}


@dataclass
class Person:
    """Somebody, with what she uses. `given` and `family` are words; `household` is 0 for who shares no phone."""

    number: int
    given: list[str]
    family: list[str]
    phones: list[str]
    emails: list[str]
    postcode: str
    household: int = 0


@dataclass
class Crowd:
    """`accounts`: rows for the store, in the order in which they are heard of; `owner`: whose each is, by key."""

    people: list[Person] = field(default_factory=list)
    accounts: list[dict[str, Any]] = field(default_factory=list)
    owner: dict[str, int] = field(default_factory=dict)


class Maker:
    """Makes a crowd of about so many people; the same seed makes the same."""

    def __init__(self, people: int, seed: int) -> None:
        self._chance = random.Random(seed)
        self._nobodys = random.Random(seed)  # apart: what is everybody's changes nothing else of a seed's people
        self._crowd = Crowd()
        self._numbers = iter(range(10**9))
        self._households = 0
        self._wanted = people

    def make(self) -> Crowd:
        """The crowd; called once."""
        crowd, chance = self._crowd, self._chance
        while len(crowd.people) < self._wanted:
            if self._is("in a family", share=0.4):  # a family has two or three
                self._family()
            else:
                crowd.people.append(self._person())
        self._offices()
        for person in crowd.people:
            if self._is("second hand"):
                person.phones[0] = chance.choice(crowd.people).phones[0]
            for _ in range(chance.choices((1, 2, 3, 4, 5, 6), (45, 27, 14, 8, 4, 2))[0]):
                self._account(person)
        chance.shuffle(crowd.accounts)
        return crowd

    def _is(self, what: str, *, share: float = 1.0) -> bool:
        return self._chance.random() < CHANCES[what] * share

    def _person(self, family: list[str] | None = None, given: list[str] | None = None) -> Person:
        chance = self._chance
        number = next(self._numbers)
        given = given or self._given()
        family = family or self._family_name()
        phones = [f"09{chance.randrange(10**8, 4 * 10**8):09}" for _ in range(2)]
        word = "".join((LATIN[given[0]][0], ".", LATIN[family[0]][0]))
        emails = [f"{word}{number}@example.com", f"{word[:1]}{number}@mail.example"]
        return Person(number, given, family, phones, emails, str(chance.randrange(3 * 10**9 + 1, 10**10)))

    def _given(self) -> list[str]:
        chance = self._chance
        names = list(chance.choice((MEN, WOMEN)))
        first = names[min(int(chance.expovariate(0.06)), len(names) - 1)]
        if first in _COMPOUND and chance.random() < 0.4:
            return [first, chance.choice(_COMPOUND[first])]
        return [first]

    def _family_name(self) -> list[str]:
        chance = self._chance
        names = list(FAMILY_NAMES)
        name = names[min(int(chance.expovariate(0.05)), len(names) - 1)]
        return [name, chance.choice(list(_ENDINGS))] if chance.random() < 0.12 else [name]

    def _family(self) -> None:
        chance = self._chance
        self._households += 1
        first = self._person()
        members = [first]
        for _ in range(chance.choice((1, 1, 2))):
            given = self._given()
            while given in [its.given for its in members]:
                given = self._given()
            # A wife keeps her father's name.
            members.append(self._person(None if chance.random() < 0.3 else first.family, given))
        if self._is("named alike"):
            one, other = chance.choice(_ALIKE).split()
            first.given, members[1].given, members[1].family = [one], [other], first.family
            for member in members[2:]:
                while member.given in ([one], [other]):
                    member.given = self._given()
        shares_email = self._is("shares an email")
        for member in members:
            member.household = self._households
            member.phones[0] = first.phones[0]
            member.postcode = first.postcode
            if shares_email:
                member.emails[0] = first.emails[0]
        self._crowd.people += members

    def _offices(self) -> None:
        people = [its for its in self._crowd.people if not its.household]
        wanted = int(len(people) * CHANCES["in an office"])
        while wanted > 0:
            size = self._chance.randint(8, 20)
            for person in self._chance.sample(people, size):
                person.emails[0] = f"office{wanted}@company.example"
            wanted -= size

    def _account(self, person: Person) -> None:
        chance, crowd = self._chance, self._crowd
        key = f"a{len(crowd.accounts)}"
        first, last = self._names(person)
        email = phone = ""
        if self._is("email given"):
            email = person.emails[self._is("other email")]
        if self._is("phone given"):
            phone = self._phone(person.phones[self._is("other phone")])
        if self._is("at the counter"):
            email, phone = chance.choice(
                (
                    ("info@shop.example", phone),
                    (email, "09120000000"),
                    ("deleted@site.invalid", ""),
                    (email, "02188000000"),
                )
            )
        postcode = ""
        if self._is("postcode given"):
            postcode = self._postcode(person)
        email = email.upper() if chance.random() < 0.02 else email
        billing = {"first_name": first, "last_name": last, "email": email, "phone": phone, "postcode": postcode}
        crowd.accounts.append(
            {
                "shop": chance.choice(("main", "custom", "third")),
                "kind": chance.choice(("user", "guest", "guest")),
                "key": key,
                "first_name": first,
                "last_name": last,
                "email": email,
                "phone": phone,
                "username": "",
                "role": "customer",
                "billing": billing,
                "shipping": {},
            }
        )
        crowd.owner[key] = person.number

    def _postcode(self, person: Person) -> str:
        own = str(self._chance.randrange(3 * 10**9 + 1, 10**10)) if self._is("moved") else person.postcode
        if self._nobodys.random() < CHANCES["filled in"]:
            return self._nobodys.choice(("1234567890", "1111111111", "9876543210", "7134000000", "1911000000"))
        if self._nobodys.random() < CHANCES["collected"]:
            return f"71345678{self._nobodys.randrange(10, 30)}"
        return own

    def _names(self, person: Person) -> tuple[str, str]:
        chance = self._chance
        if self._is("no name"):
            return "", ""
        given, family = list(person.given), list(person.family)
        if self._is("latin"):
            return self._in_latin(given), self._in_latin(family)
        if self._is("typo"):
            words = chance.choice((given, family))
            words[0] = self._mistyped(words[0])
        first = chance.choice(("", " ", "\u200c")).join(given)
        last = chance.choice(("", " ", "\u200c")).join(family)
        if self._is("title"):
            first = f"{chance.choice(_TITLES)} {first}"
        if self._is("half a name"):
            first = ""
        if self._is("arabic letters"):
            first, last = first.translate(_ARABIC), last.translate(_ARABIC)
        return (last, first) if self._is("swapped") else (first, last)

    def _in_latin(self, words: list[str]) -> str:
        spelled = [self._chance.choice(LATIN[word]) for word in words]
        return self._chance.choice((" ", "")).join(spelled).title()

    def _mistyped(self, word: str) -> str:
        at = self._chance.randrange(len(word))
        wrong = self._chance.choice(_KEYS)
        match self._chance.randrange(4):
            case 0:
                return word[:at] + wrong + word[at + 1 :]
            case 1:
                return word[:at] + word[at + 1 :]
            case 2:
                return word[:at] + word[at] + word[at:]
            case _:
                return word[:at] + word[at + 1 : at + 2] + word[at : at + 1] + word[at + 2 :]

    def _phone(self, phone: str) -> str:
        bare = phone[1:]
        spelled = self._chance.choice(
            (
                phone,
                phone,
                phone,
                bare,
                f"+98{bare}",
                f"0098{bare}",
                f"{phone[:4]} {phone[4:7]} {phone[7:]}",
                f"0{bare[:3]}-{bare[3:]}",
            )
        )
        return spelled.translate(_DIGITS) if self._chance.random() < 0.15 else spelled


def batches(rows: list[dict[str, Any]], size: int) -> Iterator[list[dict[str, Any]]]:
    """The rows, so many at a time."""
    for start in range(0, len(rows), size):
        yield rows[start : start + size]
