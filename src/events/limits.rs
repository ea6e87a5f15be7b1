//! How many event streams may be open, in all, from one network address and from one browser.
//!
//! A page without a stream refreshes instead: it gets its news as one short response, and the
//! browser asks again after a while. So nobody is refused, and no browser or address takes what
//! is for all.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use shop::{ClientAddress, Visitor, warnings};
use tokio::sync::Notify;

use crate::metrics;

/// How many streams may be open at once.
const MAX_STREAMS: usize = 2048;
/// How many of them one network address may have. Thousands of people share the address of a
/// mobile network, but few of them wait for a code at the same moment.
const MAX_STREAMS_OF_ADDRESS: usize = MAX_STREAMS / 8;
/// How many of them one browser may have: it shows one page, and others in the background.
const MAX_STREAMS_OF_BROWSER: usize = 4;

/// The open event streams. Clones share them.
#[derive(Clone, Default)]
pub struct EventStreams(Arc<Mutex<Open>>);

#[derive(Default)]
struct Open {
    next: u64,
    /// By age: a later stream has a greater number.
    streams: BTreeMap<u64, Entry>,
}

struct Entry {
    browser: String,
    address: ClientAddress,
    end: Arc<Notify>,
}

impl EventStreams {
    /// Takes a place for a stream of this visitor. `None` if the page shall refresh instead.
    ///
    /// A new page of a browser ends the oldest stream of that browser. A page that `refreshes`
    /// already waits until a place is free, so that two pages do not end each other's streams in
    /// turns.
    pub fn admit(&self, visitor: &Visitor, refreshes: bool) -> Option<StreamPlace> {
        let (browser, address) = (visitor.browser.digest(), visitor.address.clone());
        let mut open = self.open();
        let of_browser: Vec<_> = open.of(|entry| entry.browser == browser);
        if of_browser.len() >= MAX_STREAMS_OF_BROWSER {
            if refreshes {
                return None;
            }
            of_browser.iter().take(1).for_each(|oldest| open.end(*oldest));
        }
        let reason = match () {
            () if open.streams.len() >= MAX_STREAMS => "too_many",
            () if open.of(|entry| entry.address == address).len() >= MAX_STREAMS_OF_ADDRESS => {
                "too_many_of_address"
            }
            () => return Some(self.place(&mut open, browser, address)),
        };
        warnings::count("events.refreshed", "stream", reason);
        None
    }

    fn place(&self, open: &mut Open, browser: String, address: ClientAddress) -> StreamPlace {
        let (number, end) = (open.next, Arc::new(Notify::new()));
        open.next += 1;
        open.streams.insert(number, Entry { browser, address, end: Arc::clone(&end) });
        metrics::set_event_streams(open.streams.len());
        StreamPlace { streams: self.clone(), number, end }
    }

    fn open(&self) -> MutexGuard<'_, Open> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Open {
    /// The numbers of the streams for which this is true, oldest first.
    fn of(&self, is_wanted: impl Fn(&Entry) -> bool) -> Vec<u64> {
        let wanted = self.streams.iter().filter(|(_, entry)| is_wanted(entry));
        wanted.map(|(number, _)| *number).collect()
    }

    fn end(&mut self, number: u64) {
        if let Some(entry) = self.streams.remove(&number) {
            entry.end.notify_one();
        }
    }
}

/// The place of one open stream. It is free again when this is dropped.
pub struct StreamPlace {
    streams: EventStreams,
    number: u64,
    end: Arc<Notify>,
}

impl StreamPlace {
    /// Done when a newer page of the browser needs the place.
    pub fn is_needed(&self) -> impl Future<Output = ()> + Send + use<> {
        let end = Arc::clone(&self.end);
        async move { end.notified().await }
    }

    /// Whether the place is taken away.
    pub fn is_lost(&self) -> bool {
        !self.streams.open().streams.contains_key(&self.number)
    }
}

impl Drop for StreamPlace {
    fn drop(&mut self) {
        let mut open = self.streams.open();
        open.streams.remove(&self.number);
        metrics::set_event_streams(open.streams.len());
    }
}

#[cfg(test)]
mod tests {
    use std::net::IpAddr;

    use domain::Language;
    use futures::FutureExt;
    use shop::BrowserSecret;

    use super::*;

    fn visitor(browser: u128, address: &str) -> Visitor {
        Visitor {
            browser: BrowserSecret::from_bits(browser),
            address: ClientAddress::of(address.parse().unwrap()),
            user_agent: String::new(),
            language: Language::English,
            signed_in: None,
        }
    }

    #[test]
    fn x170_a_new_page_of_a_browser_ends_its_oldest_stream() {
        let streams = EventStreams::default();
        let shopper = visitor(1, "192.0.2.1");
        let open = || streams.admit(&shopper, false).unwrap();
        let places: Vec<_> = (0..MAX_STREAMS_OF_BROWSER).map(|_| open()).collect();
        assert!(places.iter().all(|place| !place.is_lost()));
        let newest = open();
        assert!(places[0].is_lost() && places[0].is_needed().now_or_never().is_some());
        assert!(places[1..].iter().all(|place| !place.is_lost()) && !newest.is_lost());
        assert!(streams.admit(&shopper, true).is_none(), "a page that refreshes ends none");
        drop(newest);
        assert!(streams.admit(&shopper, true).is_some(), "a free place is taken again");
    }

    #[test]
    fn x170_one_browser_never_has_more_than_its_places() {
        let streams = EventStreams::default();
        let attacker = visitor(1, "192.0.2.1");
        let held: Vec<_> = (0..5000).map(|_| streams.admit(&attacker, false)).collect();
        assert_eq!(held.iter().flatten().filter(|place| !place.is_lost()).count(), 4);
        assert!(streams.admit(&visitor(2, "192.0.2.2"), false).is_some());
    }

    #[test]
    fn x170_one_address_never_takes_the_places_of_all() {
        // Each row is an attacker with many browsers; the last column is how many streams it has.
        let networks: [(&[&str], usize); 8] = [
            (&["192.0.2.1"], 256),
            (&["::ffff:192.0.2.1"], 256),
            (&["192.0.2.1", "::ffff:192.0.2.1"], 256),
            (&["192.0.2.1", "192.0.2.2"], 512),
            (&["2001:db8:1:2::1"], 256),
            (&["2001:db8:1:2::1", "2001:db8:1:2:ffff::2"], 256),
            (&["2001:db8:1:2::1", "2001:db8:1:3::1"], 512),
            (&["::1", "127.0.0.1"], 512),
        ];
        for (addresses, expected) in networks {
            let streams = EventStreams::default();
            let mut held = Vec::new();
            for browser in 0..1000 {
                for address in addresses {
                    held.extend(streams.admit(&visitor(browser, address), false));
                }
            }
            let open = held.iter().filter(|place| !place.is_lost()).count();
            assert_eq!(open, expected, "{addresses:?}");
            let shopper = visitor(u128::MAX, "198.51.100.7");
            assert!(streams.admit(&shopper, false).is_some(), "{addresses:?}");
        }
    }

    #[test]
    fn x170_all_places_are_bounded_and_freed() {
        let streams = EventStreams::default();
        let address = |number: u32| IpAddr::from(std::net::Ipv4Addr::from_bits(number)).to_string();
        let held: Vec<_> = (0..3000)
            .filter_map(|number| streams.admit(&visitor(number.into(), &address(number)), false))
            .collect();
        assert_eq!(held.len(), MAX_STREAMS);
        assert!(streams.admit(&visitor(9999, "198.51.100.7"), false).is_none());
        drop(held);
        assert!(streams.open().streams.is_empty());
    }
}
