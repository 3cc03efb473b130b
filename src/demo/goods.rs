//! What the demo shop sells: `demo/catalogue.json` and the renditions of its drawings.

use std::{
    collections::BTreeMap,
    thread::{self, ScopedJoinHandle},
};

use include_dir::{Dir, include_dir};
use serde::Deserialize;

use crate::{
    catalog::{
        attribute_definition::{self, AttributeKind, NewDefinition},
        create_product::{ProductIds, create_product_as},
        draft::{NewImage, NewProduct, NewVariant, Price, Terms},
        find_or_create::{PlacedCategory, place_brand, place_category},
        model::{Attributes, OrderQuantities, ProductOption, ProductStatus, RenditionSizes, Slug, VariantOptions},
    },
    db::Conn,
    error::{Error, Result},
    ids::{AttributeId, BrandId, CategoryId, ImageId, ProductId, VariantId},
    media::{ImageName, MediaStorage},
    money::Currency,
    shop::Shop,
    time::UtcTime,
};

const CATALOGUE: &str = include_str!("../../demo/catalogue.json");
/// How many products' images are written at once.
const WRITERS: usize = 8;
static IMAGES: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/demo/images");

/// The catalogue.
#[derive(Deserialize)]
pub(super) struct Goods {
    categories: Vec<Category>,
    brands: Vec<Brand>,
    attributes: Vec<Attribute>,
    products: Vec<Product>,
}

/// A parent stands before its children.
#[derive(Deserialize)]
struct Category {
    id: String,
    slug: String,
    name: String,
    parent: Option<String>,
    position: i32,
}

#[derive(Deserialize)]
struct Brand {
    id: String,
    slug: String,
    name: String,
}

/// What products are filtered by, in the order to show it.
#[derive(Deserialize)]
struct Attribute {
    id: AttributeId,
    key: String,
    label: String,
    kind: AttributeKind,
    unit: Option<String>,
}

#[derive(Deserialize)]
struct Product {
    id: ProductId,
    slug: String,
    name: String,
    description: String,
    brand: String,
    categories: Vec<String>,
    options: Vec<ProductOption>,
    attributes: Attributes,
    image: Image,
    variants: Vec<Variant>,
}

#[derive(Deserialize)]
struct Image {
    id: ImageId,
    /// Its folder.
    file: String,
    alt: String,
}

/// What the shop has made of a drawing, beside the renditions: `image.json` in its folder.
#[derive(Deserialize)]
struct Drawn {
    hash: String,
    width: i32,
    height: i32,
    placeholder: String,
    renditions: RenditionSizes,
}

#[derive(Deserialize)]
struct Variant {
    id: VariantId,
    sku: String,
    name: String,
    options: VariantOptions,
    prices: BTreeMap<Currency, i64>,
    compare_at: Option<BTreeMap<Currency, i64>>,
    stock: i64,
    weight_grams: Option<i32>,
    barcode: Option<String>,
}

pub(super) fn read() -> Result<Goods, String> {
    serde_json::from_str(CATALOGUE).map_err(|error| format!("demo/catalogue.json: {error}"))
}

