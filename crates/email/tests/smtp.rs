//! Sending to a real SMTP server, Debian's `python3-aiosmtpd`. Where it is missing, each test
//! says that it was skipped.
#![expect(clippy::unwrap_used, clippy::print_stderr, reason = "tests stop this way")]

use std::process::Stdio;

use domain::{EmailAddress, EmailId, Language, Timestamp};
use email::{Email, Mailer, SendError, Sender, Smtp, SmtpUrl, confirmation};
use tokio::{
    io::{AsyncBufReadExt, BufReader, Lines},
    net::TcpListener,
    process::{Child, ChildStdout, Command},
};

/// Debian's interpreter has Debian's packages; another may come first in the path.
const PYTHON: &str = "/usr/bin/python3";
const SCRIPT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/smtp_server.py");
const LINK: &str = "https://shop.example/account/email?token=0123456789abcdef";

/// A server that runs as long as the test.
struct Server {
    port: String,
    lines: Lines<BufReader<ChildStdout>>,
    _process: Child,
}

impl Server {
    /// Starts a server that behaves in this way; `None` if there is no aiosmtpd.
    async fn start(mode: &str) -> Option<Self> {
        let check = Command::new(PYTHON).args(["-c", "import aiosmtpd"]).output().await;
        if !check.is_ok_and(|check| check.status.success()) {
            eprintln!("skipped: install Debian's python3-aiosmtpd (scripts/tools test does)");
            return None;
        }
        let mut process = Command::new(PYTHON)
            .args([SCRIPT, mode])
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(process.stdout.take().unwrap()).lines();
        let port = lines.next_line().await.unwrap().unwrap();
        Some(Self { port, lines, _process: process })
    }

    fn url(&self, user: &str, query: &str) -> String {
        format!("smtp://{user}127.0.0.1:{}{query}", self.port)
    }

    /// The next e-mail, as a line of JSON.
    async fn received(&mut self) -> String {
        self.lines.next_line().await.unwrap().unwrap()
    }
}

fn email(language: Language) -> Email {
    Email {
        id: EmailId::from_bits(7),
        to: EmailAddress::parse("ada@example.com").unwrap(),
        text: confirmation(language, "Märigold", LINK),
        at: Timestamp::from_millis(1_767_225_600_000),
    }
}

async fn send(url: &str, email: &Email) -> Result<(), SendError> {
    let from = EmailAddress::parse("shop@shop.example").unwrap();
    let sender = Sender::new("Märigold", &from).unwrap();
    Smtp::new(&SmtpUrl::parse(url).unwrap(), sender).unwrap().send(email).await
}

#[tokio::test]
async fn an_email_arrives_with_its_headers_and_the_same_id_each_time() {
    let Some(mut server) = Server::start("open").await else { return };
    let email = email(Language::English);
    for _ in 0..2 {
        send(&server.url("", ""), &email).await.unwrap();
        let line = server.received().await;
        for part in [
            r#""to": ["ada@example.com"]"#,
            "From: =?utf-8?b?TcOkcmlnb2xk?= <shop@shop.example>",
            "To: ada@example.com",
            "Message-ID: <00000000000000000000000000000007@shop.example>",
            "Date: Thu, 01 Jan 2026 00:00:00 +0000",
            "Auto-Submitted: auto-generated",
            "Content-Type: text/plain; charset=utf-8",
        ] {
            assert!(line.contains(part), "{part} in {line}");
        }
    }
}

#[tokio::test]
async fn an_email_in_every_language_is_seven_bit_on_the_wire() {
    let Some(mut server) = Server::start("open").await else { return };
    for language in Language::ALL {
        send(&server.url("", ""), &email(language)).await.unwrap();
        let line = server.received().await;
        assert!(line.is_ascii() && line.contains("Content-Transfer-Encoding: "), "{line}");
    }
}

#[tokio::test]
async fn a_server_with_a_password_gets_it_and_refuses_a_wrong_one() {
    let Some(mut server) = Server::start("auth").await else { return };
    let email = email(Language::English);
    send(&server.url("shop:p%40ss%20word@", ""), &email).await.unwrap();
    assert!(server.received().await.contains("ada@example.com"));
    let refused = send(&server.url("shop:wrong@", ""), &email).await.unwrap_err();
    assert_eq!(refused, SendError::Refused("the server answered 535".to_owned()));
    assert!(send(&server.url("", ""), &email).await.is_err(), "no password");
}

#[tokio::test]
async fn an_unknown_mailbox_is_refused_and_a_busy_server_asked_again() {
    let email = email(Language::English);
    let Some(server) = Server::start("unknown").await else { return };
    let refused = send(&server.url("", ""), &email).await.unwrap_err();
    assert_eq!(refused, SendError::Refused("the server answered 550".to_owned()), "no address");
    let Some(server) = Server::start("busy").await else { return };
    let busy = send(&server.url("", ""), &email).await.unwrap_err();
    assert_eq!(busy, SendError::Retry("the server answered 451".to_owned()));
}

#[tokio::test]
async fn x119_nothing_is_sent_to_a_server_that_offers_no_encryption() {
    let Some(mut server) = Server::start("open").await else { return };
    let email = email(Language::English);
    let refused = send(&server.url("", "?tls=required"), &email).await.unwrap_err();
    assert!(matches!(refused, SendError::Retry(_)), "{refused:?}");
    send(&server.url("", ""), &email).await.unwrap();
    assert!(server.received().await.contains("ada@example.com"), "this one is the first");
}

#[tokio::test(start_paused = true)]
async fn a_server_that_falls_silent_is_left_and_asked_again() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("smtp://{}", listener.local_addr().unwrap());
    let email = email(Language::English);
    let (sent, accepted) = tokio::join!(send(&url, &email), listener.accept());
    assert_eq!(sent, Err(SendError::Retry("the server did not answer in time".to_owned())));
    drop(accepted);
}

#[tokio::test]
async fn a_server_that_cannot_be_reached_is_asked_again() {
    let Some(server) = Server::start("open").await else { return };
    let url = server.url("", "");
    drop(server);
    // The process may take a moment to end; both failures are to be tried again.
    let mut sent = Ok(());
    while sent.is_ok() {
        sent = send(&url, &email(Language::English)).await;
    }
    assert!(matches!(sent, Err(SendError::Retry(_))), "{sent:?}");
}
