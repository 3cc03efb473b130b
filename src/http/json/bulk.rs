//! A JSON body that holds many things, each of which is read by itself.

use actix_web::{FromRequest, HttpRequest, dev::Payload};
use futures_util::future::LocalBoxFuture;
use serde::{Deserialize, de::DeserializeOwned};
use serde_json::Value;
use utoipa::ToSchema;

use super::{check, content_coding, made_of, read, read_body, require_json, tree};
use crate::{
    digest::sha256_hex,
    error::{Error, Result},
};

/// Bytes that such a body may have, counted after decompression.
const BULK_LIMIT: usize = 4 * 1024 * 1024;

/// A JSON body of 1 to 100 `items`. What is wrong with one of them says nothing of the others.
pub struct BulkJson {
    /// The items, in their order.
    pub items: Vec<BulkItem>,
    /// Of the body's bytes as they came, for the idempotency record.
    pub digest: String,
}

/// An item that is still to be read.
pub struct BulkItem {
    value: Value,
    at: String,
}

/// What the body is, whatever its items are.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Envelope {
    #[schema(min_items = 1, max_items = 100)]
    items: Vec<Value>,
}

impl FromRequest for BulkJson {
    type Error = Error;
    type Future = LocalBoxFuture<'static, Result<Self>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let coding = require_json(request).and_then(|()| content_coding(request));
        let payload = payload.take();
        Box::pin(async move {
            let bytes = read_body(payload, coding?, BULK_LIMIT).await?;
            Ok(Self { items: apart(tree(&bytes)?)?, digest: sha256_hex(&bytes) })
        })
    }
}

/// Takes the items out, and checks what is left.
fn apart(mut body: Value) -> Result<Vec<BulkItem>> {
    let items = body.get_mut("items").and_then(Value::as_array_mut);
    let items: Vec<Value> = items.into_iter().flatten().map(Value::take).collect();
    let Envelope { items: places } = read(body, false)?;
    let item = |(place, value)| BulkItem { value, at: format!("#/items/{place}") };
    Ok((0..places.len()).zip(items).map(item).collect())
}

impl BulkItem {
    /// Where it stands in the body: `#/items/0`.
    pub fn pointer(&self) -> &str {
        &self.at
    }

    /// One of its members, not yet checked.
    pub fn member(&self, name: &str) -> Option<&Value> {
        self.value.get(name)
    }

    /// The item as a `T`, or everything that is wrong with it.
    ///
    /// # Errors
    /// As those of a body of that type, with pointers into the whole body.
    pub fn read<T: DeserializeOwned + ToSchema + 'static>(&self) -> Result<T> {
        check::<T>(&self.value, &self.at)?;
        made_of(self.value.clone()).map_err(|error: Error| error.within(&self.at))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::error::{MOST_VIOLATIONS, Place};

    #[derive(Debug, Deserialize, ToSchema)]
    #[serde(deny_unknown_fields)]
    struct Line {
        #[schema(minimum = 1, maximum = 9)]
        quantity: i32,
    }

    fn refusal<T: std::fmt::Debug>(result: Result<T>) -> Vec<String> {
        match result {
            Err(Error::Problem(problem)) if problem.errors.is_empty() => vec![problem.code.as_str().to_owned()],
            Err(Error::Problem(problem)) => {
                let told = problem.errors.iter().map(|it| match &it.place {
                    Place::Pointer(pointer) => format!("{pointer} {}", it.code.as_str()),
                    other => panic!("{other:?}"),
                });
                told.collect()
            }
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn each_item_is_read_by_itself() {
        let body = json!({"items": [{"quantity": 3}, {"quantity": 0, "x/y": "a\u{0}"}, [], "text"]});
        let items = apart(body).unwrap();
        assert_eq!(items[0].read::<Line>().unwrap().quantity, 3);
        let mut wrong = refusal(items[1].read::<Line>());
        wrong.sort();
        assert_eq!(
            wrong,
            ["#/items/1/quantity out_of_range", "#/items/1/x~1y invalid_character", "#/items/1/x~1y unknown_field"]
        );
        assert_eq!(refusal(items[2].read::<Line>()), ["malformed_json"]);
        assert_eq!(refusal(items[3].read::<Line>()), ["#/items/3 invalid_type"]);
    }

    #[test]
    fn no_more_is_told_of_an_item_than_helps() {
        let unknown = |names: usize| (0..names).map(|name| (name.to_string(), json!("a\u{0}"))).collect::<Value>();
        let items = apart(json!({"items": [unknown(100_000), {"deep": [unknown(100_000)]}]})).unwrap();
        for item in &items {
            assert_eq!(refusal(item.read::<Line>()).len(), MOST_VIOLATIONS);
        }
    }

    #[test]
    fn what_is_wrong_with_the_whole_is_told_of_the_whole() {
        let refused = |body: Value| refusal(apart(body).map(|items| items.len()));
        assert_eq!(refused(json!({})), ["#/items required"]);
        assert_eq!(refused(json!({"items": []})), ["#/items too_short"]);
        assert_eq!(refused(json!({"items": vec![1; 101]})), ["#/items too_long"]);
        assert_eq!(refused(json!({"items": {}})), ["#/items invalid_type"]);
        assert_eq!(refused(json!({"items": [1], "more": 1})), ["#/more unknown_field"]);
        assert_eq!(refused(json!([1])), ["malformed_json"]);
    }
}
