//! A browser without script that calls the program over a socket. It keeps cookies.

use std::{
    collections::BTreeMap,
    io::{Read, Write},
    net::{SocketAddr, TcpStream},
    time::Duration,
};

use crate::program::Result;

/// How long a response may take.
const RESPONSE_TIMEOUT: Duration = Duration::from_secs(20);
/// How often the simulated phone is asked for a code.
const MAX_LOOKS: usize = 2000;

#[derive(Clone, Default)]
pub struct Browser {
    cookies: BTreeMap<String, String>,
}

pub struct Response {
    pub status: u16,
    pub headers: String,
    pub body: String,
}

impl Response {
    /// The value of a header.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.lines().find_map(|line| {
            let (found, value) = line.split_once(':')?;
            found.eq_ignore_ascii_case(name).then(|| value.trim())
        })
    }
}

impl Browser {
    pub fn get(&mut self, address: SocketAddr, path: &str) -> Result<Response> {
        self.send(address, &format!("GET {path}"), "")
    }

    pub fn post(&mut self, address: SocketAddr, path: &str, form: &str) -> Result<Response> {
        self.send(address, &format!("POST {path}"), form)
    }

    fn send(&mut self, address: SocketAddr, head: &str, form: &str) -> Result<Response> {
        let mut stream = TcpStream::connect(address)?;
        stream.set_read_timeout(Some(RESPONSE_TIMEOUT))?;
        let cookies: Vec<_> =
            self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
        write!(
            stream,
            "{head} HTTP/1.1\r\nHost: {address}\r\nOrigin: http://{address}\r\n\
             Accept: text/html\r\nConnection: close\r\nCookie: {}\r\n\
             Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {}\r\n\r\n{form}",
            cookies.join("; "),
            form.len()
        )?;
        let mut bytes = Vec::new();
        stream.read_to_end(&mut bytes)?;
        let end = test_support::find_bytes(&bytes, b"\r\n\r\n").ok_or("no response")?;
        let body = bytes.split_off(end + 4);
        let headers = String::from_utf8(bytes)?;
        self.keep_cookies(&headers);
        let status = headers.split(' ').nth(1).ok_or("no status")?.parse()?;
        let mut response = Response { status, headers, body: String::new() };
        let is_chunked = response.header("transfer-encoding") == Some("chunked");
        let body = if is_chunked { joined_chunks(&body)? } else { body };
        response.body = String::from_utf8_lossy(&body).into_owned();
        Ok(response)
    }

    fn keep_cookies(&mut self, headers: &str) {
        for line in headers.lines() {
            let Some((header, rest)) = line.split_once(": ") else { continue };
            let pair = rest.split(';').next().and_then(|pair| pair.split_once('='));
            if let (true, Some((name, value))) = (header.eq_ignore_ascii_case("set-cookie"), pair) {
                self.cookies.insert(name.to_owned(), value.to_owned());
            }
        }
    }

    /// Gives the e-mail address and the password of an account, and returns the code that its
    /// phone got.
    pub fn ask_for_code(
        &mut self,
        address: SocketAddr,
        account: &str,
        phone: &str,
    ) -> Result<String> {
        let before = newest_code(address, phone)?;
        let (email, password) = account.split_once(' ').ok_or("no account")?;
        // A form is accepted from a browser that keeps the cookie of its page.
        self.get(address, "/login")?;
        let form = format!("email={email}&password={}", password.trim());
        let asked = self.post(address, "/api/login", &form)?;
        let next = asked.header("location").unwrap_or_default();
        assert!(next.starts_with("/login/verify"), "{}", asked.headers);
        for _ in 0..MAX_LOOKS {
            match newest_code(address, phone)? {
                Some(found) if Some(&found) != before.as_ref() => return Ok(found.1),
                _ => {}
            }
        }
        Err("no code arrived".into())
    }

    /// Gives the code of a sign-in. Whether it was right.
    pub fn give_code(&mut self, address: SocketAddr, code: &str) -> Result<bool> {
        let form = format!("code={code}&page=/login/verify");
        let given = self.post(address, "/api/login/verify", &form)?;
        assert_eq!(given.status, 303, "{}", given.headers);
        Ok(!given.header("location").is_some_and(|path| path.starts_with("/login")))
    }

    pub fn is_signed_in(&mut self, address: SocketAddr) -> Result<bool> {
        Ok(self.get(address, "/account")?.status == 200)
    }
}

/// The body that a proxy sent in chunks: each is its length in hexadecimal digits, a line break,
/// the bytes and a line break; the last one is empty.
fn joined_chunks(mut rest: &[u8]) -> Result<Vec<u8>> {
    let mut body = Vec::new();
    loop {
        let end = test_support::find_bytes(rest, b"\r\n").ok_or("a chunk has no length")?;
        let (length, after) = rest.split_at(end);
        let length = usize::from_str_radix(std::str::from_utf8(length)?, 16)?;
        if length == 0 {
            return Ok(body);
        }
        let start = "\r\n".len();
        body.extend(after.get(start..start + length).ok_or("a chunk is cut off")?);
        rest = after.get(start + length + "\r\n".len()..).ok_or("a chunk is cut off")?;
    }
}

/// The id and the code of the newest message on a simulated phone.
fn newest_code(address: SocketAddr, phone: &str) -> Result<Option<(String, String)>> {
    let path = format!("/simulator/api/messages?phone={}", phone.replace('+', "%2B"));
    let body = Browser::default().get(address, &path)?.body;
    let messages: serde_json::Value = serde_json::from_str(&body)?;
    let text = |name: &str| Some(messages.get(0)?.get(name)?.as_str()?.to_owned());
    Ok(text("id").zip(text("code")))
}
