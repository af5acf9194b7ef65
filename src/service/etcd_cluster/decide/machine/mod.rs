//! PURE. The cluster's machine: five phases, their steps, and what every phase shares.
//!
//! A phase is a statig superstate, a step a statig state. The handlers of a phase live in the file
//! of its name; what every phase shares stands at the root, below, and what is ordered of members
//! that come and go in `membership`.

#![allow(missing_docs, reason = "statig writes the enum of phases itself")]

use turn::{Next, Turn};
mod creating;
mod deleting;
mod failed;
mod membership;
mod orders;
mod recovering;
mod root;
mod running;
mod scaling;
mod turn;

pub use turn::EtcdClusterMachine;

use super::action::{Action, Record};
use super::vocabulary::{Fact, Guard, Reason, Step};
use super::{evidence, fact, guard};
use crate::engine;
use crate::service::etcd_cluster::observe::observed::Observed;
use statig::prelude::state_machine;

#[state_machine(
    initial = "Step::Provision",
    context_identifier = "turn",
    event_identifier = "fact",
    state(custom, name = "Step"),
    superstate(name = "Phase", derive(Debug))
)]
impl EtcdClusterMachine {
    #[superstate(superstate = "cluster")]
    fn creating(turn: &mut Turn<'_>, fact: &Fact) -> Next {
        creating::phase(turn, *fact)
    }
    #[state(superstate = "creating")]
    fn provision(turn: &mut Turn<'_>, fact: &Fact) -> Next {
        creating::provision(turn, *fact)
    }
    #[state(superstate = "creating")]
    fn await_quorum(turn: &mut Turn<'_>, fact: &Fact) -> Next {
        creating::await_quorum(turn, *fact)
    }
    #[state(superstate = "creating")]
    fn seal(turn: &mut Turn<'_>, fact: &Fact) -> Next {
        creating::seal(turn, *fact)
    }
    #[state(superstate = "creating")]
    fn reset(turn: &mut Turn<'_>, fact: &Fact) -> Next {
        creating::reset(turn, *fact)
    }

    #[superstate(superstate = "cluster")]
    fn running(turn: &mut Turn<'_>, fact: &Fact) -> Next {
        running::phase(turn, *fact)
    }
    #[state(superstate = "running")]
    fn steady(turn: &mut Turn<'_>, fact: &Fact) -> Next {
        running::steady(turn, *fact)
    }

    #[state(superstate = "running")]
    fn hibernated(turn: &mut Turn<'_>, fact: &Fact) -> Next {
        running::hibernated(turn, *fact)
    }

    #[superstate(superstate = "cluster")]
    fn scaling(turn: &mut Turn<'_>, fact: &Fact) -> Next {
        scaling::phase(turn, *fact)
    }
    #[state(superstate = "scaling")]
    fn clean_slot(turn: &mut Turn<'_>, fact: &Fact) -> Next {
        scaling::clean_slot(turn, *fact)
    }
    #[state(superstate = "scaling")]
    fn add_learner(turn: &mut Turn<'_>, fact: &Fact) -> Next {
        scaling::add_learner(turn, *fact)
    }
    #[state(superstate = "scaling")]
    fn catch_up(turn: &mut Turn<'_>, fact: &Fact) -> Next {
        scaling::catch_up(turn, *fact)
    }
    #[state(superstate = "scaling")]
    fn promote(turn: &mut Turn<'_>, fact: &Fact) -> Next {
        scaling::promote(turn, *fact)
    }
    #[state(superstate = "scaling")]
    fn drop_learner(turn: &mut Turn<'_>, fact: &Fact) -> Next {
        scaling::drop_learner(turn, *fact)
    }
    #[state(superstate = "scaling")]
    fn remove_member(turn: &mut Turn<'_>, fact: &Fact) -> Next {
        scaling::remove_member(turn, *fact)
    }
    #[state(superstate = "scaling")]
    fn release_slot(turn: &mut Turn<'_>, fact: &Fact) -> Next {
        scaling::release_slot(turn, *fact)
    }
    #[state(superstate = "scaling")]
    fn sleep(turn: &mut Turn<'_>, fact: &Fact) -> Next {
        scaling::sleep(turn, *fact)
    }
    #[state(superstate = "scaling")]
    fn wake(turn: &mut Turn<'_>, fact: &Fact) -> Next {
        scaling::wake(turn, *fact)
    }

    #[superstate(superstate = "cluster")]
    fn failed(turn: &mut Turn<'_>, fact: &Fact) -> Next {
        failed::phase(turn, *fact)
    }
    #[state(superstate = "failed")]
    fn quorum_lost(turn: &mut Turn<'_>, fact: &Fact) -> Next {
        failed::quorum_lost(turn, *fact)
    }
    #[state(superstate = "failed")]
    fn bootstrap(turn: &mut Turn<'_>, fact: &Fact) -> Next {
        failed::bootstrap(turn, *fact)
    }

    #[state(superstate = "failed")]
    fn corrupt(turn: &mut Turn<'_>, fact: &Fact) -> Next {
        failed::corrupt(turn, *fact)
    }

    #[superstate(superstate = "cluster")]
    fn recovering(turn: &mut Turn<'_>, fact: &Fact) -> Next {
        recovering::phase(turn, *fact)
    }
    #[state(superstate = "recovering")]
    fn settle(turn: &mut Turn<'_>, fact: &Fact) -> Next {
        recovering::settle(turn, *fact)
    }
    #[state(superstate = "recovering")]
    fn evict(turn: &mut Turn<'_>, fact: &Fact) -> Next {
        recovering::evict(turn, *fact)
    }

    #[superstate]
    fn cluster(turn: &mut Turn<'_>, fact: &Fact) -> Next {
        root::cluster(turn, *fact)
    }
}

impl engine::Machine for EtcdClusterMachine {
    type Step = Step;
    type Fact = Fact;
    type Guard = Guard;
    type Reason = Reason;
    type Action = Action;
    type Record = Record;
    type Observed = Observed;

    const KIND: &'static str = "EtcdCluster";

    fn phase(step: Step) -> &'static str {
        match step {
            Step::Provision | Step::AwaitQuorum | Step::Seal | Step::Reset => "Creating",
            Step::Steady | Step::Hibernated => "Running",
            Step::CleanSlot
            | Step::AddLearner
            | Step::CatchUp
            | Step::Promote
            | Step::DropLearner
            | Step::RemoveMember
            | Step::ReleaseSlot
            | Step::Sleep
            | Step::Wake => "Scaling",
            Step::QuorumLost | Step::Bootstrap | Step::Corrupt => "Failed",
            Step::Settle | Step::Evict => "Recovering",
        }
    }

    /// A recorded identity means a cluster that lives, members without one a birth that goes on.
    fn classify(seen: &Observed) -> Step {
        match (seen.is_sealed(), &seen.objects.template) {
            (true, Some(made)) if made.cluster_id.is_none() => Step::Seal,
            (true, _) => Step::Steady,
            // It says how the birth is on record, too.
            (false, _) => Step::Provision,
        }
    }

    fn derive(seen: &Observed) -> Vec<Fact> {
        fact::derive(seen)
    }

    fn holds(guard: Guard, seen: &Observed) -> bool {
        guard::holds(guard, seen)
    }

    fn saw(guard: Guard, seen: &Observed) -> String {
        evidence::saw(guard, seen)
    }
}
