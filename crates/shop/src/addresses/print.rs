//! An address as it is printed on a parcel.

use domain::Address;

use super::format::AddressFormat;

/// The lines in the order of the country, without the country. An address in Chinese or Japanese
/// begins with the largest part; one in Latin letters is written the other way round.
pub fn lines(address: &Address) -> Vec<String> {
    let format = AddressFormat::of(&address.country);
    let has_local_script = [&address.name, &address.street, &address.city]
        .iter()
        .any(|line| line.chars().any(is_east_asian));
    let template = match &format.latin {
        Some(latin) if !has_local_script => latin,
        _ => &format.local,
    };
    let value = |letter| match letter {
        'N' => address.name.clone(),
        'A' => joined(&[&address.street, &address.extra], "\n"),
        'D' => address.district.clone(),
        'C' => address.city.clone(),
        'S' if format.latin.is_some() && !has_local_script => region_name(address, format),
        'S' => address.region.clone(),
        'Z' => address.postcode.clone(),
        _ => String::new(),
    };
    let mut lines: Vec<String> = Vec::new();
    for line in template.split("%n") {
        lines.extend(filled(line, value).split('\n').map(|line| line.trim().to_owned()));
    }
    lines.retain(|line| !line.is_empty());
    lines
}

/// One line of a format. What stands between two fields is printed between two that are there.
fn filled(line: &str, value: impl Fn(char) -> String) -> String {
    let mut text = String::new();
    // The characters before the first field belong to it: `〒%Z`.
    let (mut between, fields) = line.split_once('%').unwrap_or((line, ""));
    for token in fields.split('%') {
        let mut characters = token.chars();
        let part = characters.next().map(&value).unwrap_or_default();
        if !part.is_empty() {
            text.push_str(between);
            text.push_str(&part);
        }
        // A field that is missing leaves nothing behind at the beginning of a line.
        between = if text.is_empty() { "" } else { characters.as_str() };
    }
    text
}

fn region_name(address: &Address, format: &AddressFormat) -> String {
    let region = format.regions.iter().find(|region| region.key == address.region);
    region.map_or(&address.region, |region| &region.name).clone()
}

fn joined(parts: &[&str], between: &str) -> String {
    let parts: Vec<_> = parts.iter().copied().filter(|part| !part.is_empty()).collect();
    parts.join(between)
}

/// Han, Hiragana and Katakana.
const fn is_east_asian(letter: char) -> bool {
    matches!(letter, '\u{3040}'..='\u{30ff}' | '\u{3400}'..='\u{9fff}' | '\u{20000}'..='\u{2ffff}')
}
