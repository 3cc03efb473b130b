//! Settings: each one a command-line argument with an environment variable, validated together at start.

mod database;
mod mail;

use std::{net::IpAddr, path::PathBuf};

use clap::Args;
use secrecy::SecretString;

use crate::{
    auth::password::Cost,
    db::DatabaseUrl,
    http::{
        client_address::{ForwardedHeader, NotANetwork, TrustedProxies},
        cors::Origins,
    },
    media::MediaPlace,
    money::Currency,
};

pub use mail::{MailConfig, MailRoute};

/// Settings that every command takes.
#[derive(Debug, Clone, Args)]
pub struct Settings {
    /// Defaults for trying it out: generated keys, sandbox payments, any origin, the demo shop's goods
    #[arg(long, env = "CARTWRIGHT_DEMO", global = true)]
    pub demo: bool,
    /// Folder for what this process owns: the SQLite file, the search index and, unless set apart, keys and images
    #[arg(long, env = "CARTWRIGHT_DATA_DIR", global = true, default_value = "./cartwright-data", value_name = "DIR")]
    pub data_dir: PathBuf,
    /// sqlite:PATH or postgres://…; without it shop.db in the data folder
    #[arg(long, env = "DATABASE_URL", global = true, hide_env_values = true, value_name = "URL")]
    pub database_url: Option<SecretString>,
    /// Connections to PostgreSQL, or readers of SQLite
    #[arg(long, env = "CARTWRIGHT_DATABASE_CONNECTIONS", global = true, default_value_t = 10, value_name = "N")]
    pub database_connections: u32,
    /// Folder of the key ring
    #[arg(long, env = "CARTWRIGHT_KEYS_DIR", global = true, value_name = "DIR")]
    pub keys_dir: Option<PathBuf>,
    /// The key ring itself: root secrets of at least 32 bytes in base64, oldest first, commas between them; `next:` in
    /// front of the last makes it known, but not yet used
    #[arg(long, env = "CARTWRIGHT_KEYS", global = true, hide_env_values = true, value_name = "SECRETS")]
    pub keys: Option<SecretString>,
    /// Where the images are: a folder, or s3://BUCKET/PREFIX, which AWS_ACCESS_KEY_ID, AWS_REGION and so on lead to
    #[arg(long, env = "CARTWRIGHT_MEDIA", global = true, value_name = "DIR|s3://…")]
    pub media: Option<String>,
    /// The address under which front-ends get images, a CDN's for example; the public address where it is not given
    #[arg(long, env = "CARTWRIGHT_MEDIA_URL", global = true, value_name = "URL")]
    pub media_url: Option<String>,
    /// File in which the sandbox payment provider keeps its journal
    #[arg(long, env = "CARTWRIGHT_SANDBOX_JOURNAL", global = true, value_name = "FILE")]
    pub sandbox_journal: Option<PathBuf>,
    /// Take sandbox payments outside the demo, where no real money moves
    #[arg(long, env = "CARTWRIGHT_ALLOW_SANDBOX", global = true)]
    pub allow_sandbox: bool,
    /// The shop's name
    #[arg(long, env = "CARTWRIGHT_SHOP_NAME", global = true, value_name = "NAME")]
    pub shop_name: Option<String>,
    /// ISO 4217 codes of the currencies offered, the default first
    #[arg(long, env = "CARTWRIGHT_CURRENCIES", global = true, default_value = "EUR,USD", value_delimiter = ',')]
    pub currencies: Vec<String>,
    /// BCP 47 tags of the languages offered, the default first
    #[arg(long, env = "CARTWRIGHT_LANGUAGES", global = true, default_value = "en", value_delimiter = ',')]
    pub languages: Vec<String>,
    /// Whether catalogue prices include tax
    #[arg(long, env = "CARTWRIGHT_PRICES_INCLUDE_TAX", global = true, default_value_t = true, action = clap::ArgAction::Set)]
    pub prices_include_tax: bool,
    /// Whether one may buy without an account
    #[arg(long, env = "CARTWRIGHT_GUEST_CHECKOUT", global = true, default_value_t = true, action = clap::ArgAction::Set)]
    pub guest_checkout: bool,
    /// name=URL of pages that a shopper must be able to read, commas between them
    #[arg(long, env = "CARTWRIGHT_LEGAL_LINKS", global = true, value_delimiter = ',', value_name = "NAME=URL")]
    pub legal_links: Vec<String>,
    /// Where to report a weakness of the shop's security: mailto:… or https://…
    #[arg(long, env = "CARTWRIGHT_SECURITY_CONTACT", global = true, value_name = "URI")]
    pub security_contact: Option<String>,
    /// The front-end's address, where the links of mails lead to; the public address where it is not given
    #[arg(long, env = "CARTWRIGHT_STOREFRONT_URL", global = true, value_name = "URL")]
    pub storefront_url: Option<String>,
    /// The mail server: smtps://USER:PASSWORD@HOST or smtp://HOST?tls=required; without it mails are files in mail/ of the data folder
    #[arg(long, env = "CARTWRIGHT_SMTP_URL", global = true, hide_env_values = true, value_name = "URL")]
    pub smtp_url: Option<SecretString>,
    /// Whom mails come from: shop@example.com, or Shop <shop@example.com>
    #[arg(long, env = "CARTWRIGHT_MAIL_FROM", global = true, value_name = "ADDRESS")]
    pub mail_from: Option<String>,
    /// Whether an account is opened only when its e-mail address has been confirmed
    #[arg(long, env = "CARTWRIGHT_VERIFIED_REGISTRATION", global = true, default_value_t = false, action = clap::ArgAction::Set)]
    pub verified_registration: bool,
    /// Whether the staff may do nothing before they have turned on a second factor
    #[arg(long, env = "CARTWRIGHT_REQUIRE_STAFF_SECOND_FACTOR", global = true, default_value_t = false, action = clap::ArgAction::Set)]
    pub require_staff_second_factor: bool,
    /// The address under which front-ends reach this service
    #[arg(long, env = "CARTWRIGHT_PUBLIC_URL", global = true, value_name = "URL")]
    pub public_url: Option<String>,
    /// Origins of front-ends that a browser may call from, commas between them
    #[arg(long, env = "CARTWRIGHT_ALLOWED_ORIGINS", global = true, value_delimiter = ',', value_name = "ORIGIN")]
    pub allowed_origins: Vec<String>,
    /// Addresses and networks (10.0.0.0/8) of the proxies that say for whom they ask, commas between them
    #[arg(long, env = "CARTWRIGHT_TRUSTED_PROXIES", global = true, value_delimiter = ',', value_name = "NETWORK")]
    pub trusted_proxies: Vec<String>,
    /// The header in which those proxies say so
    #[arg(long, env = "CARTWRIGHT_FORWARDED_HEADER", global = true, default_value = "x-forwarded-for", value_parser = ["x-forwarded-for", "forwarded"])]
    pub forwarded_header: String,
    /// Up to this many available units a variant is low in stock
    #[arg(long, env = "CARTWRIGHT_LOW_STOCK", global = true, default_value_t = 5, value_name = "N")]
    pub low_stock: i64,
    /// Minutes for which an unfinished payment holds the stock
    #[arg(long, env = "CARTWRIGHT_HOLD_MINUTES", global = true, default_value_t = 15, value_name = "N")]
    pub hold_minutes: i64,
    /// Days after its last change that a cart is kept
    #[arg(long, env = "CARTWRIGHT_CART_DAYS", global = true, default_value_t = 30, value_name = "N")]
    pub cart_days: i64,
    /// Megabytes of catalogue answers that are kept in memory
    #[arg(long, env = "CARTWRIGHT_CACHE_MEGABYTES", global = true, default_value_t = 64, value_name = "N")]
    pub cache_megabytes: u32,
    /// bcrypt's cost, at least 10
    #[arg(long, env = "CARTWRIGHT_BCRYPT_COST", global = true, default_value_t = 12, value_name = "N")]
    pub bcrypt_cost: u32,
}

