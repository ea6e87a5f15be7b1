//! Checks that the style sheets have logical properties only, so that a page in a language
//! that is written from right to left needs no sheet of its own.

use std::{error::Error, fs, path::Path};

type Result<T> = std::result::Result<T, Box<dyn Error>>;

/// Names of properties that mean a side or a direction of the screen.
const PHYSICAL: [&str; 10] = [
    "left",
    "right",
    "top",
    "bottom",
    "width",
    "height",
    "min-width",
    "min-height",
    "max-width",
    "max-height",
];
/// Shorthands of four sides, which are physical when right and left differ.
const FOUR_SIDES: [&str; 6] =
    ["margin", "padding", "inset", "border-width", "border-style", "scroll-margin"];

/// The declarations of a sheet that are physical, each with the line where it ends.
fn physical(sheet: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut declaration = String::new();
    for (index, line) in without_comments(sheet).lines().enumerate() {
        declaration.push_str(line.trim());
        declaration.push(' ');
        if !line.ends_with([';', '{', '}']) {
            continue;
        }
        if let Some((name, value)) = declaration.trim().split_once(": ")
            && is_declaration(name)
            && is_physical(name, value.trim_end_matches(';'))
        {
            found.push(format!("{}: {name}: {value}", index + 1));
        }
        declaration.clear();
    }
    found
}

/// The sheet with comments replaced by as many line ends as they had.
fn without_comments(sheet: &str) -> String {
    let mut text = String::new();
    let mut rest = sheet;
    while let Some((before, comment)) = rest.split_once("/*") {
        let (inside, after) = comment.split_once("*/").unwrap_or((comment, ""));
        text.push_str(before);
        text.extend(inside.chars().filter(|c| *c == '\n'));
        rest = after;
    }
    text.push_str(rest);
    text
}

/// Custom properties and selectors are no declarations of a side.
fn is_declaration(name: &str) -> bool {
    !name.starts_with("--") && name.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'-')
}

fn is_physical(name: &str, value: &str) -> bool {
    let names_a_side = name.split('-').any(|part| matches!(part, "left" | "right"))
        || ends_with_vertical_side(name);
    let means_a_side = value.split_whitespace().any(|word| matches!(word, "left" | "right"));
    PHYSICAL.contains(&name) || names_a_side || means_a_side || differs_by_side(name, value)
}

/// `margin-top`, `border-bottom-width`, but not `caption-side: top`.
fn ends_with_vertical_side(name: &str) -> bool {
    let mut parts = name.split('-');
    let first = parts.next();
    matches!(first, Some("margin" | "padding" | "border" | "scroll"))
        && parts.any(|part| matches!(part, "top" | "bottom"))
}

fn differs_by_side(name: &str, value: &str) -> bool {
    let sides = words(value);
    match sides.as_slice() {
        [_, right, _, left] if FOUR_SIDES.contains(&name) => right != left,
        [top_left, top_right, rest @ ..] if name == "border-radius" => {
            let bottom_right = rest.first().unwrap_or(top_left);
            let bottom_left = rest.get(1).unwrap_or(top_right);
            top_left != top_right || bottom_right != bottom_left
        }
        _ => false,
    }
}

/// The values of a shorthand; what stands in brackets is part of one.
fn words(value: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut depth = 0_usize;
    for c in value.chars() {
        match c {
            '(' => depth += 1,
            ')' => depth = depth.saturating_sub(1),
            _ => {}
        }
        match words.last_mut() {
            Some(word) if c != ' ' || depth > 0 => word.push(c),
            _ => words.push(String::new()),
        }
    }
    words.retain(|word| !word.is_empty());
    words
}

#[test]
fn style_sheets_have_logical_properties_only() -> Result<()> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("style");
    let mut wrong = Vec::new();
    let mut count = 0;
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        let name = path.file_name().unwrap_or_default().display().to_string();
        wrong.extend(
            physical(&fs::read_to_string(&path)?).iter().map(|line| format!("{name}:{line}")),
        );
        count += 1;
    }
    assert!(count > 5, "only {count} sheets were read");
    assert!(wrong.is_empty(), "use logical properties:\n  {}\n", wrong.join("\n  "));
    Ok(())
}

#[test]
fn physical_declarations_are_found_and_others_are_not() {
    for wrong in [
        "width: 1px",
        "min-height: 1px",
        "margin-left: auto",
        "padding-top: 0",
        "border-bottom-width: 1px",
        "border-top-left-radius: 1px",
        "scroll-padding-top: 1px",
        "inset: 0 1px 0 0",
        "padding: 1px calc(2px + 1px) 1px 2px",
        "border-radius: 4px 16px 16px 16px",
        "text-align: right",
        "float: left",
        "background: url(a)\n    no-repeat right 1px center",
    ] {
        assert_eq!(physical(&format!("a {{\n  {wrong};\n}}")).len(), 1, "{wrong}");
    }
    for right in [
        "inline-size: 1px",
        "margin-inline: auto",
        "line-height: 1.2",
        "border-width: 2px",
        "stroke-width: 2px",
        "padding: 1px 2px 3px",
        "margin: 0 calc(-1 * var(--a)) 0 calc(-1 * var(--a))",
        "border-radius: 0 0 16px 16px",
        "text-align: start",
        "--left: 1px",
    ] {
        let sheet = format!("/* a\n left: 0; */\n@media (width >= 1px) {{\n  {right};\n}}");
        assert!(physical(&sheet).is_empty(), "{right}");
    }
}
