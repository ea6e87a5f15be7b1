//! A process that is killed again and again while it sells.
//!
//! The parent starts this test program as a child, with one SQLite file and one ledger of the
//! demo gateway for all children. The child reconciles what it finds in flight, buys in a loop,
//! and writes a line to its standard output after each step. The parent kills it with SIGKILL
//! after its first sale and a number of further steps that differs by round, so that every
//! round sells something on the slowest machine. Afterwards the statements of the gateway, the
//! orders and the stock must agree.

use std::{
    io::{BufRead, BufReader},
    path::{Path, PathBuf},
    process::{Command, Stdio},
    sync::Arc,
    time::Duration,
};

use domain::{AccountId, OrderStatus, PaymentStatus, VariantId};
use payment::DemoGateway;
use shop::{
    BrowserSecret, ClientAddress, Clock, Dependencies, Entropy, Settings, Shop, Visitor,
    codes::Policy, delivery,
};
use store::Db;
use whatsapp::Simulator;

use crate::{
    commerce::{Person, address, pieces, products_on_sale, shopper, signed_in},
    support::{BEGIN, TestShop, gateways, passwords, phone, settings},
};

/// The variables that give the child the folder of the shop and the number of the round.
const FOLDER: &str = "MARIGOLD_TEST_KILLED_FOLDER";
const ROUND: &str = "MARIGOLD_TEST_KILLED_ROUND";
const VARIANT: &str = "MARIGOLD_TEST_KILLED_VARIANT";
/// The lines that the child writes after a step and after a paid purchase.
const STEP: &str = "x127: a step";
const SALE: &str = "x127: a sale";
/// Half the number of steps of the child's loop. Every second step is interrupted, and among
/// them are the three confirmations, which charge.
const ROUNDS: u32 = 12;
const PIECES: u32 = 10_000;
const PRICE: i64 = 1_000;

/// One process of the shop over the folder.
struct Process {
    shop: Shop,
    phones: Arc<Simulator>,
    db: Db,
}

impl Process {
    async fn open(folder: &Path, round: u32) -> Self {
        // Each round is a minute later, so that the leases of the killed process have ended.
        let clock = Clock::stopped_at(BEGIN + Duration::from_secs(60) * (round + 1));
        let (sink, _) = delivery::event_channel();
        let time = clock.clone();
        let phones = Simulator::instant(sink, Arc::new(move || time.now()));
        let db = Db::open(&format!("sqlite:{}", folder.join("shop.db").display())).await.unwrap();
        let policy = Policy {
            phone_sends_per_hour: 1_000_000,
            phone_sends_per_day: 1_000_000,
            address_sends_per_hour: 1_000_000,
            sends_per_day: 1_000_000,
            ..Policy::demo()
        };
        let time = clock.clone();
        let ledger = folder.join("gateway.jsonl");
        let shop = Shop::new(Dependencies {
            db: db.clone(),
            providers: vec![phones.clone()],
            gateways: gateways(DemoGateway::open(&ledger, Arc::new(move || time.now())).unwrap()),
            clock,
            entropy: Entropy::system(),
            passwords: passwords(None),
            settings: Settings { policy, ..settings() },
        });
        Self { shop, phones, db }
    }

    async fn buyer(&self, round: u32) -> Person {
        let id = AccountId::from_bits(1_000 + u128::from(round));
        let account = self.db.read().await.unwrap().accounts().find(&id).await.unwrap().unwrap();
        let visitor = Visitor {
            browser: BrowserSecret::from_bits(u128::from(round)),
            address: ClientAddress::of(std::net::Ipv4Addr::LOCALHOST.into()),
            user_agent: String::new(),
            language: domain::Language::English,
            signed_in: Some(signed_in(&account, round)),
        };
        Person { visitor, phone: phone(round) }
    }

    /// Buys one piece in seven steps. A refusal is an expected result.
    async fn buy(&self, person: &Person, variant: &VariantId, method: &str) -> shop::Result<()> {
        let (shop, visitor) = (&self.shop, &person.visitor);
        shop.carts().add(visitor, None, variant, pieces(1)).await?;
        println!("{STEP}");
        let checkout = shop.checkout();
        checkout.set_address(visitor, address()).await?;
        println!("{STEP}");
        checkout.set_shipping(visitor, "standard").await?;
        println!("{STEP}");
        checkout.set_method(visitor, method).await?;
        println!("{STEP}");
        checkout.place(visitor).await?;
        println!("{STEP}");
        shop.delivery().run_due().await;
        println!("{STEP}");
        let messages = self.phones.messages(&person.phone);
        let code = messages.into_iter().find_map(|message| message.code).unwrap_or_default();
        checkout.confirm(visitor, &code).await.map(drop)
    }
}

