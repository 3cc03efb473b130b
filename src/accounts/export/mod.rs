//! All that the shop holds of a customer, for them to take along (Regulation (EU) 2016/679, articles 15 and 20).

pub mod api;
mod gather;
pub mod view;
