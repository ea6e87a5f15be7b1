//! Reads the body of a webhook call in bounded time and memory.
//!
//! Whoever sends a body has proved nothing yet, because its signature is verified over the whole
//! body. So most calls are short, and the few long ones that a provider may send share a small
//! number of permits: anonymous clients that send long bodies can delay other long calls, which the
//! provider repeats, but take neither memory nor the place of short ones.

use std::{sync::Arc, time::Duration};

use axum::{
    body::Body,
    http::{HeaderMap, header},
};
use futures::StreamExt;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// The size up to which a body needs no permit.
const SHORT_BODY_BYTES: usize = 256 * 1024;
/// How many longer bodies are read and processed at the same time.
const MAX_LONG_BODIES: usize = 8;
/// How long sending a body may take.
const READ_TIMEOUT: Duration = Duration::from_secs(10);

/// The permits for long bodies.
#[derive(Clone)]
pub struct LongBodies(Arc<Semaphore>);

impl Default for LongBodies {
    fn default() -> Self {
        Self(Arc::new(Semaphore::new(MAX_LONG_BODIES)))
    }
}

/// A body that was read. It holds its permit, if it needed one, until it is dropped.
pub struct CallBody {
    /// The bytes.
    pub bytes: Vec<u8>,
    _permit: Option<OwnedSemaphorePermit>,
}

/// Why a body was not read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unread {
    /// It is larger than the provider's calls.
    TooLarge,
    /// It took too long to arrive.
    TooSlow,
    /// The connection broke off.
    BrokenOff,
    /// Too many long bodies are being read.
    NoRoom,
}

impl Unread {
    /// The reason in one word, for metrics.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::TooLarge => "too_large",
            Self::TooSlow => "too_slow",
            Self::BrokenOff => "broken_off",
            Self::NoRoom => "no_room",
        }
    }
}

impl LongBodies {
    /// Reads a body of at most `limit` bytes. If `Content-Length` says that it is larger, nothing
    /// is read.
    pub async fn read(
        &self,
        headers: &HeaderMap,
        body: Body,
        limit: usize,
    ) -> Result<CallBody, Unread> {
        let declared = headers.get(header::CONTENT_LENGTH);
        let declared = declared.and_then(|value| value.to_str().ok()?.parse::<usize>().ok());
        if declared.is_some_and(|bytes| bytes > limit) {
            return Err(Unread::TooLarge);
        }
        let read = tokio::time::timeout(READ_TIMEOUT, self.collect(body, limit)).await;
        read.unwrap_or(Err(Unread::TooSlow))
    }

    async fn collect(&self, body: Body, limit: usize) -> Result<CallBody, Unread> {
        let mut chunks = body.into_data_stream();
        let (mut bytes, mut permit) = (Vec::new(), None);
        while let Some(chunk) = chunks.next().await {
            let chunk = chunk.map_err(|_| Unread::BrokenOff)?;
            let len = bytes.len() + chunk.len();
            if len > limit {
                return Err(Unread::TooLarge);
            }
            if len > SHORT_BODY_BYTES && permit.is_none() {
                let free = Arc::clone(&self.0).try_acquire_owned();
                permit = Some(free.map_err(|_| Unread::NoRoom)?);
            }
            bytes.extend_from_slice(&chunk);
        }
        Ok(CallBody { bytes, _permit: permit })
    }
}

#[cfg(test)]
mod tests {
    use futures::stream;

    use super::*;

    const LIMIT: usize = 3 * 1024 * 1024;

    fn body(len: usize) -> Body {
        let chunks = vec![vec![b'x'; 16 * 1024]; len / (16 * 1024)];
        let rest = vec![b'x'; len % (16 * 1024)];
        let chunks = chunks.into_iter().chain([rest]).map(Ok::<_, std::convert::Infallible>);
        Body::from_stream(stream::iter(chunks))
    }

    async fn read(bodies: &LongBodies, len: usize, limit: usize) -> Result<CallBody, Unread> {
        bodies.read(&HeaderMap::new(), body(len), limit).await
    }

    #[tokio::test]
    async fn x74_a_body_is_read_up_to_the_limit_of_its_provider() {
        for (len, limit, is_read) in [
            (0, SHORT_BODY_BYTES, true),
            (1, SHORT_BODY_BYTES, true),
            (SHORT_BODY_BYTES, SHORT_BODY_BYTES, true),
            (SHORT_BODY_BYTES + 1, SHORT_BODY_BYTES, false),
            (SHORT_BODY_BYTES + 1, LIMIT, true),
            (LIMIT - 1, LIMIT, true),
            (LIMIT, LIMIT, true),
            (LIMIT + 1, LIMIT, false),
            (LIMIT * 2, LIMIT, false),
        ] {
            let read = read(&LongBodies::default(), len, limit).await;
            assert_eq!(read.as_ref().err().is_none(), is_read, "{len} of {limit}");
            if let Ok(read) = read {
                assert_eq!(read.bytes.len(), len);
            }
        }
    }

    #[tokio::test]
    async fn x74_long_bodies_without_end_leave_room_for_short_ones() {
        let bodies = LongBodies::default();
        let mut held = Vec::new();
        for _ in 0..MAX_LONG_BODIES {
            held.push(read(&bodies, SHORT_BODY_BYTES + 1, LIMIT).await.ok());
        }
        let refused = read(&bodies, SHORT_BODY_BYTES + 1, LIMIT).await.err();
        assert_eq!(refused, Some(Unread::NoRoom));
        assert!(read(&bodies, SHORT_BODY_BYTES, LIMIT).await.is_ok());
        held.pop();
        assert!(read(&bodies, SHORT_BODY_BYTES + 1, LIMIT).await.is_ok());
    }

    #[tokio::test(start_paused = true)]
    async fn x74_a_body_that_does_not_arrive_in_time_is_given_up() {
        let bodies = LongBodies::default();
        let begun = stream::iter([Ok::<_, std::convert::Infallible>(vec![b'x'; LIMIT / 2])]);
        let never = Body::from_stream(begun.chain(stream::pending()));
        let read = bodies.read(&HeaderMap::new(), never, LIMIT).await;
        assert_eq!(read.err(), Some(Unread::TooSlow));
        assert_eq!(bodies.0.available_permits(), MAX_LONG_BODIES);
    }
}