/// Settings of `serve` alone.
#[derive(Debug, Clone, Args)]
pub struct ServeSettings {
    /// Address to listen on
    #[arg(long, env = "CARTWRIGHT_HOST", value_name = "ADDRESS")]
    pub host: Option<IpAddr>,
    /// Port to listen on
    #[arg(long, env = "PORT", default_value_t = 8080)]
    pub port: u16,
    /// `off` lets every caller ask as often as they like
    #[arg(long, env = "CARTWRIGHT_RATE_LIMIT", default_value = "on", value_parser = ["on", "off"])]
    pub rate_limit: String,
    /// Seconds for which a server that was told to stop still takes requests
    #[arg(long, env = "CARTWRIGHT_DRAIN_DELAY", default_value_t = 0, value_name = "SECONDS")]
    pub drain_delay: u64,
    /// Threads that serve requests; one for each core where it is not given
    #[arg(long, env = "CARTWRIGHT_WORKERS", value_name = "N")]
    pub workers: Option<usize>,
}

/// Settings that have been found to go together.
#[derive(Debug, Clone)]
pub struct Config {
    /// Whether this is the demo shop.
    pub demo: bool,
    /// Folder of what this process owns.
    pub data_dir: PathBuf,
    /// Where the database is.
    pub database: DatabaseUrl,
    /// Connections to PostgreSQL, or readers of SQLite.
    pub database_connections: u32,
    /// Where the key ring is.
    pub keys: KeySource,
    /// Where the images are.
    pub media: MediaPlace,
    /// The sandbox provider's journal, where the provider is on.
    pub sandbox_journal: Option<PathBuf>,
    /// What the shop says of itself.
    pub store: StoreConfig,
    /// The address under which front-ends reach this service, without a slash at its end.
    pub public_url: String,
    /// The address that those of images begin with, without a slash at its end.
    pub media_url: String,
    /// Who may call from a browser.
    pub origins: Origins,
    /// How mail leaves.
    pub mail: MailConfig,
    /// Whether an account is opened only when its e-mail address has been confirmed.
    pub verified_registration: bool,
    /// Whether the staff may do nothing before they have turned on a second factor.
    pub require_staff_second_factor: bool,
    /// The proxies that say for whom they ask.
    pub trusted_proxies: TrustedProxies,
    /// Up to this many available units a variant is low in stock.
    pub low_stock: i64,
    /// Minutes for which an unfinished payment holds the stock.
    pub hold_minutes: i64,
    /// Days after its last change that a cart is kept.
    pub cart_days: i64,
    /// Megabytes of catalogue answers that are kept in memory; 0 keeps none.
    pub cache_megabytes: u32,
    /// What a password hash costs.
    pub bcrypt_cost: Cost,
}

