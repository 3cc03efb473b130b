use std::{
    io::{BufRead, BufReader},
    process::{Command, Stdio},
    sync::Barrier,
};

use super::{
    tests::{Folder, charge_of, is_captured},
    *,
};

fn block_on<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(future)
}

#[test]
fn thirty_at_once_on_one_reference_are_one_charge() {
    let folder = Folder::new();
    let handles = [folder.sandbox(), folder.sandbox()];
    for _ in 0..5 {
        let request = charge_of("tok_visa");
        let start = Barrier::new(30);
        let outcomes: Vec<_> = std::thread::scope(|scope| {
            let race = |place: usize| {
                let (sandbox, request, start) = (&handles[place % 2], request.clone(), &start);
                scope.spawn(move || {
                    start.wait();
                    block_on(sandbox.authorize(request)).unwrap()
                })
            };
            let threads: Vec<_> = (0..30).map(race).collect();
            threads.into_iter().map(|thread| thread.join().unwrap()).collect()
        });
        assert!(outcomes.iter().all(|outcome| is_captured(outcome, 1000)));
        let journal = handles[0].journal().unwrap();
        assert_eq!(journal.iter().filter(|entry| entry.payment == request.reference).count(), 1);
    }
}

#[test]
fn a_charge_and_a_void_at_once_agree_on_what_happened() {
    let folder = Folder::new();
    let handles = [folder.sandbox(), folder.sandbox()];
    for _ in 0..20 {
        let request = charge_of("tok_visa");
        let (reference, start) = (request.reference, Barrier::new(2));
        let (charged, voided) = std::thread::scope(|scope| {
            let charge = scope.spawn(|| {
                start.wait();
                block_on(handles[0].authorize(request)).unwrap()
            });
            let void = scope.spawn(|| {
                start.wait();
                block_on(handles[1].void(reference)).unwrap()
            });
            (charge.join().unwrap(), void.join().unwrap())
        });
        assert_eq!(charged, voided);
    }
}

#[test]
fn many_may_open_the_file_at_once() {
    for _ in 0..20 {
        let folder = Folder::new();
        let start = Barrier::new(8);
        std::thread::scope(|scope| {
            for _ in 0..8 {
                scope.spawn(|| {
                    start.wait();
                    folder.sandbox().journal().unwrap()
                });
            }
        });
    }
}

/// The test runs itself in a second process, which charges and tells until it is killed.
#[test]
fn what_was_answered_survives_a_kill() {
    const FILE: &str = "CARTWRIGHT_TEST_SANDBOX_FILE";
    if let Some(file) = std::env::var_os(FILE) {
        let sandbox = Sandbox::open(Path::new(&file), Clock::default()).unwrap();
        loop {
            let request = charge_of("tok_visa");
            let reference = request.reference;
            block_on(sandbox.authorize(request)).unwrap();
            println!("\ncharged {reference}");
        }
    }
    let folder = Folder::new();
    let itself = "payments::sandbox::race_tests::what_was_answered_survives_a_kill";
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args([itself, "--exact", "--nocapture"])
        .env(FILE, folder.file())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let lines = BufReader::new(child.stdout.take().unwrap()).lines().map_while(Result::ok);
    let charged = lines.filter_map(|line| line.strip_prefix("charged ").map(|id| id.parse::<PaymentId>().unwrap()));
    let charged: Vec<PaymentId> = charged.take(25).collect();
    child.kill().unwrap();
    child.wait().unwrap();
    assert_eq!(charged.len(), 25);
    let sandbox = folder.sandbox();
    let journal: Vec<PaymentId> = sandbox.journal().unwrap().iter().map(|entry| entry.payment).collect();
    assert!(charged.iter().all(|reference| journal.contains(reference)));
    for reference in &journal {
        assert!(is_captured(&block_on(sandbox.look_up(*reference)).unwrap(), 1000));
    }
}
