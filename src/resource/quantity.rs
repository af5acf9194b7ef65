//! PURE. Kubernetes quantities, compared by what they mean: the API server writes `1000m` back as
//! `1` and `1024Mi` as `1Gi`, and neither is a change.

/// Nanounits in one unit; Kubernetes keeps nothing smaller.
const NANO: i128 = 1_000_000_000;
/// The largest magnitude Kubernetes keeps, in units: anything above is taken for this.
const UNITS_MAX: i128 = i64::MAX as i128;

/// A quantity's exact value in nanounits, or nothing if the text is no quantity.
///
/// As in Kubernetes, more than nine decimals round away from zero, and magnitudes of more than
/// 2^63-1 units are taken for that.
///
/// # Source
/// `k8s.io/apimachinery/pkg/api/resource`, `ParseQuantity`.
pub fn nanos(text: &str) -> Option<i128> {
    let (negative, magnitude) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    };
    let end = magnitude.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(magnitude.len());
    let (number, suffix) = magnitude.split_at_checked(end)?;
    let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
    if whole.is_empty() && fraction.is_empty() || fraction.contains('.') {
        return None;
    }
    let (multiplier, exponent) = scale(suffix)?;
    let value = shifted(whole, fraction, multiplier, exponent + 9)?.min(UNITS_MAX * NANO);
    Some(if negative { -value } else { value })
}

/// Whether two quantities mean the same. Texts that are no quantities are compared as they stand.
pub fn same(one: &str, other: &str) -> bool {
    match (nanos(one), nanos(other)) {
        (Some(one), Some(other)) => one == other,
        _ => one == other,
    }
}

/// A suffix as a factor and a power of ten.
fn scale(suffix: &str) -> Option<(i128, i32)> {
    Some(match suffix {
        "n" => (1, -9),
        "u" => (1, -6),
        "m" => (1, -3),
        "" => (1, 0),
        "k" => (1, 3),
        "M" => (1, 6),
        "G" => (1, 9),
        "T" => (1, 12),
        "P" => (1, 15),
        "E" => (1, 18),
        "Ki" => (1 << 10, 0),
        "Mi" => (1 << 20, 0),
        "Gi" => (1 << 30, 0),
        "Ti" => (1 << 40, 0),
        "Pi" => (1 << 50, 0),
        "Ei" => (1 << 60, 0),
        // A thousand zeros are as good as any more, and their number overflows nothing.
        _ => (1, suffix.strip_prefix(['e', 'E'])?.parse::<i32>().ok()?.clamp(-1000, 1000)),
    })
}

/// `whole.fraction * multiplier * 10^exponent`, rounded up and at most the largest number there
/// is. Nothing if it has more digits than a person ever writes.
fn shifted(whole: &str, fraction: &str, multiplier: i128, exponent: i32) -> Option<i128> {
    let fraction = fraction.trim_end_matches('0');
    let digits = [whole, fraction].concat().parse::<i128>().ok()?.checked_mul(multiplier)?;
    if digits == 0 {
        return Some(0);
    }
    let exponent = exponent - i32::try_from(fraction.len()).ok()?;
    let power = 10_i128.checked_pow(exponent.unsigned_abs());
    Some(match power {
        Some(power) if exponent >= 0 => digits.saturating_mul(power),
        Some(power) => digits / power + i128::from(digits % power != 0),
        None if exponent >= 0 => i128::MAX,
        None => 1,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn equal_amounts_in_different_words_are_the_same() {
        for (one, other) in [
            ("1000m", "1"),
            ("1Gi", "1024Mi"),
            ("0.5", "500m"),
            (".5Gi", "512Mi"),
            ("1.", "+1"),
            ("1e3", "1k"),
            ("1E3", "1k"),
            ("1500e-3", "1.5"),
            ("2E", "2000P"),
            ("0", "-0"),
            ("1u", "1000n"),
            ("0.1n", "1n"),
            ("-0.1n", "-1n"),
            ("1e9999999", "9223372036854775807"),
            ("9223372036854775808", "8Ei"),
        ] {
            assert!(same(one, other), "{one} {other}: {:?} {:?}", nanos(one), nanos(other));
        }
    }

    #[test]
    fn different_amounts_are_not_the_same() {
        for (one, other) in
            [("1", "1m"), ("1G", "1Gi"), ("1", "-1"), ("1001m", "1"), ("1Mi", "1M"), ("1", "")]
        {
            assert!(!same(one, other), "{one} {other}");
        }
    }

    #[test]
    fn what_is_no_quantity_has_no_value() {
        for text in
            ["", ".", "1.2.3", "Gi", "1 Gi", "1gi", "+-1", "1e", "e3", "1Zi", "\u{661}", "--1"]
        {
            assert_eq!(nanos(text), None, "{text}");
        }
        assert!(same("anything", "anything"));
    }

    proptest! {
        #[test]
        fn a_thousand_of_one_suffix_is_one_of_the_next(n in 0_i64..1_000_000) {
            for (small, large) in [("n", "u"), ("u", "m"), ("m", ""), ("", "k"), ("k", "M")] {
                let (small, large) = (format!("{n}000{small}"), format!("{n}{large}"));
                prop_assert!(same(&small, &large));
            }
            for (small, large) in [("Ki", "Mi"), ("Mi", "Gi"), ("Gi", "Ti")] {
                let (small, large) = (format!("{}{small}", n * 1024), format!("{n}{large}"));
                prop_assert!(same(&small, &large));
            }
        }

        #[test]
        fn whole_numbers_keep_their_order(a in any::<i32>(), b in any::<i32>()) {
            let (x, y) = (nanos(&a.to_string()).unwrap(), nanos(&b.to_string()).unwrap());
            prop_assert_eq!(a.cmp(&b), x.cmp(&y));
        }

        #[test]
        fn no_text_makes_it_fail(text in "[-+.0-9eEmkKMGi]{0,50}") {
            let _ = nanos(&text);
        }
    }
}
