//! Chunked bodies that were not read to their end.
//!
//! The HTTP library reads on for ever, behind an answer, what the handler left of a chunked body, unless the body is
//! still held when the answer goes out: then it closes the connection. A client that never ends its body would else
//! keep a connection for nothing.

use std::{
    cell::RefCell,
    pin::Pin,
    rc::Rc,
    task::{Context, Poll},
};

use actix_web::{
    HttpMessage as _,
    body::{BodySize, BoxBody, MessageBody},
    dev::{Payload, ServiceRequest},
    error::PayloadError,
    web::Bytes,
};
use futures_util::Stream;

/// A request's body, held beside the handler that reads it.
pub(super) struct Held(Rc<RefCell<Payload>>);

struct Lent(Rc<RefCell<Payload>>);

/// An answer's body that lets go of the request's when it has been sent.
struct Releasing {
    answer: BoxBody,
    _held: Rc<RefCell<Payload>>,
}

/// Holds the body of a chunked request.
pub(super) fn hold(request: &mut ServiceRequest) -> Option<Held> {
    if !request.chunked().unwrap_or(false) {
        return None;
    }
    let held = Rc::new(RefCell::new(request.take_payload()));
    request.set_payload(Payload::Stream { payload: Box::pin(Lent(held.clone())) });
    Some(Held(held))
}

impl Held {
    /// The answer's body, with which this one is let go.
    pub(super) fn until_sent(self, answer: BoxBody) -> BoxBody {
        BoxBody::new(Releasing { answer, _held: self.0 })
    }
}

impl Stream for Lent {
    type Item = Result<Bytes, PayloadError>;

    fn poll_next(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        Pin::new(&mut *self.0.borrow_mut()).poll_next(context)
    }
}

impl MessageBody for Releasing {
    type Error = Box<dyn std::error::Error>;

    fn size(&self) -> BodySize {
        self.answer.size()
    }

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Result<Bytes, Self::Error>>> {
        Pin::new(&mut self.answer).poll_next(context)
    }
}
