//! PURE. The sentences people read: what is, why, and what to do next.

use crate::crd::GateVerdict;
use crate::service::etcd_cluster::decide::guard::holds;
use crate::service::etcd_cluster::decide::queries::birth::{orphans, ours, retry_at};
use crate::service::etcd_cluster::decide::queries::hashes;
use crate::service::etcd_cluster::decide::queries::health::{Health, healthy};
use crate::service::etcd_cluster::decide::queries::listing::slot;
use crate::service::etcd_cluster::decide::queries::roster::{self, BEHIND_MAX};
use crate::service::etcd_cluster::decide::vocabulary::{Guard, Reason, Step};
use crate::service::etcd_cluster::observe::observed::{Child, Observed, PodSeen};
use crate::service::etcd_cluster::observe::part::kind_of;

pub use crate::service::said::bounded;

/// What ails a member that cannot keep up.
const SLOW: &str = "it is far behind the leader, so its disk or its network is slow";

/// What a hold means for this cluster, and what a person can do about it.
#[allow(clippy::too_many_lines, reason = "a table, one row for each reason")]
pub fn hold(reason: Reason, seen: &Observed) -> String {
    let size = voters(seen);
    let members = counted(size, "member", "members");
    match reason {
        Reason::Paused => format!(
            "The operator only observes, because spec.paused is true. To let it act, run \
             `kubectl -n {} patch etcdc {} --type merge -p '{{\"spec\":{{\"paused\":false}}}}'`.",
            seen.namespace, seen.name
        ),
        Reason::Deleting => "The cluster is being deleted.".into(),
        Reason::SizeIsZero => format!(
            "spec.size is 0, so no member is made. Set it to 1, 3, 5, 7 or 9, as in \
             `kubectl -n {} scale etcdc {} --replicas 3`.",
            seen.namespace, seen.name
        ),
        Reason::ForeignObject => foreign_objects(seen),
        Reason::StaleVolume => stale_volumes(seen),
        Reason::VolumeMissing => volume_missing(seen),
        Reason::MembersStarting => format!("Waiting for {members} to start."),
        Reason::MemberPending => pending(seen),
        Reason::QuorumForming => "The members run and have not agreed on a leader yet.".into(),
        Reason::MembersMismatch => mismatch(seen),
        Reason::Sealing => "Every member is being told the recorded identity.".into(),
        Reason::SpecChangeTooLate => format!(
            "The spec no longer fits the members, which may hold data, so they are left as they \
             are. Set it back with {}.",
            edit(seen)
        ),
        Reason::RetryBackoff => retry_backoff(seen),
        Reason::RetriesExhausted => retries_exhausted(seen),
        Reason::ClearingLastTry => "The last try is being cleared away. It held no data.".into(),
        Reason::QuorumLost => sentences([
            format!(
                "{} of {members} are down, so nothing can be decided.",
                seen.in_health(Health::Down).len()
            ),
            ailments(seen),
            format!("Nothing is touched until they are back: see {}.", describe_pods(seen)),
        ]),
        Reason::QuorumReturned => "Quorum is back and has to last for 10 seconds.".into(),
        Reason::ListStale => match seen.members.unknown() {
            Some(why) => format!("etcd's member list could not be read: {}.", bare(why)),
            None => "etcd's member list is of another cluster than the recorded one.".into(),
        },
        Reason::ForeignCluster => foreign_cluster(seen),
        Reason::MemberDataLost | Reason::MemberDataStale | Reason::MemberDown => sentences([
            format!("{} of {members} serve.", healthy(seen)),
            ailments(seen),
            remedy(reason, seen),
        ]),
        Reason::MemberUnseen => {
            let names = names(seen, Health::Unknown, ", ");
            format!("The last look failed at {names}, which Kubernetes finds ready.")
        }
        Reason::DataDiverges => diverging(seen),
        Reason::MemberAlarm => alarms(seen),
        Reason::StrangerMember => strangers(seen),
        Reason::OthersUnhealthy => sentences([
            format!(
                "{} waits until every other member is healthy: {} of {members} serve.",
                subject(seen),
                healthy(seen)
            ),
            ailments(seen),
        ]),
        Reason::SlotReleasing => "What a removed member left is being deleted.".into(),
        Reason::LearnerJoining => sentences([
            format!("{} joins, without a vote at first.", subject(seen)),
            slot(seen).map(|at| waits(at, seen)).unwrap_or_default(),
        ]),
        Reason::LearnerBehind => behind(seen),
        Reason::LearnerStalled => sentences([
            format!(
                "{} does not come up, and was tried {} times. The other members serve.",
                subject(seen),
                seen.memory.attempts.saturating_add(1)
            ),
            slot(seen)
                .map(|at| {
                    format!("{}: {}.", seen.member_name(at), bare(&issues(at, seen).join(", ")))
                })
                .unwrap_or_default(),
            format!("See `kubectl -n {} describe pod {}`.", seen.namespace, subject(seen)),
        ]),
        Reason::LearnerPromoting => format!("{} has caught up and gets its vote.", subject(seen)),
        Reason::LeaderMoving => format!("{} leads, and hands over before it goes.", subject(seen)),
        Reason::MemberLeaving => format!("{} is being taken out.", subject(seen)),
        Reason::FallingAsleep => "Every member is being stopped. Their volumes stay.".into(),
        Reason::Hibernated => format!(
            "No member runs, because spec.size is 0. Their volumes are kept. To wake them, run \
             `kubectl -n {} scale etcdc {} --replicas {size}`.",
            seen.namespace, seen.name
        ),
        Reason::WakingUp => {
            sentences([format!("Waiting for {members} to come back."), ailments(seen)])
        }
    }
}

