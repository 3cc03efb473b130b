//! Gives a product another name or other options, and says what its variants become by that.

use std::collections::{BTreeMap, BTreeSet};

use super::{
    draft::ChosenOptions,
    edit_product::Editing,
    model::{ProductOption, VariantOptions},
    rules,
    store::VariantRow,
};
use crate::{
    db::columns::Json,
    error::{Code, Violation},
    ids::VariantId,
    text::fold,
};

/// The most variants that are named to whoever gives options that they cannot have.
const TOLD: usize = 20;

/// A variant as it is, and as it is to be.
pub(super) type Restated = (VariantRow, VariantRow);

/// Gives the product its name and options, and says what its variants become by that: an option that goes is taken from
/// them, `chosen` says what single ones have, an option of one value is given to all that lack it, and those without a
/// name of their own follow the product's. As when it was made, each has a value of each option then, and no two have
/// the same.
pub(super) fn restate_variants(
    editing: &mut Editing,
    name: Option<String>,
    options: Option<Vec<ProductOption>>,
    chosen: &BTreeMap<VariantId, ChosenOptions>,
    violations: &mut Vec<Violation>,
) -> Vec<Restated> {
    let old_name = editing.row.name.clone();
    let old_options = editing.row.options.clone().into_inner();
    let are_said = options.is_some() || !chosen.is_empty();
    let new_options = options.unwrap_or_else(|| old_options.clone());
    let new_name = name.unwrap_or_else(|| old_name.clone());
    violations.extend(rules::check_options(&new_options));
    violations.extend(unknown(editing, chosen));
    let restated = editing.variants.iter().map(|before| {
        let mut after = before.clone();
        if are_said {
            after.options = Json::new(options_after(&before.options, &new_options, chosen.get(&before.id)));
        }
        if before.name == rules::derived_name(&old_name, &old_options, &before.options) {
            after.name = rules::derived_name(&new_name, &new_options, &after.options);
        }
        (before.clone(), after)
    });
    let restated: Vec<Restated> = restated.collect();
    // What stands there already may stay as it is.
    if new_options != old_options || restated.iter().any(|(before, after)| before.options != after.options) {
        violations.extend(unfit(&new_options, chosen, &restated));
    }
    editing.row.name_folded = fold(&new_name);
    editing.row.name = new_name;
    editing.row.options = Json::new(new_options);
    restated
}

fn unknown(editing: &Editing, chosen: &BTreeMap<VariantId, ChosenOptions>) -> Vec<Violation> {
    let unknown = chosen.iter().filter(|(id, _)| !editing.variants.iter().any(|it| it.id == **id));
    let refuse = |at: &str| Violation::at(at, Code::NotFound, "The product has no such variant.");
    unknown.map(|(_, chosen)| refuse(&chosen.at)).collect()
}

fn options_after(before: &VariantOptions, options: &[ProductOption], chosen: Option<&ChosenOptions>) -> VariantOptions {
    let mut after = before.clone();
    after.retain(|name, _| options.iter().any(|option| option.name == *name));
    after.extend(chosen.iter().flat_map(|it| it.values.clone()));
    for option in options {
        if let [only] = option.values.as_slice() {
            after.entry(option.name.clone()).or_insert_with(|| only.clone());
        }
    }
    after
}

/// Why the variants cannot live with these options: one has a value that would be gone or none at all, or two would be
/// alike. It is told where the request says what a variant has, else where it says what there is.
fn unfit(
    options: &[ProductOption],
    chosen: &BTreeMap<VariantId, ChosenOptions>,
    restated: &[Restated],
) -> Vec<Violation> {
    let own = |it: &Restated| chosen.get(&it.1.id).map(|own| own.at.as_str());
    let (said, others): (Vec<&Restated>, Vec<&Restated>) = restated.iter().partition(|it| own(it).is_some());
    let mut violations = Vec::new();
    for it in &said {
        let at = own(it).unwrap_or_default();
        violations.extend(rules::check_variant_options(options, &it.1.options, at));
    }
    for (place, option) in options.iter().enumerate() {
        let values = others.iter().filter_map(|(_, after)| after.options.get(&option.name));
        let lost: BTreeSet<&String> = values.filter(|value| !option.values.contains(value)).collect();
        violations.extend(lost.into_iter().map(|value| {
            let detail = format!("A variant has the value `{value}`.");
            Violation::at(format!("#/options/{place}/values"), Code::OptionsMismatch, detail)
        }));
        let lacking = others.iter().filter(|(_, after)| !after.options.contains_key(&option.name));
        let what = format!("Variants have no value of `{}`", option.name);
        violations.extend(of_variants(&format!("#/options/{place}"), &what, lacking.map(|it| &it.1)));
    }
    let shortened = restated.iter().any(|(before, after)| before.options.len() > after.options.len());
    // Where there are no options and were none, variants are told apart by their names.
    if options.is_empty() && !shortened {
        return violations;
    }
    let mut seen = BTreeSet::new();
    let alike = said.iter().filter(|it| !seen.insert(&*it.1.options));
    violations.extend(alike.map(|it| rules::alike(own(it).unwrap_or_default())));
    let alike = others.iter().filter(|it| !seen.insert(&*it.1.options)).map(|it| &it.1);
    violations.extend(of_variants("#/options", "Variants could no longer be told from others", alike));
    violations
}

/// What is wrong with several variants at once, some of which are named.
fn of_variants<'a>(at: &str, what: &str, variants: impl Iterator<Item = &'a VariantRow>) -> Option<Violation> {
    let (ids, skus): (Vec<String>, Vec<String>) =
        variants.take(TOLD).map(|it| (it.id.to_string(), format!("`{}`", it.sku))).unzip();
    let detail = format!("{what}: {}.", skus.join(", "));
    (!ids.is_empty()).then(|| Violation::at(at, Code::OptionsMismatch, detail).param("variant_ids", ids))
}
