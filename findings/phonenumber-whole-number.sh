#!/usr/bin/env bash
# Crate phonenumber 0.3.10 (metadata 9.0.33): a number with one digit too many is "valid", and the
# type of a number that begins with a zero that counts is that of another number.
#
# One would expect `is_valid` and `number_type` to compare the whole national number with the
# patterns of libphonenumber's metadata, as libphonenumber does.
# What happens: the patterns are compiled without an end, so a beginning that fits is enough as long
# as the length is possible for the country. A number of Monaco with a digit too many is a valid
# mobile. And `number_type` is asked with the number as an integer, without its leading zeros: the
# example mobiles of Benin, Congo and Côte d'Ivoire are of type Unknown.
# A shop that trusts either refuses every customer of three countries, and sends messages to
# numbers that do not exist.
#
# Compared with PyPI phonenumbers 9.0.33, the same metadata. Seen on 2026-11-28.
# Source: src/validator.rs and src/metadata/descriptor.rs of the crate; PyPI phonenumbers 9.0.33.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"

python3 -m venv venv
venv/bin/pip install --quiet phonenumbers==9.0.33
mkdir -p probe/src
cat >probe/Cargo.toml <<'TOML'
[package]
name = "probe"
version = "0.0.0"
edition = "2021"
[dependencies]
phonenumber = "=0.3.10"
TOML
cat >probe/src/main.rs <<'RUST'
use phonenumber::{metadata::DATABASE, parse};

fn main() {
    for text in std::env::args().skip(1) {
        let number = parse(None, &text).unwrap();
        println!("{text} {} {:?}", number.is_valid(), number.number_type(&DATABASE));
    }
}
RUST
# A mobile of Monaco with a digit too many, and the example mobiles of three countries.
numbers=(+377312345678 +2290195123456 +242061234567 +2250123456789)
cargo run --quiet --manifest-path probe/Cargo.toml -- "${numbers[@]}" >crate
venv/bin/python - "${numbers[@]}" >reference <<'PYTHON'
import sys
import phonenumbers as p

WORDS = {p.PhoneNumberType.MOBILE: "Mobile", p.PhoneNumberType.UNKNOWN: "Unknown"}
for text in sys.argv[1:]:
    number = p.parse(text, None)
    print(text, str(p.is_valid_number(number)).lower(), WORDS[p.number_type(number)])
PYTHON
echo 'phonenumber 0.3.10 (number, valid, type):'
cat crate
echo 'phonenumbers 9.0.33 of PyPI, the same metadata:'
cat reference
diff crate - <<'EXPECTED'
+377312345678 true Mobile
+2290195123456 true Unknown
+242061234567 true Unknown
+2250123456789 true Unknown
EXPECTED
diff reference - <<'EXPECTED'
+377312345678 false Unknown
+2290195123456 true Mobile
+242061234567 true Mobile
+2250123456789 true Mobile
EXPECTED
echo 'unchanged'