fn voters(seen: &Observed) -> u32 {
    u32::try_from(seen.ordinals().len()).unwrap_or(u32::MAX)
}

/// The member something is being done to, or is about to be.
fn subject(seen: &Observed) -> String {
    let underway = seen.memory.operation.as_ref().map(|at| at.member.clone());
    let next = || roster::surplus(seen).or_else(|| roster::missing(seen));
    underway.or_else(|| Some(seen.member_name(next()?))).unwrap_or_else(|| "The change".into())
}

/// What keeps a learner from its vote.
fn behind(seen: &Observed) -> String {
    let name = subject(seen);
    let Some(at) = slot(seen) else { return format!("{name} catches up.") };
    let look = seen.look(at).filter(|look| look.raft_applied_index > 0);
    match look.and_then(|look| roster::lag(seen, look)) {
        // A number that changes with every look would be a write with every look.
        Some(lag) => {
            let lacks = if lag > BEHIND_MAX { "lacks much" } else { "has nearly all" };
            format!("{name} runs without a vote and {lacks} of the log.")
        }
        None => sentences([format!("{name} is starting, without a vote."), waits(at, seen)]),
    }
}

/// What keeps a pod from running.
fn waits(at: u32, seen: &Observed) -> String {
    let why = seen.pods.get(&at).and_then(|pod| pod.waiting.as_ref());
    why.map(|why| format!("It waits: {}.", bare(why))).unwrap_or_default()
}

fn strangers(seen: &Observed) -> String {
    let known = |name: &&String| seen.memory.members.contains_key(*name);
    let listed = seen.members.known();
    let all = listed.iter().flat_map(|list| list.voters.keys().chain(list.learners.values()));
    let strangers: Vec<&str> = all.filter(|name| !known(name)).map(String::as_str).collect();
    format!(
        "etcd lists members that this operator did not add: {}. Take them out with `etcdctl member \
         remove` if they do not belong there; until then no member comes or goes.",
        strangers.join(", ")
    )
}

fn mismatch(seen: &Observed) -> String {
    let unasked = orphans(seen).filter(|(at, _)| *at >= seen.spec.size);
    let unasked: Vec<String> = unasked.map(|(at, _)| seen.member_name(at)).collect();
    if !unasked.is_empty() {
        return format!(
            "The status and the StatefulSet were lost, and pods run that spec.size {} does not ask for: \
             {}. A StatefulSet would stop them, so none is made. Set spec.size to how many members there \
             are, with {}.",
            seen.spec.size,
            unasked.join(", "),
            edit(seen)
        );
    }
    let asked: Vec<String> = seen.ordinals().into_iter().map(|at| seen.member_name(at)).collect();
    let list = seen.members.known();
    let named = list.iter().flat_map(|list| list.voters.keys().chain(list.learners.values()));
    let named: Vec<&str> = named.map(String::as_str).collect();
    let lists = format!(
        "etcd's member list names {}; asked for are {}.",
        named.join(", "),
        asked.join(", ")
    );
    sentences([lists, set_right(seen)])
}

