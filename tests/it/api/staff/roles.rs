//! `/admin/roles`.

use cartwright::auth::rights::{RightName, Role};
use serde_json::json;

use super::{change, delete, head_of_staff, path, role, told};
use crate::support::api_test;

api_test!(the_roles_that_come_with_the_shop_stand_first_and_stay_as_they_are, |app| {
    let admin = app.staff(Role::Admin);
    let page = admin.get("/api/v1/admin/roles").ok();
    let names: Vec<&str> = page["items"].as_array().unwrap().iter().map(|it| it["name"].as_str().unwrap()).collect();
    assert_eq!(names, ["Admin", "Catalogue manager", "Order manager", "Viewer"]);
    for role in Role::ALL {
        let path = format!("/api/v1/admin/roles/{}", role.id());
        let shown = admin.get(&path).ok();
        let rights: Vec<&str> = role.rights().iter().map(RightName::as_str).collect();
        assert_eq!((&shown["rights"], &shown["built_in"]), (&json!(rights), &json!(true)));
        change(&admin, &path, &json!({"name": "Other"})).problem(409, "built_in_role");
        delete(&admin, &path).problem(409, "built_in_role");
    }
});

api_test!(a_role_is_made_changed_and_deleted, |app| {
    let admin = app.staff(Role::Admin);
    let body = json!({"name": "Customer care", "rights": ["orders:read", "orders:read", "customers:read"]});
    let made = admin.post("/api/v1/admin/roles", &body).expect(201);
    let path = made.header("location").unwrap().to_owned();
    let path = path.trim_start_matches("https://shop.example");
    assert_eq!(made.json()["rights"], json!(["orders:read", "customers:read"]));
    let taken = admin.post("/api/v1/admin/roles", &json!({"name": "CUSTOMER care", "rights": []}));
    assert_eq!(taken.problem(409, "name_taken")["errors"][0]["pointer"], "#/name");
    admin.post("/api/v1/admin/roles", &json!({"name": " ", "rights": []})).problem(422, "blank");
    let changed = change(&admin, path, &json!({"rights": ["orders:read"]})).ok();
    assert_eq!((&changed["rights"], &changed["version"]), (&json!(["orders:read"]), &json!(2)));
    delete(&admin, path).expect(204);
    delete(&admin, path).problem(404, "not_found");
    let expected = ["role_created", "role_changed", "role_deleted"];
    assert_eq!(told(app, made.json()["id"].as_str().unwrap()), expected);
});

api_test!(a_right_that_does_not_exist_is_refused_with_those_that_do, |app| {
    let admin = app.staff(Role::Admin);
    let answer = admin.post("/api/v1/admin/roles", &json!({"name": "Till", "rights": ["orders:read", "orders:fly"]}));
    let rights: Vec<&str> = RightName::ALL.iter().map(RightName::as_str).collect();
    let problem = answer.problem(422, "invalid_value");
    let error = &problem["errors"][0];
    assert_eq!((&error["pointer"], &error["params"]["allowed"]), (&json!("#/rights/1"), &json!(rights)));
});

api_test!(a_change_of_a_role_counts_for_its_holders_at_once, |app| {
    let (admin, kim) = (app.staff(Role::Admin), app.staff(Role::Viewer));
    let id = role(app, "Customer care", &["orders:read"]);
    change(&admin, &path(&kim), &json!({"role_id": id})).expect(200);
    kim.get("/api/v1/admin/orders").expect(200);
    let role_path = format!("/api/v1/admin/roles/{id}");
    change(&admin, &role_path, &json!({"rights": ["products:read"]})).expect(200);
    kim.get("/api/v1/admin/orders").problem(403, "forbidden");
    kim.get("/api/v1/admin/products").expect(200);
    delete(&admin, &role_path).problem(409, "in_use");
});

api_test!(nobody_makes_or_changes_a_role_beyond_their_own_rights, |app| {
    let head = head_of_staff(app);
    let beyond = json!({"name": "Till", "rights": ["orders:refund"]});
    head.post("/api/v1/admin/roles", &beyond).problem(403, "beyond_own_rights");
    let till = format!("/api/v1/admin/roles/{}", role(app, "Till", &["orders:refund", "orders:read"]));
    change(&head, &till, &json!({"rights": []})).problem(403, "beyond_own_rights");
    delete(&head, &till).problem(403, "beyond_own_rights");
    let own =
        head.post("/api/v1/admin/roles", &json!({"name": "Reader", "rights": ["orders:read"]})).expect(201).json();
    let own = format!("/api/v1/admin/roles/{}", own["id"].as_str().unwrap());
    change(&head, &own, &json!({"rights": ["orders:refund"]})).problem(403, "beyond_own_rights");
    app.staff(Role::Viewer).post("/api/v1/admin/roles", &beyond).problem(403, "forbidden");
});
