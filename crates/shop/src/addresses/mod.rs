//! Delivery addresses: which fields the address of a country has, how they are checked, and how
//! they are printed. The rules are those of libaddressinput; `format` reads its table.

mod format;
mod postcode;
mod print;
#[cfg(test)]
mod tests;

pub use format::{AddressFormat, FormField, Region};
pub use print::lines;

use domain::{Address, Field, Problem, address::tidy};

use crate::shipping;

/// Reads an address as it was typed into the form of its country, or of any other: a form without
/// script may show the fields of the country that was chosen before.
///
/// # Errors
/// Everything that is missing or wrong.
pub fn read(typed: Address) -> Result<Address, Vec<Problem>> {
    let country = typed.country.trim().to_ascii_uppercase();
    let format = AddressFormat::of(&country);
    let mut problems = Vec::new();
    let mut line = |field: Field, text: &str| {
        tidy(text, format.requires(field)).unwrap_or_else(|| {
            problems.push(Problem::Line(field));
            String::new()
        })
    };
    let mut address = Address {
        name: line(Field::Name, &typed.name),
        street: line(Field::Street, &typed.street),
        extra: line(Field::Extra, &typed.extra),
        district: line(Field::District, &typed.district),
        city: line(Field::City, &typed.city),
        region: line(Field::Region, &typed.region),
        postcode: line(Field::Postcode, &typed.postcode),
        country,
    };
    problems.extend(check_country(&address.country));
    problems.extend(take_region(&mut address, format).err());
    problems.extend(take_postcode(&mut address, format).err());
    keep_lines_without_field(&mut address, format);
    if problems.is_empty() { Ok(address) } else { Err(problems) }
}

fn check_country(code: &str) -> Option<Problem> {
    match code {
        "" => Some(Problem::Line(Field::Country)),
        _ if shipping::is_served(code) => None,
        _ => Some(Problem::Choice(Field::Country)),
    }
}

/// Replaces the region by its key in the list of the country. The choice of another country's
/// form is dropped.
fn take_region(address: &mut Address, format: &AddressFormat) -> Result<(), Problem> {
    let typed = std::mem::take(&mut address.region);
    if typed.is_empty() || !format.has(Field::Region) {
        return Ok(());
    }
    let region = format.region(&typed).ok_or(Problem::Choice(Field::Region))?;
    address.region.clone_from(&region.key);
    Ok(())
}

/// Writes the postal code as its country does.
fn take_postcode(address: &mut Address, format: &AddressFormat) -> Result<(), Problem> {
    let typed = std::mem::take(&mut address.postcode);
    if !typed.is_empty() && format.has(Field::Postcode) {
        address.postcode = format.postcode(&typed).ok_or(Problem::Postcode)?;
    }
    Ok(())
}

/// What was typed into a line that the country's addresses do not have, such as the town of an
/// address in Japan, goes to the free line: the parcel needs it.
fn keep_lines_without_field(address: &mut Address, format: &AddressFormat) {
    for field in [Field::District, Field::City] {
        if format.has(field) {
            continue;
        }
        let line = match field {
            Field::District => std::mem::take(&mut address.district),
            _ => std::mem::take(&mut address.city),
        };
        let parts = [address.extra.as_str(), &line];
        let parts: Vec<_> = parts.into_iter().filter(|part| !part.is_empty()).collect();
        address.extra = parts.join(", ");
    }
}
