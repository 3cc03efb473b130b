//! What a member of the staff or an API key may do: rights by name, and the roles that come with the shop.

use crate::{db::columns::Json, ids::RoleId, text_enum};

/// A right as an argument type: `Staff<OrdersRefund>` lets in who holds it.
pub trait Right: 'static {
    /// The right's name.
    const NAME: RightName;
}

macro_rules! rights {
    ($($marker:ident = $text:tt $about:literal;)*) => {
        text_enum! {
            /// A right, by its name.
            RightName { $(#[doc = $about] $marker = $text),* }
        }

        impl RightName {
            /// Every right.
            pub const ALL: &[Self] = &[$(Self::$marker),*];
        }

        $(
            #[doc = $about]
            #[derive(Debug, Clone, Copy)]
            pub struct $marker;

            impl Right for $marker {
                const NAME: RightName = RightName::$marker;
            }
        )*
    };
}

rights! {
    ProductsRead = "products:read" "See products, variants and images, drafts included.";
    ProductsWrite = "products:write" "Make, change and delete products, variants and images, with their prices and the stock that they begin with.";
    CategoriesRead = "categories:read" "See categories and collections as the administration does.";
    CategoriesWrite = "categories:write" "Make, change and delete categories and collections.";
    BrandsRead = "brands:read" "See brands as the administration does.";
    BrandsWrite = "brands:write" "Make, change and delete brands.";
    PricesRead = "prices:read" "See the prices of all currencies.";
    PricesWrite = "prices:write" "Set prices of products that are there.";
    InventoryRead = "inventory:read" "See exact stock and its movements.";
    InventoryWrite = "inventory:write" "Count and adjust stock.";
    OrdersRead = "orders:read" "See all orders.";
    OrdersWrite = "orders:write" "Ship and cancel orders, and write notes on them.";
    OrdersRefund = "orders:refund" "Give money back.";
    SettingsRead = "settings:read" "See shipping zones and tax rates.";
    SettingsWrite = "settings:write" "Make, change and delete shipping zones and tax rates.";
    CustomersRead = "customers:read" "See customers.";
    CustomersWrite = "customers:write" "Change and disable customers.";
    AuditRead = "audit:read" "See the audit log.";
    StaffRead = "staff:read" "See the staff, their roles, invitations and API keys.";
    StaffWrite = "staff:write" "Let people into the staff, change their roles, let them go, and give out API keys.";
    ForwardClient = "forward_client" "Say for whom one calls: for API keys of front-end servers.";
}

/// A set of rights.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Rights(u64);

const _: () = assert!(RightName::ALL.len() <= 64, "a set holds 64 rights");

impl Rights {
    /// Whether the right is one of them.
    pub fn contains(self, right: RightName) -> bool {
        self.0 & bit(right) != 0
    }

    /// Whether all of `others` are among them.
    pub fn cover(self, others: Self) -> bool {
        others.0 & !self.0 == 0
    }

    /// Those that are in both sets.
    pub fn shared_with(self, others: Self) -> Self {
        Self(self.0 & others.0)
    }

    /// Their names, in the order of [`RightName::ALL`].
    pub fn names(self) -> Vec<RightName> {
        RightName::ALL.iter().copied().filter(|it| self.contains(*it)).collect()
    }
}

fn bit(right: RightName) -> u64 {
    1 << right as u32
}

impl FromIterator<RightName> for Rights {
    fn from_iter<I: IntoIterator<Item = RightName>>(names: I) -> Self {
        Self(names.into_iter().fold(0, |bits, it| bits | bit(it)))
    }
}

/// What a role lets its holders do, as its row says: those of a built-in one stand here.
pub fn rights_of_role(built_in: Option<Role>, own: Json<Vec<RightName>>) -> Rights {
    match built_in {
        Some(role) => role.rights().iter().copied().collect(),
        None => own.into_inner().into_iter().collect(),
    }
}

text_enum! {
    /// A role that comes with the shop.
    Role {
        /// Everything.
        Admin = "admin",
        /// What is sold: products, categories, brands, prices and stock.
        CatalogueManager = "catalogue_manager",
        /// What was bought: orders, shipments and refunds.
        OrderManager = "order_manager",
        /// Sees everything and changes nothing.
        Viewer = "viewer",
    }
}

impl Role {
    /// Every role.
    pub const ALL: &[Self] = &[Self::Admin, Self::CatalogueManager, Self::OrderManager, Self::Viewer];

    /// What the role lets its holder do.
    pub fn rights(self) -> &'static [RightName] {
        use RightName::*;
        match self {
            Self::Admin => RightName::ALL,
            Self::CatalogueManager => &[
                ProductsRead,
                ProductsWrite,
                CategoriesRead,
                CategoriesWrite,
                BrandsRead,
                BrandsWrite,
                PricesRead,
                PricesWrite,
                InventoryRead,
                InventoryWrite,
            ],
            Self::OrderManager => &[ProductsRead, InventoryRead, OrdersRead, OrdersWrite, OrdersRefund, CustomersRead],
            Self::Viewer => &[
                ProductsRead,
                CategoriesRead,
                BrandsRead,
                PricesRead,
                InventoryRead,
                OrdersRead,
                SettingsRead,
                CustomersRead,
                AuditRead,
                StaffRead,
            ],
        }
    }

    /// The id of its row, the same in every shop.
    pub fn id(self) -> RoleId {
        RoleId::from_bits(self as u128 + 1)
    }

    /// The role of this name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|role| role.as_str() == name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_admin_holds_every_right_and_a_viewer_none_that_changes_anything() {
        assert_eq!(Role::Admin.rights(), RightName::ALL);
        assert!(Role::Viewer.rights().iter().all(|right| right.as_str().ends_with(":read")));
        let readable = RightName::ALL.iter().filter(|right| right.as_str().ends_with(":read"));
        assert_eq!(readable.count(), Role::Viewer.rights().len());
    }

    #[test]
    fn a_set_of_rights_covers_what_it_holds_and_no_more() {
        let all: Rights = RightName::ALL.iter().copied().collect();
        let viewer: Rights = Role::Viewer.rights().iter().copied().collect();
        assert!(all.cover(viewer) && !viewer.cover(all) && viewer.cover(viewer));
        assert_eq!(all.shared_with(viewer), viewer);
        assert_eq!(viewer.names(), Role::Viewer.rights());
        assert_eq!(all.names(), RightName::ALL);
    }

    #[test]
    fn a_role_is_found_by_its_name_alone() {
        for role in Role::ALL {
            assert_eq!(Role::named(role.as_str()), Some(*role));
        }
        assert_eq!(Role::named("Admin"), None);
        assert_eq!(Role::named("root"), None);
    }
}
