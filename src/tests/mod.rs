//! The front door, called without a socket. The tree mirrors the rules.
