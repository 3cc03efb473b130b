//! A guest's cart goes into the cart of who signs in.

use diesel::prelude::*;
use serde::Serialize;
use serde_json::json;
use utoipa::ToSchema;

use super::{
    bodies::CreateCart,
    change::{self, Owner},
    model::{CartLineRow, CartRow, CartStatus, Contact, MOST_LINES, MOST_UNITS},
    store,
};
use crate::{
    auth::secret::{OpaqueToken, TokenKind},
    catalog::sellable,
    db::{
        Conn,
        schema::{cart_lines, carts},
    },
    error::{Code, Result},
    events::{self, EventType},
    ids::{CartId, CustomerId, LineId, VariantId},
    inventory,
    shop::Shop,
    text_enum,
    time::UtcTime,
    vault,
};

text_enum! {
    /// What became of a line of the guest's cart.
    MergeOutcome {
        /// It is a line of the customer's cart now.
        Added = "added",
        /// It was added to an equal line.
        Summed = "summed",
        /// There is less of it than was asked for.
        Capped = "capped",
        /// It could not be taken over.
        Dropped = "dropped",
    }
}

/// What became of a guest's cart.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct CartMerge {
    /// The customer's cart.
    pub cart_id: CartId,
    /// What became of each line.
    #[schema(max_items = 200)]
    pub lines: Vec<MergedLine>,
}

/// What became of a line.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct MergedLine {
    /// The variant.
    pub variant_id: VariantId,
    /// What became of it.
    pub outcome: MergeOutcome,
    /// How many are in the customer's cart now.
    #[schema(minimum = 0, maximum = 999)]
    pub quantity: i32,
    /// How many would be without a limit.
    #[schema(minimum = 1, maximum = 1998)]
    pub requested: i32,
}

/// Merges a guest's open cart into the customer's cart that changed last, or into a new one. The guest's cart is gone
/// then. `None` where `token` does not open the cart: a sign-in does not fail for that.
///
/// # Errors
/// A database error.
pub fn merge_guest_cart(
    conn: &mut Conn,
    shop: &Shop,
    customer_id: CustomerId,
    cart_id: CartId,
    token: &str,
    now: UtcTime,
) -> Result<Option<CartMerge>> {
    let Ok(token) = OpaqueToken::parse(TokenKind::Cart, token) else { return Ok(None) };
    // The guarded update is what makes a cart merge once, however many sign in with it.
    let taken = diesel::update(
        carts::table
            .find(cart_id)
            .filter(carts::token_hash.eq(token.hash()))
            .filter(carts::status.eq(CartStatus::Open))
            .filter(carts::expires_at.gt(now)),
    )
    .set((carts::status.eq(CartStatus::Merged), carts::version.eq(carts::version + 1), carts::updated_at.eq(now)))
    .execute(conn)?;
    if taken == 0 {
        return Ok(None);
    }
    let guest = store::find(conn, cart_id)?;
    let target = target_cart(conn, shop, customer_id, &guest, now)?;
    let lines = merge_lines(conn, &guest, &target, now)?;
    move_contact(conn, shop, &guest, &target)?;
    forget_guest(conn, &guest)?;
    let data = json!({"customer_id": customer_id, "guest_cart_id": cart_id});
    events::record(conn, now, EventType::CartMerged, target.id.as_str(), target.version, data)?;
    Ok(Some(CartMerge { cart_id: target.id, lines }))
}

fn target_cart(
    conn: &mut Conn,
    shop: &Shop,
    customer_id: CustomerId,
    guest: &CartRow,
    now: UtcTime,
) -> Result<CartRow> {
    if let Some(row) = store::find_latest_open(conn, customer_id, now)? {
        let locked = store::lock_open(conn, shop, row.id, now);
        // In this very instant it was paid for or merged elsewhere: a sign-in does not fail for that.
        let is_gone = |code| matches!(code, Code::CheckoutInProgress | Code::CartClosed | Code::NotFound);
        if !locked.as_ref().is_err_and(|error| error.code().is_some_and(is_gone)) {
            return locked;
        }
    }
    let input = CreateCart { currency: Some(guest.currency), lines: None, email: None };
    let id = change::create(conn, shop, &Owner::Customer(customer_id), &input, now)?;
    Ok(store::find(conn, id)?)
}

