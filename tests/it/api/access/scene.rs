//! The callers, and what stands in the paths: made anew for each request that may change it.

use std::sync::atomic::{AtomicU32, Ordering};

use cartwright::{
    auth::rights::{RightName, Role},
    country::Country,
    db::schema::customers,
};
use diesel::prelude::*;
use serde_json::{Value, json};

use super::table::Access;
use crate::{
    api::edge::samples::{json_schema, value_of},
    support::{Answer, Buyer, Client, Operation, PASSWORD, Product, ProductInShop, TestApp, resolved},
};

/// The smallest image: a white pixel.
const DOT: &[u8] = include_bytes!("dot.webp");

/// A kind of caller.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Caller {
    Nobody,
    /// The customer whose the object in the path is.
    Own,
    /// Another customer.
    Neighbour,
    /// The guest whose the cart or the order in the path is.
    Guest,
    /// A guest with a cart and an order of their own.
    OtherGuest,
    /// A customer who may not come in any more.
    Disabled,
    /// A customer with the token of a session that has ended.
    LoggedOut,
    /// Staff who hold the right, if one is needed, and not all others.
    StaffWith,
    /// Staff who lack the right, if one is needed.
    StaffWithout,
    Admin,
    /// Another system with a key for the right, if one is needed.
    KeyWith,
    /// Another system with a key for something else.
    KeyWithout,
}

impl Caller {
    pub(super) const ALL: [Self; 12] = [
        Self::Nobody,
        Self::Own,
        Self::Neighbour,
        Self::Guest,
        Self::OtherGuest,
        Self::Disabled,
        Self::LoggedOut,
        Self::StaffWith,
        Self::StaffWithout,
        Self::Admin,
        Self::KeyWith,
        Self::KeyWithout,
    ];
}

pub(super) struct Scene<'a> {
    app: &'a TestApp,
    admin: Client,
    neighbour: Client,
    other_guest: Client,
    disabled: Client,
    logged_out: Client,
    roles: Vec<(Role, Client)>,
    /// Members of the staff who hold this right alone.
    specialists: [(RightName, Client); 2],
}

fn unique() -> u32 {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    NEXT.fetch_add(1, Ordering::Relaxed)
}

impl<'a> Scene<'a> {
    pub(super) fn new(app: &'a TestApp) -> Self {
        app.open_for_business();
        let disabled = app.customer("disabled");
        app.database(|conn| {
            let row = customers::table.filter(customers::id.eq(disabled.id()));
            diesel::update(row).set(customers::disabled_at.eq(customers::created_at.nullable())).execute(conn)?;
            Ok(())
        });
        let logged_out = app.customer("logged-out");
        logged_out.post("/api/v1/auth/logout", &json!({"refresh_token": logged_out.refresh_token()})).expect(204);
        let admin = (*app.staff(Role::Admin)).clone();
        let scene = Self {
            app,
            specialists: [RightName::OrdersRead, RightName::BrandsRead]
                .map(|right| (right, specialist(app, &admin, right))),
            admin,
            neighbour: (*app.customer("neighbour")).clone(),
            other_guest: app.client(),
            disabled: (*disabled).clone(),
            logged_out: (*logged_out).clone(),
            roles: Role::ALL.iter().map(|role| (*role, (*app.staff(*role)).clone())).collect(),
        };
        let other_guest = scene.guest_with_an_order().0;
        Self { other_guest, ..scene }
    }

