//! SHELL. What no order of calls comes to: lost data, and members that come back.

use super::call::{Begin, Call, Step, Via};
use super::walk::Walk;

/// Every story.
pub fn stories() -> Vec<Walk> {
    let take = |call| Step::Take(call, Via::Leader);
    let healthy = |size, steps: &[Step]| Walk { size, healthy: true, steps: steps.to_vec() };
    let again = Step::Again;
    vec![
        // A majority that lost its data and begins anew is an empty cluster in the old one's name,
        // and locks out the one that has the data. In an earlier term than that one knows it is
        // chance what happens: that one may be elected and end the others, or nothing goes on at all.
        healthy(
            3,
            &[
                Step::Write(100),
                Step::Kill(&[0, 1, 2]),
                Step::Wipe(&[1, 2]),
                again(&[1, 2], Begin::New),
                Step::Lead(1),
                Step::Lead(2),
                Step::Lead(1),
                again(&[0], Begin::New),
            ],
        ),
        // One that lost its data cannot come back under its old ID.
        healthy(
            3,
            &[
                Step::Write(100),
                Step::Kill(&[2]),
                Step::Wipe(&[2]),
                again(&[2], Begin::New),
                again(&[2], Begin::Existing),
            ],
        ),
        // One that was taken out ends, and its data never comes back; nor if it was killed before.
        healthy(3, &[take(Call::RemoveVoter), again(&[2], Begin::Existing)]),
        healthy(3, &[Step::Kill(&[2]), take(Call::RemoveVoter), again(&[2], Begin::Existing)]),
        // A lost member is replaced: out, in again as a learner, and promoted.
        healthy(
            3,
            &[
                Step::Kill(&[2]),
                take(Call::RemoveVoter),
                take(Call::Add),
                take(Call::Start),
                take(Call::Promote),
            ],
        ),
        // All members restart with their data, whatever they are told.
        healthy(3, &[Step::Kill(&[0, 1, 2]), again(&[0], Begin::New), again(&[1, 2], Begin::New)]),
    ]
    .into_iter()
    .chain([2, 3].map(hasty))
    .collect()
}

/// Members connected for less than five seconds do not count.
fn hasty(size: usize) -> Walk {
    let calls = [Call::Add, Call::RemoveVoter, Call::RemoveLeader, Call::RemoveNobody];
    let steps = calls.map(|call| Step::Try(call, Via::Leader)).to_vec();
    Walk { size, healthy: false, steps }
}
