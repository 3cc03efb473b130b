//! What may be done to an open cart. Each function runs in the caller's transaction and leaves a cart that is whole.

use std::collections::BTreeMap;

use chrono::TimeDelta;
use diesel::prelude::*;

use super::{
    addresses::{GivenAddress, exclusive},
    bodies::{AddedLine, ChangeCart, CreateCart, MOST_METADATA},
    model::{CartLineRow, CartRow, CartStatus, Contact, MOST_LINES, MOST_UNITS, Metadata},
    store,
};
use crate::{
    auth::secret::OpaqueToken,
    catalog::sellable::{self, Sellable},
    db::{
        Conn,
        schema::{cart_lines, carts},
    },
    error::{Code, Error, Result, Violation},
    ids::{CartId, CustomerId, LineId, VariantId},
    money::Currency,
    patch::Patch,
    shipping,
    shop::Shop,
    time::UtcTime,
    vault,
};

/// Whose a new cart is.
pub enum Owner<'a> {
    /// A customer's.
    Customer(CustomerId),
    /// A guest's, who holds the token.
    Guest(&'a OpaqueToken),
}

/// Makes a cart.
///
/// # Errors
/// 422 where a line cannot be added.
pub fn create(conn: &mut Conn, shop: &Shop, owner: &Owner<'_>, input: &CreateCart, now: UtcTime) -> Result<CartId> {
    let currency = match &input.currency {
        None => shop.config.store.default_currency(),
        Some(currency) if shop.config.store.currencies.contains(currency) => *currency,
        Some(_) => {
            let detail = "The shop does not sell in this currency.";
            return Err(Violation::at("#/currency", Code::CurrencyNotOffered, detail).into());
        }
    };
    let id = CartId::new();
    let (token_hash, customer_id) = match owner {
        Owner::Customer(id) => (None, Some(*id)),
        Owner::Guest(token) => (Some(token.hash()), None),
    };
    if customer_id.is_none() {
        vault::create(conn, &shop.keys, id.as_str(), now)?;
    }
    let row = CartRow {
        id,
        token_hash,
        customer_id,
        status: CartStatus::Open,
        currency,
        contact: None,
        email_hash: None,
        country: None,
        shipping_option_id: None,
        order_id: None,
        version: 1,
        created_at: now,
        updated_at: now,
        expires_at: now.plus(TimeDelta::days(shop.config.cart_days)),
    };
    diesel::insert_into(carts::table).values(&row).execute(conn)?;
    if let Some(email) = &input.email {
        store::save(conn, shop, &row, &Contact { email: Some(email.clone()), ..Contact::default() })?;
    }
    add_lines(conn, &row, input.lines.as_deref().unwrap_or_default(), "#/lines", now)?;
    Ok(id)
}

/// Adds variants; one that is there already gets more of it. `pointer` is where the list stands in the request.
///
/// # Errors
/// 422 with every line that cannot be added.
pub fn add_lines(conn: &mut Conn, cart: &CartRow, added: &[AddedLine], pointer: &str, now: UtcTime) -> Result<()> {
    let ids: Vec<VariantId> = added.iter().map(|it| it.variant_id).collect();
    let variants = sellable::load(conn, &ids, cart.currency)?;
    let lines = store::load_lines(conn, cart.id)?;
    let mut quantities: BTreeMap<VariantId, i32> = lines.iter().map(|it| (it.variant_id, it.quantity)).collect();
    let mut violations = Vec::new();
    for (place, line) in added.iter().enumerate() {
        let at = if pointer == "#" { pointer.to_owned() } else { format!("{pointer}/{place}") };
        let variant = variants.iter().find(|it| it.variant_id == line.variant_id);
        violations.extend(unsellable(variant, &at));
        let quantity = quantities.entry(line.variant_id).or_insert(0);
        *quantity += line.quantity;
        if *quantity > MOST_UNITS {
            violations.push(too_many_units(&format!("{at}/quantity")));
        }
    }
    if quantities.len() > MOST_LINES {
        violations
            .push(Violation::at(pointer, Code::TooManyLines, Code::TooManyLines.about()).param("max", MOST_LINES));
    }
    if !violations.is_empty() {
        return Err(Error::invalid(violations));
    }
    let wanted: Vec<VariantId> = ids.iter().copied().filter(|id| quantities.contains_key(id)).collect();
    for variant_id in dedup(wanted) {
        let quantity = quantities[&variant_id];
        match lines.iter().find(|it| it.variant_id == variant_id) {
            Some(line) => set_quantity_of(conn, line.id, quantity)?,
            None => insert_line(
                conn,
                cart,
                variants.iter().find(|it| it.variant_id == variant_id),
                variant_id,
                quantity,
                now,
            )?,
        }
    }
    Ok(())
}

