"""What a schema cannot say, and Schemathesis therefore cannot know.

It expects that whoever sends what the document allows is served, or told that something is not there (404) or in
another state (409). The shop also refuses for rules that no JSON Schema can express; it names them by stable codes.
A refusal passes here only if every code in it is one of those; any other one is a finding.
"""

import atexit
import sys
from collections import Counter
from urllib.parse import parse_qs, urlsplit

import schemathesis
from schemathesis.core.failures import AcceptedNegativeData
from schemathesis.openapi.checks import EnsureResourceAvailability, RejectedPositiveData

# Whether it holds depends on what the shop has stored or how it is set up.
STATE = {
    "card_declined",
    "category_misplaced",
    "cart_incomplete",
    "country_not_served",
    "external_id_taken",  # 422 beside broken rules, as are the other two of what others have
    "currency_not_offered",
    "idempotency_key_reused",
    "invalid_payment_token",
    "no_price",
    "options_mismatch",  # the options of a product and those of its variants go together
    "payment_missing",  # depends on what is to pay
    "range_not_satisfiable",  # 416: the document cannot say how long a file is
    "not_found",  # a body that names an object which is not there: 422
    "return_url_not_allowed",
    "shipping_option_unavailable",
    "sku_taken",
    "slug_taken",
    "too_many_entries",  # with those that are there already
    "stale_version",  # 412: the document cannot say which version is the present one
    "unknown_parameter",  # an attribute that the shop does not filter by
    "unknown_provider",
}
# It is about several values that are each within their own limits.
SUMS = {
    "duplicate",  # by one member of the entries, where `uniqueItems` looks at them whole
    "mutually_exclusive",  # an address, and the id of one
    "quantity_too_large",
    "reversed_range",
}
# It is about how a text was made, or what it means.
TEXTS = {
    "blank",  # white space alone: dialects of patterns do not agree on what that is
    "card_data_refused",
    "image_refused",  # what is no sound image
    "invalid_character",  # U+0000, which no text may hold: said once, and not by a pattern at every text; control characters
    "invalid_cursor",  # cursors are signed
    "invalid_idempotency_key",  # at least 20 characters, but only where no credential is shown
    "invalid_postal_code",  # by the country's rules
    "unknown_region",  # by the country's rules
    "unknown_test_card",
    "unusable_token",  # tokens come by mail
    "password_too_long",
    "weak_password",
    "wrong_code",  # codes change every 30 seconds
    "wrong_password",
    "zero_adjustment",
}
RULES = STATE | SUMS | TEXTS
# What holds for single operations.
COLLECTION = {"required", "unknown_field"}  # what a collection has depends on its kind, and a condition on its attribute
# Words that mean the same are two at least, unless they are of the other kind; what has neither letter nor digit is none.
SYNONYMS = {"invalid_format", "too_short"}
LIST = {"invalid_parameter"}  # an order that one manual collection has, which is to be named
UNIT = {"invalid_value"}  # which only numbers have
OWN = {
    # A file is looked at by its content: what is no image is of an unsupported type.
    "POST /api/v1/admin/products/{product_id}/images": {"unsupported_media_type"},
    "POST /api/v1/admin/attributes": UNIT,
    "PATCH /api/v1/admin/attributes/{attribute_id}": UNIT,
    "POST /api/v1/admin/collections": COLLECTION,
    "PATCH /api/v1/admin/collections/{collection_id}": COLLECTION,
    "POST /api/v1/admin/synonyms": SYNONYMS,
    "PATCH /api/v1/admin/synonyms/{synonym_id}": SYNONYMS,
    "GET /api/v1/products": LIST,
    "GET /api/v1/search": LIST,
    "GET /api/v1/admin/products": LIST,
    "GET /api/v1/admin/search/explain": LIST,
    "GET /api/v1/admin/reports/searches": {"invalid_parameter"},  # the 30th of February is no day
}
# What an address must have beside what every address has, by the country's rules.
REQUIRED_BY_COUNTRY = ("/region", "/postal_code")

