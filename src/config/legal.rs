//! The merchant's legal pages.

use std::{path::Path, sync::Arc};

use shop::legal::{LegalPages, Placeholders};

use super::reader::SettingsReader;

const NAME: &str = "MARIGOLD_LEGAL_PAGES";
const EXAMPLE: &str = "/etc/marigold/legal";

/// Reads the folder of the legal pages, and the pages in it. Without one, the demo shows samples,
/// which production refuses.
pub fn read(
    reader: &mut SettingsReader,
    is_production: bool,
    shop_name: Option<&str>,
    contact: Option<&str>,
) -> Option<Arc<LegalPages>> {
    let folder = reader.raw(NAME);
    if folder.is_none() {
        reader.note_default(NAME, "(samples)");
    }
    // Names that were refused are reported already.
    let placeholders = Placeholders {
        shop_name: shop_name.unwrap_or("Marigold"),
        contact: contact.unwrap_or("help@shop.example"),
    };
    let pages = match &folder {
        Some(folder) => LegalPages::read(Path::new(folder), &placeholders),
        None => LegalPages::samples(&placeholders),
    };
    let checked = pages.and_then(|pages| {
        if is_production {
            pages.check_for_sale()?;
        }
        Ok(pages)
    });
    match checked {
        Ok(pages) => Some(Arc::new(pages)),
        Err(error) => {
            reader.refuse(NAME, error.to_string(), EXAMPLE);
            None
        }
    }
}

#[cfg(test)]
mod tests {
    use std::{collections::BTreeMap, fs};

    use shop::legal::LegalKind;

    use super::{super::environment::Environment, *};

    /// What is said of this folder, or nothing.
    fn complaint(folder: Option<&Path>, is_production: bool) -> Option<String> {
        let folder = folder.map(|folder| (NAME.to_owned(), folder.display().to_string()));
        let variables: BTreeMap<_, _> = folder.into_iter().collect();
        let mut reader = SettingsReader::new(Environment::from(variables));
        read(&mut reader, is_production, Some("Ada & Sons"), Some("help@ada.example"));
        reader.finish(|_| Some(())).err().map(|errors| errors.to_string())
    }

    #[test]
    fn x181_production_starts_with_own_legal_pages_only() {
        let folder = tempfile::tempdir().unwrap();
        let english = folder.path().join("en");
        assert_eq!(complaint(None, false), None);
        let said = complaint(None, true).unwrap();
        assert!(said.contains("MARIGOLD_LEGAL_PAGES is not set, so"), "{said}");
        let said = complaint(Some(&english), false).unwrap();
        assert!(said.contains("is a folder that cannot be read"), "{said}");
        let samples = Path::new(env!("CARGO_MANIFEST_DIR")).join("legal");
        assert_eq!(complaint(Some(&samples), false), None);
        let said = complaint(Some(&samples), true).unwrap();
        assert!(said.contains("en/terms.md still says that it is a sample"), "{said}");
        fs::create_dir(&english).unwrap();
        for kind in LegalKind::ALL {
            let said = complaint(Some(folder.path()), true).unwrap();
            assert!(said.contains(&format!("en/{}.md is missing", kind.as_str())), "{said}");
            fs::write(english.join(format!("{}.md", kind.as_str())), "# Own\n\nText").unwrap();
        }
        assert_eq!(complaint(Some(folder.path()), true), None);
    }
}
