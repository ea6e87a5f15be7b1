//! Listens on an address. An address that cannot be used is refused with the setting that it
//! came from, and one that could be used instead.

use std::{
    io,
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr},
};

use tokio::net::TcpListener;

/// The server cannot listen on an address.
#[derive(Debug, thiserror::Error)]
#[error("{setting}={address} cannot be used: {reason}, for example {setting}={example}")]
pub struct BindError {
    setting: &'static str,
    address: SocketAddr,
    /// What is wrong, and what to do about it.
    reason: String,
    example: SocketAddr,
}

/// Listens on an address. An error names the setting that the address came from.
pub async fn bind(setting: &'static str, address: SocketAddr) -> Result<TcpListener, BindError> {
    TcpListener::bind(address).await.map_err(|error| bind_error(setting, address, &error))
}

fn bind_error(setting: &'static str, address: SocketAddr, error: &io::Error) -> BindError {
    let another_port = SocketAddr::new(address.ip(), another_port(address.port()));
    let (reason, example) = match error.kind() {
        io::ErrorKind::AddrInUse => (
            "the port is in use. Stop the program that listens there, or choose another port"
                .to_owned(),
            another_port,
        ),
        io::ErrorKind::PermissionDenied => {
            ("this user may not listen on that port. Choose another port".to_owned(), another_port)
        }
        io::ErrorKind::AddrNotAvailable => (
            "this machine does not have that address. Choose one of its own".to_owned(),
            SocketAddr::new(loopback(address.ip()), address.port()),
        ),
        _ => (format!("{error}. Choose another address"), another_port),
    };
    BindError { setting, address, reason, example }
}

/// Another port to suggest: none below 1024, since those are for the superuser.
fn another_port(port: u16) -> u16 {
    match port {
        0..1024 => port + 8000,
        1024..u16::MAX => port + 1,
        u16::MAX => port - 1,
    }
}

fn loopback(like: IpAddr) -> IpAddr {
    match like {
        IpAddr::V4(_) => Ipv4Addr::LOCALHOST.into(),
        IpAddr::V6(_) => Ipv6Addr::LOCALHOST.into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(address: &str, kind: io::ErrorKind) -> String {
        bind_error("MARIGOLD_ADDR", address.parse().unwrap(), &kind.into()).to_string()
    }

    #[test]
    fn an_address_that_cannot_be_bound_is_named_with_another_one() {
        for (address, kind, problem, example) in [
            ("127.0.0.1:3000", io::ErrorKind::AddrInUse, "in use", "127.0.0.1:3001"),
            ("127.0.0.1:65535", io::ErrorKind::AddrInUse, "in use", "127.0.0.1:65534"),
            ("0.0.0.0:80", io::ErrorKind::PermissionDenied, "may not listen", "0.0.0.0:8080"),
            ("192.0.2.1:3000", io::ErrorKind::AddrNotAvailable, "not have", "127.0.0.1:3000"),
            ("[2001:db8::1]:3000", io::ErrorKind::AddrNotAvailable, "not have", "[::1]:3000"),
        ] {
            let said = said(address, kind);
            assert!(said.starts_with(&format!("MARIGOLD_ADDR={address} ")), "{said}");
            assert!(said.contains(problem), "{said}");
            assert!(said.ends_with(&format!("for example MARIGOLD_ADDR={example}")), "{said}");
        }
    }

    #[tokio::test]
    async fn an_address_of_another_machine_is_refused() {
        let error = bind("MARIGOLD_ADDR", "192.0.2.1:0".parse().unwrap()).await.unwrap_err();
        assert!(error.to_string().contains("does not have that address"), "{error}");
    }
}