/// The child: it reconciles what it finds and sells until it is killed. Without a folder it does
/// nothing; the parent is the test.
#[tokio::test]
async fn child_of_x127() {
    let (Some(folder), Some(round)) = (variable(FOLDER), variable(ROUND)) else { return };
    let round = round.parse().unwrap();
    let process = Process::open(&PathBuf::from(folder), round).await;
    let (person, variant) = (
        process.buyer(round).await,
        variable(VARIANT).and_then(|id| VariantId::parse(&id)).unwrap(),
    );
    loop {
        for method in ["demo_approve", "demo_decline", "demo_timeout"] {
            process.shop.payments().reconcile_pending().await.unwrap();
            println!("{STEP}");
            let bought = process.buy(&person, &variant, method).await;
            let is_paid = bought.is_ok() && method == "demo_approve";
            println!("{}", if is_paid { SALE } else { STEP });
        }
    }
}

#[expect(clippy::disallowed_methods, reason = "a parent tells its child")]
fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok()
}

#[tokio::test]
async fn x127_killed_anywhere_every_order_is_unpaid_or_paid_exactly_once() {
    let shop = TestShop::new().await;
    let variant = products_on_sale(&shop, PRICE, PIECES).await;
    let mut sales = 0;
    for round in 0..ROUNDS {
        shopper(&shop, round).await;
        sales += kill_a_child(&shop, &variant, round);
    }
    let last = Process::open(shop.folder(), ROUNDS + 60).await;
    last.shop.payments().reconcile_pending().await.unwrap();
    let paid = check_sums(&shop, &variant, ROUNDS, PIECES).await;
    assert!(paid >= sales, "a sale was lost: {paid} of {sales}");
}

/// Starts a child and kills it after a sale and some further steps. Returns how many sales it
/// reported.
fn kill_a_child(shop: &TestShop, variant: &VariantId, round: u32) -> usize {
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "killed::child_of_x127", "--nocapture"])
        .env(FOLDER, shop.folder())
        .env(ROUND, round.to_string())
        .env(VARIANT, variant.as_str())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let lines = BufReader::new(child.stdout.take().unwrap()).lines().map(Result::unwrap);
    // The test harness may write to the first line, too.
    let mut steps = lines.filter(|line| line.ends_with(STEP) || line.ends_with(SALE));
    steps.find(|line| line.ends_with(SALE)).expect("the child lives until it has sold something");
    let further: Vec<_> = steps.by_ref().take(2 * round as usize + 1).collect();
    // The kill hits the step that has just begun, a little later each round.
    std::thread::sleep(Duration::from_micros(500) * round);
    child.kill().unwrap();
    child.wait().unwrap();
    1 + further.into_iter().chain(steps).filter(|line| line.ends_with(SALE)).count()
}

/// Checks that the orders of the first `shoppers`, the gateway and the stock, which was so many
/// `pieces`, agree. Returns the number of paid orders.
pub async fn check_sums(shop: &TestShop, variant: &VariantId, shoppers: u32, pieces: u32) -> usize {
    let statements = shop.gateway.statements().await.unwrap();
    let mut rows = shop.db.read().await.unwrap();
    let (mut paid, mut sold) = (0, 0);
    for number in 0..shoppers {
        let account = AccountId::from_bits(1_000 + u128::from(number));
        for order in rows.orders().list(&account, 10_000).await.unwrap() {
            let payment = rows.payments().find_of_order(&order.names.id).await.unwrap();
            let charged = payment
                .as_ref()
                .and_then(|payment| statements.iter().find(|statement| statement.id == payment.id));
            match order.status {
                OrderStatus::Paid => {
                    paid += 1;
                    sold += order.pieces;
                    assert_eq!(payment.unwrap().status, PaymentStatus::Captured);
                    assert_eq!(charged.unwrap().amount, order.header.total);
                }
                OrderStatus::AwaitingCode | OrderStatus::Cancelled => {
                    assert!(charged.is_none(), "money was taken for an unpaid order");
                }
                status => panic!("an order is left {status:?}"),
            }
        }
    }
    assert_eq!(statements.len(), paid, "each charge belongs to one paid order");
    let left = rows.variants().find_listed(variant).await.unwrap().unwrap().stock;
    assert_eq!(left + sold, pieces, "a piece was lost or found");
    paid
}
