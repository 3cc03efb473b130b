//! Answers of the catalogue, kept as ready bytes.
//!
//! What a public answer shows depends on its address alone, and on the catalogue. It is kept under the address as it was
//! asked for, with its headers and its compressed forms, and is good until something changes that it shows
//! ([`Changes`]). Those who ask for one that is being made wait for it, unless something has changed since.

use std::{
    collections::{HashMap, hash_map::Entry},
    pin::Pin,
    sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError},
};

use actix_web::{
    HttpMessage, HttpResponse,
    body::{BoxBody, MessageBody},
    dev::{ServiceRequest, ServiceResponse},
    http::{
        Method,
        header::{self, HeaderMap, HeaderName},
    },
    middleware::Next,
    web::Data,
};
use moka::sync::Cache;
use tokio::sync::watch;

use super::{answer::Counter, compression::Coding, kept_form::Form, routes::Matched};
use crate::db::changes::{Changes, Scope};

/// A longer address is not worth its memory.
const LONGEST_ADDRESS: usize = 1000;
/// About what an entry takes besides its bodies and its address.
const ENTRY_BYTES: usize = 2500;

/// The answers that this process keeps. Cheap to clone.
#[derive(Clone)]
pub struct AnswerCache(Arc<Parts>);

struct Parts {
    kept: Cache<Arc<str>, Arc<Kept>>,
    /// Answers that are being made.
    begun: Mutex<HashMap<Arc<str>, Begun>>,
    changes: Arc<Changes>,
    routes: Vec<&'static str>,
    /// Where other processes change the catalogue, too.
    learn: OnceLock<Learn>,
}

/// Learns what other processes have changed up to now.
pub type Learn = Arc<dyn Fn() -> Pin<Box<dyn Future<Output = ()>>> + Send + Sync>;

struct Begun {
    since: u64,
    done: watch::Receiver<Option<Arc<Kept>>>,
}

/// What the answer shows, said by its handler: it may be kept. In the answer's extensions.
pub(super) struct Shows(pub(super) Scope);

/// A kept answer.
pub(super) struct Kept {
    /// The template of its address's path.
    pub(super) route: Arc<str>,
    scope: Scope,
    /// The moment before the database was asked.
    since: u64,
    plain: Form,
    brotli: OnceLock<Form>,
    gzip: OnceLock<Form>,
    /// Counts it each time that it is given.
    counter: Option<Counter>,
}

/// How the answer to an address that is not kept comes about.
enum Turn {
    /// Somebody else has just made it.
    Kept(Arc<Kept>),
    /// It is for this request to make, and to keep.
    Make(Making),
    /// It is made for this request alone.
    Alone,
}

/// An answer that is being made. Those who wait for it are told when this is dropped.
struct Making {
    cache: AnswerCache,
    address: Arc<str>,
    route: Arc<str>,
    since: u64,
    done: watch::Sender<Option<Arc<Kept>>>,
}

impl AnswerCache {
    /// Keeps answers of these routes (templates of paths), of `megabytes` together.
    pub fn new(changes: Arc<Changes>, routes: Vec<&'static str>, megabytes: u32) -> Self {
        let weight = |address: &Arc<str>, kept: &Arc<Kept>| {
            // The compressed forms are made later, and smaller.
            let bytes = address.len() + kept.plain.body.len() * 3 / 2 + ENTRY_BYTES;
            u32::try_from(bytes).unwrap_or(u32::MAX)
        };
        let kept = Cache::builder().max_capacity(u64::from(megabytes) << 20).weigher(weight).build();
        Self(Arc::new(Parts { kept, begun: Mutex::default(), changes, routes, learn: OnceLock::new() }))
    }

    /// From now on `learn` is called before each new answer is given, so that none of those kept is older than what it
    /// shows.
    pub fn learn_by(&self, learn: Learn) {
        // It is said once, when the server begins.
        let _ = self.0.learn.set(learn);
    }

    /// The kept answer to a request of which nothing but its address need be looked at, if there is one that is still
    /// good.
    pub(super) fn find(&self, request: &ServiceRequest) -> Option<Arc<Kept>> {
        self.good(address(request).filter(|_| is_nobodys(request.headers()))?)
    }

    /// Whether answers of this route are kept.
    pub fn keeps(&self, route: &str) -> bool {
        self.0.routes.contains(&route)
    }

    fn good(&self, address: &str) -> Option<Arc<Kept>> {
        let is_good = |kept: &Arc<Kept>| self.0.changes.have_spared(kept.scope, kept.since);
        self.0.kept.get(address).filter(is_good)
    }

    /// The addresses whose answers are kept and good.
    pub fn addresses(&self) -> Vec<String> {
        self.0.kept.iter().map(|(address, _)| address.to_string()).filter(|it| self.good(it).is_some()).collect()
    }

