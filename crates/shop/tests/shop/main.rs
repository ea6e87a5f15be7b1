//! The use-cases of the shop, named after the rules they prove.

#[cfg(test)]
mod codes;
#[cfg(test)]
mod support;
