//! The engine: one pass from lines to what is due. Each stage sees only what the stages before it have found.

use super::{
    model::{LineInput, Quote, QuoteInput, QuotedLine, TaxLine, TaxRule, Totals},
    rate::Rate,
    trace::{Rounding, Step, TaxMethod},
};
use crate::money::{self, Currency, Money, Overflow, in_range};

/// Prices a cart.
///
/// # Errors
/// [`Overflow`] where a figure would leave the range of money.
pub fn quote(input: &QuoteInput) -> Result<Quote, Overflow> {
    let QuoteInput { currency, lines, shipping, tax, tax_included } = input;
    let mut sheet = Sheet { currency: *currency, trace: Vec::with_capacity(2 * lines.len() + 8) };
    let mut lines = lines.iter().map(|line| sheet.line(line)).collect::<Result<Vec<_>, _>>()?;
    let subtotal = sheet.subtotal(&lines)?;
    let discount = sheet.discount(&lines)?;
    let shipping = sheet.shipping(shipping.unwrap_or(0))?;
    let method = if *tax_included { TaxMethod::Included } else { TaxMethod::Added };
    let Taxes { tax_lines, tax, shipping_tax } = sheet.taxes(&mut lines, shipping, tax.as_ref(), method)?;
    let tax_added = match method {
        TaxMethod::Included => sheet.money(0),
        TaxMethod::Added => tax,
    };
    let total = sheet.total(subtotal, discount, shipping, tax_added)?;
    let (gift_cards, store_credit) = (sheet.money(0), sheet.money(0));
    let due = sheet.due(total, gift_cards, store_credit)?;
    let tax_included = *tax_included;
    let totals =
        Totals { subtotal, discount, shipping, tax, total, gift_cards, store_credit, due, tax_included, tax_lines };
    Ok(Quote { lines, shipping_tax, totals, trace: sheet.trace })
}

/// The working sheet: every figure is written down as it is found.
struct Sheet {
    currency: Currency,
    trace: Vec<Step>,
}

struct Taxes {
    tax_lines: Vec<TaxLine>,
    tax: Money,
    shipping_tax: Money,
}

impl Sheet {
    fn money(&self, minor: i64) -> Money {
        Money::new(minor, self.currency)
    }

    fn sum(&self, amounts: &[Money]) -> Result<Money, Overflow> {
        money::sum(amounts.iter().map(|amount| amount.minor)).map(|minor| self.money(minor))
    }

    fn line(&mut self, line: &LineInput) -> Result<QuotedLine, Overflow> {
        // What is bought decides which promotions and tax classes apply, not what one unit costs.
        let LineInput { id, variant_id: _, quantity, unit_price } = *line;
        let unit_price = self.money(in_range(unit_price.into())?);
        let line_total = self.money(in_range(i128::from(unit_price.minor) * i128::from(quantity))?);
        self.trace.push(Step::LineTotal { line_id: id, unit_price, quantity, result: line_total });
        Ok(QuotedLine { id, quantity, unit_price, line_total, discount: self.money(0), tax: self.money(0) })
    }

    fn subtotal(&mut self, lines: &[QuotedLine]) -> Result<Money, Overflow> {
        let line_totals: Vec<Money> = lines.iter().map(|line| line.line_total).collect();
        let result = self.sum(&line_totals)?;
        self.trace.push(Step::Subtotal { line_totals, result });
        Ok(result)
    }

    fn discount(&mut self, lines: &[QuotedLine]) -> Result<Money, Overflow> {
        let line_discounts: Vec<Money> = lines.iter().map(|line| line.discount).collect();
        let result = self.sum(&line_discounts)?;
        self.trace.push(Step::Discount { line_discounts, result });
        Ok(result)
    }

    fn shipping(&mut self, price: i64) -> Result<Money, Overflow> {
        let result = self.money(in_range(price.into())?);
        self.trace.push(Step::Shipping { result });
        Ok(result)
    }

