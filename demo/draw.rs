//! Makes the pictures of the demo shop: each drawing goes through the path that an upload of it would take.
//!
//! Usage: draw_demo DRAWINGS IMAGES, where DRAWINGS is a folder of PNG files, and IMAGES the folder to write to.

use std::{
    env,
    error::Error,
    fs,
    path::{Path, PathBuf},
};

use cartwright::{
    catalog::draft::NewImage,
    ids::ImageId,
    media::{Rendered, render},
};
use serde_json::json;

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<PathBuf> = env::args_os().skip(1).map(PathBuf::from).collect();
    let [drawings, images] = arguments.as_slice() else { return Err("usage: draw_demo DRAWINGS IMAGES".into()) };
    for drawing in fs::read_dir(drawings)? {
        let drawing = drawing?.path();
        let name = drawing.file_stem().ok_or("a file without a name")?;
        let rendered = render(&fs::read(&drawing)?).map_err(|refused| format!("{}: {refused}", drawing.display()))?;
        write(&images.join(name), &rendered)?;
    }
    Ok(())
}

/// Writes the renditions, and beside them what else the shop keeps of an image.
fn write(folder: &Path, rendered: &Rendered) -> Result<(), Box<dyn Error>> {
    fs::create_dir_all(folder)?;
    for rendition in &rendered.renditions {
        let file = format!("{}.{}", rendition.name.as_str(), rendition.format.as_str());
        fs::write(folder.join(file), &rendition.bytes)?;
    }
    let NewImage { id: _, hash, alt: _, width, height, placeholder, renditions, focal_point: _ } =
        NewImage::of(ImageId::new(), "", rendered);
    let (hash, placeholder) = (hash.as_str(), placeholder.as_str());
    let image = json!({
        "hash": hash, "width": width, "height": height, "placeholder": placeholder, "renditions": renditions,
    });
    Ok(fs::write(folder.join("image.json"), format!("{image}\n"))?)
}
