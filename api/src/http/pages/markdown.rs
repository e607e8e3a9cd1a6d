//! Reports as HTML. Our own Markdown has headings, lists, tables and emphasis; whatever else stands in it came from outside.
//! Tags in it are shown as text, links lead to the web or to mail or are no links, pictures are their words.

use pulldown_cmark::{CowStr, Event, Options, Parser, Tag, TagEnd};

/// What stands around a table, which may be wider than the page.
const WIDE: Event<'static> = Event::Html(CowStr::Borrowed(
    "<div class=\"wide\" role=\"region\" aria-label=\"Table\" tabindex=\"0\">",
));
const WIDE_END: Event<'static> = Event::Html(CowStr::Borrowed("</div>\n"));

/// A cell with a number and no more characters than this is not broken: a day, a share, a number with its unit.
const SHORT_CELL: usize = 12;
const SHORT: Event<'static> = Event::Html(CowStr::Borrowed("<td class=\"short\">"));
const SHORT_END: Event<'static> = Event::Html(CowStr::Borrowed("</td>"));

/// The HTML of a report.
pub(super) fn html(markdown: &str) -> String {
    let mut out = String::with_capacity(markdown.len() * 2);
    let mut links = Vec::new();
    let mut events: Vec<Event<'_>> = Parser::new_ext(markdown, Options::ENABLE_TABLES)
        .flat_map(|event| safe(event, &mut links))
        .collect();
    keep_short_cells_whole(&mut events);
    pulldown_cmark::html::push_html(&mut out, events.into_iter());
    out
}

/// Marks the cells of tables that fit on a line.
fn keep_short_cells_whole(events: &mut [Event<'_>]) {
    let mut in_head = false;
    for at in 0..events.len() {
        match &events[at..] {
            [Event::Start(Tag::TableHead), ..] => in_head = true,
            [Event::End(TagEnd::TableHead), ..] => in_head = false,
            [
                Event::Start(Tag::TableCell),
                Event::Text(text),
                Event::End(TagEnd::TableCell),
                ..,
            ] if !in_head
                && text.chars().count() <= SHORT_CELL
                && text.chars().any(|c| c.is_ascii_digit()) =>
            {
                events[at] = SHORT;
                events[at + 2] = SHORT_END;
            }
            _ => {}
        }
    }
}

/// An event that makes no tag but ours. `links` remembers of each open link whether it is one.
fn safe<'a>(event: Event<'a>, links: &mut Vec<bool>) -> Vec<Event<'a>> {
    match event {
        Event::Html(text) | Event::InlineHtml(text) => vec![Event::Text(text)],
        Event::Start(Tag::HtmlBlock) => vec![Event::Start(Tag::Paragraph)],
        Event::End(TagEnd::HtmlBlock) => vec![Event::End(TagEnd::Paragraph)],
        Event::Start(Tag::Image { .. }) | Event::End(TagEnd::Image) => vec![],
        Event::Start(Tag::Link {
            dest_url,
            link_type,
            title,
            id,
        }) => {
            links.push(leads_outside(&dest_url));
            if links.last() == Some(&true) {
                vec![Event::Start(Tag::Link {
                    dest_url,
                    link_type,
                    title,
                    id,
                })]
            } else {
                vec![]
            }
        }
        Event::End(TagEnd::Link) => {
            if links.pop() == Some(true) {
                vec![Event::End(TagEnd::Link)]
            } else {
                vec![]
            }
        }
        // Alignment would be a style on an element, which the policy of the page refuses.
        Event::Start(Tag::Table(columns)) => vec![
            WIDE,
            Event::Start(Tag::Table(vec![pulldown_cmark::Alignment::None; columns.len()])),
        ],
        Event::End(TagEnd::Table) => vec![Event::End(TagEnd::Table), WIDE_END],
        other => vec![other],
    }
}

