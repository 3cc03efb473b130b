//! One structured line per request, of allow-listed fields only.

use std::time::Duration;

/// What the line says. The path stands as its template, so that no id, slug or token gets into the log.
pub(super) struct Line<'a> {
    pub(super) request_id: &'a str,
    pub(super) method: &'a str,
    pub(super) route: &'a str,
    pub(super) status: u16,
    pub(super) took: Duration,
    pub(super) code: Option<&'a str>,
}

impl Line<'_> {
    pub(super) fn write(&self) {
        log::info!(
            target: "cartwright::access",
            "request_id={} method={} route={} status={} took_us={} code={}",
            self.request_id,
            self.method,
            self.route,
            self.status,
            self.took.as_micros(),
            self.code.unwrap_or("-"),
        );
    }
}
