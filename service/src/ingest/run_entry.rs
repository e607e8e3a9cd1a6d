//! What the audit log says of an import as a whole: the files, and what became of their rows. Of users and memberships there are
//! entries of their own beside it (`write::audited`).

use engagement::vocabulary::AuditTarget;
use serde_json::{Value, json};

use super::error::ImportError;
use super::summary::{FileSummary, ImportSummary};
use super::write::Context;
use crate::audit::{self, Change, values};
use crate::db::Db;
use crate::error::ServiceError;
use crate::rights::Action;

/// Writes the entry of a run that has written rows; also of one that broke off, whose batches until then stay.
pub(super) async fn record(db: &Db, context: &Context<'_>, run: &Result<ImportSummary, ImportError>) -> Result<(), ServiceError> {
    let said = match run {
        Ok(summary) => ("files", summary.files.iter().map(of_file).collect::<Value>()),
        Err(error) => ("broken_off", json!(error.to_string())),
    };
    let change =
        Change { action: Action::Import, target: AuditTarget::Import, id: None, account: None, before: None, after: Some(values([said])) };
    db.write_tx(async |tx| audit::record(tx, context.access, context.now, vec![change]).await).await
}

fn of_file(file: &FileSummary) -> Value {
    let mut counts = json!({
        "file": file.file,
        "kind": file.target.to_string(),
        "inserted": file.inserted,
        "updated": file.updated,
        "unchanged": file.unchanged,
        "deleted": file.deleted,
        "duplicates": file.duplicates,
        "rejected": file.rejected,
    });
    if let (Some(reason), Some(counts)) = (&file.refused, counts.as_object_mut()) {
        counts.insert("refused".to_owned(), json!(reason));
    }
    counts
}
