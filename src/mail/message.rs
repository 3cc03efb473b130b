//! Makes the message of a mail: a plain text, and the same as HTML.

use lettre::{
    Message,
    message::{Mailbox, MultiPart},
};
use minijinja::{Environment, context};

use super::{Letter, MailKind};
use crate::{
    config::Config,
    error::{Error, Result},
    ids::JobId,
};

/// The message. The token, where the kind has one, goes into its link, which always begins with the configured address.
///
/// # Errors
/// An address that no mail can go to, or a template that cannot be filled in.
pub(super) fn message(
    config: &Config,
    id: JobId,
    kind: MailKind,
    letter: &Letter,
    token: Option<&str>,
) -> Result<Message> {
    let link = kind.link().zip(token).map(|(link, token)| {
        (format!("{}/{}?token={token}", config.mail.storefront_url, link.page), link.lifetime.num_hours())
    });
    let (link, hours) = link.unzip();
    let shop = &config.store.name;
    let rendered = render("letter.txt", kind.template(), context! { shop, hours, link => &link })?;
    let (subject, text) =
        rendered.split_once("\n\n").map(|(subject, text)| (subject.to_owned(), text.to_owned())).unwrap_or_default();
    let paragraphs: Vec<String> = text.split("\n\n").map(|it| it.trim().to_owned()).collect();
    let html = render(
        "letter.html",
        include_str!("templates/letter.html"),
        context! { paragraphs, link, subject => &subject },
    )?;
    let to: lettre::Address =
        letter.to.parse().map_err(|_| Error::Internal("no mail can go to its address".to_owned()))?;
    let host = config.public_url.rsplit("://").next().unwrap_or_default();
    let host = host.split(['/', ':']).next().unwrap_or_default();
    Message::builder()
        .message_id(Some(format!("<{id}@{host}>")))
        .from(config.mail.from.clone())
        .to(Mailbox::new(None, to))
        .subject(subject)
        // RFC 3834: nobody's holiday note need answer it.
        .header(AutoSubmitted)
        .multipart(MultiPart::alternative_plain_html(text, html))
        .map_err(|error| Error::Internal(format!("{id}: {error}")))
}

/// `name` says how values are escaped: as HTML where it ends so.
fn render(name: &str, template: &str, values: minijinja::Value) -> Result<String> {
    Environment::new()
        .render_named_str(name, template, values)
        .map_err(|error| Error::Internal(format!("{name}: {error}")))
}

/// `Auto-Submitted: auto-generated`.
#[derive(Debug, Clone)]
struct AutoSubmitted;

impl lettre::message::header::Header for AutoSubmitted {
    fn name() -> lettre::message::header::HeaderName {
        lettre::message::header::HeaderName::new_from_ascii_str("Auto-Submitted")
    }

    fn parse(_: &str) -> std::result::Result<Self, Box<dyn std::error::Error + Send + Sync>> {
        Ok(Self)
    }

    fn display(&self) -> lettre::message::header::HeaderValue {
        lettre::message::header::HeaderValue::new(Self::name(), "auto-generated".to_owned())
    }
}
