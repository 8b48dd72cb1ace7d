use super::Deliver;

/// The text of the parts of one message, in any order; missing ones leave no mark.
///
/// Parts are put in order by their numbers. UTF-16 units are decoded after joining, so that a character cut in two is
/// whole again; halves without their other half become U+FFFD. Septets are decoded with the tables of their own part.
pub fn join(parts: &[Deliver]) -> String {
    let _ = parts;
    String::new()
}