/// How a person brings etcd's list and what is asked for together, before the identity is recorded.
fn set_right(seen: &Observed) -> String {
    let Some(list) = seen.members.known() else { return String::new() };
    let learner = list.learners.first_key_value();
    let Some((id, name)) = learner else {
        return format!("Set spec.size to how many members there are, with {}.", edit(seen));
    };
    let runs = |at: &u32| seen.look(*at).is_some_and(|look| look.leader.is_some());
    let voter = seen.ordinals().into_iter().find(runs).unwrap_or(0);
    format!(
        "{name} is a learner that is not on record. Remove it with `kubectl -n {} exec {} -c etcd -- \
         etcdctl member remove {id}`, and set spec.size to how many members are left, with {}.",
        seen.namespace,
        seen.member_name(voter),
        edit(seen)
    )
}

fn retry_backoff(seen: &Observed) -> String {
    let next = retry_at(seen).map(|at| format!("The next try begins at {at:.0}."));
    let failed = "The members did not form a cluster.".to_owned();
    sentences([failed, ailments(seen), next.unwrap_or_default()])
}

fn retries_exhausted(seen: &Observed) -> String {
    let tries = counted(seen.memory.attempts.saturating_add(1), "try", "tries");
    let next = if holds(Guard::NeverServed, seen) {
        "Correct the spec, or raise spec.recoveryStrategy.maxRetries, with"
    } else {
        "They may hold data, so nothing is cleared away. Set the spec back to what they were made \
         of, or see what keeps them, with"
    };
    let failed = format!("The members did not form a cluster in {tries}.");
    sentences([failed, ailments(seen), format!("{next} {}.", edit(seen))])
}

fn foreign_cluster(seen: &Observed) -> String {
    let ours = seen.cluster_id().unwrap_or("unknown");
    let foreign = seen.ordinals().into_iter().filter_map(|at| {
        let id = &seen.look(at).filter(|look| look.cluster_id != ours)?.cluster_id;
        Some(format!("{} answers with the ID of cluster {id}.", seen.member_name(at)))
    });
    let foreign: Vec<String> = foreign.collect();
    format!(
        "This is cluster {ours}. {} Nothing is done before a person has looked.",
        foreign.join(" ")
    )
}

/// What helps a member that is down.
fn remedy(reason: Reason, seen: &Observed) -> String {
    match reason {
        Reason::MemberDataLost => "Without its data a member must not vote under its old name, so \
             it is not started: bring its volume back."
            .into(),
        Reason::MemberDataStale => {
            "The data was not touched: give the member its own volume back.".into()
        }
        _ => format!("See {}.", describe_pods(seen)),
    }
}

/// What a step means when it is entered.
pub fn entered(step: Step, seen: &Observed) -> String {
    let members = counted(voters(seen), "member", "members");
    match step {
        Step::Provision if holds(Guard::Resumed, seen) => {
            "The status was lost. Its members are started again on the volumes that are there."
                .into()
        }
        Step::Provision => format!("Birth {} of the cluster begins.", seen.memory.incarnation),
        Step::AwaitQuorum => format!("{members} to be made, all at once."),
        Step::Seal => format!(
            "The cluster has formed: its ID is {}, and is recorded.",
            seen.cluster_id().unwrap_or("unknown")
        ),
        Step::Reset => "This birth is given up and cleared away. It never served.".into(),
        Step::Steady => {
            format!("The cluster runs: {} of {members} serve.", healthy(seen))
        }
        Step::QuorumLost => hold(Reason::QuorumLost, seen),
        Step::Bootstrap => hold(Reason::RetriesExhausted, seen),
        Step::Corrupt => hold(Reason::DataDiverges, seen),
        Step::Settle => "Quorum is back.".into(),
        Step::Hibernated => hold(Reason::Hibernated, seen),
        Step::CleanSlot => format!("{} is to join.", subject(seen)),
        Step::AddLearner => hold(Reason::LearnerJoining, seen),
        Step::CatchUp => format!("{} has joined without a vote and catches up.", subject(seen)),
        Step::Promote => hold(Reason::LearnerPromoting, seen),
        Step::DropLearner => format!("{} is taken out again.", subject(seen)),
        Step::RemoveMember => format!("{} is to be taken out.", subject(seen)),
        Step::ReleaseSlot => format!("{members} are left."),
        Step::Sleep => "Every member is stopped, because spec.size is 0.".into(),
        Step::Wake => format!("{members} are started again."),
        Step::Evict if hashes::outvoted(seen).is_some() => {
            format!("The data of {} is damaged, and it is to be replaced.", subject(seen))
        }
        Step::Evict => format!("{} cannot come back, and is to be replaced.", subject(seen)),
    }
}

