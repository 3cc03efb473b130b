//! What the shop asks of a payment provider.
//!
//! Every request carries a reference of ours, which is the provider's idempotency key: asking twice is asking once, and
//! what became of a request can be looked up by it even when its answer was lost.

use std::fmt;

use futures_util::future::BoxFuture;
use secrecy::SecretString;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{
    ids::{OrderId, PaymentId, RefundId},
    money::Money,
};

/// What a provider answers, later. The caller sets the time limit; a call that is no longer waited for may still happen.
pub type Answer<'a, T> = BoxFuture<'a, Result<T, ProviderError>>;

/// A payment provider.
pub trait PaymentProvider: Send + Sync {
    /// The provider's name in the contract: `sandbox`, `stripe`.
    fn name(&self) -> &'static str;

    /// Charges a card, or with `capture: false` sets the amount aside on it.
    ///
    /// The same request again has the outcome of the first and charges nothing more; a request that differs under the
    /// same reference is [`ProviderError::ReferenceReused`]. A reference that was voided is never charged: its outcome is
    /// [`Outcome::Voided`].
    fn authorize(&self, request: ChargeRequest) -> Answer<'_, Outcome>;

    /// Takes an authorised amount, or less of it (the rest is let go). Can be done once; the same again is a repeat.
    fn capture(&self, request: CaptureRequest) -> Answer<'_, Outcome>;

    /// Pays back captured money. The refunds of a payment never exceed what was captured.
    fn refund(&self, request: RefundRequest) -> Answer<'_, RefundOutcome>;

    /// Sees to it that nothing is charged under this reference, not by a request still under way either.
    ///
    /// The answer is how things stand then: [`Outcome::Captured`] where the money was taken already (it stays taken).
    fn void(&self, reference: PaymentId) -> Answer<'_, Outcome>;

    /// What became of the request with this reference; [`Outcome::NotKnown`] where it never arrived.
    fn look_up(&self, reference: PaymentId) -> Answer<'_, Outcome>;

    /// Reads a webhook after checking that it is genuine.
    ///
    /// # Errors
    /// [`WebhookError`] where it is not, or where the provider sends none.
    fn parse_webhook(&self, request: WebhookRequest<'_>) -> Result<ProviderEvent, WebhookError>;
}

/// A charge to be made.
#[derive(Debug, Clone)]
pub struct ChargeRequest {
    /// Our reference, and the provider's idempotency key.
    pub reference: PaymentId,
    /// The order, for the provider's records.
    pub order_id: OrderId,
    /// How much; more than nothing.
    pub amount: Money,
    /// What stands for the card.
    pub token: SecretString,
    /// Where the provider's own page sends the customer back to.
    pub return_url: Option<String>,
    /// Whether the money is taken at once.
    pub capture: bool,
}

/// An authorised amount to be taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CaptureRequest {
    /// The reference that it was authorised under.
    pub reference: PaymentId,
    /// How much of it.
    pub amount: Money,
}

/// Captured money to be paid back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RefundRequest {
    /// Our reference of the refund, and the provider's idempotency key.
    pub refund_reference: RefundId,
    /// The payment.
    pub reference: PaymentId,
    /// How much of it; more than nothing.
    pub amount: Money,
}

/// How a charge stands with the provider.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// The money was taken. It stays so when it is paid back later.
    Captured {
        /// The provider's own id of the charge.
        provider_id: String,
        /// How much.
        amount: Money,
        /// The card, where the provider tells it.
        card: Option<CardSummary>,
    },
    /// The money is set aside.
    Authorized {
        /// The provider's own id of the charge.
        provider_id: String,
        /// How much.
        amount: Money,
        /// The card, where the provider tells it.
        card: Option<CardSummary>,
    },
    /// The customer has to go to the provider's page (3-D Secure).
    RequiresAction {
        /// The provider's own id of the charge.
        provider_id: String,
        /// The page.
        url: String,
    },
    /// The provider is at it still.
    Processing,
    /// The card was refused. Final.
    Declined {
        /// Why.
        code: DeclineCode,
    },
    /// Nothing was charged and nothing will be. Final.
    Voided,
    /// The provider never got a request with this reference; one may still be under way.
    NotKnown,
}

/// How a refund stands with the provider.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RefundOutcome {
    /// The money was paid back.
    Refunded {
        /// The provider's own id of the refund.
        provider_id: String,
    },
    /// The provider has accepted it and pays later. It counts as paid back.
    Pending {
        /// The provider's own id of the refund.
        provider_id: String,
    },
}

