//! Settings of mail.

use std::path::PathBuf;

use lettre::message::Mailbox;
use secrecy::{ExposeSecret, SecretString};

use super::{Settings, database::is_local};

/// How mail leaves.
#[derive(Debug, Clone)]
pub struct MailConfig {
    /// Which way.
    pub route: MailRoute,
    /// Whom it comes from.
    pub from: Mailbox,
    /// Where its links lead to, without a slash at its end.
    pub storefront_url: String,
}

/// The way that mail leaves by.
#[derive(Debug, Clone)]
pub enum MailRoute {
    /// To the mail server at this address.
    Smtp(SecretString),
    /// Into this folder.
    Folder(PathBuf),
}

pub(super) fn read(settings: &Settings, storefront_url: &str, wrong: &mut Vec<String>) -> Option<MailConfig> {
    let from = match (&settings.mail_from, &settings.smtp_url) {
        (Some(from), _) => from.as_str(),
        (None, None) => "cartwright@localhost",
        (None, Some(_)) => {
            wrong.push("CARTWRIGHT_MAIL_FROM: with a mail server it must be said whom mails come from".to_owned());
            return None;
        }
    };
    let Ok(from) = from.parse::<Mailbox>() else {
        wrong.push(format!("CARTWRIGHT_MAIL_FROM: `{from}` is not an e-mail address"));
        return None;
    };
    let route = match &settings.smtp_url {
        None => MailRoute::Folder(settings.data_dir.join("mail")),
        Some(url) => {
            if !settings.demo && goes_in_clear(url.expose_secret()) {
                wrong.push(
                    "CARTWRIGHT_SMTP_URL: mails hold tokens; use smtps://… or smtp://…?tls=required for a mail server on \
                     another machine"
                        .to_owned(),
                );
            }
            MailRoute::Smtp(url.clone())
        }
    };
    Some(MailConfig { route, from, storefront_url: storefront_url.to_owned() })
}

/// Whether mails would leave the machine unencrypted.
fn goes_in_clear(url: &str) -> bool {
    let url = url.to_ascii_lowercase();
    url.starts_with("smtp://") && !url.contains("tls=required") && !is_local(&url)
}

#[cfg(test)]
mod tests {
    use super::goes_in_clear;

    #[test]
    fn only_unencrypted_ways_to_other_machines_are_in_clear() {
        for url in ["smtp://mail.example", "SMTP://mail.example:25", "smtp://u:p@mail.example?tls=opportunistic"] {
            assert!(goes_in_clear(url), "{url}");
        }
        for url in ["smtps://mail.example", "smtp://mail.example?tls=required", "smtp://localhost:2525"] {
            assert!(!goes_in_clear(url), "{url}");
        }
    }
}
