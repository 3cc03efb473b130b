//! What lies outside `/api/v1`.

use std::{
    io::Read,
    process::{Command, Stdio},
};

use crate::support::{Backend, PUBLIC_URL, TestApp, api_test};

api_test!(a_shop_that_names_no_contact_has_no_security_policy, |app| {
    app.guest().get("/.well-known/security.txt").problem(404, "not_found");
});

#[test]
fn the_security_policy_names_the_contact_and_when_it_ends() {
    let app = TestApp::start_with(Backend::Sqlite, &["--security-contact", "mailto:sec@example.com"]);
    let answer = app.guest().get("/.well-known/security.txt").expect(200);
    assert_eq!(answer.header("content-type"), Some("text/plain; charset=utf-8"));
    let text = answer.text();
    let lines: Vec<&str> = text.lines().collect();
    assert_eq!(lines[0], "Contact: mailto:sec@example.com");
    assert!(lines[1].starts_with("Expires: 20") && lines[1].ends_with('Z'), "{text}");
    assert_eq!(lines[3], format!("Canonical: {PUBLIC_URL}/.well-known/security.txt"));
}

#[test]
fn whoever_reads_the_document_may_stop_before_its_end() {
    let mut program = Command::new(env!("CARGO_BIN_EXE_cartwright"));
    let mut child = program.arg("openapi").stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut first = [0; 16];
    child.stdout.take().unwrap().read_exact(&mut first).unwrap();
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    assert_eq!(String::from_utf8_lossy(&output.stderr), "");
}
