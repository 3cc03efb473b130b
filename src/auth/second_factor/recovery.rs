//! Recovery codes: 80 random bits each, kept as hashes.

use diesel::prelude::*;
use secrecy::zeroize::Zeroizing;

use crate::{
    db::{Conn, schema::recovery_codes},
    digest,
    keys::fill_random,
};

const CODES: usize = 10;
/// 16 characters of five bits.
const BYTES: usize = 10;
/// Without letters that are read as others.
const ALPHABET: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";

/// Puts ten new codes in the place of the owner's former ones.
pub(super) fn replace(conn: &mut Conn, owner: &str) -> QueryResult<Vec<String>> {
    diesel::delete(recovery_codes::table.filter(recovery_codes::owner_id.eq(owner))).execute(conn)?;
    let codes: Vec<String> = (0..CODES).map(|_| random()).collect();
    for code in &codes {
        let row = (recovery_codes::code_hash.eq(hash(owner, code)), recovery_codes::owner_id.eq(owner));
        diesel::insert_into(recovery_codes::table).values(row).execute(conn)?;
    }
    Ok(codes)
}

/// Whether `code` is one of the owner's; it is used up then.
pub(super) fn use_up(conn: &mut Conn, owner: &str, code: &str) -> QueryResult<bool> {
    let own = recovery_codes::table.find(hash(owner, code)).filter(recovery_codes::owner_id.eq(owner));
    diesel::delete(own).execute(conn).map(|rows| rows == 1)
}

/// `7h3k-2m9q-x5wt-0czb`.
fn random() -> String {
    let mut bytes = Zeroizing::new([0; BYTES]);
    fill_random(bytes.as_mut());
    let bits = bytes.iter().fold(0_u128, |bits, byte| (bits << 8) | u128::from(*byte));
    let letter = |place: usize| char::from(ALPHABET[(bits >> (5 * place)) as usize & 31]);
    let groups: Vec<String> = (0..4).map(|group| (0..4).map(|it| letter(group * 4 + it)).collect()).collect();
    groups.join("-")
}

/// However it is written: case, spaces and hyphens make no difference.
fn hash(owner: &str, code: &str) -> String {
    let plain: String =
        code.chars().filter(|it| it.is_ascii_alphanumeric()).map(|it| it.to_ascii_lowercase()).collect();
    digest::sha256_hex(format!("{owner} {plain}").as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_four_groups_of_four_and_no_two_alike() {
        let codes: std::collections::BTreeSet<String> = (0..100).map(|_| random()).collect();
        assert_eq!(codes.len(), 100);
        for code in codes {
            let groups: Vec<&str> = code.split('-').collect();
            assert!(groups.len() == 4 && groups.iter().all(|it| it.len() == 4), "{code}");
        }
    }

    #[test]
    fn a_code_is_the_same_however_it_is_written_and_another_for_everybody() {
        assert_eq!(hash("cust_1", "7h3k-2m9q-x5wt-0czb"), hash("cust_1", " 7H3K 2M9QX5WT 0CZB"));
        assert_ne!(hash("cust_1", "7h3k-2m9q-x5wt-0czb"), hash("cust_2", "7h3k-2m9q-x5wt-0czb"));
    }
}