fn leads_outside(url: &str) -> bool {
    let scheme = url.split_once(':').map(|(scheme, _)| scheme.to_ascii_lowercase());
    matches!(scheme.as_deref(), Some("http" | "https" | "mailto"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn our_own_markdown_becomes_tags() {
        let markdown =
            "# Report\n\nIt is **good**.\n\n- one\n- two\n\n| a | b |\n| --- | ---: |\n| 1 | x\\|y |\n";
        insta::assert_snapshot!(html(markdown), @r#"
        <h1>Report</h1>
        <p>It is <strong>good</strong>.</p>
        <ul>
        <li>one</li>
        <li>two</li>
        </ul>
        <div class="wide" role="region" aria-label="Table" tabindex="0"><table><thead><tr><th>a</th><th>b</th></tr></thead><tbody>
        <tr><td class="short">1</td><td>x|y</td></tr>
        </tbody></table>
        </div>
        "#);
    }

    #[test]
    fn what_comes_from_outside_is_no_tag() {
        for hostile in [
            "<script>alert(1)</script>",
            "a <img src=x onerror=alert(1)> b",
            "<div onclick=\"x\">\n\n**b**\n\n</div>",
            "![x](https://evil.example/pixel.png)",
            "![x](javascript:alert(1))",
            "[x](javascript:alert(1))",
            "[x](JaVaScRiPt:alert(1))",
            "[x](&#106;avascript:alert(1))",
            "[x]( java\tscript:alert(1))",
            "[x](data:text/html;base64,PHNjcmlwdD4=)",
            "[x](vbscript:x)",
            "<javascript:alert(1)>",
            "[x](/relative)",
            "[x](//evil.example)",
            "[x][y]\n\n[y]: javascript:alert(1)",
            "<!-- --><svg/onload=alert(1)>",
            "| <script>x</script> |\n| --- |\n| <b>y</b> |",
            "```\n<script>x</script>\n```",
            "`<script>x</script>`",
        ] {
            let html = html(hostile);
            let tags: Vec<&str> = html
                .split('<')
                .skip(1)
                .map(|rest| rest.split(['>', ' ', '\n']).next().unwrap())
                .collect();
            let ours = [
                "h1", "h2", "p", "ul", "li", "table", "thead", "tbody", "tr", "th", "td", "div", "strong",
                "em", "code", "pre",
            ];
            assert!(
                tags.iter().all(|tag| ours.contains(&tag.trim_start_matches('/'))),
                "{hostile}: {html}"
            );
            let attributes = html.replace(
                "<div class=\"wide\" role=\"region\" aria-label=\"Table\" tabindex=\"0\">",
                "",
            );
            let attributes = attributes.replace("<td class=\"short\">", "");
            assert!(
                !attributes
                    .split('<')
                    .skip(1)
                    .any(|rest| rest.split('>').next().unwrap().contains('=')),
                "{hostile}: {html}"
            );
        }
    }

    #[test]
    fn links_to_the_web_and_to_mail_are_links() {
        assert_eq!(
            html("[a](https://x.example/?a=1&b=\"2\")"),
            "<p><a href=\"https://x.example/?a=1&amp;b=%222%22\">a</a></p>\n"
        );
        assert_eq!(
            html("[a](mailto:a@x.example) [b](ftp://x)"),
            "<p><a href=\"mailto:a@x.example\">a</a> b</p>\n"
        );
        assert_eq!(
            html("[a [![b](x)](javascript:x)](https://x.example)")
                .matches("<a ")
                .count(),
            html("[a [![b](x)](javascript:x)](https://x.example)")
                .matches("</a>")
                .count()
        );
    }

    proptest::proptest! {
        #[test]
        fn no_text_becomes_a_tag_that_runs(text in "[<>a-z\\[\\]()!:/\"'&#;= \n|`*_\\\\-]{0,120}") {
            let html = html(&text).to_lowercase();
            for tag in ["<script", "<img", "<svg", "<iframe", "<object", "<form", "<style", "<input"] {
                proptest::prop_assert!(!html.contains(tag), "{}", html);
            }
            for reference in html.split("href=\"").skip(1) {
                proptest::prop_assert!(reference.starts_with("http:") || reference.starts_with("https:") || reference.starts_with("mailto:"), "{}", html);
            }
        }
    }
}