fn dedup(ids: Vec<VariantId>) -> Vec<VariantId> {
    let mut seen = Vec::new();
    for id in ids {
        if !seen.contains(&id) {
            seen.push(id);
        }
    }
    seen
}

fn insert_line(
    conn: &mut Conn,
    cart: &CartRow,
    variant: Option<&Sellable>,
    variant_id: VariantId,
    quantity: i32,
    now: UtcTime,
) -> QueryResult<()> {
    let price_when_added = variant.and_then(|it| it.price);
    let row =
        CartLineRow { id: LineId::new(), cart_id: cart.id, variant_id, quantity, price_when_added, created_at: now };
    diesel::insert_into(cart_lines::table).values(&row).execute(conn).map(drop)
}

fn set_quantity_of(conn: &mut Conn, id: LineId, quantity: i32) -> QueryResult<()> {
    diesel::update(cart_lines::table.find(id)).set(cart_lines::quantity.eq(quantity)).execute(conn).map(drop)
}

fn unsellable(variant: Option<&Sellable>, pointer: &str) -> Option<Violation> {
    let pointer = format!("{pointer}/variant_id");
    match variant {
        Some(variant) if variant.published && variant.price.is_some() => None,
        Some(variant) if variant.published => Some(Violation::at(pointer, Code::NoPrice, Code::NoPrice.about())),
        _ => Some(Violation::at(pointer, Code::NotFound, "The shop does not sell such a variant.")),
    }
}

fn too_many_units(pointer: &str) -> Violation {
    Violation::at(pointer, Code::QuantityTooLarge, Code::QuantityTooLarge.about()).param("max", MOST_UNITS)
}

/// Sets how many of a line are wanted.
///
/// # Errors
/// 404 where the cart has no such line.
pub fn set_quantity(conn: &mut Conn, cart: CartId, line: LineId, quantity: i32) -> Result<()> {
    let own = cart_lines::table.find(line).filter(cart_lines::cart_id.eq(cart));
    match diesel::update(own).set(cart_lines::quantity.eq(quantity)).execute(conn)? {
        0 => Err(Error::not_found()),
        _ => Ok(()),
    }
}

/// Removes a line.
///
/// # Errors
/// 404 where the cart has no such line.
pub fn remove_line(conn: &mut Conn, cart: CartId, line: LineId) -> Result<()> {
    match diesel::delete(cart_lines::table.find(line).filter(cart_lines::cart_id.eq(cart))).execute(conn)? {
        0 => Err(Error::not_found()),
        _ => Ok(()),
    }
}

/// Forgets a cart: its lines, and its key where it has its own.
///
/// # Errors
/// A database error.
pub fn delete(conn: &mut Conn, cart: &CartRow) -> Result<()> {
    if cart.customer_id.is_none() {
        vault::destroy(conn, cart.id.as_str())?;
    }
    diesel::delete(carts::table.find(cart.id)).execute(conn)?;
    Ok(())
}

