//! Calls that were changed at random: whoever cannot sign is refused, and what is signed is read or
//! refused without a panic.

use payment::{CallbackError, Gateway, RawCallback};
use serde_json::{Value, json};

use crate::{
    events::{event, gateway, signed},
    support::{NOW, intent, session},
};

/// The number of changed copies of each call.
const MUTATIONS: usize = 4_000;
/// What is written into a copy.
const PIECES: [&[u8]; 12] = [
    b"{", b"}", b"[", b"\"", b",", b"null", b"-1", b"1e999", b"\\ud800", b"\x00", b"\xff",
    b"t=,v1=",
];

/// Numbers that look random and are the same in every run (xorshift).
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, end: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % u64::try_from(end.max(1)).unwrap()).unwrap()
    }

    /// The bytes with a few places replaced, removed, doubled or cut off.
    fn mutate(&mut self, bytes: &[u8]) -> Vec<u8> {
        let mut bytes = bytes.to_vec();
        for _ in 0..=self.below(4) {
            let at = self.below(bytes.len());
            let end = (at + self.below(9)).min(bytes.len());
            match self.below(4) {
                0 => drop(bytes.splice(at..end, PIECES[self.below(PIECES.len())].iter().copied())),
                1 => drop(bytes.drain(at..end)),
                2 => {
                    let copy = bytes[at..end].to_vec();
                    drop(bytes.splice(at..at, copy));
                }
                _ => bytes.truncate(end),
            }
        }
        bytes
    }
}

fn calls() -> Vec<Vec<u8>> {
    let dispute = json!({ "id": "dp_1", "object": "dispute", "status": "lost", "amount": 25_00,
        "currency": "eur", "payment_intent": "pi_1", "evidence_details": { "due_by": 1 } });
    [
        event("payment_intent.succeeded", intent("succeeded", json!({}))),
        event("checkout.session.completed", session("complete", Value::Null)),
        event("charge.dispute.closed", dispute),
    ]
    .map(|event| event.to_string().into_bytes())
    .into()
}

#[test]
fn x164_no_changed_call_panics_or_is_accepted_unsigned() {
    let (gateway, mut numbers) = (gateway(), Numbers(0x9e37_79b9_7f4a_7c15));
    for call in calls() {
        let header = signed(&call);
        let signature = header.split_once("v1=").unwrap().1.to_owned();
        for _ in 0..MUTATIONS {
            let (body, other) = (numbers.mutate(&call), numbers.mutate(header.as_bytes()));
            for (header, body, is_signed) in [
                (header.as_bytes(), &body, body == call),
                (&other, &call, false),
                (&other, &body, false),
            ] {
                let headers = [("stripe-signature", header)];
                let read = gateway.callback(&RawCallback { headers: &headers, body, now: NOW });
                let header = String::from_utf8_lossy(header);
                // A changed header may still have the signature and the time of the original.
                let is_kept = body == &call && header.contains(&signature);
                assert!(is_signed || is_kept || read.is_err(), "{header}");
            }
            let right = signed(&body);
            let headers = [("stripe-signature", right.as_bytes())];
            let read = gateway.callback(&RawCallback { headers: &headers, body: &body, now: NOW });
            assert!(matches!(read, Ok(_) | Err(CallbackError::Malformed)), "{read:?}");
        }
    }
}
