//! Files of images that no product has: left by a process that died between keeping them and its commit, or between a
//! commit and removing them.

use std::{
    collections::HashSet,
    sync::Arc,
    time::{Duration, SystemTime},
};

use diesel::prelude::*;
use tokio::time::sleep;

use crate::{db::schema::images, error::Result, ids::ImageId, media::MediaStorage, shop::Shop};

/// A server that has just started has other things to do.
const FIRST: Duration = Duration::from_secs(60 * 60);
/// How often the files are looked through.
const EVERY: Duration = Duration::from_secs(24 * 60 * 60);
/// What is younger may belong to an upload or an import that still runs.
const OLD: Duration = Duration::from_secs(24 * 60 * 60);
/// Images that the database is asked for together.
const AT_ONCE: usize = 500;

/// Removes such files once a day.
pub async fn run(shop: Shop, media: Arc<MediaStorage>) {
    sleep(FIRST).await;
    loop {
        match sweep(&shop, &media, SystemTime::now() - OLD).await {
            Ok(0) => {}
            Ok(count) => log::info!("removed the files of {count} images that no product has"),
            Err(error) => log::warn!("files of images that no product has: {error}"),
        }
        sleep(EVERY).await;
    }
}

/// Removes the files that are older than `before`, and says of how many images.
///
/// # Errors
/// Where the database or the media storage fails.
pub async fn sweep(shop: &Shop, media: &Arc<MediaStorage>, before: SystemTime) -> Result<usize> {
    let kept = media.apart("looking for old images", move |it| it.images_before(before)).await?;
    let mut removed = 0;
    for ids in kept.chunks(AT_ONCE) {
        let asked = ids.to_vec();
        let known = move |conn: &mut _| {
            Ok(images::table.filter(images::id.eq_any(asked.clone())).select(images::id).load(conn)?)
        };
        let known: HashSet<ImageId> = shop.db.read(known).await?.into_iter().collect();
        let orphaned: Vec<ImageId> = ids.iter().copied().filter(|id| !known.contains(id)).collect();
        removed += orphaned.len();
        let remove = move |it: &MediaStorage| orphaned.into_iter().try_for_each(|id| it.remove_all(id));
        media.apart("removing old images", remove).await?;
    }
    Ok(removed)
}
