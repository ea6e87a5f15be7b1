//! What is wrong with the TLS of a PostgreSQL server, in words that say what to do.

use std::{fmt, io};

use rustls::{CertificateError, Error};

/// Why TLS to a server failed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TlsProblem {
    /// The server has TLS switched off.
    NotOffered,
    /// No known authority issued the certificate of the server.
    UnknownIssuer,
    /// The certificate is for another host.
    OtherHost,
    /// The certificate is past its end, or before its beginning.
    OutOfDate,
    /// The certificate is one of an authority, which rustls accepts for no server.
    Authority,
    /// Anything else.
    Other(String),
}

impl TlsProblem {
    /// What failed, if it was TLS.
    pub(crate) fn of(error: &sqlx::Error) -> Option<Self> {
        match error {
            sqlx::Error::Tls(cause) if cause.to_string().contains("does not support TLS") => {
                Some(Self::NotOffered)
            }
            sqlx::Error::Tls(cause) => Some(Self::Other(cause.to_string())),
            sqlx::Error::Io(error) => Self::of_handshake(error),
            _ => None,
        }
    }

    fn of_handshake(error: &io::Error) -> Option<Self> {
        let cause = error.get_ref()?.downcast_ref::<Error>()?;
        let Error::InvalidCertificate(problem) = cause else {
            return Some(Self::Other(cause.to_string()));
        };
        Some(match problem {
            CertificateError::UnknownIssuer => Self::UnknownIssuer,
            CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. } => {
                Self::OtherHost
            }
            CertificateError::Expired
            | CertificateError::ExpiredContext { .. }
            | CertificateError::NotValidYet
            | CertificateError::NotValidYetContext { .. } => Self::OutOfDate,
            CertificateError::Other(other) if other.to_string().contains("CaUsedAsEndEntity") => {
                Self::Authority
            }
            other => Self::Other(other.to_string()),
        })
    }
}

impl fmt::Display for TlsProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NotOffered => {
                "it offers no TLS, which sslmode demands. Switch ssl on in postgresql.conf"
            }
            Self::UnknownIssuer => {
                "no known authority issued its certificate. Let sslrootcert name the file with the \
                 certificate of the authority that did"
            }
            Self::OtherHost => {
                "its certificate is for another host. Let the URL name the host as the certificate \
                 does"
            }
            Self::OutOfDate => "its certificate is not valid today. Renew it",
            Self::Authority => {
                "its certificate is one of an authority (CA:TRUE), not of a server. Issue one for \
                 the server, with CA:FALSE"
            }
            Self::Other(reason) => reason,
        })
    }
}
