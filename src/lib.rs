//! The front door: the only place that knows every room.

// A page is one nested type; a rich one is deeper than the usual limit.
#![recursion_limit = "256"]

pub mod config;
pub mod events;
pub mod health;
mod hydration;
pub mod jobs;
mod layers;
pub mod listen;
pub mod simulator;
pub mod site;
pub mod style;
pub mod webhooks;

#[cfg(test)]
mod tests;

use std::{sync::Arc, time::Duration};

use axum::{
    Router,
    http::StatusCode,
    middleware::{from_fn, from_fn_with_state},
    routing::get,
};
use leptos::prelude::*;
use leptos_axum::{LeptosRoutes, generate_route_list, render_app_async_with_context};
use pages::PageContext;
use shop::{Entropy, Shop, Simulator, providers::Common};
use tokio::sync::{Semaphore, watch};
use tower_http::{
    compression::CompressionLayer,
    services::{ServeDir, ServeFile},
    timeout::TimeoutLayer,
};
use tower_sessions::{
    Expiry, SessionManagerLayer,
    cookie::{SameSite, time},
};
use web::{routes, server};

use health::Metrics;
use hydration::HydrationAssets;
use layers::{page_cache::PageCache, session_store::ShopSessions};
use site::Site;

/// How long a page may take.
const PATIENCE: Duration = Duration::from_secs(30);
/// How long a guest's basket is remembered; a sign-in ends much earlier.
const SESSION: time::Duration = time::Duration::days(30);
/// How many pages may listen for news of their message at once.
const LISTENERS: usize = 2048;

/// Everything a request may need: cheap to clone, which every layer does for
/// every request.
#[derive(Clone)]
pub struct AppState(Arc<AppStateInner>);

/// What stands behind the front door.
pub struct AppStateInner {
    /// The business.
    pub shop: Shop,
    /// The simulated phones, where there are no real ones.
    pub simulator: Option<Arc<Simulator>>,
    /// What providers are given: for calling the shop as they would.
    pub common: Common,
    /// This installation.
    pub site: Arc<Site>,
    /// Where request ids and browser secrets come from.
    pub entropy: Entropy,
    /// What was counted.
    pub metrics: Arc<Metrics>,
    /// One place for each page that listens.
    pub listeners: Arc<Semaphore>,
    /// Public pages, ready made.
    pub cache: Arc<PageCache>,
    /// StripedLock true when the server stops: then pages listen no more.
    pub closing: watch::Sender<bool>,
}

impl std::ops::Deref for AppState {
    type Target = AppStateInner;

    fn deref(&self) -> &AppStateInner {
        &self.0
    }
}

impl From<AppStateInner> for AppState {
    fn from(inner: AppStateInner) -> Self {
        Self(Arc::new(inner))
    }
}

impl AppStateInner {
    /// What stands behind the front door of a shop.
    pub fn new(shop: Shop, simulator: Option<Arc<Simulator>>, common: Common, site: Site) -> Self {
        Self {
            shop,
            // Whatever is handed in: production has no simulated phones.
            simulator: simulator.filter(|_| !site.is_production),
            common,
            site: Arc::new(site),
            entropy: Entropy::system(),
            metrics: Arc::default(),
            listeners: Arc::new(Semaphore::new(LISTENERS)),
            cache: Arc::default(),
            closing: watch::Sender::new(false),
        }
    }
}

impl AppState {
    /// The front door of a shop.
    pub fn new(shop: Shop, simulator: Option<Arc<Simulator>>, common: Common, site: Site) -> Self {
        AppStateInner::new(shop, simulator, common, site).into()
    }

    /// What pages show of this installation.
    fn page_context(&self) -> PageContext {
        PageContext {
            simulator: self.simulator.clone(),
            common: Some(self.common.clone()),
            origin: self.site.origin().into(),
            message_prices: self.site.message_prices.as_slice().into(),
        }
    }

