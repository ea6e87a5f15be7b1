//! The living parts of pages. Every page works without them.
