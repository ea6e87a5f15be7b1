//! The twins against the documents they are written from.

#[cfg(test)]
mod frame;
#[cfg(test)]
mod meta;
#[cfg(test)]
mod rig;
#[cfg(test)]
mod signatures;
#[cfg(test)]
mod templates;
