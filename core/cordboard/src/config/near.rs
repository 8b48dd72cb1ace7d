//! The nearest known name, for hints.

/// A hint that names the known word nearest to `wrong`, or all of them when none is near.
pub(crate) fn hint<'a>(wrong: &str, known: impl IntoIterator<Item = &'a str>) -> String {
    let known: Vec<&str> = known.into_iter().collect();
    match nearest(wrong, &known) {
        Some(word) => format!("did you mean `{word}`?"),
        None if known.is_empty() => String::new(),
        None => {
            let words: Vec<String> = known.iter().map(|word| format!("`{word}`")).collect();
            format!("known here: {}", words.join(", "))
        }
    }
}

/// The known word nearest to `wrong`, if it is near enough to be meant: at most a third of the
/// letters differ, or one begins with the other.
pub(crate) fn nearest<'a>(wrong: &str, known: &[&'a str]) -> Option<&'a str> {
    let wrong = wrong.to_lowercase();
    let (word, steps) = known
        .iter()
        .map(|word| (*word, distance(&wrong, word)))
        .min_by_key(|(word, steps)| (*steps, word.len()))?;
    let letters = wrong.chars().count().max(word.chars().count());
    let begins = wrong.len() >= 3 && (word.starts_with(&wrong) || wrong.starts_with(word));
    (steps <= (letters / 3).max(1) || begins).then_some(word)
}

/// Edit distance: letters added, left out or changed, and neighbours swapped, each one step.
fn distance(a: &str, b: &str) -> usize {
    let (a, b): (Vec<char>, Vec<char>) = (a.chars().collect(), b.chars().collect());
    let mut rows = vec![(0..=b.len()).collect::<Vec<usize>>()];
    for (i, x) in a.iter().enumerate() {
        let above = &rows[i];
        let mut row = vec![i + 1];
        for (j, y) in b.iter().enumerate() {
            let changed = above[j] + usize::from(x != y);
            let mut best = changed.min(above[j + 1] + 1).min(row[j] + 1);
            if i > 0 && j > 0 && a[i - 1] == *y && b[j - 1] == *x {
                best = best.min(rows[i - 1][j - 1] + 1);
            }
            row.push(best);
        }
        rows.push(row);
    }
    rows[a.len()][b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slips_of_the_finger_are_near_and_other_words_are_not() {
        let known = ["auth_token", "account_sid", "numbers", "receive"];
        for (wrong, meant) in [
            ("auth_tokn", Some("auth_token")),
            ("auth_toekn", Some("auth_token")),
            ("Numbers", Some("numbers")),
            ("number", Some("numbers")),
            ("account", Some("account_sid")),
            ("colour", None),
            ("", None),
        ] {
            assert_eq!(nearest(wrong, &known), meant, "{wrong}");
        }
    }

    #[test]
    fn swapped_neighbours_are_one_step() {
        for (a, b, steps) in [("", "abc", 3), ("abc", "acb", 1), ("kitten", "sitting", 3)] {
            assert_eq!(distance(a, b), steps, "{a} {b}");
        }
    }
}
