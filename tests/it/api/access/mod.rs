//! Who may do what: every operation, asked for by every kind of caller. An operation that the table does not know fails.

mod scene;
mod table;

use std::collections::BTreeSet;

use scene::{Caller, Scene};
use table::{Access, access_to};

use crate::support::{Answer, Operation, api_test, operations};

/// What a caller must be answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Expected {
    /// Whatever comes of it, it is not for want of authority.
    Admitted,
    /// A problem of this status and code.
    Refused(u16, &'static str),
    /// The very status and code that nobody in particular is answered.
    AsAnybody,
}

const NO_CREDENTIAL: Expected = Expected::Refused(401, "unauthorized");
const BAD_CREDENTIAL: Expected = Expected::Refused(401, "invalid_token");
const FORBIDDEN: Expected = Expected::Refused(403, "forbidden");
const NOT_THERE: Expected = Expected::Refused(404, "not_found");

fn expected(access: Access, caller: Caller) -> Expected {
    use Access::{
        AnyShopper, Anybody, Credential, Customer, Holder, Owner, Person, Right, SignedIn, Staff, StaffOwner,
    };
    use Caller::{
        Admin, Disabled, Guest, KeyWith, KeyWithout, LoggedOut, Neighbour, Nobody, OtherGuest, Own, StaffWith,
        StaffWithout,
    };
    match (access, caller) {
        (Credential, _) => Expected::AsAnybody,
        // Outside the API nobody asks; inside, a credential that is no good is refused wherever it is shown.
        (Anybody { in_api: false }, _) => Expected::AsAnybody,
        (_, Disabled | LoggedOut) => BAD_CREDENTIAL,
        (Anybody { .. }, _) => Expected::AsAnybody,
        (AnyShopper, Admin | StaffWith | StaffWithout | KeyWith | KeyWithout) => FORBIDDEN,
        (AnyShopper, _) => Expected::Admitted,
        (_, Nobody) => NO_CREDENTIAL,
        (SignedIn | Customer | Owner | Staff | StaffOwner | Right(_) | Person(_), Guest | OtherGuest) => NO_CREDENTIAL,
        // A key is nobody who logs in.
        (SignedIn | Staff | StaffOwner, KeyWith | KeyWithout) => FORBIDDEN,
        (SignedIn, _) => Expected::Admitted,
        (Customer | Owner | Holder, Admin | StaffWith | StaffWithout | KeyWith | KeyWithout) => FORBIDDEN,
        (Customer, Own | Neighbour) => Expected::Admitted,
        (Owner, Own) => Expected::Admitted,
        (Owner, Neighbour) => NOT_THERE,
        (Holder, Own | Guest) => Expected::Admitted,
        (Holder, Neighbour | OtherGuest) => NOT_THERE,
        (Staff | StaffOwner, Own | Neighbour) => FORBIDDEN,
        (StaffOwner, StaffWith) => Expected::Admitted,
        (StaffOwner, Admin | StaffWithout) => NOT_THERE,
        (Staff, Admin | StaffWith | StaffWithout) => Expected::Admitted,
        (Person(_), KeyWith) => FORBIDDEN,
        (Right(_) | Person(_), Own | Neighbour | StaffWithout | KeyWithout) => FORBIDDEN,
        (Right(_) | Person(_), StaffWith | Admin | KeyWith) => Expected::Admitted,
    }
}

api_test!(every_operation_is_open_to_those_whom_it_is_for_and_to_nobody_else, |app| {
    let scene = Scene::new(app);
    let findings: Vec<String> = operations().iter().flat_map(|it| walk(&scene, it)).collect();
    assert!(findings.is_empty(), "{} findings:\n{}", findings.len(), findings.join("\n"));
});

#[test]
fn the_table_knows_the_operations_of_the_document_and_no_others() {
    let names: BTreeSet<String> = operations().iter().map(Operation::name).collect();
    let known: BTreeSet<String> = table::ROUTES.iter().map(|(name, _)| (*name).to_owned()).collect();
    assert_eq!(known.len(), table::ROUTES.len(), "an operation stands twice");
    let unknown: Vec<&String> = names.difference(&known).collect();
    let gone: Vec<&String> = known.difference(&names).collect();
    assert!(unknown.is_empty() && gone.is_empty(), "without an entry: {unknown:?}; not in the document: {gone:?}");
}

/// Sends the operation for every caller, those first who must change nothing by it.
fn walk(scene: &Scene<'_>, operation: &Operation) -> Vec<String> {
    let access = access_to(operation);
    let (admitted, refused): (Vec<Caller>, Vec<Caller>) =
        Caller::ALL.iter().partition(|it| expected(access, **it) == Expected::Admitted);
    let anybody = scene.send(operation, access, Caller::Nobody);
    let mut findings = Vec::new();
    let mut check = |caller: Caller| {
        let answer = scene.send(operation, access, caller);
        // What is not in the path may be missing for other reasons.
        let is_missing = answer.status == 404 && operation.path.contains('{');
        let expected = expected(access, caller);
        if !is_as_expected(expected, &answer, &anybody) || (expected == Expected::Admitted && is_missing) {
            let text: String = answer.text().chars().take(200).collect();
            findings.push(format!("{} as {caller:?}: {} {text}", operation.name(), answer.status));
        }
    };
    refused.into_iter().chain(admitted).for_each(&mut check);
    findings
}

fn is_as_expected(expected: Expected, answer: &Answer, anybody: &Answer) -> bool {
    match expected {
        Expected::Admitted => answer.status < 500 && ![401, 403, 405, 429].contains(&answer.status),
        Expected::Refused(status, code) => answer.status == status && code_of(answer).as_deref() == Some(code),
        Expected::AsAnybody => answer.status == anybody.status && code_of(answer) == code_of(anybody),
    }
}

fn code_of(answer: &Answer) -> Option<String> {
    let is_problem = answer.header("content-type") == Some("application/problem+json");
    is_problem.then(|| answer.json()["code"].as_str().map(str::to_owned)).flatten()
}
