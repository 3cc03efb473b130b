//! What the shop has mailed.

use std::{
    io::{BufRead, BufReader, Write},
    net::{SocketAddr, TcpListener, TcpStream},
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
};

use cartwright::mail::{deliver::deliver, transport::Outbox};

use super::app::TestApp;

/// A mail as it arrived.
#[derive(Debug, Clone)]
pub(crate) struct ReceivedMail {
    pub(crate) to: String,
    pub(crate) subject: String,
    pub(crate) message_id: String,
    /// All of it, its soft line breaks undone.
    pub(crate) text: String,
}

impl ReceivedMail {
    pub(crate) fn parse(raw: &str) -> Self {
        let header = |name: &str| {
            let line = raw.lines().find_map(|it| it.strip_prefix(&format!("{name}: ")));
            line.unwrap_or_else(|| panic!("no {name} in {raw}")).trim().to_owned()
        };
        let text = raw.replace("=\r\n", "").replace("=3D", "=");
        Self { to: header("To"), subject: header("Subject"), message_id: header("Message-ID"), text }
    }

    /// The token of its link.
    pub(crate) fn token(&self) -> String {
        let (_, behind) = self.text.split_once("?token=").unwrap_or_else(|| panic!("no link in {}", self.text));
        behind.chars().take_while(|it| it.is_ascii_alphanumeric() || "-_".contains(*it)).collect()
    }
}

impl TestApp {
    /// Sends what is due, and returns all mails that the shop has written into its folder since it was last asked, in
    /// the order in which they were asked for.
    pub(crate) fn mails(&self) -> Vec<ReceivedMail> {
        let folder = self.shop.config.data_dir.join("mail");
        let outbox = Outbox::Folder(folder.clone());
        self.deliver(&outbox);
        let mut files: Vec<_> = glob::glob(&format!("{}/*.eml", folder.display())).unwrap().flatten().collect();
        files.sort();
        let read = files.into_iter().map(|file| {
            let raw = std::fs::read_to_string(&file).unwrap();
            std::fs::remove_file(file).unwrap();
            ReceivedMail::parse(&raw)
        });
        read.collect()
    }

    /// Sends what is due by this way.
    pub(crate) fn deliver(&self, outbox: &Outbox) {
        let (shop, outbox) = (self.shop.clone(), outbox.clone());
        let sent = actix_web::rt::System::new().block_on(async move { deliver(&shop, &outbox).await });
        sent.unwrap();
    }

    /// The only mail that was sent since the last look.
    #[track_caller]
    pub(crate) fn only_mail(&self) -> ReceivedMail {
        let mut mails = self.mails();
        assert_eq!(mails.len(), 1, "{mails:#?}");
        mails.remove(0)
    }
}

/// What a mail server does with a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Manner {
    Accepts,
    /// Takes the message, and closes the connection before it says so.
    HangsUp,
    RefusesForNow,
    RefusesForGood,
}

/// A mail server that speaks as much SMTP as it takes (RFC 5321).
pub(crate) struct MailServer {
    pub(crate) address: SocketAddr,
    manner: Arc<Mutex<Manner>>,
    received: Arc<Mutex<Vec<String>>>,
    connections: Arc<AtomicUsize>,
}

impl MailServer {
    pub(crate) fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let server = Self {
            address: listener.local_addr().unwrap(),
            manner: Arc::new(Mutex::new(Manner::Accepts)),
            received: Arc::default(),
            connections: Arc::default(),
        };
        let (manner, received, connections) =
            (server.manner.clone(), server.received.clone(), server.connections.clone());
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                connections.fetch_add(1, Ordering::Relaxed);
                // Who closes the connection in the middle has said what there was to say.
                let _ = converse(stream, *manner.lock().unwrap(), &received);
            }
        });
        server
    }

    pub(crate) fn behave(&self, manner: Manner) {
        *self.manner.lock().unwrap() = manner;
    }

    pub(crate) fn received(&self) -> Vec<ReceivedMail> {
        self.received.lock().unwrap().iter().map(|raw| ReceivedMail::parse(raw)).collect()
    }

    pub(crate) fn connections(&self) -> usize {
        self.connections.load(Ordering::Relaxed)
    }

    pub(crate) fn outbox(&self) -> Outbox {
        let url = format!("smtp://{}", self.address);
        Outbox::open(&cartwright::config::MailRoute::Smtp(url.into())).unwrap()
    }
}

fn converse(stream: TcpStream, manner: Manner, received: &Mutex<Vec<String>>) -> std::io::Result<()> {
    let mut lines = BufReader::new(stream.try_clone()?);
    let say = |text: &str| (&stream).write_all(format!("{text}\r\n").as_bytes());
    say("220 mail.example ESMTP")?;
    loop {
        let mut line = String::new();
        if lines.read_line(&mut line)? == 0 {
            return Ok(());
        }
        match line.to_ascii_uppercase().split([' ', '\r', ':']).next() {
            Some("EHLO") => say("250-mail.example\r\n250 8BITMIME")?,
            Some("RCPT") if manner == Manner::RefusesForNow => say("451 4.3.0 later, please")?,
            Some("RCPT") if manner == Manner::RefusesForGood => say("550 5.1.1 nobody of this name")?,
            Some("DATA") => {
                say("354 go on")?;
                let mut message = String::new();
                while lines.read_line(&mut message)? > 0 && !message.ends_with("\r\n.\r\n") {}
                received.lock().unwrap().push(message.trim_end_matches(".\r\n").to_owned());
                if manner == Manner::HangsUp {
                    return Ok(());
                }
                say("250 2.0.0 taken")?;
            }
            Some("QUIT") => return say("221 bye"),
            _ => say("250 ok")?,
        }
    }
}
