//! Which hits a page of a search shows: so many behind a place, or before one, in one state of the index.

use serde_json::json;

use super::SearchHits;
use crate::{
    catalog::list::ProductSort,
    error::{Code, Result, Violation},
    http::cursor::Position,
    page::Direction,
};

/// A list by relevance or popularity ends here: the index would have to sort all that lies before.
const DEEPEST: usize = 1000;

/// The hits of a page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Span {
    /// Hits before the page.
    pub(super) offset: usize,
    /// The most hits on it.
    pub(super) limit: usize,
    /// The state of the index that the place was counted in; the current one for a first page.
    pub(super) generation: Option<u64>,
}

impl Span {
    /// The first page.
    pub(super) fn first(limit: usize) -> Self {
        Self { offset: 0, limit, generation: None }
    }

    /// The page of `limit` hits at most that a cursor tells.
    ///
    /// # Errors
    /// 400 `cursor_too_deep` behind the 1,000th hit by relevance or popularity.
    pub(super) fn at(position: &Position, limit: usize, sort: Option<ProductSort>) -> Result<Self> {
        let (generation, place) = read(position).ok_or_else(|| refused(Code::InvalidCursor))?;
        if matches!(sort, None | Some(ProductSort::Popularity)) && place >= DEEPEST {
            return Err(refused(Code::CursorTooDeep).into());
        }
        let generation = Some(generation);
        Ok(match position.direction {
            Direction::Next => Self { offset: place, limit, generation },
            Direction::Prev => {
                let limit = limit.min(place);
                Self { offset: place - limit, limit, generation }
            }
        })
    }

    /// Where the page behind this one begins, if there is any.
    pub(super) fn next(&self, hits: &SearchHits) -> Option<Position> {
        let place = self.offset + hits.ids.len();
        hits.has_more.then(|| position(Direction::Next, hits.generation, place))
    }

    /// Where the page before this one ends, if there is any.
    pub(super) fn prev(&self, hits: &SearchHits) -> Option<Position> {
        (self.offset > 0).then(|| position(Direction::Prev, hits.generation, self.offset))
    }
}

fn position(direction: Direction, generation: u64, place: usize) -> Position {
    Position { direction, key: vec![json!(generation), json!(place)] }
}

fn read(position: &Position) -> Option<(u64, usize)> {
    let [generation, place] = position.key.as_slice() else { return None };
    let place = usize::try_from(place.as_u64()?).ok()?;
    // Nothing stands before the first hit.
    let is_place = place > 0 || position.direction == Direction::Next;
    is_place.then_some((generation.as_u64()?, place))
}

fn refused(code: Code) -> Violation {
    Violation::in_parameter("cursor", code, code.about())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Error;

    fn span(direction: Direction, place: usize, sort: Option<ProductSort>) -> Result<Span> {
        Span::at(&position(direction, 7, place), 20, sort)
    }

    #[test]
    fn a_page_before_the_first_page_is_as_long_as_what_is_left() {
        for (direction, place, offset, limit) in [
            (Direction::Next, 0, 0, 20),
            (Direction::Next, 40, 40, 20),
            (Direction::Prev, 40, 20, 20),
            (Direction::Prev, 5, 0, 5),
        ] {
            let expected = Span { offset, limit, generation: Some(7) };
            assert_eq!(span(direction, place, None).unwrap(), expected, "{direction:?} {place}");
        }
        assert!(span(Direction::Prev, 0, None).is_err());
    }

    #[test]
    fn only_by_relevance_and_popularity_is_there_an_end() {
        let is_too_deep = |sort| matches!(span(Direction::Next, 1_000, sort), Err(Error::Problem(_)));
        assert!(is_too_deep(None) && is_too_deep(Some(ProductSort::Popularity)));
        assert!(!is_too_deep(Some(ProductSort::Name)));
        assert!(span(Direction::Next, 999, None).is_ok());
    }
}