/// Where the key ring is.
#[derive(Debug, Clone)]
pub enum KeySource {
    /// In a folder.
    Folder(PathBuf),
    /// In the environment.
    Secrets(SecretString),
}

/// What the shop says of itself.
#[derive(Debug, Clone)]
pub struct StoreConfig {
    /// Its name.
    pub name: String,
    /// Currencies offered, the default first; never empty.
    pub currencies: Vec<Currency>,
    /// Languages offered, the default first; never empty.
    pub languages: Vec<String>,
    /// Whether catalogue prices include tax.
    pub prices_include_tax: bool,
    /// Whether one may buy without an account.
    pub guest_checkout: bool,
    /// Names and addresses of pages that a shopper must be able to read.
    pub legal_links: Vec<(String, String)>,
    /// Where to report a weakness of its security.
    pub security_contact: Option<String>,
}

impl StoreConfig {
    /// The currency of answers that name none.
    pub fn default_currency(&self) -> Currency {
        self.currencies[0]
    }
}

impl Config {
    /// Checks the settings together.
    ///
    /// `port` goes into the public address where none is set.
    ///
    /// # Errors
    /// All that is wrong, a line each, by the names of the variables.
    pub fn new(settings: &Settings, port: u16) -> Result<Self, String> {
        let mut wrong = Vec::new();
        let database = database::read(settings, &mut wrong);
        let store = store(settings, &mut wrong);
        let trusted_proxies = trusted_proxies(settings, &mut wrong);
        let public_url = settings.public_url.clone().unwrap_or_else(|| format!("http://127.0.0.1:{port}"));
        let storefront_url = settings.storefront_url.as_ref().unwrap_or(&public_url);
        let media_url = settings.media_url.as_ref().unwrap_or(&public_url);
        let addresses = [
            ("CARTWRIGHT_PUBLIC_URL", &public_url),
            ("CARTWRIGHT_STOREFRONT_URL", storefront_url),
            ("CARTWRIGHT_MEDIA_URL", media_url),
        ];
        for (name, url) in addresses.into_iter().chain(named(&settings.allowed_origins)) {
            if !(url.starts_with("http://") || url.starts_with("https://")) || url.ends_with('/') {
                wrong.push(format!("{name}: `{url}` is not an http(s) address without a slash at its end"));
            }
        }
        numbers(settings, &mut wrong);
        let bcrypt_cost = Cost::new(settings.bcrypt_cost);
        if bcrypt_cost.is_none() {
            wrong.push("CARTWRIGHT_BCRYPT_COST: the cost is 10 to 16".to_owned());
        }
        let mail = mail::read(settings, storefront_url, &mut wrong);
        let media = media(settings, &mut wrong);
        let (Some(database), Some(store), Some(bcrypt_cost), Some(mail), Some(media), true) =
            (database, store, bcrypt_cost, mail, media, wrong.is_empty())
        else {
            return Err(wrong.join("\n"));
        };
        let data_dir = settings.data_dir.clone();
        let in_data_dir = |set: &Option<PathBuf>, name: &str| set.clone().unwrap_or_else(|| data_dir.join(name));
        Ok(Self {
            demo: settings.demo,
            database,
            database_connections: settings.database_connections,
            keys: match &settings.keys {
                Some(secrets) => KeySource::Secrets(secrets.clone()),
                None => KeySource::Folder(in_data_dir(&settings.keys_dir, "keys")),
            },
            media,
            sandbox_journal: (settings.demo || settings.allow_sandbox)
                .then(|| in_data_dir(&settings.sandbox_journal, "sandbox.db")),
            store,
            media_url: media_url.clone(),
            public_url,
            origins: origins(settings),
            mail,
            verified_registration: settings.verified_registration,
            require_staff_second_factor: settings.require_staff_second_factor,
            trusted_proxies,
            low_stock: settings.low_stock,
            hold_minutes: settings.hold_minutes,
            cart_days: settings.cart_days,
            cache_megabytes: settings.cache_megabytes,
            bcrypt_cost,
            data_dir,
        })
    }
}

