//! What made-up products are and are made of.

/// A kind of thing.
#[derive(Debug)]
pub(super) struct Kind {
    pub(super) noun: &'static str,
    pub(super) path: &'static [&'static str],
    /// What it costs, in whole units of a currency.
    pub(super) price: (i64, i64),
    pub(super) grams: (i64, i64),
    pub(super) materials: &'static [&'static str],
    /// What it is good for.
    pub(super) use_for: &'static str,
}

const fn kind(
    noun: &'static str,
    path: &'static [&'static str],
    price: (i64, i64),
    grams: (i64, i64),
    materials: &'static [&'static str],
    use_for: &'static str,
) -> Kind {
    Kind { noun, path, price, grams, materials, use_for }
}

const CERAMIC: &[&str] = &["stoneware", "porcelain", "earthenware", "bone china"];
const METAL: &[&str] = &["steel", "aluminium", "brass", "cast iron", "copper"];
const WOOD: &[&str] = &["oak", "beech", "walnut", "ash", "pine", "birch"];
const CLOTH: &[&str] = &["cotton", "linen", "wool", "organic cotton", "recycled polyester"];
const BAG: &[&str] = &["canvas", "leather", "nylon", "waxed cotton", "cordura"];
const PAPER: &[&str] = &["recycled paper", "cotton paper", "ivory paper"];
const PLASTIC: &[&str] = &["ABS", "polycarbonate", "aluminium", "recycled plastic"];

const TABLEWARE: &[&str] = &["Home", "Kitchen", "Tableware"];
const COOKWARE: &[&str] = &["Home", "Kitchen", "Cookware"];
const FURNITURE: &[&str] = &["Home", "Furniture"];
const LIGHTING: &[&str] = &["Home", "Lighting"];
const BEDDING: &[&str] = &["Home", "Textiles", "Bedding"];
const BATH: &[&str] = &["Home", "Textiles", "Bath"];
const SHIRTS: &[&str] = &["Clothing", "Shirts"];
const OUTERWEAR: &[&str] = &["Clothing", "Outerwear"];
const KNITWEAR: &[&str] = &["Clothing", "Knitwear"];
const SHOES: &[&str] = &["Clothing", "Shoes"];
const BAGS: &[&str] = &["Bags", "Everyday"];
const BACKPACKS: &[&str] = &["Bags", "Backpacks"];
const NOTEBOOKS: &[&str] = &["Stationery", "Notebooks"];
const DESK: &[&str] = &["Stationery", "Desk"];
const AUDIO: &[&str] = &["Electronics", "Audio"];
const COMPUTING: &[&str] = &["Electronics", "Computing"];
const CAMPING: &[&str] = &["Outdoor", "Camping"];
const CYCLING: &[&str] = &["Outdoor", "Cycling"];
const POTS: &[&str] = &["Garden", "Pots"];
const TOOLS: &[&str] = &["Garden", "Tools"];
const GAMES: &[&str] = &["Toys", "Games"];

