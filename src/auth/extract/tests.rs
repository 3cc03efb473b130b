use actix_web::test::TestRequest;

use super::*;
use crate::auth::rights::{OrdersRefund, ProductsWrite, Role};

fn a_customer() -> Caller {
    Caller::Customer { id: CustomerId::new(), session_id: SessionId::new() }
}

fn staff(role: Role) -> Caller {
    Caller::Staff {
        id: StaffId::new(),
        session_id: SessionId::new(),
        rights: role.rights().iter().copied().collect(),
        lacks_second_factor: false,
    }
}

fn request(caller: Option<Caller>, headers: &[(&'static str, &str)]) -> HttpRequest {
    let plain = headers.iter().fold(TestRequest::default(), |it, header| it.append_header(*header)).to_http_request();
    if let Some(caller) = caller {
        plain.extensions_mut().insert(caller);
    }
    plain
}

async fn outcome<E: FromRequest<Error = Error>>(request: &HttpRequest) -> Result<E, Option<Code>> {
    E::extract(request).await.map_err(|error| error.code())
}

async fn refusal<E: FromRequest<Error = Error>>(request: &HttpRequest) -> Code {
    outcome::<E>(request).await.err().flatten().unwrap()
}

#[actix_web::test]
async fn nobody_is_asked_for_a_credential_where_one_is_needed() {
    let nobody = request(None, &[]);
    assert_eq!(refusal::<Customer>(&nobody).await, Code::Unauthorized);
    assert_eq!(refusal::<Staff<ProductsWrite>>(&nobody).await, Code::Unauthorized);
    assert_eq!(refusal::<Shopper>(&nobody).await, Code::Unauthorized);
    assert_eq!(outcome::<AnyShopper>(&nobody).await.unwrap().0, None);
}

#[actix_web::test]
async fn a_customer_is_let_in_everywhere_but_by_the_staff_door() {
    let request = request(Some(a_customer()), &[]);
    let customer = outcome::<Customer>(&request).await.unwrap();
    assert_eq!(outcome::<AnyShopper>(&request).await.unwrap().0, Some(customer));
    let shopper = outcome::<Shopper>(&request).await.unwrap();
    assert_eq!((shopper.customer, shopper.scope()), (Some(customer), customer.id.to_string()));
    assert_eq!(refusal::<Staff<ProductsWrite>>(&request).await, Code::Forbidden);
}

#[actix_web::test]
async fn staff_need_the_very_right_and_are_no_shoppers() {
    let manager = request(Some(staff(Role::CatalogueManager)), &[("Cart-Token", "ct_")]);
    assert!(outcome::<Staff<ProductsWrite>>(&manager).await.is_ok());
    assert_eq!(refusal::<Staff<OrdersRefund>>(&manager).await, Code::Forbidden);
    assert_eq!(refusal::<Customer>(&manager).await, Code::Forbidden);
    assert_eq!(refusal::<Shopper>(&manager).await, Code::Forbidden);
    assert_eq!(refusal::<AnyShopper>(&manager).await, Code::Forbidden);
    let admin = request(Some(staff(Role::Admin)), &[]);
    assert!(outcome::<Staff<OrdersRefund>>(&admin).await.is_ok());
}

#[actix_web::test]
async fn a_guest_is_known_by_the_hash_of_their_token() {
    let (cart, order) = (OpaqueToken::random(TokenKind::Cart), OpaqueToken::random(TokenKind::Order));
    let with_cart = outcome::<Shopper>(&request(None, &[("Cart-Token", cart.expose())])).await.unwrap();
    assert_eq!(with_cart.cart_token.as_ref().map(OpaqueToken::hash), Some(cart.hash()));
    assert_eq!(with_cart.scope(), format!("cart-token {}", cart.hash()));
    let with_order = outcome::<Shopper>(&request(None, &[("Order-Token", order.expose())])).await.unwrap();
    assert_eq!(with_order.scope(), format!("order-token {}", order.hash()));
    assert!(with_order.customer.is_none() && with_order.cart_token.is_none());
}

#[actix_web::test]
async fn text_that_is_no_token_is_refused_whoever_shows_it() {
    let (one, other) = (OpaqueToken::random(TokenKind::Cart), OpaqueToken::random(TokenKind::Cart));
    let order = OpaqueToken::random(TokenKind::Order);
    for values in [vec![""], vec!["ct_"], vec!["ct_é"], vec![order.expose()], vec![one.expose(), other.expose()]] {
        let headers: Vec<_> = values.iter().map(|value| ("Cart-Token", *value)).collect();
        for caller in [None, Some(a_customer())] {
            assert_eq!(refusal::<Shopper>(&request(caller, &headers)).await, Code::InvalidToken, "{values:?}");
        }
    }
}
