//! Passwords: which may be chosen, and their hashes.
//!
//! Argon2id with 19 MiB, two passes and one lane (ASVS 5.0 §11.4.2). Hashing is
//! the one costly thing a stranger can ask for, so it happens in a bounded pool:
//! few at a time, few waiting, and everybody else is told to come back.

use std::{
    num::NonZeroUsize,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use argon2::{
    Algorithm, Argon2, Params, PasswordHash, PasswordHasher, PasswordVerifier, Version,
    password_hash::{self, SaltString},
};
use domain::{Password, Problem, Refusal, Secret};
use store::Account;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::{Entropy, Error, Fault, Result, Shop, common_passwords::is_common};

/// Memory of one hash, in KiB.
const MEMORY: u32 = 19_456;
/// Passes over that memory.
const PASSES: u32 = 2;
/// Lanes, one after the other.
const LANES: u32 = 1;
/// Bytes of random salt.
const SALT: usize = 16;
/// How many may wait for each hasher: about a second of work.
const WAITING_PER_HASHER: usize = 32;
/// What those are told who find the queue full.
const COME_BACK_IN: u32 = 2;

/// What an unknown account's password is compared with: the parameters of a real
/// hash, so that it costs the same, and an output that no password is known to have.
const NOBODYS: &str = "$argon2id$v=19$m=19456,t=2,p=1$AAAAAAAAAAAAAAAAAAAAAA\
    $AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

/// Takes a password somebody wants to use from now on (S-P01, S-P03). `own_words`
/// are what is known of them and of the shop, and so no secret.
pub fn choose(text: String, own_words: &[&str]) -> Result<Password, Problem> {
    let password = Password::choose(text)?;
    if is_common(password.expose(), own_words) {
        return Err(Problem::PasswordCommon);
    }
    Ok(password)
}

impl Shop {
    /// What is known of an account's owner and of the shop, and so no secret.
    pub(crate) fn own_words<'w>(&'w self, account: &'w Account) -> [&'w str; 3] {
        [&self.settings().shop_name, &account.name, account.email.as_str()]
    }
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
}

/// What comparing a password with a hash showed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Verdict {
    /// The password is the one that was hashed.
    pub is_right: bool,
    /// The hash was made with other parameters than new ones are.
    pub is_outdated: bool,
}

impl Default for Passwords {
    /// A pool that keeps every core of this machine busy and no more.
    fn default() -> Self {
        Self::new(std::thread::available_parallelism().unwrap_or(NonZeroUsize::MIN))
    }
}

impl Passwords {
    /// A pool that computes this many hashes at a time.
    pub fn new(hashers: NonZeroUsize) -> Self {
        let places = hashers.get().saturating_mul(WAITING_PER_HASHER + 1);
        Self(Arc::new(Pool {
            hashers: Arc::new(Semaphore::new(hashers.get())),
            places: Arc::new(Semaphore::new(places.min(Semaphore::MAX_PERMITS))),
            computed: AtomicU64::new(0),
        }))
    }

    /// Hashes a password under a salt of its own.
    pub async fn hash(&self, password: Password, entropy: &Entropy) -> Result<Secret<String>> {
        let mut salt = [0; SALT];
        entropy.fill(&mut salt)?;
        self.compute(move || {
            let salt = SaltString::encode_b64(&salt)?;
            let hash = hasher()?.hash_password(password.expose().as_bytes(), &salt)?;
            Ok(Secret::new(hash.to_string()))
        })
        .await
    }

    /// Compares a password with a hash. Without a hash it does the same work and
    /// says no, so that nobody learns which accounts exist (S-A22).
    pub async fn verify(
        &self,
        password: Password,
        hash: Option<Secret<String>>,
    ) -> Result<Verdict> {
        self.compute(move || {
            let text = hash.as_ref().map_or(NOBODYS, |hash| hash.expose().as_str());
            let known = PasswordHash::new(text)?;
            let is_right = match hasher()?.verify_password(password.expose().as_bytes(), &known) {
                Ok(()) => hash.is_some(),
                Err(password_hash::Error::Password) => false,
                Err(error) => return Err(error),
            };
            Ok(Verdict { is_right, is_outdated: !is_current(&known) })
        })
        .await
    }

    /// How many hashes were ever computed: dummies and refused ones included.
    pub fn computed(&self) -> u64 {
        self.0.computed.load(Ordering::Relaxed)
    }

