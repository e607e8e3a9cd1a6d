//! What people write and talk about: subjects, topics and what came of it.

use engagement::vocabulary::{InteractionKind, Purpose};

/// One thing to talk about: what it is called, and its keyword.
pub type Matter = (&'static str, &'static str);

const STRATEGIC: [Matter; 9] = [
    ("next year's roadmap", "roadmap"),
    ("board metrics for the coming quarter", "board reporting"),
    ("extending to the remaining sites", "expansion"),
    ("value delivered against the business case", "value"),
    ("the three-year operating model", "operating model"),
    ("renewal outlook and commercial terms", "renewal"),
    (
        "executive dashboard for the leadership team",
        "executive dashboard",
    ),
    ("forecast accuracy as a company goal", "forecasting"),
    ("sustainability reporting", "sustainability"),
];
const TACTICAL: [Matter; 12] = [
    ("rollout of the workflow builder", "rollout"),
    ("forecasting pilot in the second plant", "forecasting"),
    ("onboarding of the finance team", "onboarding"),
    ("ERP integration, phase two", "integration"),
    ("dashboard clean-up", "dashboards"),
    ("approval workflow for purchase orders", "workflows"),
    ("migration of last year's reports", "migration"),
    ("training plan for new starters", "enablement"),
    ("alert thresholds", "alerts"),
    ("data quality of the supplier feed", "data quality"),
    ("mobile app trial with shift leads", "mobile"),
    ("success plan, open actions", "success plan"),
];
const OPERATIONAL: [Matter; 8] = [
    ("single sign-on errors after the certificate change", "sso"),
    ("nightly export arrives late", "exports"),
    ("question on the last invoice", "billing"),
    ("removing users who have left", "user administration"),
    ("API rate limit reached", "api"),
    ("report shows last week's figures", "reports"),
    ("licence count", "licences"),
    ("password reset for two colleagues", "support"),
];

/// A subject line, the topics of it.
pub fn subject(
    kind: InteractionKind,
    purpose: Purpose,
    quarter: &str,
    random: &mut fastrand::Rng,
) -> (String, &'static str) {
    let matters: &[Matter] = match purpose {
        Purpose::Strategic => &STRATEGIC,
        Purpose::Tactical => &TACTICAL,
        Purpose::Operational => &OPERATIONAL,
    };
    let (matter, topic) = matters[random.usize(..matters.len())];
    let patterns: &[&str] = match kind {
        InteractionKind::Email => &[
            "{}",
            "Re: {}",
            "Follow-up: {}",
            "{}: next steps",
            "Quick question: {}",
            "Notes: {}",
        ],
        InteractionKind::Call => &["Call: {}", "{}, quick call", "{}"],
        InteractionKind::Meeting => &[
            "Weekly sync: {}",
            "{}, working session",
            "{}: review",
            "Project meeting: {}",
        ],
        InteractionKind::StrategicCheckIn => &["Executive check-in: {}", "Strategic check-in: {}"],
        InteractionKind::ExecutiveDinner => &["Executive dinner: {}"],
        InteractionKind::Qbr => &["Business review {Q}"],
        InteractionKind::Training => &[
            "Training: building workflows",
            "Training: dashboards for team leads",
            "Training: forecasting basics",
        ],
        InteractionKind::Certification => &[
            "Certification: platform administrator",
            "Certification: workflow designer",
        ],
        InteractionKind::ForumPost => &[
            "How do you handle {}?",
            "Sharing our set-up: {}",
            "{}: any experience?",
        ],
        InteractionKind::CommunityEvent => &[
            "User group, regional meeting",
            "Community webinar: what is new",
            "Customer round table",
        ],
        InteractionKind::Reference => &["Reference call for a prospect in their industry"],
        InteractionKind::Referral => &["Introduction to a sister company"],
        InteractionKind::InternalAdvocacy => &[
            "Presented our results to their leadership team",
            "Recommended us to another business unit",
        ],
    };
    let text = patterns[random.usize(..patterns.len())]
        .replace("{}", matter)
        .replace("{Q}", quarter);
    (capitalised(&text), topic)
}

/// What came of something that took place.
pub fn outcome(kind: InteractionKind, purpose: Purpose, random: &mut fastrand::Rng) -> Option<&'static str> {
    let outcomes: &[&str] = match (kind, purpose) {
        (InteractionKind::Email | InteractionKind::ForumPost, _) => return None,
        (InteractionKind::Training | InteractionKind::Certification | InteractionKind::CommunityEvent, _) => {
            &[
                "Good questions; two people want the advanced course",
                "Completed",
                "Asked for the recording",
            ]
        }
        (InteractionKind::Reference | InteractionKind::Referral | InteractionKind::InternalAdvocacy, _) => &[
            "Very positive; named the hours saved each month",
            "Happy to do it again",
            "Led to a second conversation",
        ],
        (_, Purpose::Strategic) => &[
            "Agreed on two goals for the next half-year",
            "Wants a business case for the remaining sites",
            "Confirmed budget; decision in the steering committee",
            "Asked for benchmarks from comparable companies",
            "Priorities unchanged; success plan updated",
        ],
        (_, Purpose::Tactical) => &[
            "Actions agreed, owners named",
            "Pilot extended by two weeks",
            "Go-live date confirmed",
            "Waiting for their IT to open the interface",
            "Template shared; they will try it with one team",
        ],
        (_, Purpose::Operational) => &[
            "Solved during the call",
            "Ticket opened with support",
            "Work-around agreed",
            "Explained, no action",
        ],
    };
    Some(outcomes[random.usize(..outcomes.len())])
}

fn capitalised(text: &str) -> String {
    let mut chars = text.chars();
    chars
        .next()
        .map_or_else(String::new, |first| first.to_uppercase().chain(chars).collect())
}
