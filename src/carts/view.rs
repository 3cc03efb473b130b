//! How a cart looks from outside.

use std::collections::BTreeMap;

use serde::Serialize;
use utoipa::{
    PartialSchema, ToSchema,
    openapi::{ObjectBuilder, RefOr, Schema, schema::Type},
};

use super::{
    bodies::CartMetadata,
    model::{CartStatus, Metadata},
};
use crate::{
    address::Address,
    catalog::{documented::OptionValues, model::Availability, view::Image},
    error::Violation,
    ids::{CartId, CustomerId, LineId, ProductId, VariantId},
    money::{Currency, LARGEST, Money},
    pricing::Totals,
    shipping::ShippingOption,
    time::UtcTime,
};

/// A cart, priced as of now.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Cart {
    /// Its id.
    pub id: CartId,
    /// What a guest shows as `Cart-Token`; told once, when the cart is made.
    #[schema(required, max_length = 100, pattern = "^ct_[A-Za-z0-9_-]{43}$")]
    pub token: Option<String>,
    /// Rises with each change.
    #[schema(minimum = 1, maximum = 9_007_199_254_740_991_i64)]
    pub version: i64,
    /// What may still happen to it.
    pub status: CartStatus,
    /// The currency of all its prices.
    pub currency: Currency,
    /// Whose it is; null while it is a guest's.
    #[schema(required)]
    pub customer_id: Option<CustomerId>,
    /// Where the confirmation goes.
    #[schema(required, format = "email", max_length = 254)]
    pub email: Option<String>,
    /// What is in it, in the order in which it was added.
    #[schema(max_items = 200)]
    pub lines: Vec<CartLine>,
    /// Promotions that were asked for.
    #[schema(max_items = 20)]
    pub promotions: Vec<AppliedPromotion>,
    /// Gift cards that pay a part.
    #[schema(max_items = 20)]
    pub gift_cards: Vec<AppliedGiftCard>,
    /// Where the goods go.
    #[schema(required)]
    pub shipping_address: Option<Address>,
    /// Where the bill goes.
    #[schema(required)]
    pub billing_address: Option<Address>,
    /// How the goods go.
    #[schema(required)]
    pub shipping_option: Option<ShippingOption>,
    /// What the shopper wants to say.
    #[schema(required, max_length = 1000)]
    pub note: Option<String>,
    /// The client's own notes.
    #[schema(value_type = CartMetadata)]
    pub metadata: Metadata,
    /// What it all costs.
    pub totals: Totals,
    /// What stands in the way of buying its lines as they are. What is still to be filled in, such as an address, is told
    /// by the checkout.
    #[schema(value_type = Vec<CartProblem>, max_items = 1000)]
    pub problems: Vec<Violation>,
    /// When it is forgotten, if nobody touches it.
    pub expires_at: UtcTime,
    /// When it was made.
    pub created_at: UtcTime,
    /// When it last changed.
    pub updated_at: UtcTime,
}

/// A variant in a cart.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct CartLine {
    /// Its id.
    pub id: LineId,
    /// The variant.
    pub variant_id: VariantId,
    /// The variant's product.
    pub product_id: ProductId,
    /// The product's name in addresses.
    #[schema(pattern = "^[a-z0-9]+(-[a-z0-9]+)*$", max_length = 100, example = "enamel-mug")]
    pub slug: String,
    /// The variant's name.
    #[schema(min_length = 1, max_length = 500)]
    pub name: String,
    /// The variant's SKU.
    #[schema(min_length = 1, max_length = 100)]
    pub sku: String,
    /// The variant's value of each option.
    #[schema(value_type = OptionValues)]
    pub options: BTreeMap<String, String>,
    /// An image of it.
    #[schema(required)]
    pub image: Option<Image>,
    /// How many.
    #[schema(minimum = 1, maximum = 999, example = 2)]
    pub quantity: i32,
    /// How many must be bought together at least.
    #[schema(minimum = 1, maximum = 999, example = 1)]
    pub min_order_quantity: i32,
    /// How many may be bought together at most; null for as many as a cart can hold.
    #[schema(required, minimum = 1, maximum = 999, example = 12)]
    pub max_order_quantity: Option<i32>,
    /// What one costs.
    pub unit_price: Money,
    /// What one cost before, where the shop says so.
    #[schema(required)]
    pub compare_at_price: Option<Money>,
    /// What all cost: unit price times quantity.
    pub line_total: Money,
    /// How surely it can be had.
    pub availability: Availability,
    /// What one cost when the line was added, where that has changed since.
    #[schema(required)]
    pub price_was: Option<Money>,
}

/// A promotion in a cart.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct AppliedPromotion {
    /// The code that was given.
    #[schema(max_length = 100)]
    pub code: String,
    /// What it is called.
    #[schema(max_length = 500)]
    pub name: String,
    /// What it takes off.
    pub amount: Money,
}

/// A gift card in a cart.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct AppliedGiftCard {
    /// Its last four characters.
    #[schema(min_length = 4, max_length = 4)]
    pub last4: String,
    /// What it pays.
    pub amount: Money,
}

/// What stands in the way of buying a cart.
#[derive(ToSchema)]
#[allow(dead_code, reason = "stands for `error::Violation` in the document")]
pub struct CartProblem {
    /// JSON pointer into the cart.
    #[schema(max_length = 200, example = "#/lines/0/quantity")]
    pointer: String,
    /// Stable code.
    #[schema(max_length = 64, pattern = "^[a-z0-9_]+$", example = "insufficient_stock")]
    code: String,
    /// What it is, in a sentence.
    #[schema(max_length = 1000)]
    detail: String,
    /// Figures to show.
    params: ProblemFigures,
}

/// Figures to show with a problem, by name.
pub struct ProblemFigures;

impl PartialSchema for ProblemFigures {
    fn schema() -> RefOr<Schema> {
        let figure = ObjectBuilder::new().schema_type(Type::Integer).minimum(Some(-LARGEST)).maximum(Some(LARGEST));
        ObjectBuilder::new()
            .schema_type(Type::Object)
            .description(Some("Figures to show, by name."))
            .property_names(Some(ObjectBuilder::new().schema_type(Type::String).max_length(Some(64)).build()))
            .additional_properties(Some(figure))
            .max_properties(Some(20))
            .examples([serde_json::json!({"available": 2})])
            .build()
            .into()
    }
}
impl ToSchema for ProblemFigures {}