    /// Runs one hash when its turn comes, away from the threads that serve. Its
    /// memory counts until it is done, even if whoever asked has gone away.
    async fn compute<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> password_hash::Result<T> + Send + 'static,
    ) -> Result<T> {
        let place = self.place()?;
        let hashers = Arc::clone(&self.0.hashers);
        let turn = hashers.acquire_owned().await.map_err(|_| Fault::Hashing)?;
        self.0.computed.fetch_add(1, Ordering::Relaxed);
        let task = tokio::task::spawn_blocking(move || {
            let result = work();
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
            .map_err(|_| Error::Refused(Refusal::Busy { seconds: COME_BACK_IN }))
    }
}

fn hasher() -> password_hash::Result<Argon2<'static>> {
    let params = Params::new(MEMORY, PASSES, LANES, None)?;
    Ok(Argon2::new(Algorithm::Argon2id, Version::V0x13, params))
}

/// Whether a hash is what a new one would be.
fn is_current(hash: &PasswordHash<'_>) -> bool {
    let params = Params::try_from(hash);
    hash.algorithm == argon2::ARGON2ID_IDENT
        && params.is_ok_and(|p| (p.m_cost(), p.t_cost(), p.p_cost()) == (MEMORY, PASSES, LANES))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pool() -> Passwords {
        Passwords::new(NonZeroUsize::MIN)
    }

    fn password(text: &str) -> Password {
        Password::claim(text.into()).unwrap()
    }

    async fn hashed(text: &str) -> Secret<String> {
        pool().hash(password(text), &Entropy::system()).await.unwrap()
    }

    #[tokio::test]
    async fn sp05_the_stored_hash_states_the_parameters_of_the_standard() {
        let hash = hashed("correct horse battery").await;
        assert!(hash.expose().starts_with("$argon2id$v=19$m=19456,t=2,p=1$"));
    }

    #[tokio::test]
    async fn sv07_each_hash_has_sixteen_bytes_of_salt_of_its_own() {
        let (one, two) =
            (hashed("correct horse battery").await, hashed("correct horse battery").await);
        assert_ne!(one, two);
        let parsed = PasswordHash::new(one.expose()).unwrap();
        let mut bytes = [0; 64];
        assert_eq!(parsed.salt.unwrap().decode_b64(&mut bytes).unwrap().len(), 16);
    }

    #[tokio::test]
    async fn x42_passwords_alike_in_their_first_72_bytes_are_different() {
        let long = "a".repeat(72);
        let hash = hashed(&format!("{long}x")).await;
        for (text, is_right) in [(format!("{long}x"), true), (format!("{long}y"), false)] {
            let verdict = pool().verify(password(&text), Some(hash.clone())).await.unwrap();
            assert_eq!(verdict.is_right, is_right);
        }
    }

    #[tokio::test]
    async fn x46_nobodys_hash_costs_what_a_real_one_costs_and_is_never_right() {
        let nobodys = PasswordHash::new(NOBODYS).unwrap();
        let real = hashed("correct horse battery").await;
        let real = PasswordHash::new(real.expose()).unwrap();
        assert!(is_current(&nobodys));
        assert_eq!(nobodys.salt.unwrap().len(), real.salt.unwrap().len());
        assert_eq!(nobodys.hash.unwrap().len(), real.hash.unwrap().len());

        let pool = pool();
        let verdict = pool.verify(password("correct horse battery"), None).await.unwrap();
        assert!(!verdict.is_right);
        assert_eq!(pool.computed(), 1);
    }

    #[tokio::test]
    async fn sp05_an_older_hash_is_still_right_and_known_to_be_outdated() {
        let salt = SaltString::encode_b64(&[7; SALT]).unwrap();
        let older = Argon2::new(
            Algorithm::Argon2id,
            Version::V0x13,
            Params::new(8_192, 1, 1, None).unwrap(),
        );
        let hash = older.hash_password(b"correct horse battery", &salt).unwrap().to_string();
        let verdict = pool()
            .verify(password("correct horse battery"), Some(Secret::new(hash)))
            .await
            .unwrap();
        assert_eq!(verdict, Verdict { is_right: true, is_outdated: true });
    }

    #[tokio::test]
    async fn x43_a_full_queue_turns_people_away_and_serves_those_inside() {
        let pool = pool();
        let all = (0..200).map(|_| pool.verify(password("correct horse battery"), None));
        let all = futures::future::join_all(all).await;
        let served = all.iter().filter(|one| one.is_ok()).count();
        let refused = all
            .iter()
            .filter(|one| matches!(one, Err(Error::Refused(Refusal::Busy { seconds: 2 }))))
            .count();
        assert_eq!((served, refused), (WAITING_PER_HASHER + 1, 200 - WAITING_PER_HASHER - 1));
        assert!(pool.verify(password("correct horse battery"), None).await.is_ok());
    }

    #[test]
    fn sp03_a_common_password_cannot_be_chosen() {
        assert_eq!(choose("1q2w3e4r5t6y".into(), &[]).unwrap_err(), Problem::PasswordCommon);
        assert_eq!(choose("1q2w3e4r".into(), &[]).unwrap_err(), Problem::PasswordTooShort);
        assert!(choose("correct horse battery".into(), &["Marigold"]).is_ok());
    }
}
