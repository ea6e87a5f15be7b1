//! The web server: configuration, layers, routes and background jobs. It is the only crate
//! that knows all the others.

// A page is one nested type; a rich one is deeper than the usual limit.
#![recursion_limit = "256"]

pub mod authority;
pub mod config;
mod downloads;
pub mod events;
pub mod health;
mod hydration;
pub mod jobs;
mod layers;
pub mod lifecycle;
pub mod listen;
pub mod metrics;
pub mod shared_files;
pub mod simulator;
pub mod site;
pub mod site_files;
pub mod style;
pub mod webhooks;

#[cfg(test)]
mod tests;

use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

use axum::{Router, http::HeaderMap, middleware::from_fn_with_state, routing::get};
use domain::Language;
use leptos::prelude::*;
use leptos_axum::{LeptosRoutes, generate_route_list, render_app_async_with_context};
use pages::PageContext;
use shop::{DemoMailbox, Entropy, Shop, Simulator, providers::ProviderContext};
use text::{PageLanguage, Text};
use tower_http::{
    compression::CompressionLayer,
    services::{ServeDir, ServeFile},
};
use tower_sessions::{
    Expiry, SessionManagerLayer,
    cookie::{SameSite, time},
};
use web::{routes, server};

use self::{
    events::limits::EventStreams, health::DatabaseProbe, jobs::supervisor::JobHealth,
    lifecycle::Lifecycle, metrics::Metrics,
};
use hydration::HydrationAssets;
use layers::{page_cache::PageCache, session_store::ShopSessions};
use site::Site;

/// After how long without a request a session ends, and with it a guest's cart. A sign-in
/// ends much earlier.
const SESSION_MAX_IDLE: time::Duration = time::Duration::days(30);
/// The folder of the texts, from the root of the repository.
const TEXT_FILES: &str = "crates/text/locales";

/// What handlers and layers share; they get a clone of it for every request.
#[derive(Clone)]
pub struct AppState(Arc<AppStateInner>);

/// The parts of [`AppState`].
pub struct AppStateInner {
    /// The use cases.
    pub shop: Shop,
    /// The simulated phones; never in production.
    pub simulator: Option<Arc<Simulator>>,
    /// The mailbox of the demo, if e-mails go there.
    pub mailbox: Option<Arc<DemoMailbox>>,
    /// The settings that all providers share, for checks of the webhooks.
    pub common: ProviderContext,
    /// Where visitors can write to.
    pub contact: Arc<str>,
    /// The facts of this installation.
    pub site: Arc<Site>,
    /// The source of request ids and browser secrets.
    pub entropy: Entropy,
    /// The metrics of this process.
    pub metrics: Metrics,
    /// The open streams of server-sent events.
    pub streams: EventStreams,
    /// The cached public pages.
    pub cache: Arc<PageCache>,
    /// The language of the pages for a visitor who asks for another.
    pub page_language: fn(Language) -> PageLanguage,
    /// How far the server is with stopping.
    pub lifecycle: Lifecycle,
    /// How the background jobs are doing.
    pub job_health: JobHealth,
    /// Asks the database whether it can be used.
    pub probe: DatabaseProbe,
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
    /// The parts of a server for this shop. In production the simulator is left out, even if
    /// there is one.
    pub fn new(
        shop: Shop,
        simulator: Option<Arc<Simulator>>,
        common: ProviderContext,
        site: Site,
    ) -> Self {
        Self {
            contact: shop.settings().contact.as_str().into(),
            shop,
            simulator: simulator.filter(|_| !site.is_production),
            mailbox: None,
            common,
            site: Arc::new(site),
            entropy: Entropy::system(),
            metrics: Metrics::install(),
            streams: EventStreams::default(),
            cache: Arc::default(),
            page_language: text::page_language,
            lifecycle: Lifecycle::default(),
            job_health: JobHealth::default(),
            probe: DatabaseProbe::default(),
        }
    }
}

impl AppState {
    /// The state of a server for this shop.
    pub fn new(
        shop: Shop,
        simulator: Option<Arc<Simulator>>,
        common: ProviderContext,
        site: Site,
    ) -> Self {
        AppStateInner::new(shop, simulator, common, site).into()
    }

    /// The texts for a visitor who asks for this language. Under `make watch` they are read
    /// from the disk, so that a changed text needs no build.
    pub fn text(&self, requested: Language) -> Text {
        let language = (self.page_language)(requested);
        let text = match self.site.is_watched {
            true => Text::read(language, Path::new(TEXT_FILES)),
            false => Text::new(language),
        };
        text.with_contact(self.contact.clone()).in_zone(self.site.time_zone)
    }

    /// The texts for who sent these headers.
    pub(crate) fn text_for(&self, headers: &HeaderMap) -> Text {
        self.text(layers::auth::requested_language(headers))
    }

    /// Whether a page depends on the language that its visitor asks for.
    fn pages_differ_by_language(&self) -> bool {
        let language = (self.page_language)(Language::default());
        Language::ALL.iter().any(|requested| (self.page_language)(*requested) != language)
    }

