//! `/admin/me` and `/admin/staff`.

use cartwright::{auth::rights::Role, db::schema::staff};
use diesel::prelude::*;
use serde_json::json;

use super::{change, delete, head_of_staff, path, told};
use crate::support::{PASSWORD, api_test};

api_test!(everybody_of_the_staff_sees_their_own_account_with_its_rights, |app| {
    let kim = app.staff(Role::OrderManager);
    let me = kim.get("/api/v1/admin/me").ok();
    assert_eq!((&me["id"], &me["role"]["name"]), (&kim.session["staff"]["id"], &json!("Order manager")));
    assert_eq!((&me["rights"], &me["email"]), (&kim.session["staff"]["rights"], &kim.session["staff"]["email"]));
    app.customer("ann").get("/api/v1/admin/me").problem(403, "forbidden");
});

api_test!(the_staff_are_listed_shown_and_changed, |app| {
    let (admin, kim) = (app.staff(Role::Admin), app.staff(Role::Viewer));
    let page = app.staff(Role::Viewer).get("/api/v1/admin/staff?with_total=true&limit=2").ok();
    assert_eq!((&page["page"]["total"], page["items"].as_array().unwrap().len()), (&json!(3), 2));
    let shown = admin.get(&path(&kim));
    let tag = shown.header("etag").unwrap().to_owned();
    let body = json!({"name": "Kim Lund", "role_id": Role::OrderManager.id()});
    let patch = |tag: &str| admin.request("PATCH", &path(&kim)).header("If-Match", tag).json(&body).send();
    let changed = patch(&tag).ok();
    assert_eq!((&changed["name"], &changed["role"]["name"]), (&json!("Kim Lund"), &json!("Order manager")));
    assert_eq!(changed["version"], 2);
    patch(&tag).problem(412, "stale_version");
    admin.patch(&path(&kim), &body).problem(428, "precondition_required");
    assert_eq!(change(&admin, &path(&kim), &body).ok()["version"], 2, "the same again is no change");
    kim.get("/api/v1/admin/shipping-zones").problem(403, "forbidden");
    kim.get("/api/v1/admin/orders").expect(200);
    change(&admin, &path(&kim), &json!({"role_id": "role_01kdxkk1a0f2ethrwsbq5wfaw2"})).problem(422, "not_found");
    change(&admin, "/api/v1/admin/staff/staff_01kdxkk1a0f2ethrwsbq5wfaw2", &body).problem(404, "not_found");
    assert_eq!(told(app, kim.id()), ["registered", "staff_changed"]);
});

api_test!(who_is_disabled_is_out_at_once_and_comes_in_again_when_enabled, |app| {
    let (admin, kim) = (app.staff(Role::Admin), app.staff(Role::Viewer));
    let email = kim.session["staff"]["email"].as_str().unwrap();
    change(&admin, &path(&kim), &json!({"disabled": true})).expect(200);
    kim.get("/api/v1/admin/me").problem(401, "invalid_token");
    let token = json!({"refresh_token": kim.refresh_token()});
    app.guest().post("/api/v1/auth/refresh", &token).problem(401, "invalid_token");
    let login = json!({"email": email, "password": PASSWORD});
    app.guest().post("/api/v1/auth/login", &login).problem(401, "invalid_credentials");
    change(&admin, &path(&kim), &json!({"disabled": false})).expect(200);
    kim.get("/api/v1/admin/me").problem(401, "invalid_token");
    app.log_in(email).get("/api/v1/admin/me").expect(200);
    assert_eq!(told(app, kim.id()), ["registered", "staff_disabled", "staff_enabled"]);
});

api_test!(who_is_let_go_is_out_and_nothing_personal_stays, |app| {
    let (admin, kim) = (app.staff(Role::Admin), app.staff(Role::Viewer));
    delete(&admin, &path(&kim)).expect(204);
    kim.get("/api/v1/admin/me").problem(401, "invalid_token");
    admin.get(&path(&kim)).problem(404, "not_found");
    delete(&admin, &path(&kim)).problem(404, "not_found");
    assert_eq!(told(app, kim.id()), ["registered", "staff_deleted"]);
    // The address is free again.
    let again = json!({"email": kim.session["staff"]["email"], "password": PASSWORD});
    app.guest().post("/api/v1/auth/register", &again).expect(201);
});

api_test!(nobody_touches_somebody_with_rights_beyond_their_own, |app| {
    let (head, viewer, admin) = (head_of_staff(app), app.staff(Role::Viewer), app.staff(Role::Admin));
    for body in [json!({"name": "X"}), json!({"disabled": true}), json!({"role_id": Role::Viewer.id()})] {
        change(&head, &path(&admin), &body).problem(403, "beyond_own_rights");
        change(&viewer, &path(&admin), &body).problem(403, "forbidden");
    }
    delete(&head, &path(&admin)).problem(403, "beyond_own_rights");
    delete(&head, &path(&viewer)).problem(403, "beyond_own_rights");
    change(&head, &path(&head), &json!({"role_id": Role::Admin.id()})).problem(403, "beyond_own_rights");
    change(&head, &path(&head), &json!({"name": "Head"})).expect(200);
});

api_test!(the_last_admin_stays, |app| {
    let admin = app.staff(Role::Admin);
    for body in [json!({"disabled": true}), json!({"role_id": Role::Viewer.id()})] {
        change(&admin, &path(&admin), &body).problem(409, "last_admin");
    }
    delete(&admin, &path(&admin)).problem(409, "last_admin");
    let other = app.staff(Role::Admin);
    change(&admin, &path(&other), &json!({"disabled": true})).expect(200);
    change(&admin, &path(&admin), &json!({"role_id": Role::Viewer.id()})).problem(409, "last_admin");
});

api_test!(of_two_admins_who_demote_each_other_at_once_one_stays, |app| {
    for round in 0..4 {
        let (one, other) = (app.staff(Role::Admin), app.staff(Role::Admin));
        let answers = app.at_once(30, |number| {
            let (by, whom) = if number % 2 == 0 { (&one, &other) } else { (&other, &one) };
            match number % 3 {
                0 => change(by, &path(whom), &json!({"role_id": Role::Viewer.id()})),
                1 => change(by, &path(whom), &json!({"disabled": true})),
                _ => delete(by, &path(whom)),
            }
        });
        assert!(answers.iter().all(|it| it.status < 500), "{answers:?}");
        let left = [&one, &other].into_iter().filter(|it| {
            let me = it.get("/api/v1/admin/me");
            me.status == 200 && me.json()["role"]["id"] == json!(Role::Admin.id())
        });
        let left: Vec<_> = left.collect();
        assert_eq!(left.len(), 1, "in round {round}");
        // In the next round nobody but its two is an admin.
        app.database(|conn| {
            diesel::delete(staff::table.find(left[0].id())).execute(conn)?;
            Ok(())
        });
    }
});
