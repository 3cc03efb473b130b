//! A server that dies in the middle of many changes: who sends them again gets the rest done, and nothing twice.

use serde_json::{Value, json};

use super::Scene;
use crate::support::{Answer, backend_test};

const BULK: &str = "/api/v1/admin/products/bulk";

backend_test!(many_changes_that_broke_off_are_finished_by_their_repeat, |backend| {
    let scene = Scene::set(backend);
    let mug = scene.mug.id;
    let items: Vec<Value> = (0..4)
        .map(|number| json!({"op": "create", "data": {"name": format!("Chair {number}")}}))
        .chain([
            json!({"op": "create", "data": {"name": ""}}),
            json!({"op": "update", "id": mug, "version": 1, "data": {"name": "Cup"}}),
            json!({"op": "update", "id": mug, "version": 2, "data": {"name": "Bowl"}}),
        ])
        .collect();
    let body = json!({"items": items});
    let send = |base: &str| {
        let request = scene.staff.at(base).request("POST", BULK).header("Idempotency-Key", "broken-off").json(&body);
        request.try_send()
    };
    // One in each kind of item: behind the second, behind the refused one, and behind a change.
    for passed in [1, 4, 5] {
        let server = scene.premises.serve_with(&format!("bulk-item-done={passed}*off->return"));
        assert!(send(server.base()).is_err(), "it did not die at item {passed}");
        assert!(server.signal_of_death().is_some());
    }
    let server = scene.premises.serve();
    let answer: Answer = send(server.base()).unwrap().expect(200);
    assert_eq!(answer.header("idempotency-replayed"), None, "the last item is new");
    let outcomes = answer.json()["items"].clone();
    let statuses: Vec<&Value> = outcomes.as_array().unwrap().iter().map(|it| &it["status"]).collect();
    assert_eq!(statuses, [201, 201, 201, 201, 422, 200, 200]);
    assert_eq!(outcomes[6]["version"], 3);
    let again = send(server.base()).unwrap().expect(200);
    assert_eq!((again.json(), again.header("idempotency-replayed")), (answer.json(), Some("true")));
    let staff = scene.staff.at(server.base());
    let listed = staff.get("/api/v1/admin/products?with_total=true&limit=1").ok();
    assert_eq!(listed["page"]["total"], 5);
});
