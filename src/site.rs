//! The facts of an installation that pages and layers need: where its files are, its public
//! address, its proxies.

use std::path::{Path, PathBuf};

use axum::http::Uri;
use domain::MessagePrice;
use ipnet::IpNet;
use leptos::config::LeptosOptions;
use text::Zone;
use web::server::Cookies;

use crate::{authority::Authority, site_files};

/// An installation.
#[derive(Clone, Debug)]
pub struct Site {
    /// Among others, the folder of script, fonts and pictures.
    pub options: LeptosOptions,
    /// The folder in which nodes of different builds share their files.
    pub shared_files: Option<PathBuf>,
    /// The address of the style sheet.
    pub stylesheet: String,
    /// The address that people see, such as `https://shop.example`.
    pub public_url: Uri,
    /// The proxies whose `X-Forwarded-For` is believed.
    pub trusted_proxies: Vec<IpNet>,
    /// Real people and money: HSTS, a checked `Host`, no simulator.
    pub is_production: bool,
    /// `make watch` runs the server and reloads its pages.
    pub is_watched: bool,
    /// The time zone in which pages tell times.
    pub time_zone: Zone,
    /// What a message costs, as the merchant set it.
    pub message_prices: Vec<MessagePrice>,
}

/// The files for the browser are missing: pages would have no script, fonts and pictures.
#[derive(Debug, thiserror::Error)]
#[error(
    "LEPTOS_SITE_ROOT={site_root} cannot be used: {problem}. Run `make run`, which builds the files \
     for the browser, or set LEPTOS_SITE_ROOT to the folder that `make run` built, target/site"
)]
pub struct MissingFiles {
    site_root: String,
    problem: String,
}

impl Site {
    /// Checks that the folder has the files that pages name. Under `make watch` nothing is
    /// checked, because the build replaces them while the server runs.
    pub fn check_files(&self) -> Result<(), MissingFiles> {
        if self.is_watched {
            return Ok(());
        }
        let root = Path::new(&*self.options.site_root);
        let files = site_files::files(&self.options);
        let named = [files.script, files.program];
        let mut missing = named
            .iter()
            .map(|path| path.trim_start_matches('/'))
            .filter(|path| !root.join(path).is_file());
        let problem = match missing.next() {
            Some(_) if !root.is_dir() => "there is no such folder".to_owned(),
            Some(path) => format!("it has no file {path}"),
            None => return Ok(()),
        };
        Err(MissingFiles { site_root: self.options.site_root.to_string(), problem })
    }

    /// The names of the cookies under this address.
    pub fn cookies(&self) -> Cookies {
        Cookies { is_secure: self.public_url.scheme_str() == Some("https") }
    }

    /// The scheme of the public address.
    pub fn scheme(&self) -> &str {
        self.public_url.scheme_str().unwrap_or("http")
    }

    /// The host and port of the public address.
    pub fn authority(&self) -> Option<Authority> {
        Authority::parse(self.public_url.authority()?.as_str(), self.scheme())
    }

    /// The origin of the public address, as browsers write it in `Origin`.
    pub fn origin(&self) -> String {
        origin(&self.public_url)
    }
}

/// Scheme and authority, without a slash at the end.
pub fn origin(url: &Uri) -> String {
    let scheme = url.scheme_str().unwrap_or("http");
    let authority = url.authority().map_or("", |authority| authority.as_str());
    format!("{scheme}://{authority}")
}
