//! Mail: letters are written down in the transaction of what they tell, and sent afterwards, however often it takes.
//!
//! None is lost: what is due stays due until the mail server has taken it. A crash between the server's acceptance and
//! our record of it sends a letter once more, with the same `Message-ID` and, where it holds a one-time token, a new one
//! in the place of the former.

pub mod deliver;
mod kind;
mod letter;
mod message;
mod post;
mod store;
mod token;
pub mod transport;

pub use kind::MailKind;
pub use letter::Letter;
pub use post::{Recipient, letters_to_newcomers, post, post_to_newcomer, post_to_nobody};
pub use store::{KeptMail, MailState, all_of, forget_address, forget_owner};
pub use token::{Redeemed, owner_of, redeem, void_tokens};
