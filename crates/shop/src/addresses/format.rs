//! The table of address formats. `scripts/address-formats` writes it.

use std::{collections::BTreeMap, sync::LazyLock};

use domain::Field;
use serde::Deserialize;

use super::postcode::PostcodePattern;

/// The formats by country. A test reads the table, so it is never empty in a program that was
/// released.
static FORMATS: LazyLock<BTreeMap<String, AddressFormat>> = LazyLock::new(|| {
    let table = include_str!("../../data/address_formats.json");
    let table: Table = serde_json::from_str(table).unwrap_or_default();
    table.formats.into_iter().map(|row| (row.country.clone(), row.into())).collect()
});

/// The form before a country is chosen.
static ANY_COUNTRY: LazyLock<AddressFormat> = LazyLock::new(|| {
    AddressFormat::from(Row {
        format: "%N%n%A%n%Z %C".to_owned(),
        required: "ACZ".to_owned(),
        ..Row::default()
    })
});

#[derive(Default, Deserialize)]
struct Table {
    formats: Vec<Row>,
}

/// One row of the table, in the terms of libaddressinput.
#[derive(Default, Deserialize)]
struct Row {
    country: String,
    format: String,
    latin_format: Option<String>,
    required: String,
    postcode: Option<String>,
    postcode_example: Option<String>,
    postcode_name: String,
    region_name: String,
    city_name: String,
    district_name: String,
    regions: Vec<Region>,
}

/// A state, province, prefecture or county.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Region {
    /// As it is written in an address of the country, such as `CA`.
    pub key: String,
    /// Its name in Latin letters, such as `California`.
    pub name: String,
}

/// A field of the form of an address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FormField {
    /// Which field.
    pub field: Field,
    /// Whether it must be filled in.
    pub is_required: bool,
}

/// The fields of the addresses of one country.
#[derive(Debug)]
pub struct AddressFormat {
    /// Lines of fields and the characters between them, such as `%N%n%A%n%C, %S %Z`.
    pub(super) local: String,
    /// The same for an address in Latin letters, where it differs.
    pub(super) latin: Option<String>,
    required: String,
    postcode: Option<PostcodePattern>,
    /// What the postal code is called, such as `zip`.
    pub postcode_name: String,
    /// What the regions are called, such as `state`.
    pub region_name: String,
    /// What the town is called, such as `city`.
    pub city_name: String,
    /// What the part of a town is called, such as `neighborhood`.
    pub district_name: String,
    /// The regions to choose from, by name.
    pub regions: Vec<Region>,
}

impl From<Row> for AddressFormat {
    fn from(row: Row) -> Self {
        let mut regions = row.regions;
        regions.sort_by(|one, other| one.name.cmp(&other.name));
        let example = row.postcode_example.unwrap_or_default();
        Self {
            local: row.format,
            latin: row.latin_format,
            required: row.required,
            postcode: row.postcode.and_then(|pattern| PostcodePattern::new(&pattern, &example)),
            postcode_name: row.postcode_name,
            region_name: row.region_name,
            city_name: row.city_name,
            district_name: row.district_name,
            regions,
        }
    }
}

impl AddressFormat {
    /// The format of a country that is served; without one, the lines that most countries have.
    pub fn of(country: &str) -> &'static Self {
        FORMATS.get(country).unwrap_or(&ANY_COUNTRY)
    }

    /// The fields in the order of the form. It is that of Latin letters, in which the labels are.
    pub fn form_fields(&self) -> Vec<FormField> {
        let order = self.latin.as_deref().unwrap_or(&self.local);
        // The name is asked for first, also where companies are written above it.
        let mut fields = vec![Field::Name];
        for token in order.split('%').filter_map(|token| token.chars().next()) {
            match token {
                'A' => fields.extend([Field::Street, Field::Extra]),
                'D' => fields.push(Field::District),
                'C' => fields.push(Field::City),
                'S' => fields.push(Field::Region),
                'Z' => fields.push(Field::Postcode),
                _ => {}
            }
        }
        let is_required = |field| FormField { field, is_required: self.requires(field) };
        fields.into_iter().map(is_required).collect()
    }

    /// Whether addresses of the country have this field.
    pub fn has(&self, field: Field) -> bool {
        letter(field).is_none_or(|letter| self.local.contains(&format!("%{letter}")))
    }

    /// Whether a parcel does not arrive without this field.
    pub fn requires(&self, field: Field) -> bool {
        match field {
            Field::Name => true,
            _ => letter(field).is_some_and(|letter| self.required.contains(letter)),
        }
    }

    /// An example of a postal code.
    pub fn postcode_example(&self) -> Option<&str> {
        self.postcode.as_ref().map(PostcodePattern::example)
    }

    /// The region of this key or name, in any case.
    pub(super) fn region(&self, typed: &str) -> Option<&Region> {
        let typed = typed.to_lowercase();
        self.regions
            .iter()
            .find(|one| one.key.to_lowercase() == typed || one.name.to_lowercase() == typed)
    }

    /// The postal code as the country writes it; `None` if it is not one.
    pub(super) fn postcode(&self, typed: &str) -> Option<String> {
        match &self.postcode {
            Some(pattern) => pattern.read(typed),
            None => Some(typed.to_owned()),
        }
    }
}

/// The letter of a field in the table. The free line has none.
fn letter(field: Field) -> Option<char> {
    match field {
        Field::Name => Some('N'),
        Field::Street => Some('A'),
        Field::District => Some('D'),
        Field::City => Some('C'),
        Field::Region => Some('S'),
        Field::Postcode => Some('Z'),
        _ => None,
    }
}