    /// The answer to a caller who asks for what is there, by a body that is valid.
    pub(super) fn send(&self, operation: &Operation, access: Access, caller: Caller) -> Answer {
        let owner = match access {
            Access::Customer | Access::Owner | Access::Holder | Access::SignedIn => self.new_customer(),
            Access::StaffOwner => (*self.app.staff(Role::Viewer)).clone(),
            // Nothing here is theirs more than anybody else's.
            _ => self.neighbour.clone(),
        };
        let (path, guest) = match access {
            Access::Holder if caller == Caller::Own => (self.path(operation, &owner), None),
            Access::Holder => {
                let (guest, cart_id, order_id) = self.guest_with_an_order();
                let path = operation.path.replace("{cart_id}", &cart_id).replace("{order_id}", &order_id);
                (self.filled(operation, path, &guest), Some(guest))
            }
            _ => (self.path(operation, &owner), None),
        };
        let client = match caller {
            Caller::Nobody => self.app.client(),
            // What is a member's of the staff is no customer's.
            Caller::Own if access == Access::StaffOwner => self.neighbour.clone(),
            Caller::Own => owner,
            // Who is admitted may leave for good by it.
            Caller::Neighbour if access == Access::Customer || access == Access::SignedIn => self.new_customer(),
            Caller::Neighbour => self.neighbour.clone(),
            Caller::Guest => guest.unwrap_or_else(|| self.other_guest.clone()),
            Caller::OtherGuest => self.other_guest.clone(),
            Caller::Disabled => self.disabled.clone(),
            Caller::LoggedOut => self.logged_out.clone(),
            Caller::StaffWith if access == Access::StaffOwner => owner,
            Caller::StaffWith => self.staff(|role| right_of(access).is_none_or(|it| role.rights().contains(&it))),
            Caller::StaffWithout => self.without(access).1.clone(),
            Caller::Admin => self.admin.clone(),
            Caller::KeyWith => self.key(right_of(access).unwrap_or(RightName::OrdersRead)),
            Caller::KeyWithout => self.key(self.without(access).0),
        };
        let request = client.request(operation.method, &path);
        let request = request.header("Idempotency-Key", &format!("a-key-for-one-request-{}", unique()));
        let request = request.header("If-Match", "*");
        match json_schema(operation) {
            Some(schema) => request.json(&fresh(value_of(schema))).send(),
            None => request.send(),
        }
    }

    /// Who holds another right.
    fn without(&self, access: Access) -> &(RightName, Client) {
        let found = self.specialists.iter().find(|(right, _)| right_of(access) != Some(*right));
        found.expect("one of two different rights is another")
    }

    fn key(&self, right: RightName) -> Client {
        // Who changes what others may do holds all that they may.
        let rights = if right == RightName::StaffWrite { Role::Admin.rights() } else { &[right] };
        let body = json!({"name": "Warehouse", "rights": rights});
        let made = self.admin.post("/api/v1/admin/api-keys", &body).expect(201).json();
        self.app.client().with("Authorization", &format!("Bearer {}", text(&made, "/key")))
    }

    fn new_customer(&self) -> Client {
        (*self.app.customer(&format!("customer-{}", unique()))).clone()
    }

    /// Whoever has the first role that fits, the admin's last.
    fn staff(&self, fits: impl Fn(Role) -> bool) -> Client {
        let found = self.roles.iter().rev().find(|(role, _)| fits(*role));
        found.unwrap_or_else(|| panic!("no role fits")).1.clone()
    }

    fn path(&self, operation: &Operation, owner: &Client) -> String {
        self.filled(operation, operation.path.to_owned(), owner)
    }

    /// The path with things of the owner's, and of the shop's, in place of its parameters.
    fn filled(&self, operation: &Operation, mut path: String, owner: &Client) -> String {
        let cart = path.contains("{cart_id}") || path.contains("{line_id}");
        if cart && !path.contains("{cart_id}") {
            let cart_id = path.split('/').nth(4).expect("a cart's id").to_owned();
            let lines = owner.get(&format!("/api/v1/carts/{cart_id}")).ok();
            return path.replace("{line_id}", lines["lines"][0]["id"].as_str().expect("a line"));
        }
        if cart {
            let made = self.new_cart(owner);
            path = path.replace("{cart_id}", text(&made, "/id")).replace("{line_id}", text(&made, "/lines/0/id"));
        }
        if path.contains("{note_id}") {
            let customer = self.app.customer(&format!("customer-{}", unique()));
            path = path.replace("{customer_id}", customer.id());
            let notes = path.split("/{note_id}").next().expect("the list of notes").to_owned();
            return path.replace("{note_id}", &self.made(&self.admin, &notes, &json!({"text": "Calls often."})));
        }
        if path.starts_with("/api/v1/admin") && path.contains("{image_id}") {
            let images = format!("/api/v1/admin/products/{}/images", self.product().id);
            let made = self.admin.request("POST", &images).upload("b", DOT, None).send().expect(201).json();
            return format!("{images}/{}", text(&made, "/id"));
        }
        for parameter in operation.parameters("path") {
            let name = parameter["name"].as_str().expect("a name");
            let place = format!("{{{name}}}");
            if path.contains(&place) {
                path = path.replace(&place, &self.thing(name, operation, parameter, owner));
            }
        }
        path
    }