impl Goods {
    /// Keeps the renditions, those of several products at once: the disk or the bucket is what takes the time, and it
    /// takes in many files as fast as one.
    pub(super) fn keep_images(&self, media: &MediaStorage) -> Result<(), String> {
        let keep = |products: &[Product]| products.iter().try_for_each(|product| product.image.keep(media));
        let share = self.products.len().div_ceil(WRITERS).max(1);
        thread::scope(|scope| {
            let writers: Vec<_> = self.products.chunks(share).map(|it| scope.spawn(move || keep(it))).collect();
            let kept = |writer: ScopedJoinHandle<'_, _>| {
                writer.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
            };
            writers.into_iter().try_for_each(kept)
        })
    }

    /// Writes everything, prices in the currencies that the shop offers.
    pub(super) fn write(&self, conn: &mut Conn, shop: &Shop, now: UtcTime) -> Result<()> {
        let mut brands: BTreeMap<&str, BrandId> = BTreeMap::new();
        for Brand { id, slug, name } in &self.brands {
            let id = parsed(id)?;
            place_brand(conn, id, parsed(slug)?, name, now)?;
            brands.insert(slug, id);
        }
        let mut categories: BTreeMap<&str, CategoryId> = BTreeMap::new();
        for Category { id, slug, name, parent, position } in &self.categories {
            let id = parsed(id)?;
            let parent_id = parent.as_ref().map(|slug| known(&categories, slug)).transpose()?;
            let new = PlacedCategory { id, slug: parsed(slug)?, name, parent_id, position: *position };
            place_category(conn, new, now)?;
            categories.insert(slug, id);
        }
        for (position, attribute) in (0..).zip(&self.attributes) {
            let Attribute { id, key, label, kind, unit } = attribute;
            let (key, label, unit) = (key.clone(), label.clone(), unit.clone());
            let new = NewDefinition { key, label, kind: *kind, unit, filterable: true, position };
            attribute_definition::create_as(conn, *id, &new, now)?;
        }
        for product in &self.products {
            let ids = ProductIds { product: product.id, variants: product.variants.iter().map(|it| it.id).collect() };
            let new = product.as_new(&brands, &categories, &shop.config.store.currencies)?;
            create_product_as(conn, &ids, &new, Terms::of(&shop.config), now)?;
        }
        Ok(())
    }
}

/// The thing of this slug.
fn known<T: Copy>(things: &BTreeMap<&str, T>, slug: &str) -> Result<T> {
    things.get(slug).copied().ok_or_else(|| Error::Internal(format!("demo/catalogue.json names no `{slug}`")))
}

fn parsed<T: std::str::FromStr>(text: &str) -> Result<T> {
    text.parse().map_err(|_| Error::Internal(format!("demo/catalogue.json: `{text}` is not of its form")))
}

impl Product {
    fn as_new(
        &self,
        brands: &BTreeMap<&str, BrandId>,
        categories: &BTreeMap<&str, CategoryId>,
        offered: &[Currency],
    ) -> Result<NewProduct> {
        let category_ids = self.categories.iter().map(|slug| known(categories, slug)).collect::<Result<_>>()?;
        Ok(NewProduct {
            external_id: None,
            slug: Some(parsed::<Slug>(&self.slug)?),
            name: self.name.clone(),
            description: self.description.clone(),
            status: ProductStatus::Published,
            publish_at: None,
            unpublish_at: None,
            brand_id: Some(known(brands, &self.brand)?),
            category_ids,
            options: self.options.clone(),
            attributes: self.attributes.clone(),
            variants: self.variants.iter().map(|variant| variant.as_new(offered)).collect(),
            images: vec![self.image.as_new()?],
        })
    }
}

impl Variant {
    fn as_new(&self, offered: &[Currency]) -> NewVariant {
        let price = |(&currency, &amount): (&Currency, &i64)| Price {
            amount,
            currency,
            compare_at: self.compare_at.as_ref().and_then(|before| before.get(&currency)).copied(),
        };
        NewVariant {
            external_id: None,
            sku: self.sku.clone(),
            name: Some(self.name.clone()),
            options: self.options.clone(),
            prices: self.prices.iter().filter(|(currency, _)| offered.contains(currency)).map(price).collect(),
            stock: self.stock,
            barcode: self.barcode.clone(),
            weight_grams: self.weight_grams,
            order_quantities: OrderQuantities::default(),
            image_id: None,
        }
    }
}

