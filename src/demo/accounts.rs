//! The demo shop's log-ins: random, and told to whoever started it.

use std::{
    fs::{self, File},
    io::Write,
    os::unix::fs::OpenOptionsExt,
    path::Path,
    thread,
};

use serde::Serialize;

use crate::{
    accounts::register::NewCustomer,
    auth::{
        password::{self, Password},
        rights::Role,
    },
    email::Email,
    keys::fill_random,
    shop::Shop,
    staff::create::NewStaff,
};

const FILE: &str = "demo-accounts.json";
/// Letters and digits that nobody takes for one another.
const LETTERS: &[u8; 32] = b"abcdefghjkmnpqrstuvwxyz123456789";

/// Who may log in to the demo shop.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct DemoAccounts {
    /// Somebody who buys.
    pub customer: Account,
    /// Somebody who may do everything.
    pub admin: Account,
}

/// One log-in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Account {
    /// The address.
    pub email: String,
    /// The password, in clear.
    pub password: String,
}

impl Account {
    fn random(name: &str) -> Self {
        let mut bytes = [0; 20];
        fill_random(&mut bytes);
        let letters = bytes.map(|byte| char::from(LETTERS[usize::from(byte) % LETTERS.len()]));
        let groups: Vec<String> = letters.chunks(5).map(|group| group.iter().collect()).collect();
        Self { email: format!("{name}@harbour-and-pine.example"), password: groups.join("-") }
    }

    /// The address, and what is stored of the password.
    fn hashed(&self, shop: &Shop) -> Result<(Email, String), String> {
        let email = self.email.parse().map_err(|_| format!("`{}` is not an e-mail address", self.email))?;
        let password = Password::parse(&self.password).map_err(|reason| reason.to_string())?;
        Ok((email, password::hash(&shop.keys, &password, shop.config.bcrypt_cost)))
    }
}

impl DemoAccounts {
    /// Log-ins that nobody knows yet.
    pub(super) fn random() -> Self {
        Self { customer: Account::random("customer"), admin: Account::random("admin") }
    }

    /// What the accounts are made of. Each hash takes a quarter of a second, on a core of its own where there is one.
    pub(super) fn hashed(&self, shop: &Shop) -> Result<(NewCustomer, NewStaff), String> {
        let (customer, admin) = thread::scope(|scope| {
            let customer = scope.spawn(|| self.customer.hashed(shop));
            let admin = self.admin.hashed(shop);
            (customer.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)), admin)
        });
        let (email, password_hash) = customer?;
        let customer = NewCustomer { email, name: Some("Robin Demo".to_owned()), password_hash };
        let (email, password_hash) = admin?;
        Ok((customer, NewStaff { email, name: None, role_id: Role::Admin.id(), password_hash }))
    }

    /// Writes them into the data folder, for the owner's eyes alone.
    pub(super) fn write(&self, data_dir: &Path) -> Result<(), String> {
        let path = data_dir.join(FILE);
        let incoming = data_dir.join(format!("{FILE}.{}", std::process::id()));
        let write = || {
            let mut file = File::options().write(true).create(true).truncate(true).mode(0o600).open(&incoming)?;
            file.write_all(serde_json::to_string_pretty(self)?.as_bytes())?;
            file.write_all(b"\n")?;
            file.sync_all()?;
            fs::rename(&incoming, &path)
        };
        write().map_err(|error: std::io::Error| format!("{}: {error}", path.display()))
    }
}
