//! `/me/sessions`: where one is logged in.

use cartwright::auth::rights::Role;
use chrono::TimeDelta;
use serde_json::{Value, json};

use crate::support::{Member, PASSWORD, TestApp, api_test};

fn log_in_by(app: &TestApp, program: &str) -> Member {
    let body = json!({"email": "ann@example.com", "password": PASSWORD});
    Member::of(app, app.guest().with("User-Agent", program).post("/api/v1/auth/login", &body).ok())
}

fn id(member: &Member) -> String {
    member.session["session_id"].as_str().unwrap().to_owned()
}

fn listed(member: &Member) -> Vec<Value> {
    member.get("/api/v1/me/sessions").ok()["items"].as_array().unwrap().clone()
}

api_test!(one_sees_where_one_is_logged_in, |app| {
    let first = app.customer("ann");
    let second = log_in_by(app, "Shop/2.1 (phone)");
    app.customer("bob");
    let sessions = listed(&second);
    assert_eq!(sessions.len(), 2);
    let (latest, earliest) = (&sessions[0], &sessions[1]);
    assert_eq!((&latest["id"], &latest["device"]), (&json!(id(&second)), &json!("Shop/2.1 (phone)")));
    assert_eq!((&latest["current"], &earliest["current"]), (&json!(true), &json!(false)));
    assert_eq!(earliest["id"], id(&first));
    assert_eq!(listed(&first)[1]["current"], true);
    let page = first.get("/api/v1/me/sessions?limit=1&with_total=true").ok();
    assert_eq!(page["page"]["total"], 2);
    let next =
        format!("/api/v1/me/sessions?limit=1&with_total=true&cursor={}", page["page"]["next_cursor"].as_str().unwrap());
    assert_eq!(first.get(&next).ok()["items"][0]["id"], id(&first));
});

api_test!(a_session_of_one_s_own_is_ended_and_a_stranger_s_is_not_there, |app| {
    let ann = app.customer("ann");
    let phone = log_in_by(app, "phone");
    let bob = app.customer("bob");
    let path = format!("/api/v1/me/sessions/{}", id(&phone));
    bob.delete(&path).problem(404, "not_found");
    ann.delete(&path).expect(204);
    ann.delete(&path).problem(404, "not_found");
    phone.get("/api/v1/me").problem(401, "invalid_token");
    let refresh = json!({"refresh_token": phone.refresh_token()});
    app.guest().post("/api/v1/auth/refresh", &refresh).problem(401, "invalid_token");
    assert_eq!(listed(&ann).len(), 1);
    ann.delete(&format!("/api/v1/me/sessions/{}", id(&ann))).expect(204);
    ann.get("/api/v1/me").problem(401, "invalid_token");
});

api_test!(all_others_are_ended_at_once, |app| {
    let ann = app.customer("ann");
    let others = [log_in_by(app, "phone"), log_in_by(app, "tablet")];
    let bob = app.customer("bob");
    ann.delete("/api/v1/me/sessions").expect(204);
    for other in &others {
        other.get("/api/v1/me").problem(401, "invalid_token");
    }
    assert_eq!(listed(&ann).len(), 1);
    bob.get("/api/v1/me").ok();
});

api_test!(a_session_that_nobody_renewed_is_not_among_them, |app| {
    app.customer("ann");
    app.shop.clock.advance(TimeDelta::days(31));
    let ann = app.log_in("ann@example.com");
    assert_eq!(listed(&ann).len(), 1);
});

api_test!(what_a_program_calls_itself_is_cut_and_holds_no_card, |app| {
    app.customer("ann");
    let long = log_in_by(app, &"x".repeat(1000));
    assert_eq!(listed(&long)[0]["device"], "x".repeat(300));
    let card = log_in_by(app, "4242 4242 4242 4242");
    assert_eq!(listed(&card)[0]["device"], Value::Null);
});

api_test!(staff_have_no_list_of_their_own_here, |app| {
    app.staff(Role::Admin).get("/api/v1/me/sessions").problem(403, "forbidden");
    app.guest().get("/api/v1/me/sessions").problem(401, "unauthorized");
});