    fn taxes(
        &mut self,
        lines: &mut [QuotedLine],
        shipping: Money,
        rule: Option<&TaxRule>,
        method: TaxMethod,
    ) -> Result<Taxes, Overflow> {
        let mut taxes = Taxes { tax_lines: Vec::new(), tax: self.money(0), shipping_tax: self.money(0) };
        if let Some(TaxRule { name, rate }) = rule {
            for line in lines.iter_mut() {
                line.tax = self.line_tax(line, *rate, method)?;
            }
            taxes.shipping_tax = self.shipping_tax(shipping, *rate, method)?;
            taxes.tax_lines.push(self.tax_line(name, *rate, lines, taxes.shipping_tax)?);
        }
        let amounts: Vec<Money> = taxes.tax_lines.iter().map(|line| line.amount).collect();
        taxes.tax = self.sum(&amounts)?;
        self.trace.push(Step::Tax { tax_lines: amounts, result: taxes.tax });
        Ok(taxes)
    }

    fn line_tax(&mut self, line: &QuotedLine, rate: Rate, method: TaxMethod) -> Result<Money, Overflow> {
        let taxable = self.money(in_range(i128::from(line.line_total.minor) - i128::from(line.discount.minor))?);
        let (result, unrounded, rounding) = self.tax_on(taxable, rate, method)?;
        self.trace.push(Step::LineTax { line_id: line.id, taxable, rate, method, unrounded, rounding, result });
        Ok(result)
    }

    fn shipping_tax(&mut self, taxable: Money, rate: Rate, method: TaxMethod) -> Result<Money, Overflow> {
        let (result, unrounded, rounding) = self.tax_on(taxable, rate, method)?;
        self.trace.push(Step::ShippingTax { taxable, rate, method, unrounded, rounding, result });
        Ok(result)
    }

    fn tax_line(&mut self, name: &str, rate: Rate, lines: &[QuotedLine], shipping: Money) -> Result<TaxLine, Overflow> {
        let lines = money::sum(lines.iter().map(|line| line.tax.minor)).map(|minor| self.money(minor))?;
        let amount = self.sum(&[lines, shipping])?;
        self.trace.push(Step::TaxLine { name: name.to_owned(), rate, lines, shipping, result: amount });
        Ok(TaxLine { name: name.to_owned(), rate, amount })
    }

    /// The tax on one amount, its exact figure, and whether it had to be rounded.
    fn tax_on(&self, taxable: Money, rate: Rate, method: TaxMethod) -> Result<(Money, String, Rounding), Overflow> {
        let (one, rate) = (i128::from(Rate::ONE), i128::from(rate.millionths()));
        // g − g / (1 + r) is g·r / (1 + r), which has one division and so one rounding.
        let (numerator, denominator) = match method {
            TaxMethod::Included => (i128::from(taxable.minor) * rate, one + rate),
            TaxMethod::Added => (i128::from(taxable.minor) * rate, one),
        };
        let tax = in_range(money::divide_rounded(numerator, denominator))?;
        let rounding = if numerator % denominator == 0 { Rounding::None } else { Rounding::HalfAwayFromZero };
        Ok((self.money(tax), cut_after_six_decimals(numerator, denominator), rounding))
    }

    fn total(
        &mut self,
        subtotal: Money,
        discount: Money,
        shipping: Money,
        tax_added: Money,
    ) -> Result<Money, Overflow> {
        let minor = money::sum([subtotal.minor, -discount.minor, shipping.minor, tax_added.minor])?;
        let result = self.money(minor);
        self.trace.push(Step::Total { subtotal, discount, shipping, tax_added, result });
        Ok(result)
    }

    fn due(&mut self, total: Money, gift_cards: Money, store_credit: Money) -> Result<Money, Overflow> {
        let result = self.money(money::sum([total.minor, -gift_cards.minor, -store_credit.minor])?);
        self.trace.push(Step::Due { total, gift_cards, store_credit, result });
        Ok(result)
    }
}

fn cut_after_six_decimals(numerator: i128, denominator: i128) -> String {
    let millionths = numerator.abs() * 1_000_000 / denominator;
    let sign = if numerator < 0 { "-" } else { "" };
    format!("{sign}{}.{:06}", millionths / 1_000_000, millionths % 1_000_000)
}
