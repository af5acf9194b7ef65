//! PURE. Every case is decided as it says.

use crate::service::etcd_cluster::cases::{Case, all};
use crate::service::etcd_cluster::vocabulary::{Reason, Step};

#[test]
fn every_case_is_decided_as_it_says() {
    let otherwise: Vec<_> = all().filter_map(|case| case.decide().err()).collect();
    assert!(otherwise.is_empty(), "{otherwise:#?}");
}

#[test]
fn a_case_that_says_something_else_is_no_witness() {
    for case in all() {
        let changed: [Case; 3] = [
            Case { to: Some(Step::Provision), ..*case },
            Case { held: &[Reason::RetryBackoff, Reason::Paused], ..*case },
            Case { does: &["Nothing"], ..*case },
        ];
        // Those that begin in Provision stay there as well as they lead there.
        let stays = case.steps.contains(&Step::Provision) && case.to.is_none();
        let leads_there = case.to == Some(Step::Provision);
        for changed in changed.iter().skip(usize::from(stays || leads_there)) {
            assert!(changed.decide().is_err(), "{}", case.about);
        }
    }
}