    /// What pages and server functions find in their context.
    fn provide(&self) {
        provide_context(self.clone());
        provide_context(self.shop.clone());
        provide_context(self.site.cookies());
        provide_context(self.page_context());
        let nonce = server::request().ok().and_then(|parts| parts.extensions.get().cloned());
        if let Some(nonce) = nonce {
            provide_context::<leptos::nonce::Nonce>(nonce);
        }
    }
}

/// The whole server as a value, so that tests can call it without a socket.
pub fn router(state: AppState) -> Router {
    // Outside the compression, so that a page is compressed once.
    let pages = pages_router(&state)
        .layer(CompressionLayer::new())
        .layer(from_fn_with_state(state.clone(), layers::page_cache::serve_cached));
    let answers = pages
        .merge(files(&state.site).layer(CompressionLayer::new()))
        .layer(TimeoutLayer::with_status_code(StatusCode::GATEWAY_TIMEOUT, PATIENCE))
        .layer(from_fn_with_state(state.clone(), layers::origin::origin))
        // Programs call these, signed: no page, no origin, no session.
        .merge(webhooks::routes(&state));
    with_outer_layers(answers, state)
}

/// What stands in front of everything that answers. The headers are outermost, so that
/// no answer goes without them: not a refusal, not a fault, not what is left of a panic.
fn with_outer_layers(answers: Router, state: AppState) -> Router {
    answers
        .layer(from_fn_with_state(state.clone(), layers::client_ip::client_ip))
        .layer(from_fn_with_state(state.clone(), layers::host::host))
        .layer(from_fn_with_state(state.clone(), layers::trace::trace))
        .layer(from_fn_with_state(state, layers::headers::headers))
}

/// Pages, calls and events: all that needs to know who asks.
fn pages_router(state: &AppState) -> Router {
    let options = &state.site.options;
    let provide = {
        let state = state.clone();
        move || state.provide()
    };
    let shell = {
        let site = Arc::clone(&state.site);
        let bundle = HydrationAssets::of(&site);
        move || {
            let scripts = || bundle.scripts(&site.options).into_any();
            pages::shell(&site.options, &site.stylesheet, &scripts)
        }
    };
    let not_found = render_app_async_with_context(provide.clone(), shell.clone());
    let sessions = SessionManagerLayer::new(ShopSessions(state.shop.clone()))
        .with_name(state.site.cookies().session())
        .with_secure(state.site.cookies().is_secure)
        .with_same_site(SameSite::Lax)
        .with_http_only(true)
        .with_path("/")
        .with_expiry(Expiry::OnInactivity(SESSION));
    let calls = Router::new()
        .route(routes::events::DELIVERY, get(events::delivery))
        .merge(simulator::routes(state))
        .with_state(state.clone());
    Router::new()
        .leptos_routes_with_context(options, generate_route_list(pages::App), provide, shell)
        .fallback(not_found)
        .with_state(options.clone())
        .merge(calls)
        .layer(from_fn(layers::strip_scripts::strip_scripts))
        .layer(from_fn(layers::overload_page::overload_page))
        .layer(from_fn_with_state(state.clone(), layers::auth::authenticate))
        .layer(sessions)
        .layer(from_fn(layers::limit_body::limit_body))
}

/// Style, script, fonts and pictures; nothing else of the disk is ever served.
fn files(site: &Site) -> Router {
    let root = std::path::Path::new(&*site.options.site_root);
    let folder =
        |name: &str| ServeDir::new(root.join(name)).precompressed_br().precompressed_gzip();
    let file = |name: &str| ServeFile::new(root.join(name));
    Router::new()
        .route(routes::files::STYLE, get(style::sheet))
        .route(routes::files::ART, get(pages::art::picture))
        .nest_service(routes::files::PKG, folder("pkg"))
        .nest_service(routes::files::FONTS, folder("fonts"))
        .nest_service(routes::files::IMAGES, folder("images"))
        .nest_service(routes::files::ICONS, folder("icons"))
        .route_service(routes::files::FAVICON_SVG, file("favicon.svg"))
        .route_service(routes::files::FAVICON_ICO, file("favicon.ico"))
        .route_service(routes::files::ROBOTS_TXT, file("robots.txt"))
}