/// Applies a PATCH.
///
/// # Errors
/// 422 with every rule that it breaks.
pub fn change(conn: &mut Conn, shop: &Shop, mut cart: CartRow, patch: ChangeCart) -> Result<()> {
    let contact = store::open_contact(conn, shop, &cart)?;
    let mut violations = Vec::new();
    let chosen_option = patch.shipping_option_id.clone();
    // Where the goods are to go, even if the address breaks other rules.
    let written_country = match &patch.shipping_address {
        Patch::Value(input) => Some(input.country.to_string()),
        Patch::Absent | Patch::Null => None,
    };
    let country_pointer = match written_country {
        Some(_) => "#/shipping_address/country",
        None => "#/shipping_address_id",
    };
    let contact = changed_contact(conn, shop, &cart, contact, patch, &mut violations)?;
    let country = written_country.or_else(|| contact.shipping_address.as_ref().map(|it| it.country.clone()));
    if let Some(country) = &country
        && cart.country.as_ref() != Some(country)
        && !shipping::served_countries(conn)?.contains(country)
    {
        violations.push(Violation::at(country_pointer, Code::CountryNotServed, Code::CountryNotServed.about()));
    }
    cart.shipping_option_id = chosen_option.clone().apply(cart.shipping_option_id);
    if let Some(id) = cart.shipping_option_id
        && !is_offered(conn, id, country.as_deref(), cart.currency)?
    {
        // An option that was chosen for another country is dropped; one that is chosen now must fit.
        match chosen_option {
            Patch::Value(_) => violations.push(Violation::at(
                "#/shipping_option_id",
                Code::ShippingOptionUnavailable,
                Code::ShippingOptionUnavailable.about(),
            )),
            Patch::Absent | Patch::Null => cart.shipping_option_id = None,
        }
    }
    if violations.is_empty() { store::save(conn, shop, &cart, &contact) } else { Err(Error::invalid(violations)) }
}

/// What the cart knows of its shopper after the patch.
fn changed_contact(
    conn: &mut Conn,
    shop: &Shop,
    cart: &CartRow,
    before: Contact,
    patch: ChangeCart,
    violations: &mut Vec<Violation>,
) -> Result<Contact> {
    let ChangeCart {
        email,
        shipping_address,
        shipping_address_id,
        billing_address,
        billing_address_id,
        billing_same_as_shipping,
        shipping_option_id: _,
        note,
        metadata,
    } = patch;
    let shipping = GivenAddress { name: "shipping_address", written: shipping_address, id: shipping_address_id };
    let billing = GivenAddress { name: "billing_address", written: billing_address, id: billing_address_id };
    let same = billing_same_as_shipping == Some(true);
    if same && billing.is_given() {
        violations.push(exclusive("#/billing_same_as_shipping"));
    }
    let shipping = shipping.resolve(conn, shop, cart, violations)?;
    let billing = billing.resolve(conn, shop, cart, violations)?;
    let after = Contact {
        email: email.apply(before.email),
        shipping_address: shipping.apply(before.shipping_address),
        billing_address: if same { None } else { billing.apply(before.billing_address) },
        note: note.apply(before.note),
        metadata: merged(before.metadata, metadata),
    };
    if after.metadata.len() > MOST_METADATA {
        let detail = format!("A cart has at most {MOST_METADATA} notes.");
        violations.push(Violation::at("#/metadata", Code::TooManyEntries, detail).param("max", MOST_METADATA));
    }
    Ok(after)
}

fn merged(mut metadata: Metadata, patch: Patch<BTreeMap<String, Option<String>>>) -> Metadata {
    match patch {
        Patch::Absent => {}
        Patch::Null => metadata.clear(),
        Patch::Value(changes) => {
            for (name, text) in changes {
                match text {
                    Some(text) => metadata.insert(name, text),
                    None => metadata.remove(&name),
                };
            }
        }
    }
    metadata
}

fn is_offered(
    conn: &mut Conn,
    id: crate::ids::ShippingOptionId,
    country: Option<&str>,
    currency: Currency,
) -> Result<bool> {
    let Some(country) = country else { return Ok(false) };
    Ok(shipping::find_option(conn, id, country, currency)?.is_some())
}
