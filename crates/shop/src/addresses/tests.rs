//! Addresses of the countries that are served, read and printed.

use domain::{Address, Field, Problem};

use super::{AddressFormat, lines, read};
use crate::shipping::COUNTRIES;

/// An address of these lines: street, district, town, region, postal code, country.
fn typed([street, district, city, region, postcode, country]: [&str; 6]) -> Address {
    Address {
        name: "Ada Buyer".to_owned(),
        street: street.to_owned(),
        extra: String::new(),
        district: district.to_owned(),
        city: city.to_owned(),
        region: region.to_owned(),
        postcode: postcode.to_owned(),
        country: country.to_owned(),
    }
}

fn required(country: &str) -> Vec<Field> {
    let fields = AddressFormat::of(country).form_fields();
    fields.into_iter().filter(|field| field.is_required).map(|field| field.field).collect()
}

fn fields(country: &str) -> Vec<Field> {
    AddressFormat::of(country).form_fields().into_iter().map(|field| field.field).collect()
}

#[test]
fn every_country_that_is_served_has_a_format_and_an_example() {
    for country in COUNTRIES {
        let format = AddressFormat::of(country);
        let example = format.postcode_example().unwrap_or_default();
        assert!(!example.is_empty(), "{}: run scripts/address-formats", country);
        assert_eq!(format.postcode(example).as_deref(), Some(example), "{}", country);
        let has_list = format.has(Field::Region) != format.regions.is_empty();
        assert!(has_list, "{}: regions are chosen from a list", country);
    }
}

#[test]
fn each_country_asks_for_its_own_fields_in_its_own_order() {
    use Field::{City, District, Extra, Name, Postcode, Region, Street};
    for (country, expected) in [
        ("", vec![Name, Street, Extra, Postcode, City]),
        ("GB", vec![Name, Street, Extra, City, Postcode]),
        ("IE", vec![Name, Street, Extra, District, City, Region, Postcode]),
        ("US", vec![Name, Street, Extra, City, Region, Postcode]),
        ("IN", vec![Name, Street, Extra, City, Postcode, Region]),
        ("BR", vec![Name, Street, Extra, District, City, Region, Postcode]),
        ("MX", vec![Name, Street, Extra, District, Postcode, City, Region]),
        ("ID", vec![Name, Street, Extra, City, Region, Postcode]),
        ("CN", vec![Name, Street, Extra, District, City, Region, Postcode]),
        ("JP", vec![Name, Street, Extra, Region, Postcode]),
        ("DE", vec![Name, Street, Extra, Postcode, City]),
    ] {
        assert_eq!(fields(country), expected, "{country}");
    }
    assert_eq!(required("IE"), [Name, Street, City], "Ireland has places without a code");
    assert_eq!(required("ID"), [Name, Street, Region]);
    assert_eq!(required("US"), [Name, Street, City, Region, Postcode]);
}

#[test]
fn an_address_is_read_by_the_rules_of_its_country() {
    for (address, region, postcode) in [
        (["1 Main St", "", "Springfield", "IL", "62701", "US"], "IL", "62701"),
        (["1 Main St", "", "Springfield", "illinois", "62701-1234", "us"], "IL", "62701-1234"),
        (["12 Fore Street", "", "London", "", "ec2y 5ej", "GB"], "", "EC2Y 5EJ"),
        (["1 Shop Street", "", "Galway", "", "", "IE"], "", ""),
        (["1 Shop Street", "", "Galway", "co. galway", "h91 e2k3", "IE"], "Co. Galway", "H91 E2K3"),
        (["Rua A 1", "Centro", "São Paulo", "São Paulo", "01001000", "BR"], "SP", "01001000"),
        (["MG Road 1", "", "Bengaluru", "Karnataka", "560001", "IN"], "Karnataka", "560001"),
        (["Avenida 1", "Centro", "Mérida", "Yucatán", "97000", "MX"], "Yuc.", "97000"),
        (["Jalan 1", "", "", "Jawa Barat", "", "ID"], "Jawa Barat", ""),
        (["Jalan 1", "", "Bandung", "West Java", "40115", "ID"], "Jawa Barat", "40115"),
        (["长安街1号", "东城区", "北京市", "北京市", "100006", "CN"], "北京市", "100006"),
        (["丸の内1-1", "", "", "東京都", "〒１００－０００５", "JP"], "東京都", "100-0005"),
        (["1-1 Marunouchi", "", "", "Tokyo", "1000005", "JP"], "東京都", "1000005"),
        (["Hauptstraße 1", "", "Berlin", "", "D-10115", "DE"], "", "10115"),
        (["ul. Długa 1", "", "Kraków", "", "31147", "PL"], "", "31-147"),
        (["Rua B 2", "", "Lisboa", "", "1100 148", "PT"], "", "1100-148"),
        (["Kungsgatan 1", "", "Stockholm", "", "SE-111 43", "SE"], "", "111 43"),
        // The form of another country was shown: what does not belong here is dropped.
        (["12 Fore Street", "", "London", "IL", "EC2Y 5EJ", "GB"], "", "EC2Y 5EJ"),
    ] {
        let address = read(typed(address)).unwrap();
        assert_eq!((address.region.as_str(), address.postcode.as_str()), (region, postcode));
    }
}

