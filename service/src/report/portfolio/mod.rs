//! The portfolio: a book of accounts in sums and counts, for any filter and period.
//!
//! Two ways lead to the same numbers (`engagement::portfolio`). For the standard period the scores that are stored for one
//! day are folded into them: one pass over the accounts in scope. Where nothing usable is stored, the rows of every account
//! are read and scored. Both go batch by batch, in memory that does not grow with the book.
//!
//! Stored scores are used of one day only, the last one on or before the day asked for and at most a week older, and only
//! if they were made by the definitions of today and the policy in force. Accounts in scope that have none for that day are scored for it.

mod ask;
mod computed;
mod labels;
mod make;
mod request;
mod stored;
mod stored_score;

pub use make::{make, plan, portfolio_report};
pub use request::{LabelledPortfolio, PortfolioPlan, PortfolioRequest};
