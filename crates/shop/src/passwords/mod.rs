//! Passwords: which may be chosen, and where their hashes (`hasher`) of a configured
//! `cost` are computed.
//!
//! Hashing is the one costly thing that an anonymous request can cause, so it happens in a
//! bounded pool: few at a time, few waiting; every other request is refused and told when to
//! try again.

mod cost;
mod hasher;
mod rehash;

pub use cost::HashingCost;
pub use hasher::{PasswordCheck, PasswordKeys};
pub(crate) use rehash::RehashQueue;

use std::{
    num::NonZeroUsize,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use domain::{Password, Problem, Refusal, Secret};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::{
    common_passwords::is_common,
    entropy::Entropy,
    error::{Error, Fault, Result},
};
use hasher::{Hasher, SALT_BYTES, Unreadable};

/// The number of requests that wait for each hasher: about a second of work.
const MAX_WAITING_PER_HASHER: usize = 32;
/// The Retry-After of a request that finds the queue full, in seconds.
const RETRY_AFTER_SECONDS: u32 = 2;

/// Accepts a new password (S-P01, S-P03). `own_words` are known of the account and of the
/// shop, and so must not be the password.
pub fn choose(text: String, own_words: &[&str]) -> Result<Password, Problem> {
    let password = Password::choose(text)?;
    if is_common(password.expose(), own_words) {
        return Err(Problem::PasswordCommon);
    }
    Ok(password)
}

/// The pool in which passwords are hashed.
#[derive(Clone)]
pub struct Passwords(Arc<Pool>);

struct Pool {
    /// One permit for each hash computed at a time.
    hashers: Arc<Semaphore>,
    /// One permit for each hash computed or waiting.
    places: Arc<Semaphore>,
    computed: AtomicU64,
    hasher: Hasher,
}

impl Default for Passwords {
    /// A pool that keeps every core of this machine busy and no more.
    fn default() -> Self {
        Self::new(std::thread::available_parallelism().unwrap_or(NonZeroUsize::MIN))
    }
}

impl Passwords {
    /// A pool that computes this many hashes at a time, under no key.
    pub fn new(hashers: NonZeroUsize) -> Self {
        Self::with_cost(HashingCost::PRODUCTION, None, hashers)
    }

    /// A pool that computes this many hashes at a time, under the first of these keys.
    pub fn under(keys: PasswordKeys, hashers: NonZeroUsize) -> Self {
        Self::with_cost(HashingCost::PRODUCTION, Some(keys), hashers)
    }

    /// A pool that computes this many hashes of this cost at a time, under the first
    /// of these keys or under none. A hash of another cost counts as outdated.
    pub fn with_cost(cost: HashingCost, keys: Option<PasswordKeys>, hashers: NonZeroUsize) -> Self {
        let places = hashers.get().saturating_mul(MAX_WAITING_PER_HASHER + 1);
        Self(Arc::new(Pool {
            hashers: Arc::new(Semaphore::new(hashers.get())),
            places: Arc::new(Semaphore::new(places.min(Semaphore::MAX_PERMITS))),
            computed: AtomicU64::new(0),
            hasher: Hasher::new(cost, keys),
        }))
    }

    /// Hashes a password under a salt of its own.
    pub async fn hash(&self, password: Password, entropy: &Entropy) -> Result<Secret<String>> {
        let mut salt = [0; SALT_BYTES];
        entropy.fill(&mut salt)?;
        self.compute(move |hasher| hasher.hash(&password, &salt)).await
    }

    /// Compares a password with a hash. Without a hash it does the same work, with the same
    /// key and parameters, and the password is wrong, so that the time does not tell which
    /// accounts exist (S-A22).
    ///
    /// No password is right for a hash whose key is gone; its owner can set a new one, and
    /// the log tells the operator.
    pub async fn verify(
        &self,
        password: Password,
        hash: Option<Secret<String>>,
    ) -> Result<PasswordCheck> {
        self.compute(move |hasher| {
            match hash.map(|hash| hasher.verify(&password, hash.expose())) {
                Some(Err(error @ Unreadable::UnknownKey(_))) => {
                    tracing::error!(
                        event = "password.key_missing",
                        error = %error,
                        "a password could not be checked"
                    );
                }
                Some(checked) => return checked,
                None => {}
            }
            hasher.hash(&password, &[0; SALT_BYTES]).map(|_| PasswordCheck::default())
        })
        .await
    }

    /// How many hashes were ever computed: dummies and refused ones included.
    pub fn computed(&self) -> u64 {
        self.0.computed.load(Ordering::Relaxed)
    }

    /// Takes one hasher out of the pool until the answer is dropped, so that a test
    /// can fill the queue without a race against the hashing.
    #[doc(hidden)]
    pub async fn hold_one_hasher(&self) -> Option<OwnedSemaphorePermit> {
        Arc::clone(&self.0.hashers).acquire_owned().await.ok()
    }

    /// Runs one hash when its turn comes, away from the threads that serve. Its
    /// memory counts until it is done, even if the request was cancelled.
    async fn compute<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Hasher) -> Result<T, Unreadable> + Send + 'static,
    ) -> Result<T> {
        let place = self.place()?;
        let hashers = Arc::clone(&self.0.hashers);
        let turn = hashers.acquire_owned().await.map_err(|_| Fault::Hashing)?;
        self.0.computed.fetch_add(1, Ordering::Relaxed);
        let pool = Arc::clone(&self.0);
        let task = tokio::task::spawn_blocking(move || {
            let result = work(&pool.hasher);
            drop((turn, place));
            result
        });
        match task.await {
            Ok(Ok(value)) => Ok(value),
            Ok(Err(_)) | Err(_) => Err(Fault::Hashing.into()),
        }
    }

    fn place(&self) -> Result<OwnedSemaphorePermit> {
        Arc::clone(&self.0.places)
            .try_acquire_owned()
            .map_err(|_| Error::Refused(Refusal::Busy { seconds: RETRY_AFTER_SECONDS }))
    }
}

