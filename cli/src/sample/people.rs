//! The people of a customer: names of their part of the world, and the posts that a company of their size has.

use engagement::vocabulary::{AccountTier, Seniority};

use super::company::{Company, Region};

/// A post: title, department, level.
#[derive(Debug, Clone, Copy)]
pub struct Post {
    /// What the card says.
    pub title: &'static str,
    /// Where they work.
    pub department: &'static str,
    /// How high.
    pub seniority: Seniority,
}

/// Somebody at a customer.
#[derive(Debug, Clone)]
pub struct Person {
    /// Key within the account.
    pub key: String,
    pub name: String,
    pub email: String,
    pub post: Post,
}

/// Places of a roster that stories speak about.
pub const SPONSOR: usize = 0;
/// Who would follow the sponsor.
pub const BACKUP: usize = 1;
/// Who works with us every week.
pub const DAILY: usize = 2;
/// Who, at a large customer, works in the sponsor's own department.
pub const ANALYST: usize = 5;

const fn post(title: &'static str, department: &'static str, seniority: Seniority) -> Post {
    Post {
        title,
        department,
        seniority,
    }
}

const LARGE: [Post; 11] = [
    post("Chief Operating Officer", "Operations", Seniority::CLevel),
    post("VP Finance", "Finance", Seniority::Vp),
    post("Director of Operations", "Operations", Seniority::Director),
    post("Head of IT", "IT", Seniority::Director),
    post("Planning Manager", "Planning", Seniority::Manager),
    post("Operations Analyst", "Operations", Seniority::Individual),
    post("Financial Controller", "Finance", Seniority::Manager),
    post("Systems Administrator", "IT", Seniority::Individual),
    post("Programme Manager", "Transformation", Seniority::Manager),
    post("Data Engineer", "IT", Seniority::Individual),
    post("VP Transformation", "Transformation", Seniority::Vp),
];

const MIDDLE: [Post; 7] = [
    post("Chief Executive Officer", "Management", Seniority::CLevel),
    post("VP Operations", "Operations", Seniority::Vp),
    post("Operations Manager", "Operations", Seniority::Manager),
    post("IT Manager", "IT", Seniority::Manager),
    post("Finance Manager", "Finance", Seniority::Manager),
    post("Business Analyst", "Operations", Seniority::Individual),
    post("Systems Administrator", "IT", Seniority::Individual),
];

const SMALL: [Post; 4] = [
    post("Managing Director", "Management", Seniority::CLevel),
    post("Head of Operations", "Operations", Seniority::Director),
    post("Office Manager", "Operations", Seniority::Manager),
    post("Bookkeeper", "Finance", Seniority::Individual),
];

/// The posts of a company of this size.
pub fn posts(tier: AccountTier) -> &'static [Post] {
    match tier {
        AccountTier::Enterprise => &LARGE,
        AccountTier::MidMarket => &MIDDLE,
        AccountTier::Smb => &SMALL,
    }
}