    /// How to answer a request for which nothing was found. Where somebody else is making the answer, this waits for it.
    async fn turn(&self, request: &ServiceRequest, route: &Arc<str>) -> Turn {
        let Some(address) = address(request).filter(|_| self.keeps(route)) else { return Turn::Alone };
        loop {
            let since = self.0.changes.now();
            let mut done = {
                let mut begun = self.begun();
                if let Some(kept) = self.good(address) {
                    return Turn::Kept(kept);
                }
                match begun.entry(address.into()) {
                    // Begun before the last change, it may show what was before.
                    Entry::Occupied(entry) if entry.get().since == since => entry.get().done.clone(),
                    entry => {
                        let (sender, done) = watch::channel(None);
                        entry.insert_entry(Begun { since, done });
                        let (cache, address, route) = (self.clone(), address.into(), route.clone());
                        return Turn::Make(Making { cache, address, route, since, done: sender });
                    }
                }
            };
            match done.wait_for(Option::is_some).await.map(|kept| kept.clone()) {
                Ok(Some(kept)) if self.0.changes.have_spared(kept.scope, kept.since) => return Turn::Kept(kept),
                Ok(_) => {}
                // It was none to keep, or its maker has gone.
                Err(_) => return Turn::Alone,
            }
        }
    }

    /// Keeps what is good, and no older than what is kept already.
    fn put(&self, address: &str, kept: &Arc<Kept>) {
        let _begun = self.begun();
        let is_latest = self.good(address).is_none_or(|it| it.since <= kept.since);
        if is_latest && self.0.changes.have_spared(kept.scope, kept.since) {
            self.0.kept.insert(address.into(), kept.clone());
        }
    }