#[cfg(test)]
mod tests {
    use futures::stream::{FuturesUnordered, StreamExt};

    use super::*;
    use crate::keys::{Key, KeyRing};

    fn pool() -> Passwords {
        Passwords::with_cost(HashingCost::CHEAP_FOR_TESTS, None, NonZeroUsize::MIN)
    }

    fn ring(id: &str) -> PasswordKeys {
        let key = Key { id: id.into(), bytes: Secret::new(vec![1; 32]) };
        PasswordKeys::new(KeyRing::new(vec![key]).unwrap()).unwrap()
    }

    fn password(text: &str) -> Password {
        Password::claim(text.into()).unwrap()
    }

    async fn hashed(text: &str) -> Secret<String> {
        pool().hash(password(text), &Entropy::system()).await.unwrap()
    }

    #[tokio::test]
    async fn sp05_the_pools_of_the_program_hash_at_the_cost_of_the_standard() {
        let under_a_key = Passwords::under(ring("2026a"), NonZeroUsize::MIN);
        for pool in [Passwords::default(), Passwords::new(NonZeroUsize::MIN), under_a_key] {
            let password = password("correct horse battery");
            let hash = pool.hash(password, &Entropy::system()).await.unwrap();
            assert!(hash.expose().starts_with("$argon2id$v=19$m=19456,t=2,p=1"));
        }
    }

    #[tokio::test]
    async fn sv07_each_hash_has_sixteen_bytes_of_salt_of_its_own() {
        let (one, two) =
            (hashed("correct horse battery").await, hashed("correct horse battery").await);
        assert_ne!(one, two);
        let parsed = argon2::PasswordHash::new(one.expose()).unwrap();
        let mut bytes = [0; 64];
        assert_eq!(parsed.salt.unwrap().decode_b64(&mut bytes).unwrap().len(), 16);
    }

    #[tokio::test]
    async fn x42_passwords_alike_in_their_first_72_bytes_are_different() {
        let long = "a".repeat(72);
        let hash = hashed(&format!("{long}x")).await;
        for (text, is_right) in [(format!("{long}x"), true), (format!("{long}y"), false)] {
            let check = pool().verify(password(&text), Some(hash.clone())).await.unwrap();
            assert_eq!(check.is_right, is_right);
        }
    }

    #[tokio::test]
    async fn x46_comparing_without_a_hash_computes_one_and_is_never_right() {
        let pool = pool();
        let check = pool.verify(password("correct horse battery"), None).await.unwrap();
        assert!(!check.is_right);
        assert_eq!(pool.computed(), 1);
    }

    #[tokio::test]
    async fn sv07_a_hash_whose_key_is_gone_is_like_a_wrong_password() {
        let under = |id| {
            let (cost, keys) = (HashingCost::CHEAP_FOR_TESTS, Some(ring(id)));
            Passwords::with_cost(cost, keys, NonZeroUsize::MIN)
        };
        let before = under("gone");
        let hash =
            before.hash(password("correct horse battery"), &Entropy::system()).await.unwrap();
        let after = under("here");
        let check = after.verify(password("correct horse battery"), Some(hash)).await.unwrap();
        assert!(!check.is_right);
        assert_eq!(after.computed(), 1, "the same work");
    }

    #[tokio::test]
    async fn x43_a_full_queue_refuses_new_requests_and_serves_waiting_ones() {
        let pool = pool();
        let held = pool.hold_one_hasher().await;
        let asked = (0..200).map(|_| pool.verify(password("correct horse battery"), None));
        let mut asked: FuturesUnordered<_> = asked.collect();
        for _ in MAX_WAITING_PER_HASHER + 1..200 {
            let turned_away = asked.next().await.unwrap();
            assert!(matches!(turned_away, Err(Error::Refused(Refusal::Busy { seconds: 2 }))));
        }
        drop(held);
        assert!(asked.all(|served| async move { served.is_ok() }).await);
        assert!(pool.verify(password("correct horse battery"), None).await.is_ok());
    }

    #[test]
    fn sp03_a_common_password_cannot_be_chosen() {
        assert_eq!(choose("1q2w3e4r5t6y".into(), &[]).unwrap_err(), Problem::PasswordCommon);
        assert_eq!(choose("1q2w3e4r".into(), &[]).unwrap_err(), Problem::PasswordTooShort);
        assert!(choose("correct horse battery".into(), &["Marigold"]).is_ok());
    }
}
