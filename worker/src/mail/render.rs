//! From what a message says to its subject, text and HTML. The templates are built in, a folder for each content; an undefined
//! variable, or an absent value where a text is wanted, is an error, never an empty place; what comes from outside is
//! cleaned, and in HTML escaped.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use engagement::alert::AlertRule;
use minijinja::value::Serde;
use minijinja::{Environment, ErrorKind, UndefinedBehavior, Value, context, escape_formatter};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use service::mail::{Content, MailLinks};

use super::text::clean;
use super::words::{moment, words};

/// The three templates of a kind.
macro_rules! folder {
    ($name:literal) => {
        [
            (
                concat!($name, "/subject.txt"),
                include_str!(concat!("../templates/", $name, "/subject.txt")),
            ),
            (
                concat!($name, "/body.txt"),
                include_str!(concat!("../templates/", $name, "/body.txt")),
            ),
            (
                concat!($name, "/body.html"),
                include_str!(concat!("../templates/", $name, "/body.html")),
            ),
        ]
    };
}

/// What kinds share.
const SHARED: [(&str, &str); 4] = [
    ("layout.html", include_str!("../templates/layout.html")),
    ("part.html", include_str!("../templates/part.html")),
    ("part.txt", include_str!("../templates/part.txt")),
    (
        "alert/because.txt",
        include_str!("../templates/alert/because.txt"),
    ),
];
/// A folder of templates for each variant of [`Content`].
const FOLDERS: [[(&str, &str); 3]; 4] = [
    folder!("alert"),
    folder!("outreach_planned"),
    folder!("sponsor_departed"),
    folder!("weekly_digest"),
];

/// The picture at the head of every mail.
const MARK: &[u8] = include_bytes!("../templates/mark.png");

/// A mail as its reader will see it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rendered {
    /// Its subject, not yet fit for a header.
    pub subject: String,
    /// The text part.
    pub text: String,
    /// The HTML part.
    pub html: String,
    /// The pictures that the HTML shows.
    pub pictures: Vec<Picture>,
}

/// A picture within a mail, shown by `<img src="cid:NAME">`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Picture {
    /// Its name.
    pub name: String,
    /// A PNG.
    pub png: Vec<u8>,
}

/// Why a mail cannot be rendered.
#[derive(Debug, thiserror::Error)]
pub enum RenderError {
    /// The template and what it was given do not go together.
    #[error("the template cannot be rendered: {0}")]
    Template(#[from] minijinja::Error),
    /// What it was given is no JSON.
    #[error("the context cannot be read: {0}")]
    Context(#[from] serde_json::Error),
}

/// The templates, read and ready.
#[derive(Debug)]
pub struct Renderer {
    environment: Environment<'static>,
}

impl Renderer {
    /// Reads the templates.
    ///
    /// # Errors
    /// When one of them is no template; a test sees to it that all are.
    pub fn new(public_url: &str, account_url: Option<&str>) -> Result<Self, RenderError> {
        let mut environment = Environment::new();
        environment.set_undefined_behavior(UndefinedBehavior::Strict);
        environment.set_formatter(|output, state, value| {
            if value.is_none() {
                return Err(minijinja::Error::new(
                    ErrorKind::InvalidOperation,
                    "an absent value stands where a text is wanted",
                ));
            }
            escape_formatter(output, state, value)
        });
        environment.add_filter("rule_title", |rule: String| {
            rule.parse::<AlertRule>()
                .map(AlertRule::title)
                .map_err(|error| minijinja::Error::new(ErrorKind::InvalidOperation, error.to_string()))
        });
        environment.add_filter("link", |url: String| Value::from_safe_string(escape_link(&url)));
        environment.add_filter("words", |text: String| words(&text));
        environment.add_filter(
            "moment",
            |at: String, zone: String| -> Result<String, minijinja::Error> {
                let unreadable =
                    || minijinja::Error::new(ErrorKind::InvalidOperation, "it is no instant in a zone");
                let at: DateTime<Utc> = at.parse().map_err(|_| unreadable())?;
                Ok(moment(at, zone.parse().map_err(|_| unreadable())?))
            },
        );
        let pattern: Option<Arc<str>> = account_url.map(Into::into);
        environment.add_function("account_url", move |external_id: String| {
            let escaped = utf8_percent_encode(&external_id, NON_ALPHANUMERIC).to_string();
            pattern
                .as_ref()
                .map(|pattern| pattern.replace("{external_id}", &escaped))
        });
        environment.add_global("public_url", public_url);
        for (name, source) in SHARED.into_iter().chain(FOLDERS.into_iter().flatten()) {
            environment.add_template(name, source)?;
        }
        Ok(Self { environment })
    }

    /// Renders a mail for somebody in a zone, with the links that are theirs.
    ///
    /// # Errors
    /// When the template and the content do not go together.
    pub fn render(&self, content: &Content, zone: Tz, links: &MailLinks) -> Result<Rendered, RenderError> {
        let (folder, it) = match content {
            Content::Alert(content) => ("alert", serde_json::to_value(content)),
            Content::OutreachPlanned(content) => ("outreach_planned", serde_json::to_value(content)),
            Content::SponsorDeparted(notice) => ("sponsor_departed", serde_json::to_value(notice)),
            Content::WeeklyDigest(digest) => ("weekly_digest", serde_json::to_value(digest)),
        };
        let mut it = it?;
        clean(&mut it);
        let it = Value::from(Serde(&it));
        let mut links = serde_json::to_value(links)?;
        clean(&mut links);
        let links = Value::from(Serde(&links));
        let zone = zone.name();
        let render = |file: &str, subject: &str| {
            let template = self.environment.get_template(&format!("{folder}/{file}"))?;
            template.render(
                context! { it => it.clone(), links => links.clone(), zone => zone, subject => subject },
            )
        };
        let subject = render("subject.txt", "")?.trim().to_owned();
        let text = render("body.txt", &subject)?;
        let html = render("body.html", &subject)?;
        let pictures = vec![Picture {
            name: "mark".to_owned(),
            png: MARK.to_vec(),
        }];
        Ok(Rendered {
            subject,
            text,
            html,
            pictures,
        })
    }
}

/// A link as an attribute holds it. The usual escaping would hide its slashes from programs that look for links.
fn escape_link(url: &str) -> String {
    url.replace('&', "&amp;")
        .replace('"', "&quot;")
        .replace('\'', "&#x27;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
}
