//! The sandbox's cards: well-known numbers and names, and what becomes of a charge to each.

use crate::payments::provider::{CardBrand, CardSummary, DeclineCode};

crate::text_enum! {
    /// What becomes of a charge.
    Behaviour {
        /// It succeeds.
        Succeeds = "succeeds",
        /// Refused without a reason.
        CardDeclined = "card_declined",
        /// Refused: the account does not hold enough.
        InsufficientFunds = "insufficient_funds",
        /// Refused: the card has expired.
        ExpiredCard = "expired_card",
        /// Refused: the security code is wrong.
        IncorrectCvc = "incorrect_cvc",
        /// Refused: something went wrong on the way.
        ProcessingError = "processing_error",
        /// The card wants 3-D Secure, which the sandbox does not speak: refused as a processing error.
        ThreeDSecure = "three_d_secure",
        /// No answer, nothing charged.
        Timeout = "timeout",
        /// Charged, but no answer.
        LateSuccess = "late_success",
    }
}

/// The test cards of the contract.
const CARDS: [(&str, Behaviour); 7] = [
    ("4242424242424242", Behaviour::Succeeds),
    ("4000000000000002", Behaviour::CardDeclined),
    ("4000000000009995", Behaviour::InsufficientFunds),
    ("4000000000000069", Behaviour::ExpiredCard),
    ("4000000000000127", Behaviour::IncorrectCvc),
    ("4000000000000119", Behaviour::ProcessingError),
    ("4000002760003184", Behaviour::ThreeDSecure),
];

/// Tokens that work without a form, any number of times, and the card that each stands for.
const NAMES: [(&str, Behaviour, &str); 6] = [
    ("tok_visa", Behaviour::Succeeds, "4242"),
    ("tok_declined", Behaviour::CardDeclined, "0002"),
    ("tok_insufficient_funds", Behaviour::InsufficientFunds, "9995"),
    ("tok_3ds", Behaviour::ThreeDSecure, "3184"),
    ("tok_timeout", Behaviour::Timeout, "4242"),
    ("tok_late_success", Behaviour::LateSuccess, "4242"),
];

impl Behaviour {
    /// Why a charge is refused; `None` where it is not.
    pub(super) fn decline_code(self) -> Option<DeclineCode> {
        match self {
            Self::Succeeds | Self::Timeout | Self::LateSuccess => None,
            Self::CardDeclined => Some(DeclineCode::CardDeclined),
            Self::InsufficientFunds => Some(DeclineCode::InsufficientFunds),
            Self::ExpiredCard => Some(DeclineCode::ExpiredCard),
            Self::IncorrectCvc => Some(DeclineCode::IncorrectCvc),
            Self::ProcessingError | Self::ThreeDSecure => Some(DeclineCode::ProcessingError),
        }
    }
}

/// A test card. Of its number only the last four digits are kept, so that there is nothing to leak.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TestCard {
    pub(super) behaviour: Behaviour,
    pub(super) summary: CardSummary,
}

/// The number is not one of the sandbox's test cards, or the date is none. What was given is not repeated.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NotATestCard {
    /// The number is not one of the well-known ones.
    Number,
    /// The month is not 1 to 12, or the year not 2000 to 2100.
    Expiry,
}

impl TestCard {
    /// The test card with this number, spaces and hyphens ignored.
    ///
    /// # Errors
    /// [`NotATestCard`] for any other number: a real card's must never come here.
    pub fn read(number: &str, exp_month: i32, exp_year: i32) -> Result<Self, NotATestCard> {
        let is_digit = |byte: &u8| !matches!(byte, b' ' | b'-');
        let matches = |known: &str| number.bytes().filter(is_digit).eq(known.bytes());
        let &(known, behaviour) = CARDS.iter().find(|(known, _)| matches(known)).ok_or(NotATestCard::Number)?;
        if !(1..=12).contains(&exp_month) || !(2000..=2100).contains(&exp_year) {
            return Err(NotATestCard::Expiry);
        }
        Ok(Self { behaviour, summary: visa(&known[known.len() - 4..], exp_month, exp_year) })
    }

    /// What may be known of the card.
    pub fn summary(&self) -> &CardSummary {
        &self.summary
    }

    /// The card behind a name that works without a form. It does not expire.
    pub(super) fn by_name(token: &str) -> Option<Self> {
        let &(_, behaviour, last4) = NAMES.iter().find(|(name, _, _)| *name == token)?;
        Some(Self { behaviour, summary: visa(last4, 12, 2030) })
    }
}

fn visa(last4: &str, exp_month: i32, exp_year: i32) -> CardSummary {
    CardSummary { brand: CardBrand::Visa, last4: last4.to_owned(), exp_month, exp_year }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn test_numbers_are_known_with_spaces_and_hyphens_too() {
        for number in ["4242424242424242", "4242 4242 4242 4242", "4242-4242-4242-4242"] {
            let card = TestCard::read(number, 12, 2030).unwrap();
            assert_eq!((card.behaviour, card.summary.last4.as_str()), (Behaviour::Succeeds, "4242"));
        }
        let refusals: Vec<_> =
            CARDS.iter().map(|(number, _)| TestCard::read(number, 1, 2030).unwrap().behaviour.decline_code()).collect();
        use DeclineCode::*;
        let expected = [
            None,
            Some(CardDeclined),
            Some(InsufficientFunds),
            Some(ExpiredCard),
            Some(IncorrectCvc),
            Some(ProcessingError),
            Some(ProcessingError),
        ];
        assert_eq!(refusals, expected);
    }

    #[test]
    fn any_other_number_is_refused() {
        for number in
            ["", "4111111111111111", "424242424242424", "42424242424242424242", "4242.4242.4242.4242", "４２４２"]
        {
            assert_eq!(TestCard::read(number, 12, 2030), Err(NotATestCard::Number), "{number}");
        }
        for (month, year) in [(0, 2030), (13, 2030), (1, 1999), (1, 2101)] {
            assert_eq!(TestCard::read("4242424242424242", month, year), Err(NotATestCard::Expiry));
        }
    }
}
