//! Asks the provider for the money.

use crate::payments::{
    provider::{ChargeRequest, DeclineCode, Outcome, PaymentProvider, ProviderError},
    providers::in_time,
};

/// What came of asking.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Charged {
    /// To be booked.
    Outcome(Outcome),
    /// The provider does not know the token; nothing was charged.
    InvalidToken,
}

/// Asks for the money. Where no answer comes, the payment is processing until somebody looks it up.
pub async fn charge(provider: &dyn PaymentProvider, request: ChargeRequest) -> Charged {
    let reference = request.reference;
    match in_time(provider.authorize(request)).await {
        Ok(outcome) => Charged::Outcome(outcome),
        Err(ProviderError::InvalidToken) => Charged::InvalidToken,
        Err(error) if error.leaves_doubt() => {
            log::warn!("{reference}: the provider did not answer: {error:?}");
            Charged::Outcome(Outcome::Processing)
        }
        Err(error) => {
            log::error!("{reference}: the provider refused: {error:?}");
            Charged::Outcome(Outcome::Declined { code: DeclineCode::ProcessingError })
        }
    }
}
