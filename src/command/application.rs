//! Builds the shop from the settings.

use std::{
    fs, io,
    num::NonZeroUsize,
    path::{Path, PathBuf},
    sync::Arc,
};

use anyhow::{Context, bail};
use domain::Timestamp;
use email::{Mailer, Smtp};
use marigold::config::{
    Config, DatabaseSettings, gateways::Gateway as GatewaySetting, mail::Mail, providers::Provider,
};
use payment::{DemoGateway, Gateway, Gateways, Url, stripe::Stripe};
use shop::{
    Clock, DemoMailbox, Dependencies, Entropy, MailServer, Mode, Passwords, Shop,
    delivery::{EventReceiver, event_channel},
    templates::Templates,
};
use store::{Db, Location, OpenError, OpenOptions};
use web::routes;
use whatsapp::{EventSender, MessageProvider, Now, Simulator};

use super::database_files::{dated, with_suffix};

/// The file in which the demo gateway keeps its payments.
const DEMO_GATEWAY_LEDGER: &str = "data/demo_gateway";
/// The folder in which the demo keeps e-mails.
const DEMO_MAILBOX: &str = "data/mail";

/// The parts of the application that commands use.
pub struct Application {
    /// The shop's database.
    pub db: Db,
    /// The shop.
    pub shop: Shop,
    /// The message templates.
    pub templates: Templates,
    /// The simulated phones, if messages go there.
    pub simulator: Option<Arc<Simulator>>,
    /// The mailbox of the demo, if e-mails go there.
    pub mailbox: Option<Arc<DemoMailbox>>,
    /// The delivery reports of the simulated phones.
    pub events: EventReceiver,
}

impl Application {
    /// Opens the database, migrates it, and builds the shop.
    pub async fn open(config: &Config, entropy: Entropy, clock: Clock) -> anyhow::Result<Self> {
        std::fs::create_dir_all("data").context("cannot create data/")?;
        let db = open_database(&config.database, config.settings.mode, clock.now()).await?;
        let now = {
            let clock = clock.clone();
            Arc::new(move || clock.now())
        };
        let (sender, events) = event_channel();
        let (providers, simulator) = providers(config, sender, now.clone());
        let hashers = std::thread::available_parallelism().unwrap_or(NonZeroUsize::MIN);
        let dependencies = Dependencies {
            db: db.clone(),
            providers,
            gateways: gateways(config, now)?,
            clock,
            entropy,
            passwords: Passwords::under(config.password_keys.clone(), hashers),
            settings: config.settings.clone(),
        };
        let templates = dependencies.templates();
        let (server, mailbox) = mail_server(config)?;
        let shop = Shop::with_mail(dependencies, server);
        Ok(Self { db, shop, templates, simulator, mailbox, events })
    }
}

/// Opens the database and brings its tables up to date.
///
/// A database that an older version made cannot be brought up to date. The demo renames
/// such an SQLite file, because nothing in it is worth stopping a demonstration for, and
/// starts with a new one. In production it is an error.
async fn open_database(
    settings: &DatabaseSettings,
    mode: Mode,
    now: Timestamp,
) -> anyhow::Result<Db> {
    let db = connect(settings).await?;
    let error = match db.migrate().await {
        Ok(()) => return Ok(db),
        Err(error) => error,
    };
    db.close().await;
    match &error {
        store::Error::OldDatabase { location } if mode == Mode::Demo => {
            let Location::File(file) = location.as_ref() else { return Err(error.into()) };
            let moved_to = move_aside(file, now)
                .with_context(|| format!("cannot rename the old database {}", file.display()))?;
            tracing::warn!(
                event = "database.old_moved_aside",
                file = %file.display(),
                moved_to = %moved_to.display(),
                "An older version of Marigold made the database file. It was renamed, and the \
                 demo starts with a new one.",
            );
        }
        store::Error::OldDatabase { .. } => return Err(error.into()),
        _ => return Err(error).context("cannot migrate the database"),
    }
    let db = connect(settings).await?;
    db.migrate().await.context("cannot create the tables")?;
    Ok(db)
}

