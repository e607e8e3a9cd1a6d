//! What the audit log says of an import as a whole: one entry with the files, in the transaction of the first batch that changes
//! something, so that batches which stay never go unexplained, and one of how it ended, with what became of the rows. An import
//! that was killed has no second entry. Of users and memberships there are entries of their own beside them (`write::audited`).

use engagement::vocabulary::AuditTarget;
use serde_json::{Value, json};

use crate::access::audit::{self, Change, Values, values};
use crate::access::rights::Action;
use crate::db::{Db, Tx};
use crate::error::ServiceError;
use crate::ingest::error::ImportError;
use crate::ingest::source::Part;
use crate::ingest::summary::{FileSummary, ImportSummary};
use crate::ingest::write::Context;

/// Notes that an import of these files has changed something.
pub(in crate::ingest) async fn begin(
    tx: &Tx,
    context: &Context<'_>,
    parts: &[Part],
) -> Result<(), ServiceError> {
    let files = parts.iter().map(|part| json!(part.name)).collect();
    record(tx, context, values([("begun", Value::Array(files))])).await
}

/// Notes what a run has written, also one that broke off: its batches until then stay.
pub(in crate::ingest) async fn end(
    db: &Db,
    context: &Context<'_>,
    summary: &ImportSummary,
    broken_off: Option<&ImportError>,
) -> Result<(), ServiceError> {
    let files: Value = summary.files.iter().map(of_file).collect();
    let said = values([
        ("files", files),
        ("broken_off", json!(broken_off.map(ToString::to_string))),
    ]);
    db.write_tx(async |tx| record(tx, context, said.clone()).await)
        .await
}

async fn record(tx: &Tx, context: &Context<'_>, said: Values) -> Result<(), ServiceError> {
    let change = Change {
        action: Action::Import,
        target: AuditTarget::Import,
        id: None,
        account: None,
        before: None,
        after: Some(said),
    };
    audit::record(tx, context.access, context.now, vec![change]).await
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
