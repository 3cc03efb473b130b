//! What the demo shop sells: `demo/catalogue.json` and the renditions of its drawings.

use std::{collections::BTreeMap, thread};

use include_dir::{Dir, include_dir};
use serde::Deserialize;

use crate::{
    catalog::{
        create_product::{ProductIds, create_product_as},
        draft::{NewImage, NewProduct, NewVariant, Price, Terms},
        find_or_create::{PlacedCategory, place_brand, place_category},
        model::{Attributes, OrderQuantities, ProductOption, ProductStatus, RenditionSizes, Slug, VariantOptions},
    },
    db::Conn,
    error::{Error, Result},
    ids::{BrandId, CategoryId, ImageId, ProductId, VariantId},
    media::{self, ContentHash, MediaStorage, RenditionFormat, RenditionKey, RenditionName},
    money::Currency,
    shop::Shop,
    time::UtcTime,
};

const CATALOGUE: &str = include_str!("../../demo/catalogue.json");
static IMAGES: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/demo/images");

/// The catalogue.
#[derive(Deserialize)]
pub(super) struct Goods {
    categories: Vec<Category>,
    brands: Vec<Brand>,
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
    /// Keeps the renditions, two at a time: the disk is what takes the time.
    pub(super) fn keep_images(&self, media: &MediaStorage) -> Result<(), String> {
        let keep = |products: &[Product]| products.iter().try_for_each(|product| product.image.keep(media));
        let (first, second) = self.products.split_at(self.products.len() / 2);
        thread::scope(|scope| {
            let second = scope.spawn(|| keep(second));
            let first = keep(first);
            first.and(second.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)))
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
    fn file(&self, name: RenditionName, format: RenditionFormat) -> Result<&'static [u8], String> {
        let path = format!("{}/{}.{}", self.file, name.as_str(), format.as_str());
        IMAGES.get_file(&path).map(|file| file.contents()).ok_or_else(|| format!("demo/images/{path} is missing"))
    }

    /// Names the drawing, as a hash of its source names an image that came in.
    fn hash(&self) -> Result<ContentHash, String> {
        self.file(RenditionName::Large, RenditionFormat::Webp).map(ContentHash::of)
    }

    fn keep(&self, media: &MediaStorage) -> Result<(), String> {
        let hash = self.hash()?;
        for name in RenditionName::ALL {
            for format in RenditionFormat::ALL {
                let key = RenditionKey { image_id: self.id, hash, name, format };
                media.put(&key, self.file(name, format)?).map_err(|error| format!("{}: {error}", key.path()))?;
            }
        }
        Ok(())
    }

    fn as_new(&self) -> Result<NewImage> {
        // The drawings are squares of the largest size.
        let square = |name: RenditionName| (name.side(), name.side());
        let side = i32::try_from(RenditionName::Large.side()).unwrap_or(i32::MAX);
        let thumb = self.file(RenditionName::Thumb, RenditionFormat::Jpeg).map_err(Error::Internal)?;
        let placeholder = media::placeholder(thumb);
        Ok(NewImage {
            id: self.id,
            hash: self.hash().map_err(Error::Internal)?,
            alt: self.alt.clone(),
            width: side,
            height: side,
            placeholder: placeholder.map_err(|reason| Error::Internal(format!("{}: {reason}", self.file)))?,
            renditions: RenditionSizes {
                thumb: square(RenditionName::Thumb),
                medium: square(RenditionName::Medium),
                large: square(RenditionName::Large),
            },
            focal_point: None,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_product_has_a_brand_categories_and_all_renditions_of_its_drawing() {
        let goods = read().unwrap();
        assert_eq!((goods.products.len(), goods.brands.len(), goods.categories.len()), (16, 6, 18));
        let slugs: Vec<&str> = goods.categories.iter().map(|it| it.slug.as_str()).collect();
        for product in &goods.products {
            assert!(goods.brands.iter().any(|it| it.slug == product.brand), "{}", product.slug);
            assert!(product.categories.iter().all(|it| slugs.contains(&it.as_str())), "{}", product.slug);
            for name in RenditionName::ALL {
                for format in RenditionFormat::ALL {
                    assert!(!product.image.file(name, format).unwrap().is_empty());
                }
            }
            let image = product.image.as_new().unwrap();
            assert!(image.placeholder.len() > 10, "{image:?}");
        }
    }

    #[test]
    fn the_drawings_fit_into_a_binary() {
        let size = |dir: &Dir<'_>| dir.files().map(|it| it.contents().len()).sum::<usize>();
        let all: usize = IMAGES.dirs().map(size).sum();
        assert!(all <= 2_500_000, "{all} bytes");
    }
}