    fn product(&self) -> ProductInShop {
        self.app.put(Product::named(&format!("Chair {}", unique())))
    }

    /// What a parameter of this name may be.
    fn thing(&self, name: &str, operation: &Operation, parameter: &'static Value, owner: &Client) -> String {
        let path = operation.path;
        match name {
            "address_id" => self.made(owner, "/api/v1/me/addresses", &crate::support::address()),
            "session_id" => {
                let list = path.trim_end_matches("/{session_id}");
                text(&owner.get(list).ok(), "/items/0/id").to_owned()
            }
            "order_id" if path.starts_with("/api/v1/admin") => self.guest_with_an_order().2,
            "order_id" => self.bought(owner, &self.new_cart(owner)),
            "product_id" => self.product().id.to_string(),
            "variant_id" => self.product().variant_id.to_string(),
            "attribute_id" | "synonym_id" | "brand_id" | "category_id" | "collection_id" => self.of_catalogue(name),
            "shipping_zone_id" => {
                let zone = json!({"name": "Abroad", "countries": [self.unserved_country()], "options": []});
                self.made(&self.admin, "/api/v1/admin/shipping-zones", &zone)
            }
            "tax_rate_id" => {
                let rate = json!({"country": self.unserved_country(), "name": "VAT", "rate": "0.2"});
                self.made(&self.admin, "/api/v1/admin/tax-rates", &rate)
            }
            "staff_id" => self.app.staff(Role::Viewer).id().to_owned(),
            "customer_id" => self.app.customer(&format!("customer-{}", unique())).id().to_owned(),
            "customer_group_id" => {
                self.made(&self.admin, "/api/v1/admin/customer-groups", &json!({"name": format!("Group {}", unique())}))
            }
            "role_id" => {
                let role = json!({"name": format!("Role {}", unique()), "rights": ["orders:read"]});
                self.made(&self.admin, "/api/v1/admin/roles", &role)
            }
            "invitation_id" => {
                let invited = json!({"email": format!("new-{}@example.com", unique()), "role_id": Role::Viewer.id()});
                self.made(&self.admin, "/api/v1/admin/staff/invitations", &invited)
            }
            "api_key_id" => self.made(
                &self.admin,
                "/api/v1/admin/api-keys",
                &json!({"name": "Warehouse", "rights": ["orders:read"]}),
            ),
            // Of what everybody may see it does not matter whether it is there.
            "id_or_slug" | "code" | "image_id" | "hash" | "file" => {
                let shown = parameter.get("example").cloned();
                let shown = shown.unwrap_or_else(|| value_of(resolved(&parameter["schema"])));
                shown.as_str().unwrap_or("1").to_owned()
            }
            _ => panic!("what is {name} of {path}?"),
        }
    }

    /// What the staff keep of the catalogue beside products.
    fn of_catalogue(&self, name: &str) -> String {
        match name {
            "attribute_id" => {
                let key = format!("a_{}", unique()).to_lowercase();
                let new = json!({"key": key, "label": "Attribute", "kind": "text"});
                self.made(&self.admin, "/api/v1/admin/attributes", &new)
            }
            "synonym_id" => {
                self.made(&self.admin, "/api/v1/admin/synonyms", &json!({"words": [format!("a{}", unique()), "chair"]}))
            }
            "brand_id" => {
                self.made(&self.admin, "/api/v1/admin/brands", &json!({"name": format!("Brand {}", unique())}))
            }
            "category_id" => {
                self.made(&self.admin, "/api/v1/admin/categories", &json!({"name": format!("Kind {}", unique())}))
            }
            "collection_id" => {
                let new = json!({"name": format!("Collection {}", unique()), "kind": "manual"});
                self.made(&self.admin, "/api/v1/admin/collections", &new)
            }
            _ => panic!("what is {name}?"),
        }
    }

