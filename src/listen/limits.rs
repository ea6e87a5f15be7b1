//! How many connections may be open, in all and from one network address, and which of them end
//! first when there are too many: those that have been idle for the longest time.

use std::{
    collections::HashMap,
    net::IpAddr,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use ipnet::IpNet;
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use shop::{ClientAddress, warnings};
use tokio::sync::Notify;

use super::activity::Activity;
use crate::metrics;

/// How many connections of visitors may be open at once.
const MAX_CONNECTIONS: usize = 8192;
/// How many connections to health and metrics may be open at once.
const MAX_OPERATIONS_CONNECTIONS: usize = 64;
/// How many file descriptors are kept for everything else: the database, providers, files, and
/// health and metrics, which so can always be asked.
const RESERVED_DESCRIPTORS: u64 = 256;

/// The limits of one listener.
#[derive(Clone, Debug)]
pub struct ConnectionLimits {
    /// The name of the listener, for the log and the metrics.
    pub name: &'static str,
    /// How many connections may be open at once.
    pub total: usize,
    /// How many of them one network address may have.
    pub per_address: usize,
    /// The proxies, whose addresses stand for many visitors and so have only the limit for all.
    pub trusted_proxies: Vec<IpNet>,
}

impl ConnectionLimits {
    /// The limits of the shop's listener. One address has a quarter of all places, because
    /// thousands of people share the address of a mobile network.
    pub fn of_shop(trusted_proxies: Vec<IpNet>) -> Self {
        let total = MAX_CONNECTIONS.min(available_descriptors());
        Self { name: "shop", total, per_address: (total / 4).max(1), trusted_proxies }
    }

    /// The limits of the listener of health and metrics.
    pub const fn of_operations() -> Self {
        let total = MAX_OPERATIONS_CONNECTIONS;
        Self { name: "operations", total, per_address: total, trusted_proxies: Vec::new() }
    }
}

/// Raises the number of file descriptors that this process may open as far as the system allows,
/// and returns how many of them connections may use.
fn available_descriptors() -> usize {
    let Rlimit { current, maximum } = getrlimit(Resource::Nofile);
    let raised = setrlimit(Resource::Nofile, Rlimit { current: maximum, maximum });
    let limit = if raised.is_ok() { maximum } else { current };
    let limit = limit.unwrap_or(u64::MAX).saturating_sub(RESERVED_DESCRIPTORS).max(1);
    usize::try_from(limit).unwrap_or(usize::MAX)
}

/// The open connections of a listener. Clones share them.
#[derive(Clone)]
pub struct Connections(Arc<Shared>);

struct Shared {
    limits: ConnectionLimits,
    open: Mutex<Open>,
}

#[derive(Default)]
struct Open {
    next: u64,
    connections: HashMap<u64, Entry>,
    /// How many connections each address has; those of proxies are not counted.
    of_address: HashMap<ClientAddress, usize>,
}

struct Entry {
    address: Option<ClientAddress>,
    activity: Activity,
    end: Arc<Notify>,
}

impl Connections {
    /// No connections yet.
    pub fn new(limits: ConnectionLimits) -> Self {
        Self(Arc::new(Shared { limits, open: Mutex::default() }))
    }

    /// The name of the listener.
    pub fn name(&self) -> &'static str {
        self.0.limits.name
    }

    /// Takes a place for a connection from this address. If there is none, the connections that
    /// have been idle for the longest time end; if all are busy, there is no place.
    pub fn admit(&self, peer: IpAddr) -> Option<Place> {
        let peer = peer.to_canonical();
        let limits = &self.0.limits;
        let is_proxy = limits.trusted_proxies.iter().any(|network| network.contains(&peer));
        let address = (!is_proxy).then(|| ClientAddress::of(peer));
        let mut open = self.open();
        let count = |open: &Open| address.as_ref().map_or(0, |address| open.count(address));
        if count(&open) >= limits.per_address {
            open.end_idle(address.as_ref(), limits);
        }
        if open.connections.len() >= limits.total {
            open.end_idle(None, limits);
        }
        let is_full = open.connections.len() >= limits.total;
        if is_full || count(&open) >= limits.per_address {
            let reason = if is_full { "too_many" } else { "too_many_of_address" };
            warnings::count("connection.refused", limits.name, reason);
            return None;
        }
        Some(self.place(&mut open, address))
    }

    fn place(&self, open: &mut Open, address: Option<ClientAddress>) -> Place {
        let (activity, end) = (Activity::new(), Arc::new(Notify::new()));
        open.next += 1;
        let id = open.next;
        if let Some(address) = &address {
            *open.of_address.entry(address.clone()).or_default() += 1;
        }
        let entry = Entry { address, activity: activity.clone(), end: Arc::clone(&end) };
        open.connections.insert(id, entry);
        metrics::set_connections(self.0.limits.name, open.connections.len());
        Place { connections: self.clone(), id, activity, end }
    }

    /// Ends the connections that have been idle for the longest time, for lack of descriptors.
    pub fn end_oldest_idle(&self) {
        self.open().end_idle(None, &self.0.limits);
    }

    fn open(&self) -> MutexGuard<'_, Open> {
        self.0.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Open {
    fn count(&self, address: &ClientAddress) -> usize {
        self.of_address.get(address).copied().unwrap_or_default()
    }

    /// Ends the connections of an address, or of all, that have been idle for the longest time:
    /// several at once, because searching for them costs time.
    fn end_idle(&mut self, address: Option<&ClientAddress>, limits: &ConnectionLimits) {
        let is_wanted = |entry: &Entry| address.is_none() || entry.address.as_ref() == address;
        let wanted = self.connections.iter().filter(|(_, entry)| is_wanted(entry));
        let mut idle: Vec<_> =
            wanted.filter_map(|(id, entry)| Some((entry.activity.idle_since()?, *id))).collect();
        idle.sort_unstable();
        let places = if address.is_some() { limits.per_address } else { limits.total };
        for (_, id) in idle.into_iter().take((places / 64).max(1)) {
            if let Some(entry) = self.remove(id) {
                entry.end.notify_one();
                warnings::count("connection.ended", limits.name, "idle_and_too_many");
            }
        }
    }

    fn remove(&mut self, id: u64) -> Option<Entry> {
        let entry = self.connections.remove(&id)?;
        if let Some(address) = &entry.address
            && let Some(count) = self.of_address.get_mut(address)
        {
            *count = count.saturating_sub(1);
            if *count == 0 {
                self.of_address.remove(address);
            }
        }
        Some(entry)
    }
}

/// The place of one open connection. It is free again when this is dropped.
pub struct Place {
    connections: Connections,
    id: u64,
    /// What happens on the connection.
    pub activity: Activity,
    end: Arc<Notify>,
}

impl Place {
    /// Completes when another connection needs the place.
    pub async fn is_needed(&self) {
        self.end.notified().await;
    }

    /// The name of the listener.
    pub fn listener(&self) -> &'static str {
        self.connections.name()
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut open = self.connections.open();
        open.remove(self.id);
        metrics::set_connections(self.connections.name(), open.connections.len());
    }
}

