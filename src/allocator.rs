//! Where memory comes from, and how it goes back.
//!
//! Each password hashed takes 19 MiB for a moment. The C library's allocator keeps
//! what it once had; this one gives it back, and is quicker with small things.

use std::{convert::Infallible, hint::black_box, time::Duration};

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// How often the allocator looks at what it may give back.
const BEAT: Duration = Duration::from_secs(3);
/// Enough to be a piece of its own, in bytes. It is never written to, so it takes
/// addresses and no memory.
const PIECE: usize = 1024 * 1024;

/// Has memory given back that was free for a while. The allocator looks for it only
/// when something large is freed, and on an idle server nothing is.
pub async fn give_back() -> Infallible {
    loop {
        tokio::time::sleep(BEAT).await;
        drop(black_box(Vec::<u8>::with_capacity(PIECE)));
    }
}
