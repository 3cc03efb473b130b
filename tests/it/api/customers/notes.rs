//! `/admin/customers/{customer_id}/notes`.

use serde_json::json;

use super::{admin, path};
use crate::support::api_test;

api_test!(notes_are_written_changed_and_deleted, |app| {
    let (admin, ann, bob) = (admin(app), app.customer("ann"), app.customer("bob"));
    let notes = format!("{}/notes", path(&ann));
    let answer = admin.post(&notes, &json!({"text": "Calls often."})).expect(201);
    let (note, location) = (answer.json(), answer.header("location").unwrap().to_owned());
    assert!(note["author_id"].as_str().unwrap().starts_with("staff_"), "{note}");
    let own = format!("{notes}/{}", note["id"].as_str().unwrap());
    assert!(location.ends_with(&own), "{location}");
    admin.post(&notes, &json!({"text": "Moved in May."})).expect(201);
    let listed = admin.get(&format!("{notes}?with_total=true")).ok();
    let texts: Vec<&str> = listed["items"].as_array().unwrap().iter().map(|it| it["text"].as_str().unwrap()).collect();
    assert_eq!((texts, &listed["page"]["total"]), (vec!["Moved in May.", "Calls often."], &json!(2)));
    let changed = admin.patch(&own, &json!({"text": "Writes often."})).ok();
    assert_eq!((&changed["text"], &changed["version"]), (&json!("Writes often."), &json!(2)));
    admin.with("If-Match", "\"1\"").patch(&own, &json!({"text": "x"})).problem(412, "stale_version");
    // It is Ann's note, not Bob's.
    let of_bob = format!("{}/notes/{}", path(&bob), note["id"].as_str().unwrap());
    admin.get(&of_bob).problem(404, "not_found");
    admin.patch(&of_bob, &json!({"text": "x"})).problem(404, "not_found");
    admin.delete(&of_bob).problem(404, "not_found");
    admin.delete(&own).expect(204);
    admin.get(&own).problem(404, "not_found");
});

api_test!(what_is_noted_stands_sealed_and_goes_with_the_customer, |app| {
    let (admin, ann) = (admin(app), app.customer("ann"));
    let notes = format!("{}/notes", path(&ann));
    admin.post(&notes, &json!({"text": "Lives at Hafenstrasse 12."})).expect(201);
    let content = app.database(|conn| {
        use cartwright::db::schema::customer_notes;
        use diesel::prelude::*;
        Ok(customer_notes::table.select(customer_notes::content).load::<Vec<u8>>(conn)?)
    });
    assert!(!String::from_utf8_lossy(&content[0]).contains("Hafenstrasse"));
    ann.delete("/api/v1/me").expect(204);
    admin.get(&notes).problem(404, "not_found");
    admin.post(&notes, &json!({"text": "Gone."})).problem(404, "not_found");
});
