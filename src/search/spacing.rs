//! Words that are written as one here and apart there.

use super::{
    reading::{Reading, read},
    spelling::Speller,
};

impl Speller<'_> {
    /// The text with two words written as one, where products have that: "head phones" are headphones too.
    pub(super) fn joined(&mut self, meant: &Reading) -> tantivy::Result<Vec<Reading>> {
        let mut readings = Vec::new();
        for (place, pair) in meant.pieces.windows(2).enumerate() {
            let [first, second] = pair else { continue };
            let text = format!("{}{}", first.text, second.text);
            let mut joined = read(self.analysis, &text).pieces;
            let is_one_word = joined.iter().map(|piece| piece.words.len()).sum::<usize>() == 1;
            let is_quantity = quantity_and_unit(&text).is_some_and(|(quantity, _)| quantity == first.text);
            let is_known =
                self.frequency(self.fields.vocabulary, &text)? > 0 || (is_quantity && self.all_known(&text)?);
            if is_one_word && first.words.len() == 1 && is_known {
                let mut pieces = meant.pieces.clone();
                pieces.splice(place..place + 2, joined.drain(..));
                readings.push(Reading { pieces });
            }
        }
        Ok(readings)
    }

    /// The text with its quantities apart from their units, where products have both: "350ml" is 350 ml too.
    pub(super) fn parted(&mut self, meant: &Reading) -> tantivy::Result<Option<Reading>> {
        let mut text = Vec::new();
        for piece in &meant.pieces {
            let mut apart = piece.text.clone();
            for word in &piece.words {
                let Some((quantity, unit)) = quantity_and_unit(&word.plain) else { continue };
                let parted = format!("{quantity} {unit}");
                let in_names = |part| Ok::<_, tantivy::TantivyError>(self.frequency(self.fields.vocabulary, part)? > 0);
                let are_known = in_names(quantity)? && in_names(unit)?;
                // What nobody writes so may stand anywhere, in a description too.
                if are_known || (!self.is_known_word(word)? && self.all_known(&parted)?) {
                    apart = apart.to_lowercase().replace(&word.plain, &parted);
                }
            }
            text.push(apart);
        }
        let apart = text.join(" ");
        Ok((apart != meant.text()).then(|| read(self.analysis, &apart)))
    }

    /// Whether products have all words of a text, wherever they stand.
    fn all_known(&mut self, text: &str) -> tantivy::Result<bool> {
        for word in self.analysis.words(text) {
            if !self.is_known_word(&word)? {
                return Ok(false);
            }
        }
        Ok(true)
    }
}

/// Digits, and the letters behind them.
fn quantity_and_unit(word: &str) -> Option<(&str, &str)> {
    let parts = word.split_at(word.find(|it: char| !it.is_ascii_digit())?);
    (!parts.0.is_empty() && parts.1.chars().all(char::is_alphabetic)).then_some(parts)
}

#[cfg(test)]
mod tests {
    use super::quantity_and_unit;

    #[test]
    fn a_quantity_ends_where_its_unit_begins() {
        assert_eq!(quantity_and_unit("350ml"), Some(("350", "ml")));
        for other in ["", "350", "ml", "ml350", "4x100", "mp3"] {
            assert_eq!(quantity_and_unit(other), None, "{other}");
        }
    }
}