/// Opens the database, and refuses a pooler that mixes up statements.
pub async fn connect(settings: &DatabaseSettings) -> anyhow::Result<Db> {
    let options = OpenOptions {
        direct_url: settings.direct_url.clone(),
        max_connections: settings.max_connections,
        acquire_timeout: settings.acquire_timeout,
        statement_timeout: settings.statement_timeout,
        ..OpenOptions::default()
    };
    let opened = Db::open_with(&settings.url, &options).await;
    let db = match opened {
        // It names its own setting.
        Err(store::Error::Open(error)) if matches!(*error, OpenError::Direct(_)) => bail!(error),
        opened => opened.context("cannot connect to DATABASE_URL")?,
    };
    db.check_pooler().await.context("cannot use DATABASE_URL")?;
    Ok(db)
}

/// Renames an SQLite file to `<name>.old-<date>-<time>` and returns the new path.
///
/// The last connection that closes a database removes its write-ahead log. So if there is
/// one, another process has the file open, and renaming it could damage it: that is refused,
/// and so is a name that exists.
fn move_aside(file: &Path, now: Timestamp) -> io::Result<PathBuf> {
    let moved_to = dated(file, "old", now)?;
    if with_suffix(file, "-wal").exists() {
        return Err(io::Error::other("another process has it open; stop that process first"));
    }
    // Unlike a rename, a hard link does not replace a file that has the name already.
    fs::hard_link(file, &moved_to)?;
    fs::remove_file(file)?;
    Ok(moved_to)
}

/// The mail server, and the mailbox of the demo if that is it.
fn mail_server(config: &Config) -> anyhow::Result<(Option<MailServer>, Option<Arc<DemoMailbox>>)> {
    let confirmation_link = config.site.origin() + &routes::email_confirmation();
    let server = |mailer: Arc<dyn Mailer>| Some(MailServer { mailer, confirmation_link });
    Ok(match &config.mail {
        Mail::Off => (None, None),
        Mail::Demo(sender) => {
            let mailbox = Arc::new(DemoMailbox::new(DEMO_MAILBOX.into(), sender.clone()));
            (server(mailbox.clone()), Some(mailbox))
        }
        Mail::Smtp(url, sender) => (server(Arc::new(Smtp::new(url, sender.clone())?)), None),
    })
}

/// The providers in the order of the settings, and the simulator if it is one of them.
fn providers(
    config: &Config,
    events: EventSender,
    now: Now,
) -> (Vec<Arc<dyn MessageProvider>>, Option<Arc<Simulator>>) {
    let mut simulator = None;
    let mut providers: Vec<Arc<dyn MessageProvider>> = Vec::new();
    for provider in &config.providers.list {
        providers.push(match provider {
            Provider::Real(provider) => provider.clone(),
            Provider::Simulator => {
                simulator.insert(Simulator::new(events.clone(), now.clone())).clone()
            }
        });
    }
    (providers, simulator)
}