impl Image {
    fn file(&self, name: &str) -> Result<&'static [u8], String> {
        let path = format!("{}/{name}", self.file);
        IMAGES.get_file(&path).map(|file| file.contents()).ok_or_else(|| format!("demo/images/{path} is missing"))
    }

    fn drawn(&self) -> Result<Drawn, String> {
        serde_json::from_slice(self.file("image.json")?).map_err(|error| format!("{}/image.json: {error}", self.file))
    }

    fn name(&self) -> Result<ImageName> {
        let drawn = self.drawn().map_err(Error::Internal)?;
        Ok(ImageName { id: self.id, hash: parsed(&drawn.hash)? })
    }

    fn keep(&self, media: &MediaStorage) -> Result<(), String> {
        for key in self.name().map_err(|error| error.to_string())?.keys() {
            let bytes = self.file(&format!("{}.{}", key.name.as_str(), key.format.as_str()))?;
            media.put(&key, bytes).map_err(|error| format!("{}: {error}", key.path()))?;
        }
        Ok(())
    }

    fn as_new(&self) -> Result<NewImage> {
        let Drawn { hash, width, height, placeholder, renditions } = self.drawn().map_err(Error::Internal)?;
        let (id, hash, alt) = (self.id, parsed(&hash)?, self.alt.clone());
        Ok(NewImage { id, hash, alt, width, height, placeholder, renditions, focal_point: None })
    }
}

#[cfg(test)]
mod tests {
    use std::{collections::BTreeSet, io::Cursor};

    use super::*;

    #[test]
    fn every_product_has_a_brand_and_categories_that_are_there() {
        let Goods { categories, brands, attributes, products } = read().unwrap();
        assert_eq!((products.len(), brands.len(), categories.len(), attributes.len()), (40, 6, 19, 16));
        let slugs: BTreeSet<&str> = categories.iter().map(|it| it.slug.as_str()).collect();
        for product in &products {
            assert!(brands.iter().any(|it| it.slug == product.brand), "{}", product.slug);
            assert!(product.categories.iter().all(|it| slugs.contains(it.as_str())), "{}", product.slug);
        }
        for attribute in &attributes {
            assert!(products.iter().any(|it| it.attributes.contains_key(&attribute.key)), "{}", attribute.key);
        }
    }

    #[test]
    fn every_drawing_has_all_its_renditions_in_the_sizes_that_are_said() {
        let products = read().unwrap().products;
        for image in products.iter().map(|it| &it.image) {
            let NewImage { renditions: sizes, placeholder, .. } = image.as_new().unwrap();
            assert!(placeholder.len() > 10, "{}", image.file);
            for (name, size) in [("thumb", sizes.thumb), ("medium", sizes.medium), ("large", sizes.large)] {
                for format in ["webp", "jpg"] {
                    let bytes = Cursor::new(image.file(&format!("{name}.{format}")).unwrap());
                    let picture = image::ImageReader::new(bytes).with_guessed_format().unwrap();
                    assert_eq!(picture.into_dimensions().unwrap(), size, "{} {name} {format}", image.file);
                }
            }
        }
        let hashes: BTreeSet<String> = products.iter().map(|it| it.image.drawn().unwrap().hash).collect();
        assert_eq!((hashes.len(), IMAGES.dirs().count()), (products.len(), products.len()), "one picture each");
    }

    #[test]
    fn every_barcode_is_an_ean_13_of_the_range_for_internal_use() {
        let products = read().unwrap().products;
        let variants = products.iter().flat_map(|it| &it.variants);
        let barcodes: Vec<&str> = variants.filter_map(|it| it.barcode.as_deref()).collect();
        for barcode in &barcodes {
            let digits: Vec<u32> = barcode.chars().map(|it| it.to_digit(10).unwrap()).collect();
            let sum: u32 = digits.iter().zip([1, 3].iter().cycle()).map(|(digit, weight)| digit * weight).sum();
            assert_eq!((digits.len(), digits[0], sum % 10), (13, 2, 0), "{barcode}");
        }
        assert_eq!(barcodes.iter().collect::<BTreeSet<_>>().len(), barcodes.len());
    }

    #[test]
    fn the_drawings_fit_into_a_binary() {
        let size = |dir: &Dir<'_>| dir.files().map(|it| it.contents().len()).sum::<usize>();
        let all: usize = IMAGES.dirs().map(size).sum();
        assert!(all <= 6_500_000, "{all} bytes");
    }
}
