//! Amounts of money, written as text: a float would lose digits.

use async_graphql::SimpleObject;

/// An amount of money.
#[derive(SimpleObject)]
pub struct Money {
    /// The amount as a decimal number in text, so that no digit is lost.
    amount: String,
    /// The currency (ISO 4217); null where none was named.
    currency: Option<String>,
}

impl From<&service::money::Money> for Money {
    fn from(money: &service::money::Money) -> Self {
        Self {
            amount: money.amount(),
            currency: money.currency().map(str::to_owned),
        }
    }
}
