//! What can go wrong, by meaning. `http::problem` alone knows how each stands on the wire.

use std::{borrow::Cow, fmt};

use serde::Serialize;
use serde_json::{Map, Value};

/// The result of a use case.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// A failure.
#[derive(Debug)]
pub enum Error {
    /// The caller can do something about it; the problem document says what.
    Problem(Box<Problem>),
    /// The database refused or failed.
    Database(diesel::result::Error),
    /// The service cannot take this on just now; it can a little later.
    Unavailable(&'static str),
    /// A fault of ours. The text is for the log alone.
    Internal(String),
}

/// What the caller is told.
#[derive(Debug, Clone, PartialEq)]
pub struct Problem {
    /// Stable code.
    pub code: Code,
    /// One sentence about this occurrence.
    pub detail: Cow<'static, str>,
    /// Every violation found, where there are any.
    pub errors: Vec<Violation>,
    /// Further members of the document.
    pub members: Map<String, Value>,
}

/// One broken rule, and where.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Violation {
    /// The place.
    #[serde(flatten)]
    pub place: Place,
    /// Stable code.
    pub code: Code,
    /// One sentence.
    pub detail: Cow<'static, str>,
    /// Figures that a front-end can show: `max`, `min`, …
    pub params: Map<String, Value>,
}

/// Where in the request a rule is broken.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Place {
    /// JSON pointer into the body, as a URI fragment: `#/lines/0/quantity`.
    Pointer(String),
    /// A query parameter's name.
    Parameter(String),
    /// A header's name.
    Header(String),
}

/// The most violations that a problem names: a body of unknown members is not to be answered by a larger one.
pub const MOST_VIOLATIONS: usize = 1000;

/// The JSON pointer of a member (RFC 6901 section 3) behind that of its object.
pub fn member(object: &str, name: &str) -> String {
    format!("{object}/{}", name.replace('~', "~0").replace('/', "~1"))
}

impl Violation {
    /// A violation at a JSON pointer of the body, such as `#/email`.
    pub fn at(pointer: impl Into<String>, code: Code, detail: impl Into<Cow<'static, str>>) -> Self {
        Self { place: Place::Pointer(pointer.into()), code, detail: detail.into(), params: Map::new() }
    }

    /// A violation of a query parameter.
    pub fn in_parameter(name: impl Into<String>, code: Code, detail: impl Into<Cow<'static, str>>) -> Self {
        Self { place: Place::Parameter(name.into()), code, detail: detail.into(), params: Map::new() }
    }

    /// A violation of a header.
    pub fn in_header(name: impl Into<String>, code: Code, detail: impl Into<Cow<'static, str>>) -> Self {
        Self { place: Place::Header(name.into()), code, detail: detail.into(), params: Map::new() }
    }

    /// With a figure beside the words.
    pub fn param(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.params.insert(name.to_owned(), value.into());
        self
    }
}

impl Problem {
    /// A problem with a sentence of its own.
    pub fn new(code: Code, detail: impl Into<Cow<'static, str>>) -> Self {
        Self { code, detail: detail.into(), errors: Vec::new(), members: Map::new() }
    }

    /// With a further member. A value without a JSON form is left out.
    pub fn with(mut self, name: &str, value: impl Serialize) -> Self {
        if let Ok(value) = serde_json::to_value(value) {
            self.members.insert(name.to_owned(), value);
        }
        self
    }
}

impl Error {
    /// A problem with a sentence of its own.
    pub fn problem(code: Code, detail: impl Into<Cow<'static, str>>) -> Self {
        Problem::new(code, detail).into()
    }

    /// Nothing of that name is there for this caller.
    pub fn not_found() -> Self {
        Self::problem(Code::NotFound, "There is nothing here, or nothing that you may see.")
    }

    /// Rules of the body are broken (422), or all that is wrong is that others have it already (409, with the code of the
    /// first). `errors` is not empty.
    pub fn invalid(errors: Vec<Violation>) -> Self {
        let is_taken = |it: &Violation| matches!(it.code, Code::SlugTaken | Code::SkuTaken | Code::ExternalIdTaken);
        match errors.first() {
            // The body is as it should be; others came first.
            Some(first) if errors.iter().all(is_taken) => {
                Self::violations(first.code, "Others have some of these already.", errors)
            }
            _ => Self::violations(Code::ValidationFailed, "The request body breaks a rule.", errors),
        }
    }

    /// Rules of query or headers are broken (400). `errors` is not empty.
    pub fn bad_request(errors: Vec<Violation>) -> Self {
        Self::violations(Code::InvalidRequest, "The request's query or headers break a rule.", errors)
    }

