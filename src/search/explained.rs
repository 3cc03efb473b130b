//! How a search came about, as the staff see it.
//!
//! The score of a product is the sum of its parts, times its factors; the score of a word is the sum of its fields, each
//! times what counts of it.

use serde::Serialize;
use utoipa::ToSchema;

use crate::ids::ProductId;

/// What a search made of a text, and why it found what it found.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Explanation {
    /// What was searched for in the place of `q`, where that holds words that no product has.
    #[schema(required, max_length = 4000, example = "enamel mug")]
    pub corrected_query: Option<String>,
    /// Ways to read the text: as it was meant, then other ways to say the same. A text without a word in it has none.
    #[schema(max_items = 24)]
    pub readings: Vec<ReadingExplained>,
    /// Whether the text asks for a thing that is made for other things; if not, such things score less.
    pub asks_for_accessory: bool,
    /// The stages that were looked at, with what each found.
    #[schema(max_items = 2)]
    pub stages: Vec<StageExplained>,
    /// The products, in the order in which the search shows them.
    #[schema(max_items = 100)]
    pub items: Vec<ProductExplained>,
}

/// A way to read the text.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct ReadingExplained {
    /// What it says.
    #[schema(max_length = 4000, example = "enamel mug")]
    pub text: String,
    /// Where it comes from.
    pub origin: Origin,
    /// What products are multiplied by that are found by it.
    #[schema(minimum = 0, maximum = 1, example = 0.65)]
    pub weight: f32,
    /// Its words.
    #[schema(max_items = 64)]
    pub words: Vec<WordExplained>,
}

/// Where a reading comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Origin {
    /// It was typed so.
    Typed,
    /// Words of it were corrected.
    Corrected,
    /// Two words were written as one.
    Joined,
    /// Quantities were written apart from their units.
    Parted,
    /// Words of it mean the same.
    Synonym,
}

/// A word, as it is looked for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct WordExplained {
    /// In lower case, without accents.
    #[schema(max_length = 101, example = "mugs")]
    pub word: String,
    /// Its stem.
    #[schema(max_length = 101, example = "mug")]
    pub stem: String,
    /// Whether it is too common to be asked of a product.
    pub is_stop_word: bool,
}

/// A stage of the search. Products of the first come before those of the second.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Stage {
    /// Every word is found, by one of the readings.
    AllWords,
    /// Some word is found.
    AnyWord,
}

/// What a stage found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct StageExplained {
    /// The stage.
    pub stage: Stage,
    /// The products that it found.
    #[schema(minimum = 0, maximum = 9_007_199_254_740_991_i64, example = 3)]
    pub found: usize,
}

/// A product that was found, and why it stands where it stands.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct ProductExplained {
    /// Its id.
    pub id: ProductId,
    /// Its name in addresses.
    #[schema(min_length = 1, max_length = 100, example = "enamel-mug")]
    pub slug: String,
    /// Its name.
    #[schema(min_length = 1, max_length = 500, example = "Enamel mug")]
    pub name: String,
    /// How it was found, and what that is worth.
    #[serde(flatten)]
    pub found: Found,
}

/// How a product was found, and what that is worth: `score` is the sum of `parts`, times all `factors`.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct Found {
    /// The stage that found it.
    pub stage: Stage,
    /// The reading that found it best; null where that was any word, or the whole text as a code.
    #[schema(required, max_length = 4000, example = "enamel mug")]
    pub reading: Option<String>,
    /// By this products stand in order, where the search is sorted by relevance.
    #[schema(minimum = 0, maximum = 1_000_000, example = 12.5)]
    pub score: f32,
    /// What was found of it.
    #[schema(max_items = 1000)]
    pub parts: Vec<PartExplained>,
    /// What the sum of the parts is multiplied by.
    #[schema(max_items = 3)]
    pub factors: Vec<FactorExplained>,
}

/// Something that was found of a product.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct PartExplained {
    /// What.
    pub kind: PartKind,
    /// The word, the words, or the code.
    #[schema(max_length = 4000, example = "mug")]
    pub text: String,
    /// Its share: of a word, the sum of what its fields count.
    #[schema(minimum = 0, maximum = 1_000_000, example = 6.2)]
    pub score: f32,
    /// Where a word was found; empty for others.
    #[schema(max_items = 6)]
    pub fields: Vec<FieldExplained>,
}

/// What was found of a product.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum PartKind {
    /// A word.
    Word,
    /// Two words that follow each other in its name, as they do in the text.
    Neighbours,
    /// A SKU or barcode.
    Code,
}

/// A field in which a word was found: `score` is `weight` × `bm25` × `counted`.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct FieldExplained {
    /// The field.
    pub field: FieldName,
    /// What the field counts.
    #[schema(minimum = 0, maximum = 10, example = 3.0)]
    pub weight: f32,
    /// How well the word tells the product from others (Okapi BM25): 2.2 × `rarity` × `saturation`.
    #[schema(minimum = 0, maximum = 1000, example = 2.1)]
    pub bm25: f32,
    /// The fewer products have the word in this field, the higher (the inverse document frequency).
    #[schema(minimum = 0, maximum = 1000, example = 1.4)]
    pub rarity: f32,
    /// The more often the word stands in the field, and the shorter the field is, the nearer to 1.
    #[schema(minimum = 0, maximum = 1, example = 0.68)]
    pub saturation: f32,
    /// A word's best field counts in full, the others add a little.
    #[schema(minimum = 0, maximum = 1, example = 1.0)]
    pub counted: f32,
    /// The product of these.
    #[schema(minimum = 0, maximum = 10_000, example = 6.2)]
    pub score: f32,
}

/// A field in which words are looked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum FieldName {
    /// The name, by stems.
    Name,
    /// The name, by words as they are written.
    NameAsWritten,
    /// The brand's name.
    Brand,
    /// The names of categories, those above them too.
    Categories,
    /// The texts of attributes and options.
    Attributes,
    /// The description.
    Description,
}

/// What a score is multiplied by.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct FactorExplained {
    /// Why.
    pub kind: FactorKind,
    /// By how much.
    #[schema(minimum = 0, maximum = 2, example = 0.65)]
    pub value: f32,
}

/// Why a score is multiplied.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum FactorKind {
    /// It was found by another way to say the same.
    Reading,
    /// It is made for what was asked for, and is something else itself.
    Accessory,
    /// It sells well.
    Popularity,
}
