//! Where the database is.

use secrecy::ExposeSecret;

use super::Settings;
use crate::db::DatabaseUrl;

pub(super) fn read(settings: &Settings, wrong: &mut Vec<String>) -> Option<DatabaseUrl> {
    let Some(url) = &settings.database_url else {
        return Some(DatabaseUrl::Sqlite(settings.data_dir.join("shop.db")));
    };
    let parsed = DatabaseUrl::parse(url.expose_secret());
    match &parsed {
        Err(reason) => wrong.push(format!("DATABASE_URL: {reason}")),
        Ok(DatabaseUrl::Postgres(url)) if !settings.demo && !cfg!(feature = "postgres-tls") && !is_local(url) => {
            wrong.push(
                "DATABASE_URL: this build of cartwright cannot encrypt the way to a database on another machine; \
                 build it with the feature `postgres-tls`"
                    .to_owned(),
            );
        }
        Ok(_) => {}
    }
    parsed.ok()
}

/// Whether a URL (libpq's, with several hosts, among them) leads to loopback or a socket, for each host that it names.
pub(super) fn is_local(url: &str) -> bool {
    let rest = url.split_once("://").map_or("", |(_, rest)| rest);
    let (authority, parameters) = rest.split_once('?').unwrap_or((rest, ""));
    let hosts = authority.split('/').next().unwrap_or_default().rsplit('@').next().unwrap_or_default();
    let set_by_parameter =
        parameters.split('&').filter_map(|it| it.strip_prefix("host=").or(it.strip_prefix("hostaddr=")));
    hosts.split(',').chain(set_by_parameter.flat_map(|it| it.split(','))).all(|host| {
        let host = if host.starts_with('[') {
            host.split(']').next().unwrap_or(host)
        } else {
            host.split(':').next().unwrap_or(host)
        };
        matches!(host, "" | "localhost" | "127.0.0.1" | "[::1" | "::1")
            || host.starts_with('/')
            || host.starts_with("%2F")
    })
}

#[cfg(test)]
mod tests {
    use super::is_local;

    #[test]
    fn only_loopback_and_sockets_are_local() {
        for url in [
            "postgres://localhost/shop",
            "postgres://user:p%40ss@127.0.0.1:5432/shop",
            "postgresql://[::1]:5432/shop",
            "postgres:///shop",
            "postgres:///shop?host=/run/postgresql",
            "postgres://%2Frun%2Fpostgresql/shop",
        ] {
            assert!(is_local(url), "{url}");
        }
        for url in [
            "postgres://db.internal/shop",
            "postgres://localhost,db.internal/shop",
            "postgres://localhost/shop?host=db.internal",
            "postgres://u@10.0.0.5:5432/shop",
        ] {
            assert!(!is_local(url), "{url}");
        }
    }
}
