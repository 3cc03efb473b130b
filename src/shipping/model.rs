//! What zones and options are.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{
    country::Country,
    ids::{ShippingOptionId, ShippingZoneId},
    money::Money,
    time::UtcTime,
};

/// A way to ship a cart, as shoppers see it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ShippingOption {
    /// Its id.
    pub id: ShippingOptionId,
    /// What it is called.
    #[schema(min_length = 1, max_length = 200, example = "Standard")]
    pub name: String,
    /// What it costs, in the cart's currency.
    pub price: Money,
    /// How long it takes; null where the shop does not say.
    #[schema(required)]
    pub delivery_days: Option<DeliveryDays>,
}

/// How many days a delivery takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DeliveryDays {
    /// At least.
    #[schema(minimum = 0, maximum = 365, example = 2)]
    pub min: i32,
    /// At most.
    #[schema(minimum = 0, maximum = 365, example = 4)]
    pub max: i32,
}

/// Countries that are shipped to alike.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = ShippingZone)]
pub struct Zone {
    /// Its id.
    pub id: ShippingZoneId,
    /// What the staff call it.
    #[schema(min_length = 1, max_length = 200, example = "Central Europe")]
    pub name: String,
    /// Its countries, by code.
    #[schema(max_items = 249)]
    pub countries: Vec<Country>,
    /// The ways to ship there, in the order to show them.
    #[schema(max_items = 50)]
    pub options: Vec<ZoneOption>,
    /// Rises with each change.
    #[schema(minimum = 1, maximum = 9_007_199_254_740_991_i64, example = 1)]
    pub version: i64,
    /// When it was made.
    pub created_at: UtcTime,
    /// When it last changed.
    pub updated_at: UtcTime,
}

/// A way to ship to a zone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct ZoneOption {
    /// Its id.
    pub id: ShippingOptionId,
    /// What shoppers read.
    #[schema(min_length = 1, max_length = 200, example = "Standard")]
    pub name: String,
    /// What it costs, once in each currency in which it is offered.
    #[schema(max_items = 200)]
    pub prices: Vec<Money>,
    /// How long it takes; null where the shop does not say.
    #[schema(required)]
    pub delivery_days: Option<DeliveryDays>,
}

/// A zone to be made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewZone {
    /// What the staff call it.
    pub name: String,
    /// Its countries; none of them may lie in another zone.
    pub countries: Vec<Country>,
    /// The ways to ship there, in the order to show them.
    pub options: Vec<NewOption>,
}

/// A way to ship, as it is to be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewOption {
    /// The option that it is already, where it is one of the zone's.
    pub id: Option<ShippingOptionId>,
    /// What shoppers read.
    pub name: String,
    /// What it costs, once in each currency in which it is offered.
    pub prices: Vec<Money>,
    /// How long it takes.
    pub delivery_days: Option<DeliveryDays>,
}