/// What is wrong with a member, as far as it is known; nothing for one that is well.
pub fn issues(ordinal: u32, seen: &Observed) -> Vec<String> {
    let mut issues = vec![];
    let pod = seen.pods.get(&ordinal);
    if let Some(look) = seen.look(ordinal) {
        issues.extend(look.errors.iter().cloned());
        if roster::is_slow(seen, ordinal) {
            issues.push(SLOW.into());
        }
        if seen.cluster_id().is_some_and(|id| id != look.cluster_id) {
            issues.push(format!("it answers with cluster ID {}", look.cluster_id));
        } else if look.leader.is_none() && look.errors.is_empty() {
            issues.push("it follows no leader".into());
        }
    } else if let Some(refusal) = pod.and_then(|pod| refusal(pod.gate.as_ref()?)) {
        // How Kubernetes words the restarts between two refusals says nothing more.
        return vec![refusal];
    }
    let volume = seen.volumes.get(&ordinal);
    issues.extend(volume.and_then(|volume| volume.lost.clone()));
    match pod {
        None => issues.push("its pod does not exist".into()),
        Some(pod) if pod.deleting => issues.push("its pod is being deleted".into()),
        Some(pod) => issues.extend(pod.waiting.clone()),
    }
    if issues.is_empty() && seen.health(ordinal) != Health::Healthy {
        let why = seen.looks.get(&ordinal).and_then(|look| look.unknown());
        issues.push(why.map_or_else(|| "it has no address yet".into(), str::to_owned));
    }
    issues.into_iter().map(bounded).collect()
}

fn refusal(gate: &GateVerdict) -> Option<String> {
    match gate {
        GateVerdict::New | GateVerdict::Join | GateVerdict::Existing => None,
        GateVerdict::DataLost { detail } => Some(format!("its data is lost: {detail}")),
        GateVerdict::StaleData { detail } => Some(format!("its volume holds other data: {detail}")),
        GateVerdict::NoDirective { detail } => Some(format!("it has no directive: {detail}")),
        GateVerdict::Unreadable { detail } => Some(format!("its volume is unreadable: {detail}")),
    }
}

fn ailments(seen: &Observed) -> String {
    let of = |ordinal| {
        let issues = issues(ordinal, seen).join(", ");
        format!("{}: {}.", seen.member_name(ordinal), bare(&issues))
    };
    sentences(seen.in_health(Health::Down).into_iter().map(of))
}

/// What the starting members wait for, and what helps against it.
fn pending(seen: &Observed) -> String {
    let waits = |(&at, pod): (&u32, &PodSeen)| {
        let why = pod.waiting.as_ref()?;
        let volume = seen.volumes.get(&at).and_then(|volume| volume.pending.clone());
        let volume = volume.filter(|_| why.contains("PersistentVolumeClaim"));
        let apart = why.contains("anti-affinity");
        let apart =
            apart.then(|| "Add a node, or set spec.pod.antiAffinity to Preferred.".to_owned());
        let name = seen.member_name(at);
        let lines = [Some(format!("{name}: {}.", bare(why))), volume, apart].into_iter().flatten();
        Some(lines.collect::<Vec<_>>().join(" "))
    };
    let corrected = "A corrected spec begins the creation again.".to_owned();
    sentences(seen.pods.iter().filter_map(waits).chain([corrected]))
}

/// Whose data differs, and what is done about it.
fn diverging(seen: &Observed) -> String {
    let known = hashes::known(seen);
    let hashes = known.iter().map(|(&at, hash)| format!("{} {hash:08x}", seen.member_name(at)));
    let hashes = hashes.collect::<Vec<_>>().join(", ");
    match hashes::outvoted(seen) {
        Some(at) => format!(
            "The data of {} is not what the majority of the members holds (hashes: {hashes}). It \
             is replaced once every other member is healthy.",
            seen.member_name(at)
        ),
        None => format!(
            "The members do not hold the same data, and no majority agrees (hashes: {hashes}), so \
             nobody can tell which is right and nothing is touched. Save what each has with \
             `etcdctl snapshot save`, compare, and take out the wrong ones with \
             `etcdctl member remove`."
        ),
    }
}