pub(super) const KINDS: &[Kind] = &[
    kind("mug", TABLEWARE, (8, 32), (180, 420), CERAMIC, "coffee at the desk and tea in the garden"),
    kind("T-shirt", SHIRTS, (15, 45), (120, 220), CLOTH, "every day of the week"),
    kind("backpack", BACKPACKS, (45, 220), (500, 1600), BAG, "the way to work and a weekend away"),
    kind("notebook", NOTEBOOKS, (5, 28), (90, 420), PAPER, "notes, sketches and lists"),
    kind("headphones", AUDIO, (25, 380), (150, 340), PLASTIC, "long journeys and open offices"),
    kind("chair", FURNITURE, (60, 480), (3200, 9000), WOOD, "long dinners and long meetings"),
    kind("plate", TABLEWARE, (7, 30), (300, 800), CERAMIC, "breakfast as well as dinner"),
    kind("bowl", TABLEWARE, (6, 36), (250, 900), CERAMIC, "soup, salad and porridge"),
    kind("saucepan", COOKWARE, (25, 180), (700, 2400), METAL, "sauces, rice and vegetables"),
    kind("frying pan", COOKWARE, (20, 160), (600, 2800), METAL, "eggs, fish and pancakes"),
    kind("chopping board", COOKWARE, (12, 80), (500, 2600), WOOD, "bread, herbs and cheese"),
    kind("table", FURNITURE, (120, 1400), (12000, 48000), WOOD, "six people and their elbows"),
    kind("stool", FURNITURE, (35, 220), (2000, 6000), WOOD, "the kitchen and the workshop"),
    kind("bookcase", FURNITURE, (80, 900), (9000, 42000), WOOD, "paperbacks and folios alike"),
    kind("table lamp", LIGHTING, (25, 260), (600, 2600), METAL, "reading late"),
    kind("pendant lamp", LIGHTING, (40, 420), (700, 4200), METAL, "the place above a table"),
    kind("duvet cover", BEDDING, (35, 180), (800, 2200), CLOTH, "quiet nights"),
    kind("pillow", BEDDING, (15, 120), (400, 1300), CLOTH, "people who sleep on their side"),
    kind("blanket", BEDDING, (30, 240), (700, 2500), CLOTH, "cold evenings on the sofa"),
    kind("towel", BATH, (8, 60), (200, 900), CLOTH, "the bath and the beach"),
    kind("shirt", SHIRTS, (30, 140), (160, 320), CLOTH, "the office and after it"),
    kind("rain jacket", OUTERWEAR, (60, 380), (280, 900), CLOTH, "weather that comes from the side"),
    kind("winter coat", OUTERWEAR, (110, 620), (900, 2200), CLOTH, "frost and slush"),
    kind("jumper", KNITWEAR, (40, 220), (250, 700), CLOTH, "the first cold morning"),
    kind("cardigan", KNITWEAR, (45, 240), (280, 720), CLOTH, "rooms that are never quite warm"),
    kind("scarf", KNITWEAR, (18, 120), (80, 350), CLOTH, "wind on the ferry"),
    kind("boots", SHOES, (80, 340), (800, 2200), BAG, "mud, snow and cobblestones"),
    kind("sneakers", SHOES, (50, 220), (500, 1100), BAG, "the whole day on foot"),
    kind("tote bag", BAGS, (12, 90), (120, 700), BAG, "the market and the library"),
    kind("messenger bag", BAGS, (50, 260), (500, 1500), BAG, "a laptop and a sandwich"),
    kind("sketchbook", NOTEBOOKS, (9, 40), (200, 900), PAPER, "pencil, ink and light washes"),
    kind("pen", DESK, (3, 90), (10, 60), METAL, "signatures and shopping lists"),
    kind("desk organiser", DESK, (15, 110), (400, 2200), WOOD, "what otherwise lies about"),
    kind("speaker", AUDIO, (30, 520), (300, 4800), PLASTIC, "a kitchen full of people"),
    kind("earphones", AUDIO, (15, 280), (20, 80), PLASTIC, "running and calls"),
    kind("keyboard", COMPUTING, (30, 240), (400, 1400), PLASTIC, "people who write all day"),
    kind("mouse", COMPUTING, (12, 130), (60, 160), PLASTIC, "small desks"),
    kind("USB-C cable", COMPUTING, (6, 45), (20, 120), PLASTIC, "charging and screens"),
    kind("tent", CAMPING, (90, 900), (1200, 9800), CLOTH, "two people and their rucksacks"),
    kind("sleeping bag", CAMPING, (50, 480), (700, 2600), CLOTH, "nights near freezing"),
    kind("camping stove", CAMPING, (25, 220), (90, 1400), METAL, "coffee above the tree line"),
    kind("water bottle", CAMPING, (9, 55), (120, 480), METAL, "a day without a tap"),
    kind("bicycle lamp", CYCLING, (12, 160), (40, 320), PLASTIC, "dark lanes"),
    kind("pannier", CYCLING, (35, 240), (600, 2200), BAG, "groceries on two wheels"),
    kind("bicycle lock", CYCLING, (15, 160), (400, 2600), METAL, "railway stations"),
    kind("flower pot", POTS, (6, 90), (400, 6800), CERAMIC, "herbs on the sill"),
    kind("planter", POTS, (20, 240), (900, 16000), CERAMIC, "balconies and porches"),
    kind("watering can", TOOLS, (12, 90), (300, 1800), METAL, "a dry week"),
    kind("secateurs", TOOLS, (14, 110), (150, 420), METAL, "roses and young wood"),
    kind("spade", TOOLS, (18, 120), (900, 2600), METAL, "heavy ground"),
    kind("board game", GAMES, (15, 90), (400, 2600), PAPER, "a rainy Sunday"),
    kind("puzzle", GAMES, (9, 60), (300, 1600), PAPER, "patient people"),
    kind("wooden train", GAMES, (12, 90), (200, 1900), WOOD, "small hands"),
];

pub(super) const QUALITIES: &[&str] = &[
    "Classic",
    "Compact",
    "Large",
    "Light",
    "Everyday",
    "Folding",
    "Heavy-duty",
    "Slim",
    "Insulated",
    "Waterproof",
    "Stackable",
    "Soft",
    "Handmade",
    "Foldable",
    "Adjustable",
    "Wide",
    "Tall",
    "Round",
    "Square",
    "Ribbed",
    "Striped",
    "Quilted",
    "Brushed",
    "Padded",
    "Reversible",
    "Travel",
    "Studio",
    "Nordic",
    "Alpine",
    "Coastal",
    "Vintage",
    "Modern",
];

pub(super) const COLOURS: &[&str] = &[
    "black", "white", "navy", "grey", "green", "natural", "red", "blue", "sand", "olive", "yellow", "burgundy", "pink",
    "teal", "rust", "lilac",
];

/// Halves of the names of makers and of series.
pub(super) const BEGINNINGS: &[&str] = &[
    "Al", "Bar", "Bel", "Bren", "Cal", "Cor", "Dal", "Dor", "El", "Fal", "Fen", "Gar", "Hal", "Hol", "Il", "Jor",
    "Kel", "Kor", "Lan", "Lin", "Mar", "Mel", "Mor", "Nor", "Ol", "Or", "Pel", "Por", "Quin", "Ral", "Ros", "Sal",
    "Sel", "Sol", "Tar", "Tor", "Ul", "Val", "Ver", "Wil", "Yor", "Zan",
];
pub(super) const MIDDLES: &[&str] = &["", "a", "e", "i", "o", "u", "an", "en", "in", "on", "er", "or", "is"];
pub(super) const ENDINGS: &[&str] = &[
    "berg", "by", "dale", "den", "dine", "field", "ford", "gate", "ham", "holm", "is", "ia", "land", "ley", "lin",
    "mark", "mere", "mont", "nor", "o", "quist", "ra", "ric", "rose", "sen", "stad", "ston", "strand", "ta", "ton",
    "vale", "vik", "ville", "well", "wick", "wood", "worth",
];

pub(super) const TRADES: &[&str] = &["", "", "", " Works", " & Sons", " Goods", " Supply", " Studio"];

pub(super) const CARE: &[&str] = &[
    "Wipe clean with a damp cloth.",
    "Machine washable at 30 degrees.",
    "Keep it dry between uses.",
    "Made to be repaired: spare parts are available.",
    "Every piece is checked by hand before it leaves the workshop.",
    "Packed without plastic.",
    "It ages well and gets better with use.",
    "Comes with a guarantee of five years.",
];
