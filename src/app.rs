//! The application: its parts, its table of contents, and what stands around every request.

use std::{io, net::SocketAddr, sync::Arc, thread, time::Duration};

use actix_web::{App as ActixApp, HttpServer, dev::Server, middleware::from_fn, web::Data};
use serde_json::Value;
use utoipa::OpenApi;
use utoipa_actix_web::{AppExt, service_config::ServiceConfig};

use crate::{
    accounts, address_book, admin, audit,
    auth::{authenticate::authenticate, password_queue::PasswordQueue, remembered::RememberedCallers},
    carts::{self, attempt::GiveUp},
    catalog::{self, classification::AtHand},
    checkout::{self, give_up::give_up, sweep},
    config::{Config, KeySource},
    data_dir::{self, DataDirLock},
    db::Db,
    events::tell::Told,
    http::{
        answer_cache::{AnswerCache, keep_answers},
        edge::{Edge, edge},
        openapi,
        rate_limit::RateLimits,
        routes::RouteTable,
    },
    keys::Keys,
    mail::{self, transport::Outbox},
    media::{self, MediaStorage, RenderQueue},
    orders,
    pages::{self, Draining},
    payments::{self, provider::PaymentProvider, providers::Providers, sandbox::Sandbox},
    search::{self, Search, searched::Searched},
    shipping,
    shop::Shop,
    staff, storefront, tax,
    time::Clock,
};

/// The parts of the running application. Cheap to clone.
#[derive(Clone)]
pub struct App {
    /// What every feature works with.
    pub shop: Shop,
    /// Where renditions of images are kept.
    pub media: Arc<MediaStorage>,
    /// Where uploads are drawn.
    pub render_queue: RenderQueue,
    /// Who takes the money.
    pub providers: Providers,
    /// The provider for trying things out, where it is on.
    pub sandbox: Option<Sandbox>,
    /// Whether the server is about to stop.
    pub draining: Draining,
    /// Where passwords are hashed.
    pub passwords: PasswordQueue,
    /// How mail leaves.
    pub outbox: Outbox,
    /// Answers of the catalogue that are ready.
    pub answers: AnswerCache,
    /// Who has just shown a token that is good.
    callers: RememberedCallers,
    /// How the shop sorts its products.
    classification: AtHand,
    /// What people search for.
    pub searched: Searched,
    /// How often somebody may ask; without limits until [`App::limit_rates`].
    rate_limits: Option<RateLimits>,
}

impl App {
    /// Opens the database, the key ring and the other parts.
    ///
    /// # Errors
    /// One sentence for the operator.
    pub fn open(config: Config) -> Result<Self, String> {
        data_dir::make(&config.data_dir)
            .map_err(|error| format!("cannot make the folder {}: {error}", config.data_dir.display()))?;
        let keys = open_keys(&config)?;
        let db = Db::open(&config.database, config.database_connections)?;
        let media = MediaStorage::open(&config.media)
            .map_err(|error| format!("the images' storage {}: {error}", config.media))?;
        let clock = Clock::default();
        let passwords = start_password_queue().map_err(|error| format!("cannot start a thread: {error}"))?;
        let sandbox = open_sandbox(&config, clock.clone())?;
        let providers = Providers::new(sandbox.iter().map(|it| Arc::new(it.clone()) as Arc<dyn PaymentProvider>));
        let outbox = Outbox::open(&config.mail.route)?;
        let routes = [&catalog::api::KEPT[..], &catalog::collections::api::KEPT, &search::api::KEPT].concat();
        let answers = AnswerCache::new(db.changes().clone(), routes, config.cache_megabytes);
        let shop = Shop { db, clock, keys, config: Arc::new(config) };
        catalog::stale_slugs::renew(&shop)
            .map_err(|error| format!("the slugs of attribute values cannot be written anew: {error}"))?;
        let (media, draining) = (Arc::new(media), Draining::default());
        let render_queue =
            RenderQueue::start(media.clone()).map_err(|error| format!("cannot start a thread: {error}"))?;
        Ok(Self {
            shop,
            media,
            render_queue,
            passwords,
            providers,
            sandbox,
            draining,
            outbox,
            answers,
            callers: RememberedCallers::default(),
            classification: AtHand::default(),
            searched: Searched::default(),
            rate_limits: None,
        })
    }

    /// Limits how often somebody may ask.
    pub fn limit_rates(&mut self) {
        self.rate_limits = Some(RateLimits::new(self.shop.clock.clone()));
    }

    /// Starts what runs beside the requests, on the current thread's runtime.
    pub fn start_background_work(&self) {
        actix_web::rt::spawn(self.shop.keys.clone().follow(self.shop.clock.clone()));
        actix_web::rt::spawn(sweep::run(self.shop.clone(), self.providers.clone()));
        actix_web::rt::spawn(orders::count_sales::run(self.shop.clone()));
        actix_web::rt::spawn(search::searched::run(self.shop.clone(), self.searched.clone()));
        actix_web::rt::spawn(catalog::orphaned_images::run(self.shop.clone(), self.media.clone()));
        actix_web::rt::spawn(mail::deliver::run(self.shop.clone(), self.outbox.clone()));
    }

