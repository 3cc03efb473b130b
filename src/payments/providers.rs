//! The payment providers that this shop takes money by.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use super::provider::{Answer, PaymentProvider, ProviderError};

/// A provider's call is given up after this long; what became of it is looked up later.
pub const CALL_TIME: Duration = Duration::from_secs(10);

/// Providers by name. Cheap to clone.
#[derive(Clone, Default)]
pub struct Providers(Arc<BTreeMap<&'static str, Arc<dyn PaymentProvider>>>);

impl Providers {
    /// These providers.
    pub fn new(providers: impl IntoIterator<Item = Arc<dyn PaymentProvider>>) -> Self {
        Self(Arc::new(providers.into_iter().map(|it| (it.name(), it)).collect()))
    }

    /// The provider of this name.
    pub fn named(&self, name: &str) -> Option<&Arc<dyn PaymentProvider>> {
        self.0.get(name)
    }
}

/// Waits for a provider, but no longer than [`CALL_TIME`].
///
/// # Errors
/// What the provider says, or [`ProviderError::Timeout`].
pub async fn in_time<T>(call: Answer<'_, T>) -> Result<T, ProviderError> {
    tokio::time::timeout(CALL_TIME, call).await.unwrap_or(Err(ProviderError::Timeout))
}
