//! What is checked, in one list: a check that does not stand here does not exist.

/// Makes the enum of the checks, with what each is about.
macro_rules! checks {
    ($($name:ident $invariant:literal $detail:literal),+ $(,)?) => {
        /// One thing that must add up. An invariant may take several.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum Check {
            $(#[doc = concat!("Finds: ", $detail, ".")] $name),+
        }

        impl Check {
            /// All of them.
            pub const ALL: &[Self] = &[$(Self::$name),+];

            /// The invariant: `I1`, `I2`, ….
            pub fn invariant(self) -> &'static str {
                match self {
                    $(Self::$name => $invariant),+
                }
            }

            /// What is wrong where it finds something, in a sentence.
            pub fn detail(self) -> &'static str {
                match self {
                    $(Self::$name => $detail),+
                }
            }
        }
    };
}

checks! {
    OnHand "I1" "stock on hand is not the sum of its movements",
    Reserved "I2" "reserved units are not the sum of the reservations, or more than is on hand",
    Shipped "I3" "units shipped are not the units that left the ledger as sales",
    ShipmentLines "I3" "a line's shipped units are not those of its shipments",
    Allocated "I3" "units paid and not shipped are not those allocated",
    LineRefunds "I4" "a line's refunded units are not those of its refunds, or more went back onto the shelf than was refunded",
    Subtotal "I5" "the subtotal is not the sum of the lines",
    Discount "I5" "the discount is not the sum of the lines' discounts",
    Tax "I5" "the tax is not the sum of the lines' taxes and that on shipping",
    TaxLines "I5" "the tax is not the sum of the tax lines",
    Total "I5" "the total is not subtotal - discount + shipping + added tax",
    Due "I5" "what is due is not total - gift cards - store credit",
    LineTotal "I6" "a line's total is not unit price times quantity",
    Paid "I7" "the payment status does not say what captures, gift cards and credit cover",
    OneOrderACart "I7" "a cart has more than one standing order",
    MoneyKept "I7" "the order is cancelled and money of it was kept",
    PaymentRefunds "I8" "a payment's refunded amount is not that of its refunds, or more than was captured",
    ChargeBooked "I8" "the provider took another amount than is booked",
    ChargeUnknown "I8" "the provider took money that is booked nowhere",
    RefundBooked "I8" "the provider paid back another amount than is booked",
    RefundUnknown "I8" "the provider paid back money that is booked nowhere",
    KeyStuck "I11" "an idempotency key was taken and nothing came of it",
    HoldWithoutPayment "I12" "stock is held for an order that does not wait for its payment",
    HoldOverdue "I12" "the order waits for its payment beyond its deadline",
    EventForTransition "I13" "the order has not exactly one event for each of its transitions",
    AllowedPath "I15" "the order has not come to its present state by transitions that the table allows",
    LedgerBalance "I16" "the entries of a ledger transaction do not sum to zero",
    LedgerOfOrder "I16" "the ledger does not say what the order was paid and refunded",
    LedgerOfSale "I16" "the ledger does not say what the order's goods, its taxes and its refunds came to",
    OneRefreshToken "I19" "the session has more than one live refresh token",
    Integrity "I20" "the database's own check finds damage",
}
