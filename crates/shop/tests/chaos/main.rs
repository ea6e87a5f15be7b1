//! Many codes through a provider that fails three calls in ten in every way it
//! knows, while the process that sends them is killed again and again.
//!
//! The parent asks for codes and plays the provider (the emulator of Meta); its
//! children, one after the other, send the outbox and take the provider's calls.
//! Afterwards rows and phones must tell the same story: each code delivered, or
//! failed and said to be, or taken by a provider that fell silent; none lost, none
//! different, nothing left in the outbox. `make chaos` does it with 10,000 codes.

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

    /// Codes asked for in the suite.
    const FEW: u32 = 60;
    /// A dead child's leases are over for the next one: time leaps over them.
    const LEAP: Duration = Duration::from_secs(61);
    /// Leaps that fit into the life of a code.
    const LEAPS: u32 = 60;

    /// How many steps a child lives: about a tenth of the codes, and each child a
    /// different number, so that the blow falls wherever it is.
    fn life(count: u32, kills: u32) -> u32 {
        count.div_ceil(10) + kills * 7 % 11
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn x64_killed_again_and_again_no_code_is_lost_and_none_is_another() {
        let count =
            crate::app::variable("MARIGOLD_CHAOS_CODES").map_or(FEW, |text| text.parse().unwrap());
        let test_shop = TestShop::open().await;
        let asking = {
            let test_shop = test_shop.clone();
            tokio::spawn(async move { test_shop.ask_for(count).await })
        };
        let mut kills = 0;
        let mut child = Child::start(&test_shop, Duration::ZERO).await;
        loop {
            child.steps(life(count, kills)).await;
            if kills > 0 && asking.is_finished() && test_shop.is_outbox_empty().await {
                break;
            }
            if kills < LEAPS {
                kills += 1;
                child.kill().await;
                test_shop.clock.advance(LEAP);
                child = Child::start(&test_shop, LEAP * kills).await;
            }
        }
        let visitors = asking.await.unwrap();
        report::settle(&test_shop, &mut child).await;
        child.kill().await;
        let story = report::read(&test_shop, &visitors).await;
        story.print(kills, test_shop.asked.load(Ordering::SeqCst));
        story.check(count);
    }
}
