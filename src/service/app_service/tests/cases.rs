//! PURE. Every case is decided as it says.

use crate::service::app_service::cases::{Case, all};
use crate::service::app_service::vocabulary::{Reason, Step};

#[test]
fn every_case_is_decided_as_it_says() {
    let otherwise: Vec<_> =
        all().filter_map(|case| case.decide().err()).map(|why| why.to_string()).collect();
    assert!(otherwise.is_empty(), "{otherwise:#?}");
}

#[test]
fn a_case_that_says_something_else_is_no_witness() {
    for case in all() {
        let elsewhere = if case.to == Some(Step::RollBack) { Step::Roll } else { Step::RollBack };
        let changed: [Case; 3] = [
            Case { held: &[Reason::RollingBack, Reason::Paused], ..*case },
            Case { does: &["Nothing"], ..*case },
            Case { to: Some(elsewhere), ..*case },
        ];
        // One that begins there and stays leads there as well.
        let stays = case.to.is_none() && case.steps.contains(&elsewhere);
        for changed in changed.iter().take(3 - usize::from(stays)) {
            assert!(changed.decide().is_err(), "{}", case.about);
        }
    }
}