    fn made(&self, who: &Client, path: &str, body: &Value) -> String {
        text(&who.post(path, body).expect(201).json(), "/id").to_owned()
    }

    /// A country that no zone and no tax rate has yet.
    fn unserved_country(&self) -> String {
        static NEXT: AtomicU32 = AtomicU32::new(1);
        let number = NEXT.fetch_add(1, Ordering::Relaxed) as usize;
        Country::all().filter(|it| it.to_string() != "DE").nth(number % 248).expect("a country").to_string()
    }

    /// A cart that can be bought.
    fn new_cart(&self, owner: &Client) -> Value {
        let product = self.app.put(Product::named(&format!("Table {}", unique())));
        let lines = json!([{"variant_id": product.variant_id, "quantity": 1}]);
        let made = owner.post("/api/v1/carts", &json!({"lines": lines})).expect(201).json();
        let path = format!("/api/v1/carts/{}", text(&made, "/id"));
        let guest = made["token"].as_str().map(|token| owner.with("Cart-Token", token));
        let owner = guest.as_ref().unwrap_or(owner);
        let contact = json!({"email": "ada@example.com", "shipping_address": crate::support::address()});
        owner.patch(&path, &contact).ok();
        let options = owner.get(&format!("{path}/shipping-options")).ok();
        let cart = owner.patch(&path, &json!({"shipping_option_id": options["items"][0]["id"]})).ok();
        if made["token"].is_null() { cart } else { with_token(cart, &made["token"]) }
    }

    fn bought(&self, owner: &Client, cart: &Value) -> String {
        text(&self.order(owner, cart), "/id").to_owned()
    }

    fn order(&self, owner: &Client, cart: &Value) -> Value {
        let buyer = Buyer { client: owner.clone(), cart_id: text(cart, "/id").to_owned(), cart: cart.clone() };
        buyer.buy("tok_visa").expect(201).json()
    }

    /// A guest, a cart of theirs, and an order of theirs.
    fn guest_with_an_order(&self) -> (Client, String, String) {
        let first = self.new_cart(&self.app.client());
        let buyer = self.app.client().with("Cart-Token", text(&first, "/token"));
        let order = self.order(&buyer, &first);
        let second = self.new_cart(&self.app.client());
        let guest = self.app.client().with("Cart-Token", text(&second, "/token"));
        let guest = guest.with("Order-Token", text(&order, "/token"));
        (guest, text(&second, "/id").to_owned(), text(&order, "/id").to_owned())
    }
}

/// Somebody whose role has this right alone.
fn specialist(app: &TestApp, admin: &Client, right: RightName) -> Client {
    let role = json!({"name": format!("Role {}", unique()), "rights": [right]});
    let role = admin.post("/api/v1/admin/roles", &role).expect(201).json();
    let member = app.staff(Role::Viewer);
    let path = format!("/api/v1/admin/staff/{}", member.id());
    admin.with("If-Match", "*").patch(&path, &json!({"role_id": role["id"]})).ok();
    (*member).clone()
}

fn with_token(mut cart: Value, token: &Value) -> Value {
    cart["token"] = token.clone();
    cart
}

fn right_of(access: Access) -> Option<RightName> {
    match access {
        Access::Right(right) | Access::Person(right) => Some(right),
        _ => None,
    }
}

/// The body with an address that nobody has, and with the password that everybody has.
fn fresh(mut body: Value) -> Value {
    if body.get("email").is_some() {
        body["email"] = json!(format!("new-{}@example.com", unique()));
    }
    if body.get("current_password").is_some() {
        body["current_password"] = json!(PASSWORD);
    }
    body
}

#[track_caller]
fn text<'v>(value: &'v Value, pointer: &str) -> &'v str {
    value.pointer(pointer).and_then(Value::as_str).unwrap_or_else(|| panic!("no text at {pointer} of {value}"))
}