#[test]
fn x44_every_line_that_is_missing_or_wrong_is_reported_at_once() {
    use Field::{City, Country, Region, Street};
    for (address, problems) in [
        (
            ["", "", "", "", "", ""],
            vec![Street, City, Field::Postcode, Country].into_iter().map(Problem::Line).collect(),
        ),
        (["1 Main St", "", "Springfield", "", "62701", "US"], vec![Problem::Line(Region)]),
        (["1 Main St", "", "Springfield", "Bavaria", "62701", "US"], vec![Problem::Choice(Region)]),
        (["1 Main St", "", "Springfield", "IL", "EC2Y 5EJ", "US"], vec![Problem::Postcode]),
        (["1 Main St", "", "Springfield", "IL", "627011", "US"], vec![Problem::Postcode]),
        (["12 Fore Street", "", "London", "", "12345", "GB"], vec![Problem::Postcode]),
        (["12 Fore Street", "", "London", "", "", "GB"], vec![Problem::Line(Field::Postcode)]),
        (["1 Shop Street", "", "Galway", "", "12345", "IE"], vec![Problem::Postcode]),
        (["丸の内1-1", "", "", "東京", "100-0005", "JP"], vec![Problem::Choice(Region)]),
        (["1 Test Street", "", "Nowhere", "", "1", "XX"], vec![Problem::Choice(Country)]),
        (["\u{7}bell", "", "Berlin", "", "10115", "DE"], vec![Problem::Line(Street)]),
        (
            ["1 \u{202e}Main St", "", "Springfield", "IL", "62701", "US"],
            vec![Problem::Line(Street)],
        ),
    ] {
        let problems: Vec<Problem> = problems;
        assert_eq!(read(typed(address)), Err(problems), "{address:?}");
    }
    let nameless =
        Address { name: "\u{200b}".into(), ..typed(["1", "", "Berlin", "", "10115", "DE"]) };
    assert_eq!(read(nameless), Err(vec![Problem::Line(Field::Name)]));
}

#[test]
fn a_line_that_the_country_does_not_have_is_kept() {
    let address = typed(["1-1 Marunouchi", "", "Chiyoda-ku", "Tokyo", "100-0005", "JP"]);
    let read = read(address).unwrap();
    assert_eq!((read.city.as_str(), read.extra.as_str()), ("", "Chiyoda-ku"));
}

#[test]
fn an_address_is_printed_in_the_order_of_its_country() {
    for (address, printed) in [
        (
            ["1 Main St", "", "Springfield", "IL", "62701", "US"],
            "Ada Buyer|1 Main St|Springfield, IL 62701",
        ),
        (
            ["12 Fore Street", "", "London", "", "EC2Y 5EJ", "GB"],
            "Ada Buyer|12 Fore Street|London|EC2Y 5EJ",
        ),
        (["1 Shop Street", "", "Galway", "", "", "IE"], "Ada Buyer|1 Shop Street|Galway"),
        (
            ["Hauptstraße 1", "", "Berlin", "", "10115", "DE"],
            "Ada Buyer|Hauptstraße 1|10115 Berlin",
        ),
        (
            ["Rua A 1", "Centro", "São Paulo", "SP", "01001-000", "BR"],
            "Ada Buyer|Rua A 1|Centro|São Paulo-SP|01001-000",
        ),
        (
            ["MG Road 1", "", "Bengaluru", "Karnataka", "560001", "IN"],
            "Ada Buyer|MG Road 1|Bengaluru 560001|Karnataka",
        ),
        (
            ["Avenida 1", "", "Mérida", "Yucatán", "97000", "MX"],
            "Ada Buyer|Avenida 1|97000 Mérida, Yuc.",
        ),
        (["Jalan 1", "", "", "Bali", "", "ID"], "Ada Buyer|Jalan 1|Bali"),
        (
            ["Kungsgatan 1", "", "Stockholm", "", "111 43", "SE"],
            "Ada Buyer|Kungsgatan 1|SE-111 43 Stockholm",
        ),
        (
            ["长安街1号", "东城区", "北京市", "北京市", "100006", "CN"],
            "100006|北京市北京市东城区|长安街1号|Ada Buyer",
        ),
        (
            ["丸の内1-1", "", "", "東京都", "100-0005", "JP"],
            "〒100-0005|東京都|丸の内1-1|Ada Buyer",
        ),
        (
            ["1-1 Marunouchi", "", "", "Tokyo", "100-0005", "JP"],
            "Ada Buyer|1-1 Marunouchi, Tokyo|100-0005",
        ),
    ] {
        assert_eq!(lines(&read(typed(address)).unwrap()).join("|"), printed);
    }
    let stored = typed(["1 Test Street", "", "Springfield", "", "", "US"]);
    assert_eq!(lines(&stored).join("|"), "Ada Buyer|1 Test Street|Springfield");
}