fn media(settings: &Settings, wrong: &mut Vec<String>) -> Option<MediaPlace> {
    let Some(text) = &settings.media else { return Some(MediaPlace::Folder(settings.data_dir.join("media"))) };
    let parsed = MediaPlace::parse(text);
    parsed.map_err(|reason| wrong.push(format!("CARTWRIGHT_MEDIA: `{text}`: {reason}"))).ok()
}

/// Refuses figures that make no sense.
fn numbers(settings: &Settings, wrong: &mut Vec<String>) {
    for (name, value) in [
        ("CARTWRIGHT_DATABASE_CONNECTIONS", i64::from(settings.database_connections)),
        ("CARTWRIGHT_HOLD_MINUTES", settings.hold_minutes),
        ("CARTWRIGHT_CART_DAYS", settings.cart_days),
        ("CARTWRIGHT_LOW_STOCK", settings.low_stock + 1),
        ("CARTWRIGHT_CACHE_MEGABYTES", i64::from(settings.cache_megabytes) + 1),
    ] {
        if !(1..=1_000_000).contains(&value) {
            wrong.push(format!("{name}: {value} is out of range"));
        }
    }
}

fn named(origins: &[String]) -> impl Iterator<Item = (&'static str, &String)> {
    origins.iter().map(|origin| ("CARTWRIGHT_ALLOWED_ORIGINS", origin))
}

