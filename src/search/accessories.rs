//! What a product is made for, rather than is: a keyboard cover is no keyboard.
//!
//! Shoppers who ask for a thing rarely mean what goes with it, whose name holds the same words. Known for English, where
//! the thing that is sold stands last ("keyboard cover") or before "for".

use tantivy::tokenizer::Language;

use super::analysis::Word;

/// Things that are made for other things.
const ENGLISH: &str = "accessory adapter adaptor backpack bag battery bracket cabinet cable case cartridge charger \
                       cleaner cleaning cord cover cradle dock docking drum enclosure filter film folio hanger holder \
                       holster hook kit lens liner lock mount pad part pouch protector rack refill remote replacement \
                       ribbon screen service shelf skin sleeve spare stand strap toner tray warranty";
/// What stands before the thing that a product is made for.
const FOR: &str = "for";
/// Words after [`FOR`] that name it.
const AFTER_FOR: usize = 3;

/// The words of a language for things that are made for others, stemmed by `stem`.
pub(super) fn stems(language: Language, stem: impl FnMut(&str) -> Vec<Word>) -> Vec<String> {
    let words = if language == Language::English { ENGLISH } else { "" };
    words.split_whitespace().flat_map(stem).map(|word| word.stem).collect()
}

/// Stems of what a product of this name is made for; `accessories` are those of [`stems`].
pub(super) fn made_for(name: &[Word], accessories: &[String]) -> Vec<String> {
    let is_accessory = |word: &Word| accessories.contains(&word.stem);
    let before = name.windows(2).filter(|pair| is_accessory(&pair[1]) && !is_accessory(&pair[0]));
    let mut found: Vec<String> = before.map(|pair| pair[0].stem.clone()).collect();
    for (place, _) in name.iter().enumerate().filter(|(_, word)| word.plain == FOR) {
        found.extend(name[place + 1..].iter().take(AFTER_FOR).map(|word| word.stem.clone()));
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::search::analysis::{Analysis, normalized};

    fn made_for_what(name: &str) -> Vec<String> {
        let mut analysis = Analysis::new(Language::English);
        let accessories = stems(Language::English, |word| analysis.words(word));
        made_for(&analysis.words(&normalized(name)), &accessories)
    }

    #[test]
    fn a_cover_is_made_for_what_it_covers() {
        assert_eq!(made_for_what("WetEx Keyboard cover"), ["keyboard"]);
        assert_eq!(made_for_what("Leather case for iPhone 3G, black"), ["leather", "iphon", "3g", "black"]);
        assert_eq!(made_for_what("Oak chair"), [""; 0]);
        assert_eq!(made_for_what("Camera bag case"), ["camera"]);
    }
}