    /// Writes down what people searched for until now.
    pub async fn save_searches(&self) {
        if let Err(error) = self.searched.save(&self.shop.db, self.shop.clock.now()).await {
            log::warn!("what was searched for is not written down: {error}");
        }
    }

    /// Says that the server is about to stop: it is no longer ready, but goes on answering.
    pub fn drain(&self) {
        self.draining.begin();
    }

    /// How a cart is opened again while it is being paid for.
    fn give_up(&self) -> GiveUp {
        let Self { shop, providers, .. } = self.clone();
        GiveUp(Arc::new(move |order_id| {
            let (shop, providers) = (shop.clone(), providers.clone());
            Box::pin(async move { give_up(&shop, &providers, order_id).await.map(drop) })
        }))
    }

    /// Keeps up with what other processes change of the catalogue.
    fn learn_of_others(&self) {
        let told = Told::nothing(self.shop.db.clone());
        actix_web::rt::spawn(told.clone().follow());
        if self.shop.db.serves_several() {
            self.answers.learn_by(Arc::new(move || {
                let told = told.clone();
                Box::pin(async move { told.be_up_to_date().await })
            }));
        }
    }

    /// Binds a server that answers with this application; `workers` threads serve requests. It has the data folder for
    /// itself. Called on a running `System`, whose end is also that of the background tasks.
    ///
    /// # Errors
    /// Where the address is taken, or the data folder.
    pub fn bind(&self, address: SocketAddr, workers: usize) -> io::Result<(Server, SocketAddr)> {
        let app = self.clone();
        let lock = self.lock_data_dir()?;
        let search = self.open_search().map_err(io::Error::other)?;
        self.learn_of_others();
        let (shop, index) = (self.shop.clone(), search.clone());
        actix_web::rt::spawn(async move {
            catalog::schedule::run(shop, async |changes| index.together_with(changes).await).await;
        });
        let (follower, db) = (search.clone(), self.shop.db.clone());
        actix_web::rt::spawn(async move {
            let _lock = lock;
            follower.follow(db).await;
        });
        let edge_data = Data::new(Edge {
            routes: RouteTable::new(document()),
            origins: self.shop.config.origins.clone(),
            rate_limits: self.rate_limits.clone(),
            answers: self.answers.clone(),
        });
        let server = HttpServer::new(move || {
            ActixApp::new()
                .app_data(edge_data.clone())
                .app_data(Data::new(app.shop.clone()))
                .app_data(Data::new(app.media.clone()))
                .app_data(Data::new(app.render_queue.clone()))
                .app_data(Data::new(search.clone()))
                .app_data(Data::new(app.searched.clone()))
                .app_data(Data::new(app.classification.clone()))
                .wrap(from_fn(search::api::wait_for_index))
                .app_data(Data::new(app.providers.clone()))
                .app_data(Data::new(app.give_up()))
                .app_data(Data::new(app.draining.clone()))
                .configure(|service| {
                    if let Some(sandbox) = &app.sandbox {
                        service.app_data(Data::new(sandbox.clone()));
                    }
                })
                .app_data(Data::new(app.passwords.clone()))
                .app_data(Data::new(app.answers.clone()))
                .app_data(Data::new(app.callers.clone()))
                .wrap(from_fn(keep_answers))
                .wrap(from_fn(authenticate))
                .wrap(from_fn(edge))
                .into_utoipa_app()
                .configure(routes)
                .into_app()
        })
        .workers(workers)
        // Longer than proxies keep theirs, so that they never send on one that is just being closed.
        .keep_alive(Duration::from_secs(75))
        .client_request_timeout(Duration::from_secs(10))
        .shutdown_timeout(30)
        .disable_signals()
        .bind(address)?;
        let address = server.addrs().first().copied().unwrap_or(address);
        Ok((server.run(), address))
    }
}

impl App {
    /// Runs `work`, and meanwhile lets the search index follow what it writes, on a thread beside it. When this returns,
    /// the index holds all of it. Only who has the data folder may do so; a server that has it follows by itself.
    ///
    /// # Errors
    /// What `work` returns, or one sentence for the operator where the index cannot be written.
    pub fn index_meanwhile<T>(
        &self,
        _lock: &DataDirLock,
        work: impl FnOnce() -> Result<T, String>,
    ) -> Result<T, String> {
        let failed = |error: &dyn std::fmt::Display| format!("the search index: {error}");
        let search = self.open_search().map_err(|error| failed(&error))?;
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build();
        let runtime = runtime.map_err(|error| failed(&error))?;
        let (working, done) = tokio::sync::oneshot::channel::<()>();
        thread::scope(|scope| {
            let follower = scope.spawn(|| runtime.block_on(search.follow_until(&self.shop.db, done)));
            let result = work();
            drop(working);
            let followed = follower.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic));
            let result = result?;
            followed.map_err(|error| failed(&error))?;
            Ok(result)
        })
    }

    fn open_search(&self) -> crate::error::Result<Search> {
        let config = &self.shop.config;
        Search::open(&config.data_dir, &config.store.languages[0])
    }

    /// Takes the data folder for this process.
    fn lock_data_dir(&self) -> io::Result<DataDirLock> {
        let folder = &self.shop.config.data_dir;
        DataDirLock::take(folder)?.ok_or_else(|| {
            let folder = folder.display();
            io::Error::other(format!(
                "another process of cartwright has the data folder {folder}; give this one a --data-dir of its own"
            ))
        })
    }
}

