//! The money ledger: double entry, append-only.

use diesel::prelude::*;

use crate::{
    db::{Conn, schema::ledger_entries},
    ids::{EntryId, OrderId},
    money::Currency,
    text_enum,
    time::UtcTime,
};

text_enum! {
    /// Where money stands. Positive is what the shop is owed or has, negative what it has earned or owes.
    Account {
        /// What buyers owe for orders that were accepted.
        Receivable = "receivable",
        /// What the sandbox provider holds for the shop.
        Sandbox = "provider:sandbox",
        /// Goods sold and shipping, without tax.
        Sales = "sales",
        /// Tax to be passed on.
        Tax = "tax",
        /// What was given back.
        Refunds = "refunds",
    }
}

/// Books the entries of one transaction; they sum to zero. Entries of nothing are left out.
///
/// # Errors
/// A database error.
pub fn book(
    conn: &mut Conn,
    order_id: OrderId,
    currency: Currency,
    entries: &[(Account, i64)],
    now: UtcTime,
) -> QueryResult<()> {
    debug_assert_eq!(entries.iter().map(|(_, amount)| amount).sum::<i64>(), 0);
    let transaction = EntryId::new();
    for (account, amount) in entries.iter().filter(|(_, amount)| *amount != 0) {
        let row = (
            ledger_entries::id.eq(EntryId::new()),
            ledger_entries::transaction_id.eq(transaction),
            ledger_entries::account.eq(account),
            ledger_entries::amount.eq(amount),
            ledger_entries::currency.eq(currency),
            ledger_entries::order_id.eq(order_id),
            ledger_entries::occurred_at.eq(now),
        );
        diesel::insert_into(ledger_entries::table).values(row).execute(conn)?;
    }
    Ok(())
}