/// What may be known of a card.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct CardSummary {
    /// The network.
    pub brand: CardBrand,
    /// The last four digits.
    #[schema(pattern = "^[0-9]{4}$", min_length = 4, max_length = 4, example = "4242")]
    pub last4: String,
    /// The month in which it expires.
    #[schema(minimum = 1, maximum = 12, example = 12)]
    pub exp_month: i32,
    /// The year in which it expires.
    #[schema(minimum = 2000, maximum = 2100, example = 2030)]
    pub exp_year: i32,
}

crate::text_enum! {
    /// A card network.
    CardBrand {
        /// American Express.
        Amex = "amex",
        /// Diners Club.
        Diners = "diners",
        /// Discover.
        Discover = "discover",
        /// JCB.
        Jcb = "jcb",
        /// Mastercard and Maestro.
        Mastercard = "mastercard",
        /// UnionPay.
        Unionpay = "unionpay",
        /// Visa.
        Visa = "visa",
        /// Another, or one that the provider does not tell.
        Unknown = "unknown",
    }
}

crate::text_enum! {
    /// Why a card was refused.
    DeclineCode {
        /// Refused without a reason.
        CardDeclined = "card_declined",
        /// The account does not hold enough.
        InsufficientFunds = "insufficient_funds",
        /// The card has expired.
        ExpiredCard = "expired_card",
        /// The security code is wrong.
        IncorrectCvc = "incorrect_cvc",
        /// Something went wrong on the way; the same card may work later.
        ProcessingError = "processing_error",
    }
}

/// Why a provider gave no outcome.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ProviderError {
    /// No answer came in time. The request may have been carried out.
    Timeout,
    /// The provider could not be reached, or broke off. The request may have been carried out. The text is for the log.
    Unreachable(String),
    /// The provider does not know the token, or it was used up. Nothing was done.
    InvalidToken,
    /// Another request came under this reference before. Nothing was done.
    ReferenceReused,
    /// The provider knows no payment with this reference. Nothing was done.
    NotKnown,
    /// More than is authorised and not yet captured, or captured and not yet paid back. Nothing was done.
    AmountTooLarge,
    /// Refused for another reason, in words for the log. Nothing was done.
    Refused(String),
}

impl ProviderError {
    /// Whether the request may have been carried out all the same, so that it has to be looked up.
    pub fn leaves_doubt(&self) -> bool {
        match self {
            Self::Timeout | Self::Unreachable(_) => true,
            Self::InvalidToken | Self::ReferenceReused | Self::NotKnown | Self::AmountTooLarge | Self::Refused(_) => {
                false
            }
        }
    }
}

impl fmt::Display for ProviderError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Timeout => f.write_str("the provider did not answer in time"),
            Self::Unreachable(text) => write!(f, "the provider could not be reached: {text}"),
            Self::InvalidToken => f.write_str("the provider does not take this token"),
            Self::ReferenceReused => f.write_str("another request came under this reference before"),
            Self::NotKnown => f.write_str("the provider knows no payment with this reference"),
            Self::AmountTooLarge => f.write_str("the amount is more than is left"),
            Self::Refused(text) => write!(f, "the provider refused: {text}"),
        }
    }
}

impl std::error::Error for ProviderError {}

/// A webhook as it came.
#[derive(Debug, Clone, Copy)]
pub struct WebhookRequest<'a> {
    /// Name and value of each header, names in lower case.
    pub headers: &'a [(&'a str, &'a str)],
    /// The very bytes, since signatures are over them.
    pub body: &'a [u8],
}

/// What a genuine webhook says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProviderEvent {
    /// The provider's id of the event: the same event may come many times.
    pub event_id: String,
    /// The payment that it is about.
    pub reference: PaymentId,
    /// How it stands.
    pub outcome: Outcome,
}

/// Why a webhook is not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WebhookError {
    /// The provider sends no webhooks.
    NotOffered,
    /// Its signature is missing, wrong, or too old.
    NotGenuine,
    /// It is genuine, but not of a form that is known.
    Malformed,
}

impl fmt::Display for WebhookError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NotOffered => "the provider sends no webhooks",
            Self::NotGenuine => "the webhook is not genuine",
            Self::Malformed => "the webhook is not of a known form",
        })
    }
}

impl std::error::Error for WebhookError {}