    /// Where all entries share one code, the outer code is that one.
    fn violations(mixed: Code, detail: &'static str, mut errors: Vec<Violation>) -> Self {
        errors.truncate(MOST_VIOLATIONS);
        let shared = errors.first().map(|first| first.code).filter(|code| errors.iter().all(|it| it.code == *code));
        let detail = match errors.as_slice() {
            [only] => only.detail.clone(),
            _ => detail.into(),
        };
        Self::Problem(Box::new(Problem { code: shared.unwrap_or(mixed), detail, errors, members: Map::new() }))
    }

    /// The same failure of a part of the body, which stands at the pointer `at`.
    pub fn within(mut self, at: &str) -> Self {
        if let Self::Problem(problem) = &mut self {
            for violation in &mut problem.errors {
                if let Place::Pointer(pointer) = &mut violation.place {
                    *pointer = format!("{at}{}", pointer.strip_prefix('#').unwrap_or(pointer));
                }
            }
        }
        self
    }

    /// The problem's code, where it is one.
    pub fn code(&self) -> Option<Code> {
        match self {
            Self::Problem(problem) => Some(problem.code),
            _ => None,
        }
    }
}

impl From<Problem> for Error {
    fn from(problem: Problem) -> Self {
        Self::Problem(Box::new(problem))
    }
}

impl From<Violation> for Error {
    fn from(violation: Violation) -> Self {
        match violation.place {
            Place::Pointer(_) => Self::invalid(vec![violation]),
            Place::Parameter(_) | Place::Header(_) => Self::bad_request(vec![violation]),
        }
    }
}

impl From<diesel::result::Error> for Error {
    fn from(error: diesel::result::Error) -> Self {
        match error {
            diesel::result::Error::NotFound => Self::not_found(),
            other => Self::Database(other),
        }
    }
}

impl From<crate::money::Overflow> for Error {
    fn from(_: crate::money::Overflow) -> Self {
        Self::problem(Code::AmountTooLarge, "An amount would leave the range of money, 2^53 - 1 minor units.")
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Problem(problem) => write!(f, "{}: {}", problem.code.as_str(), problem.detail),
            Self::Database(error) => write!(f, "database: {error}"),
            Self::Unavailable(what) => write!(f, "unavailable: {what}"),
            Self::Internal(text) => write!(f, "internal: {text}"),
        }
    }
}

impl std::error::Error for Error {}

macro_rules! codes {
    ($($variant:ident $text:literal $title:literal $about:literal;)*) => {
        /// The stable codes of the contract.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum Code { $(#[doc = $about] $variant),* }

        impl Code {
            /// Every code.
            pub const ALL: &[Code] = &[$(Code::$variant),*];

            /// The code as written in a problem document.
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $text),* }
            }

            /// A short title, the same for each occurrence.
            pub fn title(self) -> &'static str {
                match self { $(Self::$variant => $title),* }
            }

            /// What it means and what to do, for `/problems/{code}`.
            pub fn about(self) -> &'static str {
                match self { $(Self::$variant => $about),* }
            }
        }
    };
}