fn merge_lines(conn: &mut Conn, guest: &CartRow, target: &CartRow, now: UtcTime) -> Result<Vec<MergedLine>> {
    let from = store::load_lines(conn, guest.id)?;
    let mut into = store::load_lines(conn, target.id)?;
    let ids: Vec<VariantId> = from.iter().map(|it| it.variant_id).collect();
    let variants = sellable::load(conn, &ids, target.currency)?;
    let available = inventory::available_units(conn, &ids)?;
    let mut merged = Vec::new();
    for line in from {
        let variant_id = line.variant_id;
        let own = into.iter().find(|it| it.variant_id == variant_id).copied();
        let held = own.map_or(0, |it| it.quantity);
        let requested = held + line.quantity;
        let in_stock = available.get(&variant_id).copied().unwrap_or(0).clamp(0, MOST_UNITS.into());
        let variant = variants.iter().find(|it| it.variant_id == variant_id && it.published);
        let most = variant.and_then(|it| it.order_quantities.max).unwrap_or(MOST_UNITS);
        // A line that is there already never gets smaller by signing in.
        let quantity = requested.min(i32::try_from(in_stock).unwrap_or(MOST_UNITS)).min(most).max(held);
        let price = variant.and_then(|it| it.price);
        let fits = own.is_some() || into.len() < MOST_LINES;
        let outcome = match (price, own) {
            (None, _) => MergeOutcome::Dropped,
            _ if quantity == 0 || !fits => MergeOutcome::Dropped,
            _ if quantity < requested => MergeOutcome::Capped,
            (_, Some(_)) => MergeOutcome::Summed,
            (_, None) => MergeOutcome::Added,
        };
        if outcome == MergeOutcome::Dropped {
            merged.push(MergedLine { variant_id, outcome, quantity: held, requested });
            continue;
        }
        match own {
            Some(own) => {
                diesel::update(cart_lines::table.find(own.id)).set(cart_lines::quantity.eq(quantity)).execute(conn)?;
            }
            None => {
                let cart_id = target.id;
                let row = CartLineRow {
                    id: LineId::new(),
                    cart_id,
                    variant_id,
                    quantity,
                    price_when_added: price,
                    created_at: now,
                };
                diesel::insert_into(cart_lines::table).values(&row).execute(conn)?;
                into.push(row);
            }
        }
        merged.push(MergedLine { variant_id, outcome, quantity, requested });
    }
    Ok(merged)
}

/// What the customer's cart does not know yet, the guest's may tell.
fn move_contact(conn: &mut Conn, shop: &Shop, guest: &CartRow, target: &CartRow) -> Result<()> {
    let told = store::open_contact(conn, shop, guest)?;
    let known = store::open_contact(conn, shop, target)?;
    let contact = Contact {
        email: known.email.or(told.email),
        shipping_address: known.shipping_address.or(told.shipping_address),
        billing_address: known.billing_address.or(told.billing_address),
        note: known.note.or(told.note),
        metadata: if known.metadata.is_empty() { told.metadata } else { known.metadata },
    };
    if contact == Contact::default() { Ok(()) } else { store::save(conn, shop, target, &contact) }
}

fn forget_guest(conn: &mut Conn, guest: &CartRow) -> Result<()> {
    diesel::delete(cart_lines::table.filter(cart_lines::cart_id.eq(guest.id))).execute(conn)?;
    diesel::update(carts::table.find(guest.id))
        .set((
            carts::contact.eq(None::<Vec<u8>>),
            carts::email_hash.eq(None::<String>),
            carts::token_hash.eq(None::<String>),
        ))
        .execute(conn)?;
    Ok(vault::destroy(conn, guest.id.as_str())?)
}