/// First names and family names of a region.
fn names(region: Region) -> (&'static [&'static str], &'static [&'static str]) {
    match region {
        Region::NorthAmerica => (
            &[
                "Alicia", "Marcus", "Renee", "Tyler", "Denise", "Jordan", "Monica", "Grant", "Priya", "Luis",
                "Hannah", "Derek", "Naomi",
            ],
            &[
                "Whitaker", "Delaney", "Okafor", "Ramirez", "Sutton", "Kowalski", "Bennett", "Tran",
                "Fletcher", "Abrams", "Castillo",
            ],
        ),
        Region::Britain => (
            &[
                "Imogen", "Callum", "Harriet", "Rhys", "Niamh", "Oliver", "Zara", "Duncan", "Fiona", "Amir",
                "Poppy", "Gareth", "Eleanor",
            ],
            &[
                "Ashworth",
                "Macleod",
                "Pemberton",
                "Hughes",
                "O'Connell",
                "Sharma",
                "Lockwood",
                "Bevan",
                "Carrick",
                "Thornton",
                "Ellison",
            ],
        ),
        Region::CentralEurope => (
            &[
                "Katrin", "Jonas", "Annelies", "Matthias", "Sabine", "Pieter", "Lena", "Stefan", "Claudia",
                "Emre", "Ursula", "Fabian", "Mila",
            ],
            &[
                "Brandt", "de Vries", "Hofer", "Keller", "Yilmaz", "Lindner", "van Dijk", "Schuster",
                "Ammann", "Vogel", "Novak",
            ],
        ),
        Region::Nordics => (
            &[
                "Ingrid", "Henrik", "Solveig", "Mikko", "Astrid", "Lars", "Freja", "Olav", "Saara", "Emil",
                "Karin", "Anders", "Tuva",
            ],
            &[
                "Lindqvist",
                "Haugen",
                "Virtanen",
                "Østergaard",
                "Bergström",
                "Dahl",
                "Nieminen",
                "Sørensen",
                "Ekholm",
                "Moen",
                "Holm",
            ],
        ),
        Region::Iberia => (
            &[
                "Lucía",
                "Mateo",
                "Beatriz",
                "Thiago",
                "Carmen",
                "Andrés",
                "Inês",
                "Rafael",
                "Valentina",
                "Diego",
                "Joana",
                "Pablo",
                "Marisol",
            ],
            &[
                "Ferreira", "Navarro", "Quiroga", "Almeida", "Herrera", "Pacheco", "Ibáñez", "Moreira",
                "Salazar", "Vidal", "Rocha",
            ],
        ),
        Region::SouthAsia => (
            &[
                "Ananya", "Rohan", "Meera", "Vikram", "Kavya", "Arjun", "Wei Ling", "Farhan", "Nisha",
                "Sanjay", "Divya", "Imran", "Leela",
            ],
            &[
                "Iyer",
                "Banerjee",
                "Rao",
                "Tan",
                "Chaudhary",
                "Menon",
                "Kapoor",
                "Siddiqui",
                "Nair",
                "Bhatt",
                "Fernando",
            ],
        ),
        Region::EastAsia => (
            &[
                "Yuki", "Haruto", "Min-ji", "Kenji", "Aiko", "Jun-ho", "Mei-hua", "Takumi", "Sora", "Hana",
                "Ryota", "Chia-wei", "Naoko",
            ],
            &[
                "Tanaka", "Kim", "Watanabe", "Chen", "Nakamura", "Park", "Fujimoto", "Lin", "Ishikawa",
                "Mori", "Hayashi",
            ],
        ),
    }
}

/// Everybody we know at a company: one person per post, no two of one name.
pub fn roster(company: &Company, random: &mut fastrand::Rng) -> Vec<Person> {
    let (first, last) = names(company.region);
    // Thirteen first names and eleven family names, walked in steps: no pair comes twice within a roster.
    let (mut a, mut b) = (random.usize(..first.len()), random.usize(..last.len()));
    posts(company.tier)
        .iter()
        .map(|&post| {
            a = (a + 4) % first.len();
            b = (b + 3) % last.len();
            let name = format!("{} {}", first[a], last[b]);
            let key = key_of(&name);
            Person {
                email: format!("{key}@{}", company.domain()),
                key,
                name,
                post,
            }
        })
        .collect()
}

/// `Lucía Ibáñez` is `lucia.ibanez`.
fn key_of(name: &str) -> String {
    name.to_lowercase()
        .chars()
        .filter_map(|c| match c {
            'a'..='z' => Some(c),
            ' ' => Some('.'),
            'á' | 'ã' => Some('a'),
            'é' | 'ê' => Some('e'),
            'í' => Some('i'),
            'ñ' => Some('n'),
            'ö' | 'ø' => Some('o'),
            _ => None,
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::super::company::COMPANIES;
    use super::*;

    #[test]
    fn keys_are_readable_and_no_two_people_of_a_company_share_one() {
        for (seed, company) in (0..).zip(COMPANIES) {
            let people = roster(&company, &mut fastrand::Rng::with_seed(seed));
            let keys: BTreeSet<_> = people.iter().map(|person| person.key.as_str()).collect();
            assert_eq!(keys.len(), people.len(), "{}: {keys:?}", company.name);
            assert!(
                keys.iter()
                    .all(|key| key.chars().all(|c| c.is_ascii_lowercase() || c == '.')),
                "{keys:?}"
            );
        }
    }
}
