//! What a database error means: which rule of the schema was broken, or whether it is worth another try.

use diesel::result::{DatabaseErrorKind, Error};

/// The meaning of a database error.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Failure {
    /// A value that must be unique is there already; `table.column` of the first column.
    Unique(String),
    /// A row that is referred to is missing, or one that goes is still referred to.
    ForeignKey,
    /// A CHECK does not hold.
    Check,
    /// The database gave this transaction up for the sake of another.
    GivenUp,
    /// The database is not to be reached, or took too long.
    Unreachable,
    /// Anything else.
    Other,
}

/// What `error` means.
pub fn classify(error: &Error) -> Failure {
    let Error::DatabaseError(kind, information) = error else {
        return match error {
            Error::BrokenTransactionManager => Failure::Unreachable,
            _ => Failure::Other,
        };
    };
    let message = information.message();
    match kind {
        DatabaseErrorKind::UniqueViolation => {
            Failure::Unique(unique_column(information.table_name(), information.constraint_name(), message))
        }
        DatabaseErrorKind::ForeignKeyViolation => Failure::ForeignKey,
        DatabaseErrorKind::CheckViolation => Failure::Check,
        DatabaseErrorKind::SerializationFailure => Failure::GivenUp,
        DatabaseErrorKind::ClosedConnection | DatabaseErrorKind::UnableToSendCommand => Failure::Unreachable,
        // Diesel has no kind for these; libpq's and SQLite's own English words are all there is.
        _ if message.contains("deadlock detected") => Failure::GivenUp,
        _ if UNREACHABLE.iter().any(|words| message.contains(words)) => Failure::Unreachable,
        _ => Failure::Other,
    }
}

/// Whether the database failed for a reason that passes: the same transaction may succeed a little later.
pub fn is_passing(error: &crate::error::Error) -> bool {
    match error {
        crate::error::Error::Unavailable(_) => true,
        crate::error::Error::Database(error) => {
            matches!(classify(error), Failure::GivenUp | Failure::Unreachable)
        }
        crate::error::Error::Problem(_) | crate::error::Error::Internal(_) => false,
    }
}

const UNREACHABLE: &[&str] = &[
    "canceling statement due to",
    "terminating connection",
    "server closed the connection",
    "the database system is",
    "no connection to the server",
    "could not receive data",
    "could not send data",
    "database is locked",
    "database or disk is full",
    "disk I/O error",
    "No space left on device",
    "could not extend file",
];

/// PostgreSQL names the constraint, by convention `table_column_key`; SQLite says `UNIQUE constraint failed: t.c`.
fn unique_column(table: Option<&str>, constraint: Option<&str>, message: &str) -> String {
    if let (Some(table), Some(constraint)) = (table, constraint) {
        let column = constraint.strip_prefix(table).unwrap_or(constraint).trim_start_matches('_');
        let column = column.strip_suffix("_key").unwrap_or(column);
        return format!("{table}.{column}");
    }
    let columns = message.rsplit_once(": ").map_or(message, |(_, columns)| columns);
    columns.split(',').next().unwrap_or(columns).trim().to_owned()
}

/// Whether `error` says that `table.column` must be unique and is not.
pub fn is_duplicate(error: &Error, column: &str) -> bool {
    classify(error) == Failure::Unique(column.to_owned())
}