fn alarms(seen: &Observed) -> String {
    let errors = |at| {
        let errors = seen.look(at).map(|look| look.errors.clone()).unwrap_or_default();
        let slow = roster::is_slow(seen, at).then(|| SLOW.to_owned());
        errors.into_iter().chain(slow).collect::<Vec<_>>().join(", ")
    };
    let all = seen
        .ordinals()
        .into_iter()
        .map(|at| (at, errors(at)))
        .filter(|(_, errors)| !errors.is_empty());
    let of = |(at, errors): (u32, String)| format!("{}: {}.", seen.member_name(at), bare(&errors));
    let all = sentences(all.map(of));
    let full = "No room is left, so nothing can be written: compact and defragment the database, \
                then run `etcdctl alarm disarm`.";
    let full = if all.contains("NOSPACE") { full } else { "" };
    sentences([all, full.to_owned()])
}

fn foreign_objects(seen: &Observed) -> String {
    let of = |(part, child): (crate::service::etcd_cluster::observe::part::Part, &Child)| {
        let (kind, name) =
            (kind_of(part), crate::service::etcd_cluster::observe::part::name_of(part, &seen.name));
        match child {
            Child::Foreign { owner } => Some(format!(
                "{kind} {name} belongs to {owner}. Run `kubectl -n {} delete {} {name}` if it is \
                 not needed, or choose another name for this cluster.",
                seen.namespace,
                kind.to_lowercase(),
            )),
            Child::Ours { deleting: true, .. } => {
                Some(format!("{kind} {name} is still being deleted."))
            }
            Child::Unknown(why) => Some(format!("{kind} {name} could not be read: {}.", bare(why))),
            Child::Absent | Child::Ours { .. } => None,
        }
    };
    sentences(seen.objects.all().into_iter().filter_map(of))
}

fn stale_volumes(seen: &Observed) -> String {
    let is_ours = |uid: &Option<String>| uid.as_ref() == Some(&seen.uid);
    let stale = seen.volumes.iter().filter(|(_, volume)| {
        !is_ours(&volume.cluster_uid) || volume.incarnation != Some(seen.memory.incarnation)
    });
    let claims: Vec<String> =
        stale.map(|(at, _)| format!("data-{}", seen.member_name(*at))).collect();
    if claims.is_empty() {
        return "A volume of the last try is still being deleted.".to_owned();
    }
    format!(
        "Volumes of an earlier cluster or birth stand in the way. Run `kubectl -n {} delete pvc {}` if \
         nobody needs their data, or choose another name for this cluster.",
        seen.namespace,
        claims.join(" "),
    )
}

fn volume_missing(seen: &Observed) -> String {
    let is_there = |at: &u32| seen.volumes.contains_key(at);
    let missing = (0..seen.spec.size).filter(|at| !is_there(at));
    let missing: Vec<String> = missing.map(|at| format!("data-{}", seen.member_name(at))).collect();
    let all: Vec<String> =
        ours(seen).map(|(at, _)| format!("data-{}", seen.member_name(at))).collect();
    format!(
        "The status was lost, and the volumes {} are left, which may hold data, but not {}. Nobody is \
         started, for a member without its volume would begin another cluster. Bring it back, or set \
         spec.size to how many members there were, with {}; or, if nobody needs the data, run \
         `kubectl -n {} delete pvc {}`.",
        all.join(", "),
        missing.join(", "),
        edit(seen),
        seen.namespace,
        all.join(" "),
    )
}

fn names(seen: &Observed, health: Health, between: &str) -> String {
    let names = seen.in_health(health).into_iter().map(|at| seen.member_name(at));
    names.collect::<Vec<_>>().join(between)
}

fn edit(seen: &Observed) -> String {
    format!("`kubectl -n {} edit etcdc {}`", seen.namespace, seen.name)
}

fn describe_pods(seen: &Observed) -> String {
    let pods = names(seen, Health::Down, " ");
    format!("`kubectl -n {} describe pod {pods}`", seen.namespace)
}

fn counted(number: u32, one: &str, many: &str) -> String {
    format!("{number} {}", if number == 1 { one } else { many })
}

/// Somebody else's words, to stand before a full stop of ours.
fn bare(words: &str) -> &str {
    words.trim().trim_end_matches('.')
}

fn sentences(all: impl IntoIterator<Item = String>) -> String {
    let all: Vec<String> = all.into_iter().filter(|sentence| !sentence.is_empty()).collect();
    all.join(" ")
}