/// In the demo any page may call; in production only those that are named.
fn origins(settings: &Settings) -> Origins {
    if settings.demo && settings.allowed_origins.is_empty() {
        Origins::Any
    } else {
        Origins::Listed(settings.allowed_origins.clone())
    }
}

fn trusted_proxies(settings: &Settings, wrong: &mut Vec<String>) -> TrustedProxies {
    let mut networks = Vec::new();
    for text in &settings.trusted_proxies {
        match text.trim().parse() {
            Ok(network) => networks.push(network),
            Err(NotANetwork) => {
                wrong.push(format!("CARTWRIGHT_TRUSTED_PROXIES: `{text}` is neither an address nor a network"));
            }
        }
    }
    let header = match settings.forwarded_header.as_str() {
        "forwarded" => ForwardedHeader::Forwarded,
        _ => ForwardedHeader::XForwardedFor,
    };
    TrustedProxies::new(networks, header)
}

fn store(settings: &Settings, wrong: &mut Vec<String>) -> Option<StoreConfig> {
    let before = wrong.len();
    let mut currencies = Vec::new();
    for code in &settings.currencies {
        match code.trim().parse::<Currency>() {
            Ok(currency) if !currencies.contains(&currency) => currencies.push(currency),
            Ok(_) => wrong.push(format!("CARTWRIGHT_CURRENCIES: {code} stands twice")),
            Err(_) => wrong.push(format!("CARTWRIGHT_CURRENCIES: `{code}` is not an ISO 4217 code")),
        }
    }
    if settings.languages.iter().any(|it| it.is_empty()) {
        wrong.push("CARTWRIGHT_LANGUAGES: a language is empty".to_owned());
    }
    let mut legal_links = Vec::new();
    for link in &settings.legal_links {
        match link.split_once('=') {
            Some((name, url)) if url.starts_with("http") => legal_links.push((name.to_owned(), url.to_owned())),
            _ => wrong.push(format!("CARTWRIGHT_LEGAL_LINKS: `{link}` is not name=URL")),
        }
    }
    let security_contact = match (&settings.security_contact, settings.demo) {
        (Some(contact), _) => Some(contact.clone()),
        (None, true) => Some("mailto:security@harbour-and-pine.example".to_owned()),
        (None, false) => None,
    };
    if let Some(contact) = &security_contact
        && !(is_reachable(contact) && contact.bytes().all(|it| it.is_ascii_graphic()))
    {
        wrong.push(format!("CARTWRIGHT_SECURITY_CONTACT: `{contact}` is neither mailto:… nor https://…"));
    }
    let name = match (&settings.shop_name, settings.demo) {
        (Some(name), _) => name.clone(),
        (None, true) => "Harbour & Pine".to_owned(),
        (None, false) => "Cartwright".to_owned(),
    };
    (wrong.len() == before).then(|| StoreConfig {
        name,
        currencies,
        languages: settings.languages.clone(),
        prices_include_tax: settings.prices_include_tax,
        guest_checkout: settings.guest_checkout,
        legal_links,
        security_contact,
    })
}

fn is_reachable(contact: &str) -> bool {
    ["mailto:", "https://"].iter().any(|it| contact.len() > it.len() && contact.starts_with(it))
}
