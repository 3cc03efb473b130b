use futures_util::future::join_all;
use secrecy::SecretString;

use super::*;
use crate::{
    ids::{OrderId, RefundId},
    money::Money,
    payments::provider::DeclineCode,
};

/// A folder of its own for each test, gone with it.
pub(super) struct Folder(PathBuf);

impl Folder {
    pub(super) fn new() -> Self {
        let path = std::env::temp_dir().join(format!("cartwright-{}", OrderId::new()));
        std::fs::create_dir(&path).unwrap();
        Self(path)
    }

    pub(super) fn file(&self) -> PathBuf {
        self.0.join("sandbox.db")
    }

    pub(super) fn sandbox(&self) -> Sandbox {
        Sandbox::open(&self.file(), Clock::default()).unwrap()
    }

    fn run(&self, sql: &str) -> diesel::QueryResult<()> {
        SqliteConnection::establish(self.file().to_str().unwrap()).unwrap().batch_execute(sql)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

fn eur(minor: i64) -> Money {
    Money::new(minor, "EUR".parse().unwrap())
}

pub(super) fn charge_of(token: &str) -> ChargeRequest {
    ChargeRequest {
        reference: PaymentId::new(),
        order_id: OrderId::new(),
        amount: eur(1000),
        token: SecretString::from(token),
        return_url: None,
        capture: true,
    }
}

fn refund_of(reference: PaymentId, minor: i64) -> RefundRequest {
    RefundRequest { refund_reference: RefundId::new(), reference, amount: eur(minor) }
}

pub(super) fn is_captured(outcome: &Outcome, minor: i64) -> bool {
    matches!(outcome, Outcome::Captured { amount, .. } if *amount == eur(minor))
}

fn kinds(sandbox: &Sandbox) -> Vec<JournalKind> {
    sandbox.journal().unwrap().iter().map(|entry| entry.kind).collect()
}

#[tokio::test]
async fn a_charge_is_captured_journalled_and_found_by_our_reference() {
    let folder = Folder::new();
    let sandbox = folder.sandbox();
    let request = charge_of("tok_visa");
    let outcome = sandbox.authorize(request.clone()).await.unwrap();
    let Outcome::Captured { card: Some(card), .. } = &outcome else { panic!("{outcome:?}") };
    let json = serde_json::to_value(card).unwrap();
    assert_eq!(json, serde_json::json!({"brand": "visa", "last4": "4242", "exp_month": 12, "exp_year": 2030}));
    assert_eq!(folder.sandbox().look_up(request.reference).await.unwrap(), outcome);
    let [entry] = &sandbox.journal().unwrap()[..] else { panic!("one entry") };
    assert_eq!(
        (entry.kind, entry.payment, entry.refund, entry.amount),
        (JournalKind::Charge, request.reference, None, Some(eur(1000)))
    );
}

#[tokio::test]
async fn each_card_has_its_outcome_and_a_refused_one_is_not_journalled() {
    let folder = Folder::new();
    let sandbox = folder.sandbox();
    let refused = [
        ("4000000000000002", DeclineCode::CardDeclined),
        ("4000000000009995", DeclineCode::InsufficientFunds),
        ("4000000000000069", DeclineCode::ExpiredCard),
        ("4000000000000127", DeclineCode::IncorrectCvc),
        ("4000000000000119", DeclineCode::ProcessingError),
        ("4000002760003184", DeclineCode::ProcessingError),
    ];
    for (number, code) in refused {
        let token = sandbox.create_token(TestCard::read(number, 12, 2090).unwrap()).await.unwrap();
        let request = charge_of(&token);
        let declined = Outcome::Declined { code };
        assert_eq!(sandbox.authorize(request.clone()).await.unwrap(), declined, "{number}");
        assert_eq!(sandbox.look_up(request.reference).await.unwrap(), declined, "{number}");
        assert_eq!(sandbox.void(request.reference).await.unwrap(), declined, "{number}");
    }
    let names = [
        ("tok_declined", DeclineCode::CardDeclined),
        ("tok_insufficient_funds", DeclineCode::InsufficientFunds),
        ("tok_3ds", DeclineCode::ProcessingError),
    ];
    for (name, code) in names {
        assert_eq!(sandbox.authorize(charge_of(name)).await.unwrap(), Outcome::Declined { code }, "{name}");
    }
    assert!(kinds(&sandbox).is_empty());
}

#[tokio::test]
async fn a_card_is_good_to_the_end_of_its_month() {
    let folder = Folder::new();
    let clock = Clock::default();
    let start: UtcTime = "2031-05-31T12:00:00Z".parse().unwrap();
    clock.advance(chrono::TimeDelta::microseconds(start.micros() - clock.now().micros()));
    let sandbox = Sandbox::open(&folder.file(), clock.clone()).unwrap();
    let card = TestCard::read("4242424242424242", 5, 2031).unwrap();
    let (first, second) =
        (sandbox.create_token(card.clone()).await.unwrap(), sandbox.create_token(card).await.unwrap());
    assert!(is_captured(&sandbox.authorize(charge_of(&first)).await.unwrap(), 1000));
    clock.advance(chrono::TimeDelta::hours(13));
    let expired = Outcome::Declined { code: DeclineCode::ExpiredCard };
    assert_eq!(sandbox.authorize(charge_of(&second)).await.unwrap(), expired);
    assert!(is_captured(&sandbox.authorize(charge_of("tok_visa")).await.unwrap(), 1000));
}

#[tokio::test]
async fn the_same_request_again_has_the_same_outcome_and_another_one_is_an_error() {
    let folder = Folder::new();
    let sandbox = folder.sandbox();
    let request = charge_of("tok_visa");
    let first = sandbox.authorize(request.clone()).await.unwrap();
    assert_eq!(sandbox.authorize(request.clone()).await.unwrap(), first);
    let others = [
        ChargeRequest { amount: eur(1001), ..request.clone() },
        ChargeRequest { amount: Money::new(1000, "USD".parse().unwrap()), ..request.clone() },
        ChargeRequest { token: SecretString::from("tok_declined"), ..request.clone() },
        ChargeRequest { order_id: OrderId::new(), ..request.clone() },
        ChargeRequest { capture: false, ..request.clone() },
    ];
    for other in others {
        assert_eq!(sandbox.authorize(other).await, Err(ProviderError::ReferenceReused));
    }
    assert_eq!(kinds(&sandbox), [JournalKind::Charge]);
}

#[tokio::test]
async fn a_token_made_by_a_form_is_good_for_one_payment() {
    let folder = Folder::new();
    let sandbox = folder.sandbox();
    let token = sandbox.create_token(TestCard::read("4242 4242 4242 4242", 12, 2090).unwrap()).await.unwrap();
    let request = charge_of(&token);
    assert!(is_captured(&sandbox.authorize(request.clone()).await.unwrap(), 1000));
    assert!(is_captured(&sandbox.authorize(request).await.unwrap(), 1000));
    assert_eq!(sandbox.authorize(charge_of(&token)).await, Err(ProviderError::InvalidToken));
    for unknown in ["", "tok_", "tok_nobody", "4242424242424242"] {
        let request = charge_of(unknown);
        assert_eq!(sandbox.authorize(request.clone()).await, Err(ProviderError::InvalidToken), "{unknown}");
        assert_eq!(sandbox.look_up(request.reference).await, Ok(Outcome::NotKnown));
    }
}

#[tokio::test]
async fn without_an_answer_only_a_look_up_tells_whether_it_was_charged() {
    let folder = Folder::new();
    let sandbox = folder.sandbox();
    let (lost, late) = (charge_of("tok_timeout"), charge_of("tok_late_success"));
    for request in [lost.clone(), late.clone()] {
        let waited = tokio::time::timeout(Duration::from_millis(500), sandbox.authorize(request)).await;
        assert!(waited.is_err());
    }
    assert_eq!(sandbox.look_up(lost.reference).await, Ok(Outcome::NotKnown));
    assert!(is_captured(&sandbox.look_up(late.reference).await.unwrap(), 1000));
    assert!(is_captured(&sandbox.void(late.reference).await.unwrap(), 1000));
    let entries = sandbox.journal().unwrap();
    assert_eq!(entries.iter().map(|entry| entry.payment).collect::<Vec<_>>(), [late.reference]);
}

#[tokio::test]
async fn a_charge_that_comes_after_its_void_is_never_made() {
    let folder = Folder::new();
    let sandbox = folder.sandbox();
    let request = charge_of("tok_visa");
    assert_eq!(sandbox.void(request.reference).await, Ok(Outcome::Voided));
    assert_eq!(sandbox.void(request.reference).await, Ok(Outcome::Voided));
    assert_eq!(folder.sandbox().authorize(request.clone()).await, Ok(Outcome::Voided));
    assert_eq!(sandbox.look_up(request.reference).await, Ok(Outcome::Voided));
    assert_eq!(kinds(&sandbox), [JournalKind::Void]);
}

#[tokio::test]
async fn an_authorised_amount_is_captured_once_in_whole_or_in_part_or_let_go() {
    let folder = Folder::new();
    let sandbox = folder.sandbox();
    let request = ChargeRequest { capture: false, ..charge_of("tok_visa") };
    let reference = request.reference;
    assert!(matches!(sandbox.authorize(request.clone()).await, Ok(Outcome::Authorized { .. })));
    let take = |minor| sandbox.capture(CaptureRequest { reference, amount: eur(minor) });
    assert_eq!(take(1001).await, Err(ProviderError::AmountTooLarge));
    assert_eq!(sandbox.refund(refund_of(reference, 1)).await, Err(ProviderError::AmountTooLarge));
    assert!(is_captured(&take(600).await.unwrap(), 600));
    assert!(is_captured(&take(600).await.unwrap(), 600));
    assert_eq!(take(400).await, Err(ProviderError::ReferenceReused));
    assert!(is_captured(&sandbox.authorize(request).await.unwrap(), 600));

    let let_go = ChargeRequest { capture: false, ..charge_of("tok_visa") };
    sandbox.authorize(let_go.clone()).await.unwrap();
    assert_eq!(sandbox.void(let_go.reference).await, Ok(Outcome::Voided));
    let too_late = CaptureRequest { reference: let_go.reference, amount: eur(1000) };
    assert_eq!(sandbox.capture(too_late).await, Ok(Outcome::Voided));
    let unknown = CaptureRequest { reference: PaymentId::new(), amount: eur(1) };
    assert_eq!(sandbox.capture(unknown).await, Err(ProviderError::NotKnown));
    use JournalKind::{Authorization, Charge, Void};
    assert_eq!(kinds(&sandbox), [Authorization, Charge, Authorization, Void]);
}

#[tokio::test]
async fn refunds_in_pieces_never_exceed_what_was_captured() {
    let folder = Folder::new();
    let (one, other) = (folder.sandbox(), folder.sandbox());
    let request = charge_of("tok_visa");
    let reference = request.reference;
    one.authorize(request).await.unwrap();
    let first = refund_of(reference, 100);
    let paid_back = one.refund(first.clone()).await.unwrap();
    assert_eq!(other.refund(first.clone()).await.unwrap(), paid_back);
    let changed = RefundRequest { amount: eur(101), ..first };
    assert_eq!(one.refund(changed).await, Err(ProviderError::ReferenceReused));
    for minor in [0, -1, 901] {
        assert_eq!(one.refund(refund_of(reference, minor)).await, Err(ProviderError::AmountTooLarge));
    }
    let dollars = RefundRequest { amount: Money::new(1, "USD".parse().unwrap()), ..refund_of(reference, 1) };
    assert_eq!(one.refund(dollars).await, Err(ProviderError::AmountTooLarge));

    let pieces = (0..30).map(|place| if place % 2 == 0 { &one } else { &other }.refund(refund_of(reference, 70)));
    let refunded = join_all(pieces).await.into_iter().filter(Result::is_ok).count();
    assert_eq!(refunded, 12);
    let refunds: i64 = one
        .journal()
        .unwrap()
        .iter()
        .filter(|entry| entry.kind == JournalKind::Refund)
        .map(|entry| entry.amount.unwrap().minor)
        .sum();
    assert_eq!(refunds, 940);
    assert!(is_captured(&one.look_up(reference).await.unwrap(), 1000));
    assert_eq!(one.refund(refund_of(PaymentId::new(), 1)).await, Err(ProviderError::NotKnown));
}

#[tokio::test]
async fn a_charge_that_cannot_be_journalled_is_not_made() {
    let folder = Folder::new();
    let sandbox = folder.sandbox();
    let token = sandbox.create_token(TestCard::read("4242424242424242", 12, 2090).unwrap()).await.unwrap();
    let request = charge_of(&token);
    folder.run("CREATE TRIGGER full BEFORE INSERT ON journal BEGIN SELECT raise(ABORT, 'full'); END").unwrap();
    assert!(sandbox.authorize(request.clone()).await.is_err_and(|error| error.leaves_doubt()));
    folder.run("DROP TRIGGER full").unwrap();
    assert_eq!(sandbox.look_up(request.reference).await, Ok(Outcome::NotKnown));
    assert!(is_captured(&sandbox.authorize(request).await.unwrap(), 1000));
}

#[tokio::test]
async fn the_journal_can_only_grow() {
    let folder = Folder::new();
    folder.sandbox().authorize(charge_of("tok_visa")).await.unwrap();
    for sql in ["UPDATE journal SET amount = 1", "DELETE FROM journal"] {
        assert!(folder.run(sql).is_err(), "{sql}");
    }
}

#[tokio::test]
async fn neither_card_number_nor_token_is_written_or_printed() {
    let folder = Folder::new();
    let sandbox = folder.sandbox();
    let token = sandbox.create_token(TestCard::read("4242424242424242", 12, 2090).unwrap()).await.unwrap();
    let request = charge_of(&token);
    assert!(!format!("{request:?}").contains(&token));
    sandbox.authorize(request).await.unwrap();
    for entry in std::fs::read_dir(&folder.0).unwrap() {
        let bytes = std::fs::read(entry.unwrap().path()).unwrap();
        for secret in ["4242424242424242", &token] {
            assert!(!bytes.windows(secret.len()).any(|window| window == secret.as_bytes()));
        }
    }
}

#[tokio::test]
async fn after_a_panic_the_sandbox_goes_on() {
    let folder = Folder::new();
    let sandbox = folder.sandbox();
    let broken: Result<(), _> = sandbox.write(|_, _| panic!("in the middle of a transaction")).await;
    assert!(broken.is_err_and(|error| error.leaves_doubt()));
    assert!(is_captured(&sandbox.authorize(charge_of("tok_visa")).await.unwrap(), 1000));
}
