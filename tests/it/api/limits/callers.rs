//! Whom a request counts for.

use super::{from, standing};
use crate::support::{Client, Product, api_test};

fn left(client: &Client) -> i64 {
    standing(&client.get("/api/v1/me")).1
}

api_test!(a_customer_has_a_count_of_their_own_wherever_they_are, LIMITED, |app| {
    let (ann, ben) = (app.customer("ann"), app.customer("ben"));
    assert_eq!(left(&ann.with("X-Forwarded-For", "198.51.100.1")), 599);
    assert_eq!(left(&ann.with("X-Forwarded-For", "198.51.100.2")), 598);
    assert_eq!(left(&ben.with("X-Forwarded-For", "198.51.100.1")), 599);
    assert_eq!(left(&from(app, "198.51.100.1")), 599);
});

api_test!(guests_count_by_address_whatever_cart_they_show, LIMITED, |app| {
    let ask = |client: &Client| standing(&client.with("Cart-Token", "ct_other").get("/api/v1/carts/cart_x")).1;
    assert_eq!(ask(&from(app, "198.51.100.1")), 599);
    assert_eq!(left(&from(app, "198.51.100.1")), 598);
    assert_eq!(ask(&from(app, "198.51.100.2")), 599);
});

api_test!(an_ipv6_address_counts_with_its_whole_line, LIMITED, |app| {
    assert_eq!(left(&from(app, "2001:db8:1:2::1")), 599);
    assert_eq!(left(&from(app, "2001:db8:1:2:ffff::9")), 598);
    assert_eq!(left(&from(app, "2001:db8:1:3::1")), 599);
});

api_test!(what_is_forwarded_is_believed_as_far_as_proxies_have_written_it, LIMITED, |app| {
    assert_eq!(left(&from(app, "198.51.100.1")), 599);
    // What a client has written itself stands to the left of what the proxies write.
    assert_eq!(left(&from(app, "203.0.113.1, 198.51.100.1")), 598);
    assert_eq!(left(&from(app, "203.0.113.2, 198.51.100.1, 10.0.0.7")), 597);
    assert_eq!(left(&app.client().with("Forwarded", "for=203.0.113.3")), 599, "this header is not the proxies'");
    assert_eq!(left(&app.client()), 598);
});

api_test!(buying_has_a_limit_of_its_own, LIMITED, |app| {
    app.open_for_business();
    let product = app.put(Product::named("Oak chair").with_stock(5));
    let buyer = app.buyer(&[(&product, 1)]);
    for left in (0..30).rev() {
        let answer = buyer.buy("tok_declined").expect(402);
        assert_eq!(standing(&answer).0, "checkout");
        assert_eq!(standing(&answer).1, left);
    }
    let purchase = buyer.purchase("tok_visa");
    let refused = buyer.send(&purchase);
    refused.problem(429, "rate_limited");
    // Nothing was kept for the key: the same one buys a minute later.
    app.shop.clock.advance(chrono::TimeDelta::seconds(60));
    buyer.send(&purchase).expect(201);
});
