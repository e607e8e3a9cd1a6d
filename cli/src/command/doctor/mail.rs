//! Mail: whether the server takes us in, or the folder takes files; and, where it was asked for, one message.

use std::path::Path;

use engagement::email_address::EmailAddress;
use engagement::vocabulary::MessageKind;
use service::clock::Clock;
use worker::mail::{Letter, Limits, Progress, Smtp, Transport, Verdict, test_message};

use super::report::{Report, in_time};
use crate::opening;
use crate::settings::Settings;

/// Looks at where mail goes; without `send_to` nothing is sent.
pub(super) async fn check(
    report: &mut Report,
    settings: &Settings,
    send_to: Option<&EmailAddress>,
    clock: &Clock,
) {
    match &settings.smtp {
        Some(server) => {
            let greeted = match Smtp::new(server.clone(), Limits::default()) {
                Ok(smtp) => in_time(smtp.greet()).await,
                Err(error) => Err(error.to_string()),
            };
            match greeted {
                Ok(()) => report.fine("mail server", format!("{server} greets, and takes the login")),
                Err(error) => report.fail(
                    "mail server",
                    error,
                    "check RAPPORT_SMTP_URL: host, port, tls, user and password",
                ),
            }
        }
        None => check_folder(report, &settings.outbox_dir),
    }
    let Some(to) = send_to else { return };
    match opening::transport(settings) {
        Ok(transport) => send(report, &transport, settings, to, clock).await,
        Err(failure) => report.fail("test mail", failure.message(), "see above"),
    }
}

async fn send(
    report: &mut Report,
    transport: &Transport,
    settings: &Settings,
    to: &EmailAddress,
    clock: &Clock,
) {
    let now = clock.now();
    let id = service::ids::new_id(now).into();
    let message = test_message(&settings.mail_from, to, id, now);
    let letter = Letter {
        id,
        kind: MessageKind::Alert,
        queued_at: now,
        from: &settings.mail_from.address,
        to,
        message: &message,
    };
    let progress = Progress::default();
    let verdict = in_time(async { Ok::<_, String>(transport.send(&letter, &progress).await) }).await;
    transport.close().await;
    match verdict {
        Ok(Verdict::Sent) => report.fine("test mail", format!("handed over for {to}")),
        Ok(Verdict::Retry { error, .. } | Verdict::Failed { error, .. } | Verdict::ServerDown { error })
        | Err(error) => {
            report.fail("test mail", error, "the mail server's own log says more");
        }
    }
}

fn check_folder(report: &mut Report, folder: &Path) {
    // It is made with the first message; until then its parent has to take it.
    let existing = folder
        .ancestors()
        .find(|place| place.exists())
        .unwrap_or(Path::new("."));
    match tempfile::tempfile_in(existing) {
        Ok(_) => report.fine("outbox", format!("mail is written to {}", folder.display())),
        Err(error) => {
            report.fail(
                "outbox",
                format!("{} cannot be written: {error}", folder.display()),
                "make it writable, or set RAPPORT_OUTBOX_DIR",
            );
        }
    }
}
