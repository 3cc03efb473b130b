//! What a member of the staff may do: rights by name, and the roles that bundle them.

use crate::text_enum;

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
    ProductsWrite = "products:write" "Make, change and delete products, variants and images.";
    CategoriesRead = "categories:read" "See categories as the administration does.";
    CategoriesWrite = "categories:write" "Make, change and delete categories.";
    BrandsRead = "brands:read" "See brands as the administration does.";
    BrandsWrite = "brands:write" "Make, change and delete brands.";
    PricesRead = "prices:read" "See the prices of all currencies.";
    PricesWrite = "prices:write" "Set prices.";
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
    StaffRead = "staff:read" "See the staff.";
    StaffWrite = "staff:write" "Let people into the staff, change their roles, and let them go.";
}

text_enum! {
    /// What a member of the staff is there for.
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
    fn a_role_is_found_by_its_name_alone() {
        for role in Role::ALL {
            assert_eq!(Role::named(role.as_str()), Some(*role));
        }
        assert_eq!(Role::named("Admin"), None);
        assert_eq!(Role::named("root"), None);
    }
}
