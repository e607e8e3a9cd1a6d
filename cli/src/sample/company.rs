//! The sixty customers: who they are, how large, where, and which story they tell.

use engagement::vocabulary::AccountTier;

use super::story::Story;

/// Where a customer sits: it decides how its people are called and when they work.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Region {
    /// United States and Canada.
    NorthAmerica,
    /// United Kingdom and Ireland.
    Britain,
    /// Germany, Austria, Switzerland, the Netherlands.
    CentralEurope,
    /// Denmark, Finland, Norway, Sweden.
    Nordics,
    /// Spain, Portugal, Latin America.
    Iberia,
    /// India and Singapore.
    SouthAsia,
    /// Japan, Korea, Taiwan.
    EastAsia,
}

impl Region {
    /// As an import file names it.
    pub fn name(self) -> &'static str {
        match self {
            Self::NorthAmerica => "North America",
            Self::Britain => "UK and Ireland",
            Self::CentralEurope => "Central Europe",
            Self::Nordics => "Nordics",
            Self::Iberia => "Iberia and Latin America",
            Self::SouthAsia => "South Asia",
            Self::EastAsia => "East Asia",
        }
    }

    /// What they pay in.
    pub fn currency(self) -> &'static str {
        match self {
            Self::NorthAmerica | Self::SouthAsia => "USD",
            Self::Britain => "GBP",
            Self::CentralEurope | Self::Nordics | Self::Iberia => "EUR",
            Self::EastAsia => "JPY",
        }
    }

    /// Hour of UTC at which their working day starts.
    pub fn morning(self) -> u32 {
        match self {
            Self::NorthAmerica => 14,
            Self::Britain => 9,
            Self::CentralEurope | Self::Nordics => 8,
            Self::Iberia => 11,
            Self::SouthAsia => 4,
            Self::EastAsia => 1,
        }
    }
}

/// One customer.
#[derive(Debug, Clone, Copy)]
pub struct Company {
    pub name: &'static str,
    pub industry: &'static str,
    pub tier: AccountTier,
    pub region: Region,
    /// What happened with them.
    pub story: Story,
}

impl Company {
    /// The key of the account: its name in lower case, words joined by `-`.
    pub fn external_id(&self) -> String {
        let words: Vec<_> = self
            .name
            .split(|c: char| !c.is_ascii_alphanumeric())
            .filter(|word| !word.is_empty())
            .collect();
        words.join("-").to_lowercase()
    }

    /// Their domain, in the name space that is reserved for examples.
    pub fn domain(&self) -> String {
        let name: String = self.name.split(' ').take(2).collect::<String>().to_lowercase();
        format!(
            "{}.example",
            name.chars()
                .filter(char::is_ascii_alphanumeric)
                .collect::<String>()
        )
    }
}

use AccountTier::{Enterprise as E, MidMarket as M, Smb as S};
use Region::{Britain, CentralEurope, EastAsia, Iberia, Nordics, NorthAmerica, SouthAsia};

const fn company(
    name: &'static str,
    industry: &'static str,
    tier: AccountTier,
    region: Region,
    story: Story,
) -> Company {
    Company {
        name,
        industry,
        tier,
        region,
        story,
    }
}