codes! {
    InvalidRequest "invalid_request" "Invalid request" "Query parameters or headers break several rules; `errors` lists them.";
    MalformedJson "malformed_json" "Malformed JSON" "The body is not the JSON that belongs here: bad syntax, a duplicate key, bytes behind the end, more than 64 levels, bad UTF-8, a lone surrogate, or an array where an object belongs.";
    UnknownParameter "unknown_parameter" "Unknown parameter" "The query has a parameter that this route does not take, or has one twice.";
    InvalidParameter "invalid_parameter" "Invalid parameter" "A query parameter's value is not of the form that it must have.";
    InvalidHeader "invalid_header" "Invalid header" "A request header's value is not of the form that it must have.";
    InvalidCursor "invalid_cursor" "Invalid cursor" "The cursor was not made by this shop for this very list; start again without one.";
    CursorTooDeep "cursor_too_deep" "Cursor too deep" "A list by relevance or popularity ends after 1,000 places; narrow the search.";
    CurrencyNotOffered "currency_not_offered" "Currency not offered" "The shop does not sell in this currency; `GET /api/v1/store` lists those that it offers.";
    IdempotencyKeyRequired "idempotency_key_required" "Idempotency key required" "This request moves money or goods: send an `Idempotency-Key`, and the same one when you try again.";
    InvalidIdempotencyKey "invalid_idempotency_key" "Invalid idempotency key" "An `Idempotency-Key` is 1 to 255 visible ASCII characters, and at least 20 where the caller shows no credential.";
    InvalidIfMatch "invalid_if_match" "Invalid If-Match" "`If-Match` is `*` or an entity tag that an answer carried, in its quotes.";
    Unauthorized "unauthorized" "Unauthorized" "This needs a credential, and none that is valid was shown.";
    InvalidCredentials "invalid_credentials" "Invalid credentials" "The e-mail address or the password is wrong.";
    InvalidToken "invalid_token" "Invalid token" "The token has expired, was revoked, or was never one.";
    SecondFactorRequired "second_factor_required" "Second factor required" "The password is right; `POST /api/v1/auth/second-factor` takes `challenge` with a code.";
    InvalidCode "invalid_code" "Invalid code" "The code is wrong, was used before, or is not the one of this moment.";
    CardDeclined "card_declined" "Card declined" "The payment was refused; `decline_code` says why. The cart is open again, nothing is held. Use another card, with a new `Idempotency-Key`.";
    Forbidden "forbidden" "Forbidden" "The credential is valid, but not for this.";
    SecondFactorNeeded "second_factor_needed" "Second factor needed" "The shop wants its staff to log in with a second factor: turn yours on by `POST /api/v1/auth/second-factor/enrol`.";
    NotFound "not_found" "Not found" "There is nothing here, or nothing that you may see.";
    MethodNotAllowed "method_not_allowed" "Method not allowed" "The address exists, but not with this method; `Allow` lists those that it takes.";
    NotAcceptable "not_acceptable" "Not acceptable" "The `Accept` header rules out every form that the answer could take.";
    Conflict "conflict" "Conflict" "The request does not go with the present state.";
    SlugTaken "slug_taken" "Slug taken" "Another object has, or had, this slug.";
    SkuTaken "sku_taken" "SKU taken" "Another variant has this SKU.";
    ExternalIdTaken "external_id_taken" "External id taken" "Another object has this external id.";
    EmailTaken "email_taken" "E-mail taken" "An account with this e-mail address exists; log in.";
    NameTaken "name_taken" "Name taken" "Another of the same kind has this name; letters' case makes no difference.";
    AlreadyInvited "already_invited" "Already invited" "There is an invitation to this address; revoke it first.";
    LastAdmin "last_admin" "Last admin" "The shop keeps at least one admin who may come in.";
    BuiltInRole "built_in_role" "Built-in role" "A role that comes with the shop can be neither changed nor deleted.";
    BeyondOwnRights "beyond_own_rights" "Beyond own rights" "Nobody gives or takes rights that they do not hold.";
    SecondFactorOn "second_factor_on" "Second factor on" "A second factor is on already; turn it off first.";
    CountryTaken "country_taken" "Country taken" "Another shipping zone or tax rate has this country already; a country has one at most.";
    TooManyAddresses "too_many_addresses" "Too many addresses" "A customer keeps at most 50 addresses; delete one first.";
    InUse "in_use" "In use" "Others still refer to it.";
    InsufficientStock "insufficient_stock" "Insufficient stock" "There is less in stock than was asked for.";
    PriceChanged "price_changed" "Price changed" "`expected_total` is not the cart's total (any more); `totals` holds the new ones. Nothing was charged.";
    CartChanged "cart_changed" "Cart changed" "The cart is not the version that `If-Match` names. Nothing was charged.";
    PromotionUnavailable "promotion_unavailable" "Promotion unavailable" "A promotion of the cart can no longer be used.";
    CheckoutInProgress "checkout_in_progress" "Checkout in progress" "The cart is being paid for. `order_id` names the order; finish or cancel it.";
    CartClosed "cart_closed" "Cart closed" "The cart has become an order, named by `order_id`.";
    OrderPaid "order_paid" "Order paid" "The order has been paid after all, and stands.";
    AnswerErased "answer_erased" "Answer erased" "This request had its effect; its answer was about somebody who has been erased since, and is kept no longer.";
    IdempotencyInProgress "idempotency_in_progress" "Request in progress" "A request with this `Idempotency-Key` is still running; try again in a moment.";
    InvalidTransition "invalid_transition" "Invalid transition" "The order is not in a state that allows this.";
    StaleVersion "stale_version" "Stale version" "The object has changed since the version that `If-Match` names; read it again.";
    PayloadTooLarge "payload_too_large" "Payload too large" "The body is larger than this route takes, counted after decompression.";
    RangeNotSatisfiable "range_not_satisfiable" "Range not satisfiable" "The range begins behind the last byte; `length` says how many there are.";
    UnsupportedMediaType "unsupported_media_type" "Unsupported media type" "The body's `Content-Type` or `Content-Encoding` is not one that this route takes.";
    ValidationFailed "validation_failed" "Validation failed" "The body breaks several rules; `errors` lists them.";
    UnknownField "unknown_field" "Unknown field" "The body has a member that this request does not take.";
    Required "required" "Required" "A member that must be there is missing.";
    InvalidType "invalid_type" "Invalid type" "A member is of another JSON type than it must be.";
    InvalidValue "invalid_value" "Invalid value" "A value is not one of those allowed.";
    Duplicate "duplicate" "Duplicate" "An entry stands in the list already.";
    ReversedRange "reversed_range" "Reversed range" "A range ends before it begins.";
    TooManyEntries "too_many_entries" "Too many entries" "With what is there already there would be too many.";
    OptionsMismatch "options_mismatch" "Options mismatch" "A variant has one of the values of each option of its product, and no two variants have the same.";
    CategoryMisplaced "category_misplaced" "Category misplaced" "A category lies neither in itself nor too deep in the tree.";
    ZeroAdjustment "zero_adjustment" "Zero adjustment" "An adjustment changes stock: 0 does not.";
    PaymentMissing "payment_missing" "Payment missing" "There is something to pay: a payment is needed.";
    UnknownTestCard "unknown_test_card" "Unknown test card" "The sandbox takes its own test card numbers only; a real card's number must never be sent to it.";
    ImageRefused "image_refused" "Image refused" "The file is not an image that the shop can show; `params.reason` says why: `too_many_pixels`, `animated`, `trailing_data`, `stowaway` (a program, markup or an archive beside the picture) or `damaged`.";
    InvalidFormat "invalid_format" "Invalid format" "A text is not of the form that it must have.";
    InvalidCharacter "invalid_character" "Invalid character" "A text holds a character that it may not hold: U+0000 nowhere, control characters not in an address.";
    Blank "blank" "Blank" "A text has nothing but white space.";
    InvalidPostalCode "invalid_postal_code" "Invalid postal code" "The country does not write its postal codes like this; `GET /api/v1/countries/{code}/address-rules` has their form.";
    UnknownRegion "unknown_region" "Unknown region" "The country has no region of this code or name; `GET /api/v1/countries/{code}/address-rules` lists them.";
    MutuallyExclusive "mutually_exclusive" "Mutually exclusive" "Several members say the same thing in different ways; send one of them.";
    OutOfRange "out_of_range" "Out of range" "A number is too small or too large.";
    TooShort "too_short" "Too short" "A text or list is too short.";
    TooLong "too_long" "Too long" "A text or list is too long.";
    AmountTooLarge "amount_too_large" "Amount too large" "An amount would leave the range of money, 2^53 - 1 minor units.";
    NoPrice "no_price" "No price" "The variant has no price in the cart's currency.";
    QuantityTooLarge "quantity_too_large" "Quantity too large" "A cart line holds at most 999 of a variant.";
    BelowMinimumQuantity "below_minimum_quantity" "Below minimum quantity" "A cart must hold more of this variant to be bought; `params.min` says how many.";
    AboveMaximumQuantity "above_maximum_quantity" "Above maximum quantity" "A cart must hold less of this variant to be bought; `params.max` says how many it may hold.";
    TooManyLines "too_many_lines" "Too many lines" "A cart has at most 200 lines.";
    CartIncomplete "cart_incomplete" "Cart incomplete" "The cart cannot be bought yet; `errors` names each missing piece.";
    CountryNotServed "country_not_served" "Country not served" "The shop does not ship to this country.";
    ShippingOptionUnavailable "shipping_option_unavailable" "Shipping option unavailable" "The shipping option does not exist for this cart's address and currency.";
    WrongPassword "wrong_password" "Wrong password" "This is not the present password.";
    WrongCode "wrong_code" "Wrong code" "This is not the code of this moment, or it was used before.";
    PasswordTooLong "password_too_long" "Password too long" "The password has more than 256 characters in NFC.";
    WeakPassword "weak_password" "Weak password" "The password is too easily guessed.";
    UnusableToken "unusable_token" "Unusable token" "The token of the mail has been used, has expired, was replaced by that of a newer mail, or was never one. Ask for another mail.";
    CardDataRefused "card_data_refused" "Card data refused" "A card number must never be sent here; send the provider's token.";
    ReturnUrlNotAllowed "return_url_not_allowed" "Return URL not allowed" "The origin of `return_url` is not one of the shop's front-ends.";
    UnknownProvider "unknown_provider" "Unknown provider" "The shop does not take payments by this provider.";
    InvalidPaymentToken "invalid_payment_token" "Invalid payment token" "The provider does not know this token.";
    IdempotencyKeyReused "idempotency_key_reused" "Idempotency key reused" "The same `Idempotency-Key` came with another body.";
    NothingLeft "nothing_left" "Nothing left" "There is nothing left to ship, refund or capture.";
    PreconditionRequired "precondition_required" "Precondition required" "Send `If-Match` with the entity tag of the version that you have seen, or `*`.";
    RateLimited "rate_limited" "Too many requests" "Wait as long as `Retry-After` says.";
    InternalError "internal_error" "Internal error" "Something went wrong on our side. It has been logged under `request_id`.";
    Unavailable "unavailable" "Unavailable" "The service cannot answer this just now; try again after `Retry-After` seconds.";
}

impl Serialize for Code {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}