#[cfg(test)]
mod tests {
    use futures::FutureExt;

    use super::*;

    fn connections(total: usize, per_address: usize) -> Connections {
        let trusted_proxies = vec!["10.0.0.0/8".parse().unwrap()];
        Connections::new(ConnectionLimits { name: "test", total, per_address, trusted_proxies })
    }

    fn admit(connections: &Connections, address: &str) -> Option<Place> {
        connections.admit(address.parse().unwrap())
    }

    fn has_ended(place: &Place) -> bool {
        place.is_needed().now_or_never().is_some()
    }

    #[tokio::test]
    async fn the_connection_that_is_idle_for_longest_gives_its_place() {
        let all = connections(3, 3);
        let places: Vec<_> =
            (1..=3).map(|number| admit(&all, &format!("192.0.2.{number}")).unwrap()).collect();
        let _busy = places[0].activity.begin_request(false);
        drop(places[1].activity.begin_request(false));
        assert!(admit(&all, "192.0.2.4").is_some());
        // The first is busy, and the second was idle for a shorter time than the third.
        assert_eq!(places.iter().map(has_ended).collect::<Vec<_>>(), [false, false, true]);
    }

    #[test]
    fn busy_connections_keep_their_places() {
        let all = connections(2, 2);
        let places = ["192.0.2.1", "192.0.2.2"].map(|peer| admit(&all, peer).unwrap());
        let busy = places.each_ref().map(|place| place.activity.begin_request(false));
        assert!(admit(&all, "192.0.2.3").is_none());
        drop(busy);
        assert!(admit(&all, "192.0.2.3").is_some());
    }

    #[test]
    fn one_address_is_limited_ipv6_by_64_and_proxies_are_not() {
        for (peers, is_limited) in [
            (["192.0.2.1", "192.0.2.1", "192.0.2.1"], true),
            (["192.0.2.1", "192.0.2.1", "192.0.2.2"], false),
            (["::ffff:192.0.2.1", "192.0.2.1", "192.0.2.1"], true),
            (["2001:db8::1", "2001:db8::2", "2001:db8::ffff:3"], true),
            (["2001:db8::1", "2001:db8::2", "2001:db8:0:1::3"], false),
            (["10.0.0.1", "10.0.0.1", "10.0.0.1"], false),
            (["::ffff:10.0.0.1", "10.0.0.1", "10.0.0.1"], false),
            (["127.0.0.1", "127.0.0.1", "127.0.0.1"], true),
        ] {
            let all = connections(100, 2);
            let mut busy = Vec::new();
            let mut admitted = Vec::new();
            for peer in peers {
                let Some(place) = admit(&all, peer) else { continue };
                busy.push(place.activity.begin_request(false));
                admitted.push(place);
            }
            assert_eq!(admitted.len() < peers.len(), is_limited, "{peers:?}");
        }
    }

    #[test]
    fn a_closed_connection_frees_its_place() {
        let all = connections(1, 1);
        for _ in 0..10 {
            let place = admit(&all, "192.0.2.1").unwrap();
            let _busy = place.activity.begin_request(false);
            assert!(admit(&all, "192.0.2.1").is_none());
        }
        assert!(all.open().of_address.is_empty() && all.open().connections.is_empty());
    }
}
