//! Takes packed rows of SQLite apart.

use chrono::NaiveDate;
use engagement::row::{Interaction, Participant};
use engagement::vocabulary::Attendance;
use uuid::Uuid;

use super::assembly::Slot;
use super::packed::Packed;
use crate::clock::instant;
use crate::error::ServiceError;
use crate::sql::stored::{parse, parse_optional};

/// `None` for a text that is not as [`super::sqlite`] makes it.
pub(super) fn unpack_interaction(
    packed: &mut Packed<'_>,
    slot: &mut Slot,
) -> Result<Option<Interaction>, ServiceError> {
    const TABLE: &str = "interaction";
    const END: u8 = b'|';
    let fields = (|| {
        let id = packed.id()?;
        let words = [
            packed.until(END)?,
            packed.until(END)?,
            packed.until(END)?,
            packed.until(END)?,
        ];
        let times = (packed.number(END)?, packed.optional_number(END).ok()?);
        let contacts = [packed.optional_id(END).ok()?, packed.optional_id(END).ok()?];
        let flags = [packed.until(END)? == "1", packed.until(END)? == "1"];
        Some((
            id,
            words,
            times,
            contacts,
            flags,
            packed.until(END)?,
            packed.until(END)?,
        ))
    })();
    let Some((
        id,
        [kind, direction, status, purpose],
        (occurred_at, responded_at),
        contacts,
        [rescheduled, bulk],
        canceled_by,
        people,
    )) = fields
    else {
        return Ok(None);
    };
    let given = |text: &'static str, word| (text, Some(word).filter(|word: &&str| !word.is_empty()));
    let (purpose, canceled_by) = (given("purpose", purpose), given("canceled_by", canceled_by));
    let [responded_by, from_contact] = contacts.map(|id| id.and_then(|id| slot.contact(id)));
    let Some(participants) = unpack_participants(people, slot) else {
        return Ok(None);
    };
    Ok(Some(Interaction {
        id: id.into(),
        kind: parse(TABLE, "kind", kind)?,
        direction: parse(TABLE, "direction", direction)?,
        status: parse(TABLE, "status", status)?,
        purpose: parse_optional(TABLE, purpose.0, purpose.1)?,
        occurred_at: instant(occurred_at),
        responded_at: responded_at.map(instant),
        responded_by,
        from_contact,
        rescheduled,
        canceled_by: parse_optional(TABLE, canceled_by.0, canceled_by.1)?,
        bulk,
        participants,
    }))
}

/// Contacts with the first two letters of their attendance.
fn unpack_participants(text: &str, slot: &mut Slot) -> Option<Vec<Participant>> {
    let mut participants = Vec::with_capacity(text.len() / 34);
    let mut packed = Packed::new(text);
    while !packed.is_empty() {
        let contact = packed.id()?;
        let attendance = match packed.take(2)? {
            "AT" => Attendance::Attended,
            "AB" => Attendance::Absent,
            "UN" => Attendance::Unknown,
            _ => return None,
        };
        participants.extend(
            slot.contact(contact)
                .map(|contact| Participant { contact, attendance }),
        );
    }
    Some(participants)
}

pub(super) fn unpack_usage<'a>(packed: &mut Packed<'a>) -> Option<(Uuid, NaiveDate, u64, &'a str)> {
    let contact = packed.id()?;
    let day = packed.day()?;
    let count = u64::try_from(packed.number(b'|')?).ok()?;
    let length = usize::try_from(packed.number(b':')?).ok()?;
    Some((contact, day, count, packed.take(length)?))
}
