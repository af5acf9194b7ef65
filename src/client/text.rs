//! PURE. Text from elsewhere, made safe for a log line, a condition or an Event.

/// `text` without control and direction characters, at most `bytes_max` bytes long.
///
/// A line break becomes a space, so that nobody else can begin a line in our logs; the other
/// control characters and those that reorder or hide what follows them are dropped.
pub fn clean(text: &str, bytes_max: usize) -> String {
    let mut cleaned = String::new();
    for character in text.chars().filter_map(printable) {
        if cleaned.len() + character.len_utf8() > bytes_max {
            break;
        }
        cleaned.push(character);
    }
    cleaned
}

fn printable(character: char) -> Option<char> {
    match character {
        '\n' | '\r' | '\t' | '\u{2028}' | '\u{2029}' => Some(' '),
        other => (!other.is_control() && !is_invisible(other)).then_some(other),
    }
}

/// Whether it only changes how its neighbours look: direction marks and zero-width characters.
fn is_invisible(character: char) -> bool {
    let ranges = ['\u{200b}'..='\u{200f}', '\u{202a}'..='\u{202e}', '\u{2060}'..='\u{206f}'];
    character == '\u{feff}' || ranges.iter().any(|range| range.contains(&character))
}

#[cfg(test)]
mod tests {
    use super::clean;

    #[test]
    fn a_line_break_cannot_begin_a_line_of_ours() {
        assert_eq!(clean("no\nERROR\r\tyes", 100), "no ERROR  yes");
    }

    #[test]
    fn colour_codes_and_reordering_are_dropped() {
        assert_eq!(clean("\u{1b}[31mred\u{202e}der\u{0}", 100), "[31mredder");
    }

    #[test]
    fn a_character_is_never_cut_in_half() {
        assert_eq!(clean("ééé", 5), "éé");
        assert_eq!(clean("abc", 0), "");
    }
}
