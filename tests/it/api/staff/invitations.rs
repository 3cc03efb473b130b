//! Invitations, from the making to the first session.

use cartwright::auth::rights::Role;
use chrono::TimeDelta;
use serde_json::json;

use super::{change, delete, head_of_staff, path, told};
use crate::support::{Answer, Client, Member, PASSWORD, TestApp, api_test};

const INVITATIONS: &str = "/api/v1/admin/staff/invitations";

fn invite(who: &Client, email: &str, role: Role) -> Answer {
    who.post(INVITATIONS, &json!({"email": email, "name": "Kim Lund", "role_id": role.id()}))
}

/// What the mail holds that went there.
fn token(app: &TestApp, to: &str) -> String {
    let mail = app.only_mail();
    assert_eq!((mail.to.as_str(), mail.subject.as_str()), (to, "You are invited to Test shop"));
    mail.token()
}

fn accept(app: &TestApp, token: &str) -> Answer {
    app.guest().post("/api/v1/auth/accept-invitation", &json!({"token": token, "password": PASSWORD}))
}

api_test!(who_is_invited_comes_in_by_the_token_of_the_mail_once, |app| {
    let admin = app.staff(Role::Admin);
    let invited = invite(&admin, "kim@example.com", Role::OrderManager).expect(201).json();
    assert_eq!((&invited["role"]["name"], &invited["invited_by"]), (&json!("Order manager"), &json!(admin.id())));
    assert_eq!(admin.get(INVITATIONS).ok()["items"], json!([invited]));
    let second = token(app, "kim@example.com");
    accept(app, "mt_nonsense").problem(422, "unusable_token");
    let weak = json!({"token": second, "password": "password1"});
    app.guest().post("/api/v1/auth/accept-invitation", &weak).problem(422, "weak_password");
    let kim = Member::of(app, accept(app, &second).ok());
    assert_eq!(kim.session["staff"]["name"], "Kim Lund");
    assert_eq!(kim.get("/api/v1/admin/me").ok()["role"], invited["role"]);
    accept(app, &second).problem(422, "unusable_token");
    app.log_in("kim@example.com").get("/api/v1/admin/orders").expect(200);
    assert_eq!(admin.get(INVITATIONS).ok()["items"], json!([]));
    assert_eq!(told(app, invited["id"].as_str().unwrap()), ["invitation_created", "invitation_accepted"]);
});

api_test!(who_comes_by_a_browser_can_have_the_refresh_token_as_a_cookie, |app| {
    invite(&app.staff(Role::Admin), "kim@example.com", Role::Viewer).expect(201);
    let body = json!({"token": token(app, "kim@example.com"), "password": PASSWORD, "transport": "cookie"});
    let accepted = app.guest().post("/api/v1/auth/accept-invitation", &body).expect(200);
    assert!(accepted.header("set-cookie").is_some_and(|it| it.starts_with("__Host-rt=rt_")));
    assert_eq!(accepted.json()["refresh_token"], json!(null));
});

api_test!(a_token_shown_thirty_times_at_once_makes_one_account, |app| {
    invite(&app.staff(Role::Admin), "kim@example.com", Role::Viewer).expect(201);
    let token = token(app, "kim@example.com");
    let answers = app.at_once(30, |_| accept(app, &token));
    assert_eq!(answers.iter().filter(|it| it.status == 200).count(), 1, "{answers:?}");
    assert!(answers.iter().all(|it| [200, 422, 503].contains(&it.status)), "{answers:?}");
});

api_test!(an_invitation_ends_after_three_days_or_when_it_is_revoked, |app| {
    let admin = app.staff(Role::Admin);
    let invited = invite(&admin, "kim@example.com", Role::Viewer).expect(201).json();
    let own = format!("{INVITATIONS}/{}", invited["id"].as_str().unwrap());
    let token_of_kim = token(app, "kim@example.com");
    invite(&admin, "kim@example.com", Role::Viewer).problem(409, "already_invited");
    admin.delete(&own).problem(428, "precondition_required");
    delete(&admin, &own).expect(204);
    delete(&admin, &own).problem(404, "not_found");
    admin.get(&own).problem(404, "not_found");
    accept(app, &token_of_kim).problem(422, "unusable_token");

    invite(&admin, "kim@example.com", Role::Viewer).expect(201);
    let late = token(app, "kim@example.com");
    app.shop.clock.advance(TimeDelta::hours(72));
    accept(app, &late).problem(422, "unusable_token");
    let admin = app.staff(Role::Admin);
    assert_eq!(admin.get(INVITATIONS).ok()["items"], json!([]));
    invite(&admin, "kim@example.com", Role::Viewer).expect(201);
});

api_test!(nobody_invites_beyond_their_own_rights_nor_who_is_known, |app| {
    let head = head_of_staff(app);
    invite(&head, "kim@example.com", Role::Viewer).problem(403, "beyond_own_rights");
    invite(&app.staff(Role::Viewer), "kim@example.com", Role::Viewer).problem(403, "forbidden");
    let admin = app.staff(Role::Admin);
    app.customer("ann");
    invite(&admin, "ann@example.com", Role::Viewer).problem(409, "email_taken");
    let unknown = json!({"email": "kim@example.com", "role_id": "role_01kdxkk1a0f2ethrwsbq5wfaw2"});
    admin.post(INVITATIONS, &unknown).problem(422, "not_found");
    let invited = invite(&admin, "kim@example.com", Role::Viewer).expect(201).json();
    delete(&head, &format!("{INVITATIONS}/{}", invited["id"].as_str().unwrap())).problem(403, "beyond_own_rights");
});

api_test!(an_invitation_counts_no_more_once_whoever_made_it_may_not_make_it, |app| {
    let (admin, other) = (app.staff(Role::Admin), app.staff(Role::Admin));
    invite(&other, "kim@example.com", Role::Admin).expect(201);
    let token = token(app, "kim@example.com");
    change(&admin, &path(&other), &json!({"role_id": Role::Viewer.id()})).expect(200);
    accept(app, &token).problem(422, "unusable_token");
    change(&admin, &path(&other), &json!({"role_id": Role::Admin.id()})).expect(200);
    accept(app, &token).expect(200);
});

api_test!(whoever_registers_meanwhile_keeps_the_address, |app| {
    invite(&app.staff(Role::Admin), "ann@example.com", Role::Viewer).expect(201);
    let token = token(app, "ann@example.com");
    app.customer("ann");
    accept(app, &token).problem(409, "email_taken");
});
