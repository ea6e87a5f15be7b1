//! Compressed copies of the files, which the server sends to browsers that accept them. They are
//! made once, with the best settings, which would be too slow for each response.

use std::{
    fs,
    io::{self, Write as _},
    path::{Path, PathBuf},
};

use brotli::enc::BrotliEncoderParams;
use flate2::{Compression, write::GzEncoder};

/// The extensions of files that compress well. Fonts and pictures are already compressed.
const COMPRESSIBLE: [&str; 5] = ["css", "js", "svg", "txt", "wasm"];

/// Writes `FILE.br` and `FILE.gz` beside each file of the folder that compresses well.
pub fn compress_folder(folder: &Path) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            compress_folder(&path)?;
        } else if is_compressible(&path) {
            compress(&path)?;
        }
    }
    Ok(())
}

fn is_compressible(path: &Path) -> bool {
    path.extension().is_some_and(|kind| COMPRESSIBLE.iter().any(|known| kind == *known))
}

fn compress(path: &Path) -> io::Result<()> {
    let content = fs::read(path)?;
    let mut brotli = Vec::new();
    // The defaults are the best that browsers support: quality 11 and a window of 4 MiB.
    let parameters = BrotliEncoderParams::default();
    brotli::BrotliCompress(&mut content.as_slice(), &mut brotli, &parameters)?;
    fs::write(with_suffix(path, "br"), brotli)?;
    let mut gzip = GzEncoder::new(Vec::new(), Compression::best());
    gzip.write_all(&content)?;
    fs::write(with_suffix(path, "gz"), gzip.finish()?)
}

/// `a.js` to `a.js.br`.
fn with_suffix(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(".");
    name.push(suffix);
    name.into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Read as _;

    #[test]
    fn text_gets_two_compressed_copies_and_fonts_get_none() {
        let folder = tempfile::tempdir().unwrap();
        let script = folder.path().join("pkg/a.js");
        let content = "export const answer = 42;\n".repeat(100);
        fs::create_dir(folder.path().join("pkg")).unwrap();
        fs::write(&script, &content).unwrap();
        fs::write(folder.path().join("inter.woff2"), "font").unwrap();
        compress_folder(folder.path()).unwrap();
        let mut gzip = String::new();
        let packed = fs::File::open(with_suffix(&script, "gz")).unwrap();
        flate2::read::GzDecoder::new(packed).read_to_string(&mut gzip).unwrap();
        assert_eq!(gzip, content);
        let mut unpacked = Vec::new();
        let packed = fs::read(with_suffix(&script, "br")).unwrap();
        assert!(packed.len() < content.len() / 4);
        brotli::BrotliDecompress(&mut packed.as_slice(), &mut unpacked).unwrap();
        assert_eq!(unpacked, content.as_bytes());
        assert!(!folder.path().join("inter.woff2.br").exists());
    }
}
