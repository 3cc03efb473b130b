//! `/admin/customer-groups`.

use serde_json::{Value, json};

use super::{admin, change, found, path};
use crate::support::{Client, api_test};

const GROUPS: &str = "/api/v1/admin/customer-groups";

fn make(who: &Client, name: &str) -> Value {
    who.post(GROUPS, &json!({"name": name})).expect(201).json()
}

fn path_of(group: &Value) -> String {
    format!("{GROUPS}/{}", group["id"].as_str().unwrap())
}

api_test!(customers_are_put_into_groups_and_found_by_them, |app| {
    let (admin, ann, bob) = (admin(app), app.customer("ann"), app.customer("bob"));
    let (wholesale, press) = (make(&admin, "Wholesale"), make(&admin, "Press"));
    let changed = change(&admin, &ann, &json!({"group_ids": [wholesale["id"], press["id"], press["id"]]})).ok();
    let names: Vec<&str> =
        changed["groups"].as_array().unwrap().iter().map(|it| it["name"].as_str().unwrap()).collect();
    assert_eq!(names, ["Press", "Wholesale"]);
    change(&admin, &bob, &json!({"group_ids": [press["id"]]})).ok();
    let members = |group: &Value| found(&admin, &format!("group_id={}", group["id"].as_str().unwrap()));
    assert_eq!(members(&press), ["bob@example.com", "ann@example.com"]);
    assert_eq!(members(&wholesale), ["ann@example.com"]);
    change(&admin, &ann, &json!({"group_ids": []})).ok();
    assert_eq!(members(&wholesale), Vec::<String>::new());
});

api_test!(a_group_is_made_renamed_and_deleted_without_harm_to_its_members, |app| {
    let (admin, ann) = (admin(app), app.customer("ann"));
    let made = make(&admin, "Wholesale");
    change(&admin, &ann, &json!({"group_ids": [made["id"]]})).ok();
    let taken = admin.post(GROUPS, &json!({"name": "WHOLESALE"}));
    taken.problem(409, "name_taken");
    assert_eq!(taken.violations(), ["#/name name_taken"]);
    let renamed = admin.patch(&path_of(&made), &json!({"name": "Trade"})).ok();
    assert_eq!((&renamed["name"], &renamed["version"]), (&json!("Trade"), &json!(2)));
    assert_eq!(admin.patch(&path_of(&made), &json!({})).ok()["version"], 2);
    assert_eq!(admin.get(&path(&ann)).ok()["groups"][0]["name"], "Trade");
    admin.with("If-Match", "\"1\"").delete(&path_of(&made)).problem(412, "stale_version");
    admin.delete(&path_of(&made)).expect(204);
    admin.get(&path_of(&made)).problem(404, "not_found");
    assert_eq!(admin.get(&path(&ann)).ok()["groups"], json!([]));
    assert_eq!(admin.get(GROUPS).ok()["items"], json!([]));
});

api_test!(the_making_of_a_group_is_repeated_without_harm, |app| {
    let admin = admin(app).with("Idempotency-Key", "one-key-for-the-group");
    let (first, again) = (make(&admin, "Wholesale"), admin.post(GROUPS, &json!({"name": "Wholesale"})).expect(201));
    assert_eq!((first, again.header("idempotency-replayed")), (again.json(), Some("true")));
});

api_test!(a_group_that_goes_while_somebody_is_put_into_it_is_refused_or_left, |app| {
    let (admin, ann) = (admin(app), app.customer("ann"));
    for round in 0..10 {
        let group = make(&admin, &format!("Group {round}"));
        let answers = app.at_once(2, |number| match number {
            0 => change(&admin, &ann, &json!({"group_ids": [group["id"]]})),
            _ => admin.delete(&path_of(&group)),
        });
        assert!([200, 422].contains(&answers[0].status), "{}", answers[0].text());
        assert_eq!(answers[1].status, 204);
        assert_eq!(admin.get(&path(&ann)).ok()["groups"], json!([]));
    }
});
