//! Whom each operation is for.

use Access::{AnyShopper, Credential, Customer, Holder, Owner, Right, SignedIn, Staff};
use cartwright::auth::rights::RightName;

use crate::support::Operation;

/// Whom an operation is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Access {
    /// Everybody alike.
    Anybody { in_api: bool },
    /// Whoever knows what the body has to show; what the headers show counts for nothing.
    Credential,
    /// Customers and staff.
    SignedIn,
    /// Nobody in particular, guests and customers.
    AnyShopper,
    /// Customers, each for themself.
    Customer,
    /// The customer whose the object in the path is.
    Owner,
    /// The customer or the guest whose the cart or the order in the path is.
    Holder,
    /// Staff, whatever they may do.
    Staff,
    /// Staff who hold the right.
    Right(RightName),
}

const PUBLIC: Access = Access::Anybody { in_api: true };
const OUTSIDE: Access = Access::Anybody { in_api: false };

pub(super) const ROUTES: &[(&str, Access)] = &[
    ("GET /.well-known/jwks.json", OUTSIDE),
    ("GET /.well-known/security.txt", OUTSIDE),
    ("GET /api/v1/admin/api-keys", Right(RightName::StaffRead)),
    ("POST /api/v1/admin/api-keys", Right(RightName::StaffWrite)),
    ("GET /api/v1/admin/api-keys/{api_key_id}", Right(RightName::StaffRead)),
    ("PATCH /api/v1/admin/api-keys/{api_key_id}", Right(RightName::StaffWrite)),
    ("DELETE /api/v1/admin/api-keys/{api_key_id}", Right(RightName::StaffWrite)),
    ("GET /api/v1/admin/audit-log", Right(RightName::AuditRead)),
    ("GET /api/v1/admin/brands", Right(RightName::BrandsRead)),
    ("POST /api/v1/admin/brands", Right(RightName::BrandsWrite)),
    ("GET /api/v1/admin/brands/{brand_id}", Right(RightName::BrandsRead)),
    ("PATCH /api/v1/admin/brands/{brand_id}", Right(RightName::BrandsWrite)),
    ("DELETE /api/v1/admin/brands/{brand_id}", Right(RightName::BrandsWrite)),
    ("GET /api/v1/admin/categories", Right(RightName::CategoriesRead)),
    ("POST /api/v1/admin/categories", Right(RightName::CategoriesWrite)),
    ("GET /api/v1/admin/categories/{category_id}", Right(RightName::CategoriesRead)),
    ("PATCH /api/v1/admin/categories/{category_id}", Right(RightName::CategoriesWrite)),
    ("DELETE /api/v1/admin/categories/{category_id}", Right(RightName::CategoriesWrite)),
    ("GET /api/v1/admin/inventory", Right(RightName::InventoryRead)),
    ("GET /api/v1/admin/inventory/{variant_id}", Right(RightName::InventoryRead)),
    ("PATCH /api/v1/admin/inventory/{variant_id}", Right(RightName::InventoryWrite)),
    ("POST /api/v1/admin/inventory/{variant_id}/adjustments", Right(RightName::InventoryWrite)),
    ("GET /api/v1/admin/inventory/{variant_id}/movements", Right(RightName::InventoryRead)),
    ("GET /api/v1/admin/me", Staff),
    ("GET /api/v1/admin/orders", Right(RightName::OrdersRead)),
    ("GET /api/v1/admin/orders/{order_id}", Right(RightName::OrdersRead)),
    ("POST /api/v1/admin/orders/{order_id}/refunds", Right(RightName::OrdersRefund)),
    ("POST /api/v1/admin/orders/{order_id}/shipments", Right(RightName::OrdersWrite)),
    ("GET /api/v1/admin/prices", Right(RightName::PricesRead)),
    ("GET /api/v1/admin/prices/{variant_id}", Right(RightName::PricesRead)),
    ("PUT /api/v1/admin/prices/{variant_id}", Right(RightName::PricesWrite)),
    ("GET /api/v1/admin/products", Right(RightName::ProductsRead)),
    ("POST /api/v1/admin/products", Right(RightName::ProductsWrite)),
    ("GET /api/v1/admin/products/{product_id}", Right(RightName::ProductsRead)),
    ("PATCH /api/v1/admin/products/{product_id}", Right(RightName::ProductsWrite)),
    ("DELETE /api/v1/admin/products/{product_id}", Right(RightName::ProductsWrite)),
    ("GET /api/v1/admin/products/{product_id}/variants", Right(RightName::ProductsRead)),
    ("POST /api/v1/admin/products/{product_id}/variants", Right(RightName::ProductsWrite)),
    ("GET /api/v1/admin/roles", Right(RightName::StaffRead)),
    ("POST /api/v1/admin/roles", Right(RightName::StaffWrite)),
    ("GET /api/v1/admin/roles/{role_id}", Right(RightName::StaffRead)),
    ("PATCH /api/v1/admin/roles/{role_id}", Right(RightName::StaffWrite)),
    ("DELETE /api/v1/admin/roles/{role_id}", Right(RightName::StaffWrite)),
    ("GET /api/v1/admin/shipping-zones", Right(RightName::SettingsRead)),
    ("POST /api/v1/admin/shipping-zones", Right(RightName::SettingsWrite)),
    ("GET /api/v1/admin/shipping-zones/{shipping_zone_id}", Right(RightName::SettingsRead)),
    ("PATCH /api/v1/admin/shipping-zones/{shipping_zone_id}", Right(RightName::SettingsWrite)),
    ("DELETE /api/v1/admin/shipping-zones/{shipping_zone_id}", Right(RightName::SettingsWrite)),
    ("GET /api/v1/admin/staff", Right(RightName::StaffRead)),
    ("GET /api/v1/admin/staff/invitations", Right(RightName::StaffRead)),
    ("POST /api/v1/admin/staff/invitations", Right(RightName::StaffWrite)),
    ("GET /api/v1/admin/staff/invitations/{invitation_id}", Right(RightName::StaffRead)),
    ("DELETE /api/v1/admin/staff/invitations/{invitation_id}", Right(RightName::StaffWrite)),
    ("GET /api/v1/admin/staff/{staff_id}", Right(RightName::StaffRead)),
    ("PATCH /api/v1/admin/staff/{staff_id}", Right(RightName::StaffWrite)),
    ("DELETE /api/v1/admin/staff/{staff_id}", Right(RightName::StaffWrite)),
    ("GET /api/v1/admin/tax-rates", Right(RightName::SettingsRead)),
    ("POST /api/v1/admin/tax-rates", Right(RightName::SettingsWrite)),
    ("GET /api/v1/admin/tax-rates/{tax_rate_id}", Right(RightName::SettingsRead)),
    ("PATCH /api/v1/admin/tax-rates/{tax_rate_id}", Right(RightName::SettingsWrite)),
    ("DELETE /api/v1/admin/tax-rates/{tax_rate_id}", Right(RightName::SettingsWrite)),
    ("GET /api/v1/admin/variants/{variant_id}", Right(RightName::ProductsRead)),
    ("PATCH /api/v1/admin/variants/{variant_id}", Right(RightName::ProductsWrite)),
    ("DELETE /api/v1/admin/variants/{variant_id}", Right(RightName::ProductsWrite)),
    ("POST /api/v1/auth/change-email", SignedIn),
    ("POST /api/v1/auth/accept-invitation", Credential),
    ("POST /api/v1/auth/change-password", SignedIn),
    ("POST /api/v1/auth/forgot-password", Credential),
    ("POST /api/v1/auth/reset-password", Credential),
    ("POST /api/v1/auth/verify-email", Credential),
    ("POST /api/v1/auth/verify-email/resend", Credential),
    ("POST /api/v1/auth/login", Credential),
    ("POST /api/v1/auth/logout", Credential),
    ("POST /api/v1/auth/refresh", Credential),
    ("POST /api/v1/auth/second-factor", Credential),
    ("POST /api/v1/auth/second-factor/confirm", SignedIn),
    ("POST /api/v1/auth/second-factor/disable", SignedIn),
    ("POST /api/v1/auth/second-factor/enrol", SignedIn),
    ("POST /api/v1/auth/second-factor/recovery-codes", SignedIn),
    ("POST /api/v1/auth/register", Credential),
    ("GET /api/v1/brands", PUBLIC),
    ("POST /api/v1/carts", AnyShopper),
    ("GET /api/v1/carts/{cart_id}", Holder),
    ("PATCH /api/v1/carts/{cart_id}", Holder),
    ("DELETE /api/v1/carts/{cart_id}", Holder),
    ("POST /api/v1/carts/{cart_id}/checkout", Holder),
    ("GET /api/v1/carts/{cart_id}/explain", Holder),
    ("POST /api/v1/carts/{cart_id}/lines", Holder),
    ("PATCH /api/v1/carts/{cart_id}/lines/{line_id}", Holder),
    ("DELETE /api/v1/carts/{cart_id}/lines/{line_id}", Holder),
    ("GET /api/v1/carts/{cart_id}/shipping-options", Holder),
    ("GET /api/v1/categories", PUBLIC),
    ("GET /api/v1/categories/{id_or_slug}", PUBLIC),
    ("GET /api/v1/countries", PUBLIC),
    ("GET /api/v1/countries/{code}/address-rules", PUBLIC),
    ("GET /api/v1/images/{image_id}/{hash}/{file}", PUBLIC),
    ("GET /api/v1/me", Customer),
    ("PATCH /api/v1/me", Customer),
    ("DELETE /api/v1/me", Customer),
    ("GET /api/v1/me/addresses", Customer),
    ("POST /api/v1/me/addresses", Customer),
    ("GET /api/v1/me/addresses/{address_id}", Owner),
    ("PATCH /api/v1/me/addresses/{address_id}", Owner),
    ("DELETE /api/v1/me/addresses/{address_id}", Owner),
    ("GET /api/v1/me/carts", Customer),
    ("POST /api/v1/me/carts/merge", Customer),
    ("GET /api/v1/me/orders", Customer),
    ("GET /api/v1/me/sessions", Customer),
    ("DELETE /api/v1/me/sessions", Customer),
    ("DELETE /api/v1/me/sessions/{session_id}", Owner),
    ("GET /api/v1/orders/{order_id}", Holder),
    ("POST /api/v1/orders/{order_id}/cancel", Holder),
    ("GET /api/v1/products", PUBLIC),
    ("GET /api/v1/products/{id_or_slug}", PUBLIC),
    ("GET /api/v1/search", PUBLIC),
    ("GET /api/v1/store", PUBLIC),
    ("GET /health/live", OUTSIDE),
    ("GET /health/ready", OUTSIDE),
    ("GET /problems/{code}", OUTSIDE),
    ("POST /sandbox/tokens", OUTSIDE),
];

/// The operation's entry.
pub(super) fn access_to(operation: &Operation) -> Access {
    let name = operation.name();
    let entry = ROUTES.iter().find(|(known, _)| *known == name);
    entry.unwrap_or_else(|| panic!("{name} has no entry: whom is it for?")).1
}
