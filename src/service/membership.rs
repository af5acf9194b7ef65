//! PURE. Quorum arithmetic. Every decision that may cost a vote goes through here.

/// How many of `voters` must agree.
///
/// ```
/// use etcd_operator::service::membership::quorum;
/// assert_eq!([1, 2, 3, 4, 5].map(quorum), [1, 2, 2, 3, 3]);
/// ```
pub fn quorum(voters: usize) -> usize {
    voters / 2 + 1
}

/// Whether `healthy` of `voters` can still decide. No voters can decide nothing.
pub fn has_quorum(voters: usize, healthy: usize) -> bool {
    voters > 0 && healthy >= quorum(voters)
}

/// How many more voters may fail before nothing can be decided any more.
pub fn fault_tolerance(voters: usize, healthy: usize) -> usize {
    healthy.saturating_sub(quorum(voters))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Checked against the definition itself, by counting: a quorum is a set that meets every
    /// other quorum.
    #[test]
    fn two_quorums_always_meet_and_no_smaller_set_is_one() {
        for voters in 1..=9 {
            assert!(2 * quorum(voters) > voters, "{voters}");
            assert!(2 * (quorum(voters) - 1) <= voters, "{voters}");
        }
    }

    #[test]
    fn nothing_is_decided_without_voters() {
        assert!(!has_quorum(0, 0));
    }

    #[test]
    fn losing_as_many_as_tolerated_keeps_quorum_and_one_more_loses_it() {
        for voters in 1..=9 {
            for healthy in quorum(voters)..=voters {
                let spare = fault_tolerance(voters, healthy);
                assert!(has_quorum(voters, healthy - spare), "{voters} {healthy}");
                assert!(!has_quorum(voters, healthy - spare - 1), "{voters} {healthy}");
            }
        }
    }
}
