//! Full-text search over the published products: a tantivy index in the data folder, fed from the event table.
//!
//! The index is a copy that can be made again from the database at any time. It knows up to which event it has
//! followed ([`SearchIndex::committed_position`]), and finds product ids; what is shown of them comes from elsewhere.

mod accessories;
pub mod admin;
mod analysis;
pub mod api;
mod awaited;
mod best;
mod demoted;
mod document;
mod explain;
pub mod explained;
mod facets;
mod fields;
mod follow;
mod generations;
mod highlight;
mod index;
mod listed;
mod masked;
mod members;
mod paging;
mod popular;
mod query;
mod rank;
mod reading;
#[cfg(test)]
mod relevance;
pub mod report;
mod rescored;
pub mod searched;
mod spacing;
mod spelling;
mod suggest;
pub mod synonym_group;
mod synonyms;
#[cfg(test)]
mod tests;
mod top;
pub mod view;
mod window;
mod words;

pub use api::routes;
pub use document::{Label, SearchDocument};
pub use explain::Explained;
pub use facets::{Counted, CountedRange, CountedValue, FacetBy, ranges};
pub use follow::Search;
pub use highlight::Highlighter;
pub use index::{BulkWriter, Change, SearchIndex};
pub use query::{Filters, PriceFilter, SearchHits, SearchQuery};
pub use rank::Sort;
pub use suggest::Suggested;
pub use synonyms::Saying;
pub use tantivy::tokenizer::Language;

impl From<tantivy::TantivyError> for crate::error::Error {
    fn from(error: tantivy::TantivyError) -> Self {
        Self::Internal(format!("search index: {error}"))
    }
}
