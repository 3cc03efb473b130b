//! `/me/sessions` and `/admin/me/sessions`: where one is logged in.

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

api_test!(staff_see_and_end_their_own_sessions_below_admin, |app| {
    let list = |member: &Member| member.get("/api/v1/admin/me/sessions").ok()["items"].as_array().unwrap().clone();
    let (kim, lee) = (app.staff(Role::Viewer), app.staff(Role::Admin));
    let email = kim.session["staff"]["email"].as_str().unwrap();
    let [phone, tablet, till] = std::array::from_fn(|_| app.log_in(email));
    let ids: Vec<Value> = list(&kim).iter().map(|it| it["id"].clone()).collect();
    assert_eq!(ids, [&till, &tablet, &phone, &kim].map(|it| json!(id(it))));
    assert_eq!(list(&kim)[3]["current"], true);
    let of_phone = format!("/api/v1/admin/me/sessions/{}", id(&phone));
    lee.delete(&of_phone).problem(404, "not_found");
    kim.delete(&of_phone).expect(204);
    kim.delete(&of_phone).problem(404, "not_found");
    phone.get("/api/v1/admin/me").problem(401, "invalid_token");
    kim.delete("/api/v1/admin/me/sessions").expect(204);
    for other in [&tablet, &till] {
        other.get("/api/v1/admin/me").problem(401, "invalid_token");
    }
    assert_eq!((list(&kim).len(), list(&lee).len()), (1, 1));
});

api_test!(the_sessions_of_customers_and_of_staff_stand_in_different_lists, |app| {
    app.staff(Role::Admin).get("/api/v1/me/sessions").problem(403, "forbidden");
    app.customer("ann").get("/api/v1/admin/me/sessions").problem(403, "forbidden");
    for path in ["/api/v1/me/sessions", "/api/v1/admin/me/sessions"] {
        app.guest().get(path).problem(401, "unauthorized");
    }
});