fn open_sandbox(config: &Config, clock: Clock) -> Result<Option<Sandbox>, String> {
    let Some(path) = &config.sandbox_journal else { return Ok(None) };
    Sandbox::open(path, clock).map(Some).map_err(|error| format!("the sandbox's journal: {error:?}"))
}

/// A hash takes about a quarter of a second: who is let in waits eight seconds at most.
fn start_password_queue() -> io::Result<PasswordQueue> {
    let threads = PasswordQueue::default_threads();
    PasswordQueue::start(threads, 32 * threads)
}

fn open_keys(config: &Config) -> Result<Keys, String> {
    use secrecy::ExposeSecret;
    let opened = match &config.keys {
        KeySource::Secrets(secrets) => Keys::from_secret(secrets.expose_secret()),
        KeySource::Folder(folder) if config.demo => Keys::load_or_create(folder),
        KeySource::Folder(folder) => Keys::load(folder),
    };
    opened.map_err(|error| format!("the key ring: {error}"))
}

/// The table of contents.
pub fn routes(service: &mut ServiceConfig<'_>) {
    service
        .configure(catalog::routes)
        .configure(search::routes)
        .configure(media::routes)
        .configure(carts::routes)
        .configure(checkout::routes)
        .configure(orders::routes)
        .configure(accounts::routes)
        .configure(address_book::routes)
        .configure(admin::routes)
        .configure(audit::routes)
        .configure(staff::routes)
        .configure(storefront::routes)
        .configure(shipping::routes)
        .configure(tax::routes)
        .configure(payments::sandbox::api::routes)
        .configure(pages::routes);
}

/// What the OpenAPI document says of the service as a whole.
#[derive(OpenApi)]
#[openapi(
    info(
        title = "Cartwright",
        description = "The whole back end of an online shop: catalogue, search, carts, checkout, payments, orders, accounts and administration.\n\nAll failures are problem documents (RFC 9457) that name every broken rule. Money is integer minor units. Lists are paged by signed cursors. Writes that carry an `Idempotency-Key` have one effect, however often they are sent.\n\nA front-end server that calls for many shoppers says in `Client-Address` for which address, and shows an API key with the right `forward_client` in `Client-Address-Key`: rate limits then count for that address, and the audit log names it.",
        license(name = "MIT OR Apache-2.0", url = "https://opensource.org/license/mit"),
        contact(name = "Cartwright", url = "https://cartwright.example/", email = "hello@cartwright.example")
    ),
    servers((url = "/", description = "This server, in production as on a local machine.")),
    tags(
        (name = "carts", description = "What a shopper means to buy."),
        (name = "checkout", description = "From cart to order."),
        (name = "orders", description = "What was bought, and what has become of it."),
        (name = "sandbox", description = "The payment provider for trying things out; off in production."),
        (name = "admin orders", description = "Orders, for the staff."),
        (name = "accounts", description = "Registering, logging in and out, one's own account."),
        (name = "addresses", description = "A customer's address book."),
        (name = "catalogue", description = "What the shop sells. Public."),
        (name = "store", description = "What the shop says of itself. Public."),
        (name = "admin customers", description = "Customers, their groups and what is noted of them. For the staff."),
        (name = "admin products", description = "Products and their variants, for the staff."),
        (name = "admin prices", description = "Prices in all currencies, for the staff."),
        (name = "admin categories", description = "Categories, for the staff."),
        (name = "admin brands", description = "Brands, for the staff."),
        (name = "admin collections", description = "Collections of products, for the staff."),
        (name = "admin search", description = "What searches find and why, and what people search for. For the staff."),
        (name = "admin inventory", description = "Exact stock and its ledger, for the staff."),
        (name = "admin audit", description = "What concerned the security of the shop. For the staff."),
        (name = "admin staff", description = "Who works here, what they may do, and what other systems come in by. For the staff."),
        (name = "admin settings", description = "Where the shop ships to and what it taxes. For the staff."),
        (name = "service", description = "The service itself: health, keys, explanations of problems."),
    )
)]
struct Description;

/// The OpenAPI document of this build.
pub fn document() -> &'static Value {
    openapi::served(|| {
        let (_, collected) =
            ActixApp::new().into_utoipa_app().openapi(Description::openapi()).configure(routes).split_for_parts();
        openapi::complete(&collected)
    })
}