    /// What pages show of this installation.
    fn page_context(&self) -> PageContext {
        PageContext {
            simulator: self.simulator.clone(),
            mailbox: self.mailbox.clone(),
            common: Some(self.common.clone()),
            origin: self.site.origin().into(),
            message_prices: self.site.message_prices.as_slice().into(),
        }
    }

    /// Provides what pages and server functions take from their context.
    fn provide(&self) {
        provide_context(self.clone());
        provide_context(self.shop.clone());
        provide_context(self.site.cookies());
        provide_context(self.page_context());
        let headers = server::request().map(|parts| parts.headers).unwrap_or_default();
        provide_context(self.text_for(&headers));
        let nonce = server::request().ok().and_then(|parts| parts.extensions.get().cloned());
        if let Some(nonce) = nonce {
            provide_context::<leptos::nonce::Nonce>(nonce);
        }
    }
}

/// The router of the public address, with all layers. Tests call it without a socket. Its
/// addresses are listed in [`web::routes`].
pub fn router(state: AppState) -> Router {
    // The cache is outside of the compression, so that a page is compressed once.
    let pages = pages_router(&state)
        .layer(CompressionLayer::new())
        .layer(from_fn_with_state(state.clone(), layers::page_cache::serve_cached));
    let answers = pages
        .merge(files(&state).layer(CompressionLayer::new()))
        .layer(from_fn_with_state(state.clone(), layers::cookies::unique_cookies))
        .layer(from_fn_with_state(state.clone(), layers::deadline::deadline))
        .layer(from_fn_with_state(state.clone(), layers::origin::origin))
        // Providers sign these calls instead of sending an origin or a session.
        .merge(webhooks::routes(&state));
    with_outer_layers(answers, state)
}

/// Adds the layers that every response passes. The headers are outermost, so that refusals,
/// faults and the response to a panic have them too.
fn with_outer_layers(answers: Router, state: AppState) -> Router {
    answers
        .layer(from_fn_with_state(state.clone(), layers::client_ip::client_ip))
        .layer(from_fn_with_state(state.clone(), layers::host::host))
        .layer(from_fn_with_state(state.clone(), layers::drain::drain))
        .layer(from_fn_with_state(state.clone(), layers::error_words::error_words))
        .layer(from_fn_with_state(state.clone(), layers::trace::trace))
        .layer(from_fn_with_state(state, layers::headers::headers))
}

/// The routes that need to know the visitor: pages, server functions, events, simulator.
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
        .with_expiry(Expiry::OnInactivity(SESSION_MAX_IDLE));
    let calls = Router::new()
        .route(routes::events::DELIVERY, get(events::delivery))
        .route(routes::downloads::RECOVERY_CODES, get(downloads::recovery_codes))
        .route(routes::downloads::PERSONAL_DATA, get(downloads::personal_data))
        .route(routes::downloads::INVOICE, get(downloads::invoice))
        .merge(simulator::routes(state))
        .with_state(state.clone());
    // Besides the pages, this adds a route for every registered server function.
    Router::new()
        .leptos_routes_with_context(options, generate_route_list(pages::App), provide, shell)
        .fallback(not_found)
        .with_state(options.clone())
        .merge(calls)
        .layer(from_fn_with_state(state.clone(), layers::strip_scripts::strip_scripts))
        .layer(from_fn_with_state(state.clone(), layers::overload_page::overload_page))
        .layer(from_fn_with_state(state.clone(), layers::auth::authenticate))
        .layer(sessions)
        .layer(from_fn_with_state(state.clone(), layers::limit_body::limit_body))
        .layer(from_fn_with_state(state.clone(), layers::vary::vary))
}

/// The routes of files: style, script, fonts and pictures. Nothing else of the disk is served.
fn files(state: &AppState) -> Router {
    let root = Path::new(&*state.site.options.site_root);
    let folder = |path: PathBuf| ServeDir::new(path).precompressed_br().precompressed_gzip();
    let file = |name: &str| ServeFile::new(root.join(name));
    // What this build does not have may be of another build. Where builds share no folder, the
    // second look finds nothing either.
    let shared = state.site.shared_files.as_deref().unwrap_or(root).join(shared_files::PKG);
    let pkg = folder(root.join("pkg")).fallback(folder(shared));
    Router::new()
        .route(routes::files::STYLE, get(style::sheet))
        .nest_service(routes::files::PKG, pkg)
        .route(routes::files::ART, get(pages::art::picture))
        .nest_service(routes::files::FONTS, folder(root.join("fonts")))
        .nest_service(routes::files::IMAGES, folder(root.join("images")))
        .nest_service(routes::files::ICONS, folder(root.join("icons")))
        .route_service(routes::files::FAVICON_SVG, file("favicon.svg"))
        .route_service(routes::files::FAVICON_ICO, file("favicon.ico"))
        .route_service(routes::files::ROBOTS_TXT, file("robots.txt"))
        .layer(from_fn_with_state(state.clone(), layers::file_names::file_names))
        .with_state(state.clone())
}
