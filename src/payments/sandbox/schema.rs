//! The tables of the sandbox's own file.

/// Makes what is missing. The file is the provider's, not the shop's: it has no migrations, since a provider's records
/// outlive any version of the shop; columns are only ever added.
pub(super) const CREATE: &str = "
CREATE TABLE IF NOT EXISTS tokens (
    digest BLOB PRIMARY KEY NOT NULL,
    behaviour TEXT NOT NULL,
    brand TEXT NOT NULL,
    last4 TEXT NOT NULL CHECK (length(last4) = 4),
    exp_month INTEGER NOT NULL,
    exp_year INTEGER NOT NULL,
    used_by TEXT
) STRICT, WITHOUT ROWID;

CREATE TABLE IF NOT EXISTS charges (
    reference TEXT PRIMARY KEY NOT NULL,
    order_id TEXT,
    token_digest BLOB,
    amount INTEGER CHECK (amount > 0),
    currency TEXT,
    capture INTEGER NOT NULL,
    status TEXT NOT NULL CHECK (status IN ('authorized', 'captured', 'declined', 'voided')),
    decline_code TEXT,
    card TEXT,
    captured INTEGER NOT NULL DEFAULT 0 CHECK (captured BETWEEN 0 AND amount),
    refunded INTEGER NOT NULL DEFAULT 0 CHECK (refunded BETWEEN 0 AND captured),
    CHECK ((status = 'declined') = (decline_code IS NOT NULL)),
    CHECK ((status = 'captured') = (captured > 0)),
    CHECK (status = 'voided' OR (amount IS NOT NULL AND currency IS NOT NULL))
) STRICT, WITHOUT ROWID;

CREATE TABLE IF NOT EXISTS journal (
    position INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN ('authorization', 'charge', 'refund', 'void')),
    payment TEXT NOT NULL,
    refund TEXT UNIQUE,
    amount INTEGER CHECK (amount > 0),
    currency TEXT,
    recorded_at TEXT NOT NULL,
    CHECK ((kind = 'refund') = (refund IS NOT NULL)),
    CHECK ((amount IS NULL) = (currency IS NULL))
) STRICT;
CREATE UNIQUE INDEX IF NOT EXISTS journal_payment_kind_key ON journal (payment, kind) WHERE kind <> 'refund';
CREATE TRIGGER IF NOT EXISTS journal_is_not_changed BEFORE UPDATE ON journal
BEGIN SELECT raise(ABORT, 'the journal is append-only'); END;
CREATE TRIGGER IF NOT EXISTS journal_is_not_shortened BEFORE DELETE ON journal
BEGIN SELECT raise(ABORT, 'the journal is append-only'); END;
";

diesel::table! {
    /// Cards by the SHA-256 of the token that stands for them.
    tokens (digest) {
        digest -> Binary,
        behaviour -> Text,
        brand -> Text,
        last4 -> Text,
        exp_month -> Integer,
        exp_year -> Integer,
        used_by -> Nullable<Text>,
    }
}

diesel::table! {
    /// Charges as they stand, by the shop's reference. A void that came first has neither amount nor token.
    charges (reference) {
        reference -> Text,
        order_id -> Nullable<Text>,
        token_digest -> Nullable<Binary>,
        amount -> Nullable<BigInt>,
        currency -> Nullable<Text>,
        capture -> Bool,
        status -> Text,
        decline_code -> Nullable<Text>,
        card -> Nullable<Text>,
        captured -> BigInt,
        refunded -> BigInt,
    }
}

diesel::table! {
    /// Everything that was accepted, in order, for ever.
    journal (position) {
        position -> BigInt,
        kind -> Text,
        payment -> Text,
        refund -> Nullable<Text>,
        amount -> Nullable<BigInt>,
        currency -> Nullable<Text>,
        recorded_at -> Timestamp,
    }
}
