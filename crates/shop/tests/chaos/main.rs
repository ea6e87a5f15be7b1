//! Many codes are sent through a provider that fails three calls in ten, in every way it can,
//! while the process that sends them is killed again and again.
//!
//! The parent requests codes and runs the provider (the emulator of Meta). Its children, one
//! after the other, send the outbox and handle the webhooks. Afterwards rows and phones must
//! agree: each code was delivered, or failed and is reported so, or was accepted by the provider
//! without any report. None is lost, none differs, and the outbox is empty. `make chaos` does it
//! with 10,000 codes.

#[cfg(test)]
mod app;
#[cfg(test)]
mod child;
#[cfg(test)]
mod report;

#[cfg(test)]
mod tests {
    use std::{sync::atomic::Ordering, time::Duration};

    use crate::{app::TestShop, child::Child, report};

    /// The number of codes without `MARIGOLD_CHAOS_CODES`.
    const DEFAULT_COUNT: u32 = 60;
    /// The clock is advanced by this after each kill, so that the leases of the killed child end.
    const CLOCK_STEP: Duration = Duration::from_secs(61);
    /// As many steps of the clock as fit into the lifetime of a code.
    const MAX_KILLS: u32 = 60;

    /// The number of steps after which a child is killed: about a tenth of the codes, and another
    /// number for each child, so that the kills hit different points.
    fn steps_before_kill(count: u32, kills: u32) -> u32 {
        count.div_ceil(10) + kills * 7 % 11
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn x64_killed_repeatedly_no_code_is_lost_or_changed() {
        let count = crate::app::variable("MARIGOLD_CHAOS_CODES")
            .map_or(DEFAULT_COUNT, |text| text.parse().unwrap());
        let test_shop = TestShop::open().await;
        let asking = {
            let test_shop = test_shop.clone();
            tokio::spawn(async move { test_shop.request_codes(count).await })
        };
        let mut kills = 0;
        let mut child = Child::start(&test_shop, Duration::ZERO).await;
        loop {
            child.steps(steps_before_kill(count, kills)).await;
            if kills > 0 && asking.is_finished() && test_shop.is_outbox_empty().await {
                break;
            }
            if kills < MAX_KILLS {
                kills += 1;
                child.kill().await;
                test_shop.clock.advance(CLOCK_STEP);
                child = Child::start(&test_shop, CLOCK_STEP * kills).await;
            }
        }
        let visitors = asking.await.unwrap();
        let unreported = report::settle(&test_shop, &mut child).await;
        assert!(unreported.is_empty(), "reports were answered and lost: {unreported:?}");
        child.kill().await;
        let report = report::read(&test_shop, &visitors).await;
        report.print(kills, test_shop.asked.load(Ordering::SeqCst));
        report.check(count);
    }
}
