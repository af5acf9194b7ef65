//! PURE. Error is not empty, and empty is not absent.

use crate::engine::Known;

#[test]
fn unknown_satisfies_no_predicate_and_says_why() {
    let unknown: Known<Vec<u8>> = Known::Unknown("timed out".into());
    assert!(!unknown.is_known_and(|_| true));
    assert_eq!((unknown.known(), unknown.unknown()), (None, Some("timed out")));
}

#[test]
fn empty_is_known() {
    let empty: Known<Vec<u8>> = Known::Known(vec![]);
    assert!(empty.is_known_and(Vec::is_empty));
    assert!(!empty.is_known_and(|list| !list.is_empty()));
    assert_eq!((empty.known(), empty.unknown()), (Some(&vec![]), None));
}

#[test]
fn a_look_survives_being_written() {
    for look in [Known::Known(Some(3)), Known::Known(None), Known::Unknown("no: route".into())] {
        let yaml = serde_saphyr::to_string(&look).unwrap();
        assert_eq!(serde_saphyr::from_str::<Known<Option<u8>>>(&yaml).unwrap(), look, "{yaml}");
    }
}
