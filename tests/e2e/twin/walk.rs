//! SHELL. Which steps are taken.
//!
//! A call that changes nothing leads nowhere: whatever comes after it comes after the state before
//! it, too. So walks go from state to state by calls that change something, and in each state one of
//! them tries all those that do not, before it goes on. The walks to a depth of `n` hold every order
//! of up to `n` calls, and of one more if that changes nothing. What changes nothing the simulated
//! side says; where the real one does not agree, the answers or the lists differ.

use super::call::{Call, Step, Via};
use super::lab::{Hosts, Lab};
use super::play::Play;
use super::simulated::SimLab;
use anyhow::Result;
use strum::IntoEnumIterator;

/// One cluster, and what is done to it.
#[derive(Debug, Clone)]
pub struct Walk {
    /// How many members it begins with.
    pub size: usize,
    /// Whether these have been connected for long.
    pub healthy: bool,
    /// What is done.
    pub steps: Vec<Step>,
}

/// Where the planning takes place.
const NOWHERE: Hosts = Hosts { network: 0, lane: 0 };

/// Every walk to this depth, of a cluster that begins with so many members.
pub async fn walks(size: usize, depth: usize, version: &str) -> Result<Vec<Walk>> {
    let mut done = vec![];
    let mut open = vec![(Walk { size, healthy: true, steps: vec![] }, 0)];
    while let Some((walk, deep)) = open.pop() {
        let (tries, takes) = sort(&walk, version, deep).await?;
        let mut full = walk.clone();
        full.steps.extend(tries);
        if deep == depth || takes.is_empty() {
            done.push(full);
            continue;
        }
        let direct = walk.steps.into_iter().filter(|step| !matches!(step, Step::Try(..)));
        let direct = Walk { size, healthy: true, steps: direct.collect() };
        for (number, (step, goes_on)) in takes.into_iter().enumerate() {
            let mut next = if number == 0 { full.clone() } else { direct.clone() };
            next.steps.push(step);
            // A cluster that no longer answers is the end of its walk.
            if goes_on {
                open.push((next, deep + 1));
            } else {
                done.push(next);
            }
        }
    }
    Ok(done)
}

/// The lines of one walk on one side.
pub async fn played<L: Lab>(lab: L, hosts: Hosts, walk: &Walk) -> Result<Vec<String>> {
    let mut play = Play::begin(lab, hosts, walk.size, walk.healthy).await?;
    for step in &walk.steps {
        play.step(*step).await?;
    }
    Ok(play.end().await)
}

/// Which calls change nothing at the end of a walk, and which do; of these whether the cluster
/// answers afterwards.
async fn sort(walk: &Walk, version: &str, deep: usize) -> Result<(Vec<Step>, Vec<(Step, bool)>)> {
    let (mut tries, mut takes) = (vec![], vec![]);
    let mut play = replay(walk, version).await?;
    for (call, via) in Call::iter().flat_map(|call| Via::iter().map(move |via| (call, via))) {
        if !play.applies(call, via) {
            continue;
        }
        let is_chosen = via == chosen(&play, call, deep);
        let before = play.look().await;
        let Some(answer) = play.call(call, via).await? else { continue };
        let refused = matches!(&answer, Err(error) if error.changed_nothing());
        if refused || (answer.is_ok() && play.look().await == before) {
            tries.push(Step::Try(call, via));
            continue;
        }
        if is_chosen {
            takes.push((Step::Take(call, via), answer.is_ok()));
        }
        play = replay(walk, version).await?;
    }
    Ok((tries, takes))
}

/// Whom a call is asked of that changes something: of the leader, and of a follower in between.
fn chosen(play: &Play<SimLab>, call: Call, deep: usize) -> Via {
    // Only the leader hands over.
    let can = call != Call::MoveLeader && play.applies(call, Via::Follower);
    if deep % 2 == 1 && can { Via::Follower } else { Via::Leader }
}

async fn replay(walk: &Walk, version: &str) -> Result<Play<SimLab>> {
    let mut play = Play::begin(SimLab::new(version), NOWHERE, walk.size, walk.healthy).await?;
    for step in &walk.steps {
        // What changes nothing need not be done again.
        if !matches!(step, Step::Try(..)) {
            play.step(*step).await?;
        }
    }
    Ok(play)
}