    fn begun(&self) -> MutexGuard<'_, HashMap<Arc<str>, Begun>> {
        // A panic between two statements leaves the map whole.
        self.0.begun.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Wraps every request, inside of whatever refuses it: answers from what is kept, and keeps what is made.
///
/// # Errors
/// None of its own: what the service returns as an error is passed on.
pub async fn keep_answers(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, actix_web::Error> {
    let route = request.extensions().get::<Matched>().map(|it| it.0.clone());
    let turn = match (request.app_data::<Data<AnswerCache>>(), route) {
        (Some(cache), Some(route)) => cache.turn(&request, &route).await,
        _ => Turn::Alone,
    };
    match turn {
        Turn::Kept(kept) => {
            let coding = Coding::preferred(request.headers().get(header::ACCEPT_ENCODING));
            Ok(request.into_response(kept.response(coding)))
        }
        Turn::Alone => Ok(next.call(request).await?.map_into_boxed_body()),
        Turn::Make(making) => {
            let (request, response) = next.call(request).await?.map_into_boxed_body().into_parts();
            if let Some(learn) = making.cache.0.learn.get() {
                learn().await;
            }
            Ok(ServiceResponse::new(request, making.keep(response)))
        }
    }
}

/// What the answer to this request is kept under. A body where none belongs has to be looked at.
fn address(request: &ServiceRequest) -> Option<&str> {
    let headers = request.headers();
    let reads = matches!(*request.method(), Method::GET | Method::HEAD);
    if !reads || [header::CONTENT_LENGTH, header::TRANSFER_ENCODING].iter().any(|it| headers.contains_key(it)) {
        return None;
    }
    request.uri().path_and_query().map(|it| it.as_str()).filter(|it| it.len() <= LONGEST_ADDRESS)
}

/// Whether a request shows no credentials, which somebody would have to look at.
fn is_nobodys(headers: &HeaderMap) -> bool {
    let credentials = [
        header::AUTHORIZATION,
        HeaderName::from_static("client-address"),
        HeaderName::from_static("client-address-key"),
    ];
    !credentials.iter().any(|it| headers.contains_key(it))
}

impl Kept {
    /// The answer, compressed where that is wanted and worthwhile.
    pub(super) fn response(&self, coding: Option<Coding>) -> HttpResponse<BoxBody> {
        if let Some(counter) = &self.counter {
            counter.count();
        }
        let form = match coding {
            None => &self.plain,
            Some(Coding::Brotli) => self.brotli.get_or_init(|| self.plain.packed(Coding::Brotli)),
            Some(Coding::Gzip) => self.gzip.get_or_init(|| self.plain.packed(Coding::Gzip)),
        };
        form.response()
    }
}

impl Making {
    /// Keeps the answer, where its handler has said what it shows.
    fn keep(&self, mut response: HttpResponse<BoxBody>) -> HttpResponse<BoxBody> {
        let Some(Shows(scope)) = response.extensions_mut().remove() else { return response };
        let counter = response.extensions_mut().remove();
        let (head, body) = response.into_parts();
        let body = match body.try_into_bytes() {
            Ok(body) => body,
            Err(stream) => return head.set_body(stream),
        };
        let plain = Form { headers: head.headers().clone(), body: body.clone() };
        let kept = Kept {
            route: self.route.clone(),
            scope,
            since: self.since,
            plain,
            brotli: OnceLock::new(),
            gzip: OnceLock::new(),
            counter,
        };
        let kept = Arc::new(kept);
        self.cache.put(&self.address, &kept);
        self.done.send_replace(Some(kept));
        head.set_body(BoxBody::new(body))
    }
}

impl Drop for Making {
    fn drop(&mut self) {
        let mut begun = self.cache.begun();
        // Another may have begun after a change, and be at it.
        if begun.get(&self.address).is_some_and(|it| it.since == self.since) {
            begun.remove(&self.address);
        }
    }
}

#[cfg(test)]
mod tests {
    use actix_web::test::TestRequest;
    use futures_util::future::join;

    use super::*;
    use crate::{
        db::changes::Change,
        http::answer::{Answer, Keep},
    };

    fn cache() -> AnswerCache {
        AnswerCache::new(Arc::new(Changes::none()), vec!["/list"], 1)
    }

    fn request() -> ServiceRequest {
        TestRequest::with_uri("/list?limit=1").to_srv_request()
    }

    fn route() -> Arc<str> {
        "/list".into()
    }

    async fn make(cache: &AnswerCache) -> Making {
        match cache.turn(&request(), &route()).await {
            Turn::Make(making) => making,
            _ => panic!("it is for somebody else to make"),
        }
    }

    fn answer(scope: Option<Scope>) -> HttpResponse {
        use actix_web::Responder;
        let answer = Answer::ok(&"text", Keep::Public).tagged();
        let answer = Answer { shows: scope, ..answer };
        answer.respond_to(&TestRequest::default().to_http_request())
    }

    fn block_on<F: Future>(future: F) -> F::Output {
        tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(future)
    }

    #[test]
    fn who_asks_while_an_answer_is_made_gets_that_one() {
        block_on(async {
            let cache = cache();
            let making = make(&cache).await;
            let keep = async {
                tokio::task::yield_now().await;
                making.keep(answer(Some(Scope::Products)));
            };
            let (request, route) = (request(), route());
            let (turn, ()) = join(cache.turn(&request, &route), keep).await;
            assert!(matches!(turn, Turn::Kept(_)));
            assert!(cache.find(&request).is_some());
        });
    }

    #[test]
    fn who_asks_after_a_change_does_not_get_what_was_begun_before() {
        block_on(async {
            let cache = cache();
            let before = make(&cache).await;
            cache.0.changes.tell(Change::Product(crate::ids::ProductId::new()));
            let after = make(&cache).await;
            before.keep(answer(Some(Scope::Products)));
            assert!(cache.find(&request()).is_none(), "it shows what was before");
            after.keep(answer(Some(Scope::Products)));
            assert!(cache.find(&request()).is_some());
            drop(before);
            cache.0.changes.tell(Change::Taxonomy);
            assert!(cache.find(&request()).is_none());
            assert_eq!(cache.addresses(), Vec::<String>::new());
        });
    }

    #[test]
    fn an_answer_that_comes_late_does_not_replace_a_newer_one() {
        block_on(async {
            let cache = cache();
            let late = make(&cache).await;
            cache.0.changes.tell(Change::Index);
            let newer = make(&cache).await;
            newer.keep(answer(Some(Scope::Products)));
            late.keep(answer(Some(Scope::Products)));
            assert_eq!(cache.find(&request()).unwrap().since, newer.since);
        });
    }

    #[test]
    fn who_waits_for_what_is_not_kept_or_not_made_goes_alone() {
        block_on(async {
            for is_made in [true, false] {
                let cache = cache();
                let making = make(&cache).await;
                let end = async {
                    tokio::task::yield_now().await;
                    if is_made {
                        making.keep(answer(None));
                    }
                    drop(making);
                };
                let (request, route) = (request(), route());
                let (turn, ()) = join(cache.turn(&request, &route), end).await;
                assert!(matches!(turn, Turn::Alone));
                assert!(cache.begun().is_empty());
            }
        });
    }

    #[test]
    fn only_what_depends_on_the_address_alone_is_looked_for() {
        let with = |name, value| TestRequest::with_uri("/list").insert_header((name, value)).to_srv_request();
        assert_eq!(address(&with("accept", "application/json")), Some("/list"));
        assert_eq!(address(&with("content-length", "0")), None);
        for (name, value) in [("authorization", "Bearer x"), ("client-address", "::1"), ("client-address-key", "x")] {
            assert!(!is_nobodys(with(name, value).headers()), "{name}");
        }
        assert_eq!(address(&TestRequest::post().uri("/list").to_srv_request()), None);
        let long = format!("/list?q={}", "x".repeat(LONGEST_ADDRESS));
        assert_eq!(address(&TestRequest::with_uri(&long).to_srv_request()), None);
    }
}
