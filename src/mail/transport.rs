//! How mail leaves: by SMTP, or as a file that somebody can look at.

use std::{fs, io::Write, os::unix::fs::OpenOptionsExt, path::PathBuf, time::Duration};

use lettre::{Message, SmtpTransport, Transport};
use secrecy::ExposeSecret;

use crate::{config::MailRoute, ids::JobId};

/// The way out. Cheap to clone.
#[derive(Clone)]
pub enum Outbox {
    /// To a mail server.
    Smtp(SmtpTransport),
    /// Into a folder, a file for each mail.
    Folder(PathBuf),
}

/// Why a mail did not leave. The text never holds an address.
#[derive(Debug)]
pub(super) enum Undelivered {
    /// It may leave later.
    ForNow(String),
    /// It never will: the server refuses it.
    ForGood(String),
}

impl Outbox {
    /// The way that the settings name.
    ///
    /// # Errors
    /// One sentence for the operator.
    pub fn open(route: &MailRoute) -> Result<Self, String> {
        match route {
            MailRoute::Folder(folder) => Ok(Self::Folder(folder.clone())),
            MailRoute::Smtp(url) => {
                let transport = SmtpTransport::from_url(url.expose_secret())
                    .map_err(|_| "CARTWRIGHT_SMTP_URL: it is not the address of a mail server".to_owned())?;
                Ok(Self::Smtp(transport.timeout(Some(Duration::from_secs(20))).build()))
            }
        }
    }

    /// Hands the message over. It blocks.
    pub(super) fn send(&self, id: JobId, message: &Message) -> Result<(), Undelivered> {
        match self {
            Self::Smtp(transport) => match transport.send(message) {
                Ok(_) => Ok(()),
                Err(error) if error.is_permanent() => Err(Undelivered::ForGood(status_of(&error))),
                Err(error) => Err(Undelivered::ForNow(status_of(&error))),
            },
            Self::Folder(folder) => write(folder, id, message).map_err(|error| Undelivered::ForNow(error.to_string())),
        }
    }
}

/// What a server says may name the recipient: its status alone goes into the log.
fn status_of(error: &lettre::transport::smtp::Error) -> String {
    match error.status() {
        Some(code) => format!("the server answers {code}"),
        None if error.is_timeout() => "the server does not answer".to_owned(),
        None => "the server cannot be reached, or does not speak as it should".to_owned(),
    }
}

/// Written aside and put in its place whole, so that who watches the folder never reads half of it.
fn write(folder: &PathBuf, id: JobId, message: &Message) -> std::io::Result<()> {
    fs::create_dir_all(folder)?;
    let unfinished = folder.join(format!("{id}.tmp"));
    let mut file = fs::OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&unfinished)?;
    file.write_all(&message.formatted())?;
    fs::rename(unfinished, folder.join(format!("{id}.eml")))
}