/// All of them, in the order of their keys' seeds: never reorder, append.
pub const COMPANIES: [Company; 60] = [
    company(
        "Brightwater Logistics",
        "Logistics",
        E,
        NorthAmerica,
        Story::Champion,
    ),
    company(
        "Harlan & Voss",
        "Manufacturing",
        E,
        CentralEurope,
        Story::QuietDecline,
    ),
    company("Meridian Freight", "Logistics", E, Britain, Story::GoneDark),
    company(
        "Oakline Insurance",
        "Insurance",
        M,
        NorthAmerica,
        Story::CanceledMeetings,
    ),
    company("Sundara Retail", "Retail", M, SouthAsia, Story::SlowingDown),
    company("Castellan Energy", "Energy", E, Iberia, Story::LostSponsor),
    company(
        "Pinecrest Dental",
        "Healthcare",
        S,
        NorthAmerica,
        Story::SingleThreaded,
    ),
    company("Nordvik Shipping", "Logistics", E, Nordics, Story::MultiThreaded),
    company("Larkfield Studios", "Media", M, Britain, Story::BrandNew),
    company("Quillan Press", "Media", S, Britain, Story::UsageOnly),
    company("Tessaly Travel", "Travel", M, Iberia, Story::Churned),
    company("Ironbridge Steel", "Manufacturing", M, Britain, Story::MissedQbr),
    company(
        "Hoshino Precision",
        "Manufacturing",
        E,
        EastAsia,
        Story::DelegatingSponsor,
    ),
    company(
        "Alder Grove Health",
        "Healthcare",
        E,
        NorthAmerica,
        Story::SilentSponsor,
    ),
    company("Kestrel Aviation", "Aviation", M, NorthAmerica, Story::NoBackup),
    company(
        "Vantage Mutual",
        "Financial services",
        E,
        NorthAmerica,
        Story::NewSponsor,
    ),
    company(
        "Rosenfeld Pharma",
        "Life sciences",
        E,
        CentralEurope,
        Story::ExecutiveTicket,
    ),
    company(
        "Copperleaf Foods",
        "Food and beverage",
        M,
        NorthAmerica,
        Story::UsageDecline,
    ),
    company(
        "Blue Heron Bank",
        "Financial services",
        E,
        NorthAmerica,
        Story::Healthy,
    ),
    company("Fjordlys Power", "Energy", E, Nordics, Story::Healthy),
    company("Trident Marine", "Manufacturing", M, Britain, Story::Healthy),
    company("Linden Analytics", "Software", S, CentralEurope, Story::Healthy),
    company(
        "Saffron Kitchens",
        "Food and beverage",
        S,
        SouthAsia,
        Story::Champion,
    ),
    company("Arbor Learning", "Education", M, NorthAmerica, Story::Champion),
    company(
        "Cielo Telecom",
        "Telecommunications",
        E,
        Iberia,
        Story::OneBusyPerson,
    ),
    company(
        "Granite Peak Outfitters",
        "Retail",
        M,
        NorthAmerica,
        Story::ColleagueLeft,
    ),
    company("Wexford Robotics", "Manufacturing", M, Britain, Story::Onboarding),
    company(
        "Mistral Wines",
        "Food and beverage",
        S,
        CentralEurope,
        Story::RarelyMet,
    ),
    company("Northgate Hospitals", "Healthcare", E, Britain, Story::Steady),
    company("Tamarind Software", "Software", M, SouthAsia, Story::SupportStorm),
    company("Kobayashi Foods", "Food and beverage", M, EastAsia, Story::Steady),
    company(
        "Silverline Transit",
        "Public sector",
        E,
        NorthAmerica,
        Story::Tactical,
    ),
    company(
        "Hartmann Tools",
        "Manufacturing",
        M,
        CentralEurope,
        Story::PartnerServed,
    ),
    company("Beacon Hill Law", "Legal", S, NorthAmerica, Story::Tactical),
    company("Solvang Furniture", "Retail", S, Nordics, Story::Tactical),
    company(
        "Prairie Wind Farms",
        "Energy",
        M,
        NorthAmerica,
        Story::ColleagueLeft,
    ),
    company("Juniper Apparel", "Retail", M, NorthAmerica, Story::NoNames),
    company("Albion Water", "Utilities", E, Britain, Story::Drifting),
    company("Delgado Construction", "Construction", M, Iberia, Story::Drifting),
    company(
        "Maple Street Credit",
        "Financial services",
        S,
        NorthAmerica,
        Story::Drifting,
    ),
    company("Zephyr Airlines", "Aviation", E, CentralEurope, Story::Drifting),
    company("Banyan Hotels", "Travel", M, SouthAsia, Story::Seasonal),
    company(
        "Orchid Semiconductors",
        "Manufacturing",
        E,
        EastAsia,
        Story::Improving,
    ),
    company(
        "Redwood Biotech",
        "Life sciences",
        M,
        NorthAmerica,
        Story::Improving,
    ),
    company(
        "Glenmore Distillers",
        "Food and beverage",
        S,
        Britain,
        Story::Improving,
    ),
    company("Atlas Reinsurance", "Insurance", E, CentralEurope, Story::Cold),
    company("Corvid Media", "Media", M, NorthAmerica, Story::Cold),
    company("Puerto Azul Resorts", "Travel", S, Iberia, Story::Cold),
    company("Keystone Pumps", "Manufacturing", M, NorthAmerica, Story::Cold),
    company("Skagen Textiles", "Retail", S, Nordics, Story::SingleThreaded),
    company("Falcon Ridge Mining", "Mining", E, NorthAmerica, Story::Acquired),
    company("Thistle & Thyme", "Retail", S, Britain, Story::Healthy),
    company(
        "Bergmann Optics",
        "Manufacturing",
        M,
        CentralEurope,
        Story::Healthy,
    ),
    company("Riverbend Schools", "Education", S, NorthAmerica, Story::Steady),
    company("Sakura Mobility", "Automotive", E, EastAsia, Story::ColdSuccessor),
    company(
        "Monsoon Payments",
        "Financial services",
        S,
        SouthAsia,
        Story::Improving,
    ),
    company(
        "Hollis & Reed",
        "Professional services",
        S,
        NorthAmerica,
        Story::Drifting,
    ),
    company("Aurora Dairy", "Food and beverage", S, Nordics, Story::Cold),
    company(
        "Cardinal Staffing",
        "Professional services",
        M,
        NorthAmerica,
        Story::ColleagueLeft,
    ),
    company("Estrela Cosmetics", "Retail", M, Iberia, Story::Healthy),
];
