//! `POST /auth/change-password`.

use cartwright::auth::rights::Role;
use serde_json::{Value, json};

use crate::support::{Answer, Member, PASSWORD, TestApp, api_test};

const NEW: &str = "lantern pebble orchard violin";

fn change(who: &Member, current: &str, new: &str) -> Answer {
    who.post("/api/v1/auth/change-password", &json!({"current_password": current, "new_password": new}))
}

fn log_in(app: &TestApp, email: &str, password: &str) -> Answer {
    app.guest().post("/api/v1/auth/login", &json!({"email": email, "password": password}))
}

api_test!(a_changed_password_is_the_one_to_log_in_by, |app| {
    let ann = app.customer("ann");
    change(&ann, PASSWORD, NEW).expect(204);
    log_in(app, "ann@example.com", PASSWORD).problem(401, "invalid_credentials");
    log_in(app, "ann@example.com", NEW).expect(200);
});

api_test!(a_change_ends_all_other_sessions, |app| {
    let (ann, other) = (app.customer("ann"), app.log_in("ann@example.com"));
    let bob = app.customer("bob");
    change(&ann, PASSWORD, NEW).expect(204);
    ann.get("/api/v1/me").ok();
    bob.get("/api/v1/me").ok();
    other.get("/api/v1/me").problem(401, "invalid_token");
    let refresh = json!({"refresh_token": other.refresh_token()});
    app.guest().post("/api/v1/auth/refresh", &refresh).problem(401, "invalid_token");
});

api_test!(staff_change_theirs_by_the_same_route, |app| {
    let kim = app.staff(Role::Viewer);
    let email = kim.session["staff"]["email"].as_str().unwrap().to_owned();
    change(&kim, PASSWORD, NEW).expect(204);
    log_in(app, &email, PASSWORD).problem(401, "invalid_credentials");
    log_in(app, &email, NEW).expect(200);
});

api_test!(who_does_not_know_the_present_password_changes_nothing, |app| {
    let ann = app.customer("ann");
    for wrong in ["correct horse battery stapler", "short", "12345678"] {
        let answer = change(&ann, wrong, NEW);
        answer.problem(422, "wrong_password");
        assert_eq!(answer.violations(), ["#/current_password wrong_password"]);
    }
    log_in(app, "ann@example.com", PASSWORD).expect(200);
});

api_test!(a_new_password_is_held_to_the_rules_of_the_first, |app| {
    let ann = app.customer("ann");
    for (new, code) in [
        ("ann@example.com", "weak_password"),
        ("password1", "weak_password"),
        ("1234\u{0}5678abc", "invalid_character"),
        (&"x".repeat(257), "password_too_long"),
    ] {
        let answer = change(&ann, PASSWORD, new);
        answer.problem(422, code);
        assert_eq!(answer.violations(), [format!("#/new_password {code}")]);
    }
    log_in(app, "ann@example.com", PASSWORD).expect(200);
});

api_test!(only_who_is_logged_in_changes_a_password, |app| {
    let body = json!({"current_password": PASSWORD, "new_password": NEW});
    app.guest().post("/api/v1/auth/change-password", &body).problem(401, "unauthorized");
    let stale = app.guest().with("Authorization", "Bearer nonsense").post("/api/v1/auth/change-password", &body);
    stale.problem(401, "invalid_token");
});

api_test!(of_two_changes_at_once_one_counts, |app| {
    let ann = app.customer("ann");
    let answers = app.at_once(6, |number| change(&ann, PASSWORD, &format!("{NEW} {number}")));
    let statuses: Vec<u16> = answers.iter().map(|it| it.status).collect();
    assert_eq!(statuses.iter().filter(|it| **it == 204).count(), 1, "{statuses:?}");
    let session: Value = ann.get("/api/v1/me").ok();
    assert_eq!(session["email"], "ann@example.com");
});
