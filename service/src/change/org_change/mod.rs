//! Changes in the customer's organisation: recorded by hand, reviewed, listed. Imports write the same table.
//!
//! What a departure does is one function, whoever writes it (`departure`): here somebody says that it happened, or that what
//! seemed to have happened did.

mod conclude;
mod list;
mod model;
mod record;
mod review;

pub use list::{by_ids, pages_of};
pub(crate) use model::usual_certainty;
pub use model::{Consequences, NewOrgChange, OrgChange};
pub use record::record;
pub use review::review;
