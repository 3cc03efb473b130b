//! Writes an event in the transaction of its change.

use diesel::prelude::*;
use serde_json::Value;

use crate::{
    db::{
        Conn,
        changes::{self, Change},
        columns::Json,
        schema::events,
    },
    ids::EventId,
    text_enum,
    time::UtcTime,
};

text_enum! {
    /// What an event tells.
    EventType {
        /// A product was made.
        ProductCreated = "product.created",
        /// A product, or one of its variants, prices or images, has changed.
        ProductUpdated = "product.updated",
        /// A product is gone.
        ProductDeleted = "product.deleted",
        /// A category was made.
        CategoryCreated = "category.created",
        /// A category has changed.
        CategoryUpdated = "category.updated",
        /// A category is gone.
        CategoryDeleted = "category.deleted",
        /// A brand was made.
        BrandCreated = "brand.created",
        /// A brand has changed.
        BrandUpdated = "brand.updated",
        /// A brand is gone.
        BrandDeleted = "brand.deleted",
        /// A collection was made.
        CollectionCreated = "collection.created",
        /// A collection has changed.
        CollectionUpdated = "collection.updated",
        /// A collection is gone.
        CollectionDeleted = "collection.deleted",
        /// An attribute was defined.
        AttributeCreated = "attribute.created",
        /// What the shop says of an attribute has changed.
        AttributeUpdated = "attribute.updated",
        /// An attribute's definition is gone.
        AttributeDeleted = "attribute.deleted",
        /// Words were said to mean the same.
        SynonymCreated = "synonym.created",
        /// What was said of words that mean the same has changed.
        SynonymUpdated = "synonym.updated",
        /// Words are no longer said to mean the same.
        SynonymDeleted = "synonym.deleted",
        /// A product sells better or worse than it was last shown.
        PopularityChanged = "popularity.changed",
        /// Stock was counted or adjusted.
        InventoryChanged = "inventory.changed",
        /// A product crossed a threshold of availability.
        AvailabilityChanged = "availability.changed",
        /// A customer has registered.
        CustomerRegistered = "customer.registered",
        /// Somebody was invited into the staff.
        StaffInvited = "staff.invited",
        /// A guest's cart went into a customer's.
        CartMerged = "cart.merged",
        /// An order was made and waits for its payment.
        OrderPlaced = "order.placed",
        /// The shopper has to confirm the payment.
        OrderRequiresAction = "order.requires_action",
        /// The provider has not said yet.
        OrderProcessing = "order.processing",
        /// The payment is assured.
        OrderAuthorized = "order.authorized",
        /// The order is paid.
        OrderPaid = "order.paid",
        /// The payment was declined or given up.
        OrderFailed = "order.failed",
        /// The order was cancelled.
        OrderCancelled = "order.cancelled",
        /// Goods have left.
        OrderShipped = "order.shipped",
        /// Money went back.
        OrderRefunded = "order.refunded",
        /// All is done.
        OrderCompleted = "order.completed",
    }
}

#[derive(Insertable)]
#[diesel(table_name = events)]
struct NewEvent<'a> {
    id: EventId,
    type_: EventType,
    subject: &'a str,
    subject_version: i64,
    data: Json<Value>,
    occurred_at: UtcTime,
}

/// Records that something has happened to `subject` (an id). `data` holds ids and codes, never personal data.
///
/// # Errors
/// A database error.
pub fn record(
    conn: &mut Conn,
    now: UtcTime,
    type_: EventType,
    subject: &str,
    subject_version: i64,
    data: Value,
) -> QueryResult<()> {
    let event =
        NewEvent { id: EventId::new(), type_, subject, subject_version, data: Json::new(data), occurred_at: now };
    diesel::insert_into(events::table).values(&event).execute(conn)?;
    if let Some(change) = type_.change(subject) {
        changes::note(change);
    }
    Ok(())
}

impl EventType {
    /// What an event of this type, about `subject`, says of the catalogue as shoppers see it.
    pub(super) fn change(self, subject: &str) -> Option<Change> {
        match self {
            Self::ProductCreated
            | Self::ProductUpdated
            | Self::ProductDeleted
            | Self::AvailabilityChanged
            | Self::PopularityChanged => Some(subject.parse().map_or(Change::Anything, Change::Product)),
            Self::CategoryCreated
            | Self::CategoryUpdated
            | Self::CategoryDeleted
            | Self::BrandCreated
            | Self::BrandUpdated
            | Self::BrandDeleted
            | Self::CollectionCreated
            | Self::CollectionUpdated
            | Self::CollectionDeleted => Some(Change::Taxonomy),
            // Filters and facets change with it, whatever products they show.
            Self::AttributeCreated | Self::AttributeUpdated | Self::AttributeDeleted => Some(Change::Anything),
            _ => None,
        }
    }
}
