//! Reading a paged list of templates to its end.

use crate::TemplateError;

/// One page of a list, and where the next page starts; `None` after the last page.
pub(crate) type Page<Item, Cursor> = (Vec<Item>, Option<Cursor>);

/// Reads every page of a list, beginning at `first`. A provider that keeps naming a next
/// page after `max_pages` pages is an error: following it would never end.
pub(crate) async fn read_all_pages<Item, Cursor, Fetching>(
    first: Cursor,
    max_pages: usize,
    mut fetch: impl FnMut(Cursor) -> Fetching,
) -> Result<Vec<Item>, TemplateError>
where
    Fetching: Future<Output = Result<Page<Item, Cursor>, TemplateError>>,
{
    let (mut items, mut cursor) = (Vec::new(), first);
    for _ in 0..max_pages {
        let (page, next) = fetch(cursor).await?;
        items.extend(page);
        match next {
            Some(next) => cursor = next,
            None => return Ok(items),
        }
    }
    Err(TemplateError::Refused(format!("the list of templates has more than {max_pages} pages")))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Page `number` of `count`, which holds its own number.
    async fn page(number: usize, count: usize) -> Result<Page<usize, usize>, TemplateError> {
        Ok((vec![number], (number < count).then_some(number + 1)))
    }

    #[tokio::test]
    async fn all_pages_are_read_in_their_order() {
        let items = read_all_pages(1, 3, |number| page(number, 3)).await;
        assert_eq!(items, Ok(vec![1, 2, 3]));
    }

    #[tokio::test]
    async fn a_list_with_too_many_pages_is_an_error() {
        let items = read_all_pages(1, 3, |number| page(number, 4)).await;
        assert!(matches!(items, Err(TemplateError::Refused(_))));
    }
}
