use serde_json::{Value, json};

use super::{BOOK, home, home_with};
use crate::support::{Client, api_test};

/// The places in the book of the default for goods and of the one for bills.
#[track_caller]
fn defaults(client: &Client) -> (Vec<usize>, Vec<usize>) {
    let book = client.get(&format!("{BOOK}?limit=100")).ok();
    let items = book["items"].as_array().unwrap();
    let places = |kind: &str| (0..items.len()).filter(|it| items[*it][kind] == true).collect();
    (places("default_shipping"), places("default_billing"))
}

fn path_of(address: &Value) -> String {
    format!("{BOOK}/{}", address["id"].as_str().unwrap())
}

api_test!(the_first_address_is_both_defaults_and_later_ones_are_none_unasked, |app| {
    let ann = app.customer("ann");
    let first = ann.post(BOOK, &home_with(json!({"default_billing": false}))).expect(201).json();
    assert_eq!((&first["default_shipping"], &first["default_billing"]), (&json!(true), &json!(true)));
    ann.post(BOOK, &home()).expect(201);
    assert_eq!(defaults(&ann), (vec![0], vec![0]));
});

api_test!(a_new_default_takes_it_from_the_old_one, |app| {
    let ann = app.customer("ann");
    let first = ann.post(BOOK, &home()).expect(201).json();
    let second = ann.post(BOOK, &home_with(json!({"default_shipping": true}))).expect(201).json();
    assert_eq!(defaults(&ann), (vec![1], vec![0]));
    assert_eq!(ann.get(&path_of(&first)).ok()["version"], 2);
    ann.patch(&path_of(&second), &json!({"default_billing": true})).ok();
    assert_eq!(defaults(&ann), (vec![1], vec![1]));
    ann.patch(&path_of(&first), &json!({"default_shipping": true, "default_billing": true})).ok();
    assert_eq!(defaults(&ann), (vec![0], vec![0]));
    ann.patch(&path_of(&first), &json!({"default_shipping": false})).ok();
    assert_eq!(defaults(&ann), (vec![], vec![0]));
    ann.delete(&path_of(&first)).expect(204);
    assert_eq!(defaults(&ann), (vec![], vec![]));
});

api_test!(the_defaults_of_others_stay, |app| {
    let (ann, bob) = (app.customer("ann"), app.customer("bob"));
    bob.post(BOOK, &home()).expect(201);
    ann.post(BOOK, &home()).expect(201);
    ann.post(BOOK, &home_with(json!({"default_shipping": true, "default_billing": true}))).expect(201);
    assert_eq!(defaults(&bob), (vec![0], vec![0]));
});

api_test!(of_many_defaults_at_once_one_is_left, |app| {
    let ann = app.customer("ann");
    for _ in 0..4 {
        let answers = app.at_once(8, |number| {
            let wanted = home_with(json!({"default_shipping": true, "default_billing": number % 2 == 0}));
            ann.post(BOOK, &wanted)
        });
        answers.into_iter().for_each(|it| drop(it.expect(201)));
        let (shipping, billing) = defaults(&ann);
        assert_eq!((shipping.len(), billing.len()), (1, 1));
    }
    let book = ann.get(&format!("{BOOK}?limit=100")).ok();
    let answers = app.at_once(8, |number| {
        ann.patch(&path_of(&book["items"][number]), &json!({"default_shipping": true, "default_billing": true}))
    });
    answers.into_iter().for_each(|it| drop(it.expect(200)));
    let (shipping, billing) = defaults(&ann);
    assert_eq!((shipping.len(), billing), (1, shipping));
});

api_test!(of_many_first_addresses_at_once_one_is_the_default, |app| {
    let ann = app.customer("ann");
    app.at_once(8, |_| ann.post(BOOK, &home())).into_iter().for_each(|it| drop(it.expect(201)));
    let (shipping, billing) = defaults(&ann);
    assert_eq!((shipping.len(), billing), (1, shipping));
});
