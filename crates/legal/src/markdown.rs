//! Markdown to HTML. What could run a script or load something is refused, with its line.

use pulldown_cmark::{Event, HeadingLevel, Options, Parser, Tag, TagEnd, html};

use crate::error::PageProblem;

/// A rendered text.
pub struct Rendered {
    /// The text of its title, which is the first heading.
    pub title: String,
    /// The rest, as HTML.
    pub html: String,
}

/// Renders a text that begins with its title (`# Title`).
pub fn render(text: &str) -> Result<Rendered, PageProblem> {
    let line_at = |offset: usize| text.bytes().take(offset).filter(|b| *b == b'\n').count() + 1;
    let parser = Parser::new_ext(text, Options::ENABLE_TABLES);
    let mut events = parser.into_offset_iter();
    let title = title(&mut events)?;
    let mut body = Vec::new();
    for (event, span) in events {
        check(&event, line_at(span.start))?;
        body.push(event);
    }
    let mut html = String::with_capacity(text.len() * 2);
    html::push_html(&mut html, body.into_iter());
    Ok(Rendered { title, html })
}

/// Takes the events of the first heading, and returns its text.
fn title<'e, I>(events: &mut I) -> Result<String, PageProblem>
where
    I: Iterator<Item = (Event<'e>, std::ops::Range<usize>)>,
{
    let first = events.next().map(|(event, _)| event);
    if !matches!(first, Some(Event::Start(Tag::Heading { level: HeadingLevel::H1, .. }))) {
        return Err(PageProblem::NoTitle);
    }
    let mut title = String::new();
    for (event, _) in events {
        match event {
            Event::End(TagEnd::Heading(_)) => break,
            Event::Text(text) | Event::Code(text) => title.push_str(&text),
            _ => {}
        }
    }
    let title = title.trim().to_owned();
    if title.is_empty() { Err(PageProblem::NoTitle) } else { Ok(title) }
}

fn check(event: &Event<'_>, line: usize) -> Result<(), PageProblem> {
    match event {
        Event::Html(_) | Event::InlineHtml(_) | Event::Start(Tag::HtmlBlock) => {
            Err(PageProblem::Html { line })
        }
        Event::Start(Tag::Image { .. }) => Err(PageProblem::Picture { line }),
        Event::Start(Tag::Heading { level: HeadingLevel::H1, .. }) => {
            Err(PageProblem::SecondTitle { line })
        }
        Event::Start(Tag::Link { dest_url, .. }) if !is_followed(dest_url) => {
            Err(PageProblem::Link { line })
        }
        _ => Ok(()),
    }
}

/// Whether a link may lead there. The library writes an e-mail address in angle brackets without
/// `mailto:` here, and adds it to the page.
fn is_followed(address: &str) -> bool {
    let address = address.to_ascii_lowercase();
    let is_own = address.starts_with('/') && !address.starts_with("//");
    let is_email = address.contains('@') && !address.contains(':');
    is_own
        || is_email
        || ["https://", "mailto:", "tel:", "#"].iter().any(|start| address.starts_with(start))
}
