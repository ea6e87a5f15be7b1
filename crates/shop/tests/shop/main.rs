//! Tests of the use cases of the shop.

#[cfg(test)]
mod account;
#[cfg(test)]
mod assisted_change;
#[cfg(test)]
mod authorise_first;
#[cfg(test)]
mod carts;
#[cfg(test)]
mod catalogue;
#[cfg(test)]
mod changes;
#[cfg(test)]
mod checkout;
#[cfg(test)]
mod codes;
#[cfg(test)]
mod commerce;
#[cfg(test)]
mod delivery;
#[cfg(test)]
mod devices;
#[cfg(test)]
mod emails;
#[cfg(test)]
mod ended_confirmation;
#[cfg(test)]
mod enumeration;
#[cfg(test)]
mod hoarding;
#[cfg(test)]
mod killed;
#[cfg(test)]
mod lost_phone;
#[cfg(test)]
mod merchant;
#[cfg(test)]
mod order_lookup;
#[cfg(test)]
mod orders;
#[cfg(test)]
mod paid_outside;
#[cfg(test)]
mod partition;
#[cfg(test)]
mod passwords;
#[cfg(test)]
mod payments;
#[cfg(test)]
mod people;
#[cfg(test)]
mod personal_data;
#[cfg(test)]
mod refunds;
#[cfg(test)]
mod refused_by_gateway;
#[cfg(test)]
mod registration;
#[cfg(test)]
mod rehashing;
#[cfg(test)]
mod reset;
#[cfg(test)]
mod sessions;
#[cfg(test)]
mod sign_in;
#[cfg(test)]
mod spellings;
#[cfg(test)]
mod stripe;
#[cfg(test)]
mod support;
#[cfg(test)]
mod withdrawals;