/// The gateways in the order of the settings.
fn gateways(config: &Config, now: Now) -> anyhow::Result<Gateways> {
    let link = config.site.origin() + routes::CHECKOUT_RETURN_PREFIX;
    let link = Url::parse(&link).context("the address of the shop")?;
    let mut gateways: Vec<Arc<dyn Gateway>> = Vec::new();
    for gateway in &config.gateways.list {
        gateways.push(match gateway {
            GatewaySetting::Demo => DemoGateway::open(DEMO_GATEWAY_LEDGER.as_ref(), now.clone())
                .context(DEMO_GATEWAY_LEDGER)?,
            GatewaySetting::CashOnDelivery(gateway) => Arc::new(gateway.clone()),
            GatewaySetting::BankTransfer(gateway) => Arc::new(gateway.clone()),
            GatewaySetting::Stripe(settings) => {
                Arc::new(Stripe::new((**settings).clone(), now.clone()).context("Stripe")?)
            }
        });
    }
    Ok(Gateways::new(link, gateways))
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use sqlx::{
        Connection, Row, SqliteConnection,
        sqlite::{SqliteConnectOptions, SqliteJournalMode},
    };

    use super::*;

    /// 2026-01-01T00:00:00Z.
    const NOW: Timestamp = Timestamp::from_millis(1_767_225_600_000);

    /// The list of applied migrations as an older version left it, and one of its tables.
    const OLD_TABLES: &str = "create table _sqlx_migrations (
            version bigint primary key, description text not null,
            installed_on timestamp not null default current_timestamp,
            success boolean not null, checksum blob not null, execution_time bigint not null);
        insert into _sqlx_migrations (version, description, success, checksum, execution_time)
            values (1, 'accounts', true, x'0123', 1), (10, 'typed', true, x'4567', 1);
        create table accounts (id text not null primary key);
        insert into accounts values ('an old row');";

    async fn old_database(file: &Path) -> DatabaseSettings {
        let options = SqliteConnectOptions::new().filename(file).create_if_missing(true);
        let mut connection = SqliteConnection::connect_with(&options).await.unwrap();
        sqlx::raw_sql(OLD_TABLES).execute(&mut connection).await.unwrap();
        connection.close().await.unwrap();
        let url = format!("sqlite:{}", file.display());
        let (acquire_timeout, statement_timeout) =
            (Duration::from_secs(3), Duration::from_secs(10));
        let direct_url = None;
        DatabaseSettings { url, direct_url, max_connections: 2, acquire_timeout, statement_timeout }
    }

    async fn first_account(file: &Path) -> Option<String> {
        let options = SqliteConnectOptions::new().filename(file);
        let mut connection = SqliteConnection::connect_with(&options).await.unwrap();
        let row = sqlx::query("select id from accounts").fetch_optional(&mut connection).await;
        let id = row.unwrap().map(|row| row.get(0));
        connection.close().await.unwrap();
        id
    }

    #[tokio::test]
    async fn the_demo_renames_an_old_database_file_and_starts_with_a_new_one() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("marigold.db");
        let settings = old_database(&file).await;
        let db = open_database(&settings, Mode::Demo, NOW).await.unwrap();
        db.close().await;
        let moved_to = folder.path().join("marigold.db.old-20260101-000000");
        assert_eq!(first_account(&moved_to).await.as_deref(), Some("an old row"));
        assert_eq!(first_account(&file).await, None);
        open_database(&settings, Mode::Demo, NOW).await.unwrap().close().await;
    }

    #[tokio::test]
    async fn an_old_database_that_another_process_has_open_is_not_renamed() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("marigold.db");
        let settings = old_database(&file).await;
        let options = SqliteConnectOptions::new().filename(&file);
        let options = options.journal_mode(SqliteJournalMode::Wal);
        let mut server = SqliteConnection::connect_with(&options).await.unwrap();
        sqlx::query("delete from accounts").execute(&mut server).await.unwrap();
        let error = open_database(&settings, Mode::Demo, NOW).await.err().unwrap();
        assert!(format!("{error:#}").contains("another process has it open"), "{error:#}");
        server.close().await.unwrap();
        open_database(&settings, Mode::Demo, NOW).await.unwrap().close().await;
        assert!(folder.path().join("marigold.db.old-20260101-000000").exists());
    }

    #[test]
    fn an_older_copy_with_the_same_name_is_not_replaced() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("marigold.db");
        fs::write(&file, "first").unwrap();
        let moved_to = move_aside(&file, NOW).unwrap();
        fs::write(&file, "second").unwrap();
        move_aside(&file, NOW).unwrap_err();
        assert_eq!(fs::read_to_string(moved_to).unwrap(), "first");
        assert_eq!(fs::read_to_string(file).unwrap(), "second");
    }

    #[tokio::test]
    async fn production_refuses_an_old_database_and_leaves_it_as_it_is() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("marigold.db");
        let settings = old_database(&file).await;
        let error =
            open_database(&settings, Mode::Production, NOW).await.err().unwrap().to_string();
        assert!(error.contains(&file.display().to_string()), "{error}");
        assert!(error.contains("DATABASE_URL name another database"), "{error}");
        assert_eq!(first_account(&file).await.as_deref(), Some("an old row"));
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1, "nothing was renamed");
    }
}
