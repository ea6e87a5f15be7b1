//! Compares the rows with the phones after the last kill.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    io::Write,
    time::Duration,
};

use domain::{AccountId, DeliveryStatus, Purpose, Timestamp};
use shop::{
    Result, Visitor,
    codes::{BoxFuture, Challenge, Connection, Grant},
};
use store::Message;

use crate::{app::TestShop, child::Child};

/// After this time every webhook was repeated at least twice while a child ran: the emulator waits
/// 30 s at most between two calls.
const REPORT_TIMEOUT: Duration = Duration::from_secs(80);

/// How many codes ended in which way.
#[derive(Debug, Default)]
pub struct Report {
    rows: u32,
    delivered: u32,
    failed: BTreeMap<&'static str, u32>,
    silent: u32,
    lost: u32,
    doubled: u32,
    different: u32,
    wrong: u32,
    untrue: u32,
    queued: bool,
}

async fn rows(test_shop: &TestShop) -> Vec<Message> {
    test_shop.db.read().await.unwrap().messages().list(None, 1_000_000).await.unwrap()
}

/// Waits until the rows agree with the phones, or until no webhook can follow. Returns the phones
/// whose delivery no row knows: a report of it was answered and lost.
pub async fn settle(test_shop: &TestShop, child: &mut Child) -> BTreeSet<String> {
    let known = async {
        while !unreported(test_shop).await.is_empty() {
            child.steps(1).await;
        }
    };
    tokio::time::timeout(REPORT_TIMEOUT, known).await.ok();
    unreported(test_shop).await
}

/// The phones that a message was delivered to, without those whose rows say so.
async fn unreported(test_shop: &TestShop) -> BTreeSet<String> {
    let delivered = test_shop.emulator.messages().into_iter();
    let delivered = delivered.filter(|message| message.status == "delivered");
    let mut phones: BTreeSet<_> = delivered.map(|message| message.to).collect();
    for row in rows(test_shop).await {
        if row.status >= DeliveryStatus::Delivered {
            phones.remove(row.new.to.phone().unwrap().expose());
        }
    }
    phones
}

/// Compares rows with phones.
pub async fn read(test_shop: &TestShop, visitors: &[Visitor]) -> Report {
    let mut phones: HashMap<String, Vec<emulators::Message>> = HashMap::new();
    for message in test_shop.emulator.messages() {
        phones.entry(message.to.clone()).or_default().push(message);
    }
    // The ids of accounts are the numbers of their visitors.
    let numbered = (0_u128..).map(AccountId::from_bits).zip(visitors);
    let visitors: HashMap<AccountId, &Visitor> = numbered.collect();
    let mut report = Report { queued: !test_shop.is_outbox_empty().await, ..Report::default() };
    for row in rows(test_shop).await {
        let phone = row.new.to.phone().unwrap().expose().to_owned();
        let got = phones.get(&phone).map(Vec::as_slice).unwrap_or_default();
        report.count(&row, got);
        if let Some(code) = got.first().and_then(|message| message.code.as_deref()) {
            let visitor = visitors[row.new.account.as_ref().unwrap()];
            let verified =
                test_shop.shop.codes().verify(visitor, Purpose::Login, code, NoGrant).await;
            report.wrong += u32::from(verified.is_err());
        }
    }
    report
}

impl Report {
    fn count(&mut self, row: &Message, got: &[emulators::Message]) {
        self.rows += 1;
        let codes: BTreeSet<_> = got.iter().map(|message| message.code.as_deref()).collect();
        self.different += u32::from(codes.len() > 1);
        self.doubled += u32::from(got.len() > 1);
        let is_on_phone = got.iter().any(|message| message.status == "delivered");
        match (row.status, row.problem) {
            (DeliveryStatus::Delivered | DeliveryStatus::Read, _) => {
                self.delivered += 1;
                self.untrue += u32::from(!is_on_phone);
            }
            (DeliveryStatus::Failed, Some(problem)) => {
                *self.failed.entry(problem.as_str()).or_default() += 1;
            }
            (DeliveryStatus::Accepted | DeliveryStatus::Sent, _) => {
                self.silent += 1;
                self.untrue += u32::from(got.is_empty());
            }
            (DeliveryStatus::Queued | DeliveryStatus::Failed, _) => self.lost += 1,
        }
    }

    /// Prints the figures.
    pub fn print(&self, kills: u32, asked: u32) {
        let Self { delivered, failed, silent, lost, doubled, different, .. } = self;
        let text = format!(
            "chaos: {asked} codes, {kills} kills: {delivered} delivered, {failed:?} failed and \
             reported so, {silent} accepted without a report (an SMS is offered), {doubled} \
             sent twice with the same code, {different} with another code, {lost} lost\n"
        );
        std::io::stderr().write_all(text.as_bytes()).unwrap();
    }

    /// Checks that no code was lost, differs or is reported wrongly, and the outbox is empty.
    pub fn check(&self, count: u32) {
        assert_eq!(self.rows, count);
        let bad = (self.lost, self.different, self.wrong, self.untrue, self.queued);
        assert_eq!(bad, (0, 0, 0, 0, false), "{self:?}");
        assert!(self.delivered > count / 2, "{self:?}");
    }
}

/// Grants nothing.
#[derive(Clone)]
struct NoGrant;

impl Grant for NoGrant {
    type Output = ();

    fn grant<'c>(
        self,
        _: &'c mut Connection,
        _: &'c Challenge,
        _: Timestamp,
    ) -> BoxFuture<'c, Result<()>> {
        Box::pin(async { Ok(()) })
    }
}