# Conditions of reads. What cannot be read of them is no condition, and the answer is the whole (RFC 9110, 13.1 and 14.2).
CONDITIONS = {"if-none-match", "range", "if-range"}

passed: Counter[tuple[str, str]] = Counter()
# Ids in answers that were given once more, under their Idempotency-Key.
replayed: set[str] = set()
called: set[str] = set()
served: set[str] = set()


@schemathesis.deserializer("image/jpeg", "image/webp")
def read_image(context, response):
    """Bytes as the document shows them: a text with a character for each."""
    return response.content.decode("latin-1")


@schemathesis.deserializer("text/html")
def read_page(context, response):
    """A page as the text that it is."""
    return response.text


@schemathesis.hook
def filter_failure(context, failure, case, response):
    """Tells whether a failure is a finding."""
    if isinstance(failure, AcceptedNegativeData):
        return not is_allowed_as_sent(case, response)
    if isinstance(failure, EnsureResourceAvailability):
        # A repeat tells what was made the first time; since then it may have been deleted.
        return not any(name in response.request.url for name in replayed)
    if not isinstance(failure, RejectedPositiveData):
        return True
    codes = refusal_codes(response)
    if not codes or not codes <= RULES | OWN.get(case.operation.label, set()):
        return True
    passed.update((case.operation.label, code) for code in codes)
    return False


def is_allowed_as_sent(case, response):
    """Whether what the document forbids is a condition that is none, or became allowed on its way into the query.

    There everything is text: a number in the place of a list is a list of one text, and an object without members is not
    sent at all. Schemathesis knows either, but not both in one request.
    """
    data = case.meta.phase.data
    location = getattr(data, "parameter_location", None)
    mutations = getattr(data, "mutations", None) or ()
    parameters = {it.parameter for it in mutations} or {getattr(data, "parameter", None)}
    if location is not None and location.name == "HEADER" and {str(it).lower() for it in parameters} <= CONDITIONS:
        return True
    sent = parse_qs(urlsplit(response.request.url).query, keep_blank_values=True)

    def is_allowed(mutation):
        was_list = "array" in str(mutation.original_value)
        return tuple(mutation.keywords) == ("type",) and (mutation.parameter not in sent or was_list)

    in_query = location is not None and location.name == "QUERY"
    if in_query and getattr(getattr(data, "scenario", None), "name", None) == "INCORRECT_TYPE":
        lists = {it.name for it in case.operation.query if "array" in str(it.definition.get("schema", {}).get("type"))}
        return parameters <= lists
    return in_query and len(mutations) > 1 and all(is_allowed(it) for it in mutations)


def refusal_codes(response):
    """The codes of a problem document: those of its entries where it has any, else its own.

    What a country requires of an address is a rule of the shop; what is required elsewhere stands in the document.
    """
    if not response.headers.get("content-type", [""])[0].startswith("application/problem+json"):
        return set()
    problem = response.json()
    entries = problem.get("errors") or [problem]
    by_country = [it for it in entries if it["code"] == "required" and it.get("pointer", "").endswith(REQUIRED_BY_COUNTRY)]
    return {"invalid_postal_code" if it in by_country else it["code"] for it in entries}


@schemathesis.hook
def after_call(context, case, response):
    """Notes which operations were served at least once, and what was told once more."""
    if "idempotency-replayed" in response.headers:
        replayed.update(name for name in [identity(response)] if name)
    if response.request.method == case.operation.method.upper():
        called.add(case.operation.label)
        if response.status_code < 400:
            served.add(case.operation.label)


def identity(response):
    """The id of the object that an answer holds, if it holds one."""
    try:
        return response.json().get("id")
    except (AttributeError, ValueError):
        return None


@atexit.register
def tell():
    """Says what was let pass and what was never reached, so that nobody needs to guess."""
    if passed:
        print("\nValid requests that a rule of the shop refused:", file=sys.stderr)
    for (operation, code), times in sorted(passed.items()):
        print(f"  {operation}: {code}, {times} times", file=sys.stderr)
    if called - served:
        print("\nOperations that never answered with success:", file=sys.stderr)
    for operation in sorted(called - served):
        print(f"  {operation}", file=sys.stderr)
