//! A minimal browser: one kept-alive connection and a cookie jar.

use std::{collections::BTreeMap, net::SocketAddr};

use anyhow::{Context, Result};
use axum::body::Bytes;
use http_body_util::{BodyExt, Full};
use hyper::{
    Method, Request, StatusCode,
    client::conn::http1::{self, SendRequest},
    header,
};
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;

/// One browser.
pub struct Client {
    sender: SendRequest<Full<Bytes>>,
    origin: String,
    cookies: BTreeMap<String, String>,
}

/// A response.
pub struct Answer {
    pub status: StatusCode,
    pub location: String,
    pub body: Bytes,
}

impl Client {
    /// Connects to a server.
    pub async fn connect(address: SocketAddr) -> Result<Self> {
        let stream = TcpStream::connect(address).await?;
        stream.set_nodelay(true)?;
        let (sender, connection) = http1::handshake(TokioIo::new(stream)).await?;
        tokio::spawn(connection);
        Ok(Self { sender, origin: format!("http://{address}"), cookies: BTreeMap::new() })
    }

    /// Reads a page.
    pub async fn get(&mut self, path: &str, accept_encoding: &str) -> Result<Answer> {
        let request = Request::builder()
            .uri(path)
            .header(header::ACCEPT, "text/html")
            .header(header::ACCEPT_ENCODING, accept_encoding);
        self.send(request, Bytes::new()).await
    }

    /// Sends a plain form.
    pub async fn post(&mut self, path: &str, form: String) -> Result<Answer> {
        let request = Request::builder()
            .method(Method::POST)
            .uri(path)
            .header(header::ACCEPT, "text/html")
            .header(header::ORIGIN, &self.origin)
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
        self.send(request, form.into()).await
    }

    async fn send(
        &mut self,
        request: hyper::http::request::Builder,
        body: Bytes,
    ) -> Result<Answer> {
        let host = self.origin.trim_start_matches("http://");
        let jar: Vec<_> =
            self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let request = request
            .header(header::HOST, host)
            .header(header::COOKIE, jar.join("; "))
            .body(Full::new(body))?;
        self.sender.ready().await?;
        let answer = self.sender.send_request(request).await.context("no answer")?;
        for line in answer.headers().get_all(header::SET_COOKIE) {
            let pair = line.to_str()?.split(';').next().unwrap_or_default();
            if let Some((name, value)) = pair.split_once('=') {
                self.cookies.insert(name.to_owned(), value.to_owned());
            }
        }
        let status = answer.status();
        let location = answer.headers().get(header::LOCATION);
        let location = location.and_then(|to| to.to_str().ok()).unwrap_or_default().to_owned();
        Ok(Answer { status, location, body: answer.into_body().collect().await?.to_bytes() })
    }
}
