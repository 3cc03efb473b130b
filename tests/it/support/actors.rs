//! Who calls.

use std::ops::Deref;

use super::client::Client;

/// Somebody who has not said who they are.
pub(crate) struct Guest {
    client: Client,
}

impl Guest {
    pub(super) fn new(client: Client) -> Self {
        Self { client }
    }
}

impl Deref for Guest {
    type Target = Client;

    fn deref(&self) -> &Client {
        &self.client
    }
}
