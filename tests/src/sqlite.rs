//! SQLite files: migrated once per test binary, then copied.

use std::path::Path;
use std::sync::OnceLock;

use service::db::Db;
use service::db::schema::migrate;

/// The URL of a database file, made if missing.
pub(crate) fn url(file: &Path) -> String {
    format!("sqlite://{}?mode=rwc", file.display())
}

/// Writes a migrated database into `folder` and returns its URL.
pub(crate) async fn copy_of_template(folder: &Path) -> String {
    let file = folder.join("rapport.db");
    tokio::fs::write(&file, template())
        .await
        .expect("the template is written");
    url(&file)
}

/// A migrated file, whole. Made on a thread of its own: the first test waits for it, on its own runtime, and so do others.
fn template() -> &'static [u8] {
    static TEMPLATE: OnceLock<Vec<u8>> = OnceLock::new();
    TEMPLATE.get_or_init(|| {
        std::thread::spawn(make_template)
            .join()
            .expect("the template is made")
    })
}

fn make_template() -> Vec<u8> {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let file = folder.path().join("template.db");
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .expect("a runtime");
    runtime.block_on(async {
        let db = Db::connect(&url(&file)).await.expect("the template opens");
        migrate(&db).await.expect("the template is migrated");
        // Closing folds the write-ahead log into the file.
        db.close().await.expect("the template closes");
    });
    std::fs::read(&file).expect("the template is read")
}
