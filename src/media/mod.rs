//! Product photographs: what is taken in, what is made of it, and where that is kept.
//!
//! Every image goes through [`render`], whether uploaded or imported. What comes out was drawn anew from pixels: no byte
//! of the source survives, and with them go its metadata and whatever else it carried. Renditions that an export brings
//! from another shop are kept as they are, once [`already_drawn`] has found nothing but such a picture in each.

pub mod api;
mod bucket;
mod folder;
mod inspect;
mod ready;
mod render;
mod render_queue;
mod storage;
mod stowaway;
#[cfg(test)]
mod tests;
mod unpacked;

pub use api::routes;
pub use inspect::ImageRefused;
pub use ready::{Stated, already_drawn, hash_of_files};
pub use render::{ContentHash, NotAContentHash, Rendered, Rendition, RenditionFormat, RenditionName, render};
pub use render_queue::RenderQueue;
pub use storage::{ImageName, MediaPlace, MediaStorage, RenditionKey};
