//! SHELL. `explain`: where a cluster stands, what it waits for, and every way out with its guards.

use super::look::{block_on, live_world, look};
use super::output::{Named, Paint, answer, span};
use crate::crd::{EtcdCluster, EtcdClusterStatus};
use crate::engine::{Machine, Settled, Way, explore, name, resume, settle, ways};
use crate::service::Kind;
use crate::service::etcd_cluster::{Cluster, EtcdClusterMachine, Observed, scenarios};
use clap::Args;
use kube::ResourceExt;
use serde::Serialize;
use std::fmt::Write;

/// Say where a cluster stands, what it waits for and what would move it
///
/// Looks at the cluster as the operator does: at Kubernetes, and at each member's own address. Where
/// members cannot be reached from here, run it where they can:
/// kubectl -n etcd-operator-system exec deploy/etcd-operator -- /etcd-operator explain NAME -n NAMESPACE
#[derive(Args, Debug)]
pub struct Explain {
    #[command(flatten)]
    named: Named,
}

/// All there is to say.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Explanation {
    namespace: String,
    name: String,
    phase: String,
    step: String,
    since: Option<String>,
    /// What is so, most urgent first.
    facts: Vec<String>,
    /// Why it waits, most urgent first.
    holds: Vec<String>,
    conditions: Vec<Said>,
    ways: Vec<Way>,
    would: Would,
    looks_again_seconds: f64,
    #[serde(skip)]
    lasted: Option<String>,
}

/// One condition, as this look would write it.
#[derive(Debug, Serialize)]
struct Said {
    r#type: String,
    status: String,
    reason: String,
    message: String,
}

/// What the operator's next turn does with what is seen now.
#[derive(Debug, Serialize)]
struct Would {
    moves: Vec<String>,
    records: Vec<String>,
    actions: Vec<String>,
}

impl Explain {
    /// Looks, and says it.
    ///
    /// # Errors
    /// The cluster cannot be read.
    pub fn run(&self) -> anyhow::Result<()> {
        let explanation = block_on(async {
            let looked = look(&self.named).await?;
            let world = live_world(&looked).await?;
            let observed = Cluster::gather(&world, &looked.cluster).await;
            explain(&looked.cluster, &observed)
        })?;
        answer(self.named.output, &explanation, |paint| explanation.text(paint))
    }
}

fn explain(cluster: &EtcdCluster, observed: &Observed) -> anyhow::Result<Explanation> {
    let from = resume::<EtcdClusterMachine>(Cluster::recorded(cluster), observed);
    let settled = settle::<EtcdClusterMachine>(from, observed)?;
    let status = Cluster::next_status(cluster, observed, &settled);
    let table = explore::<EtcdClusterMachine>(scenarios::worlds());
    let since = observed.memory.step_since;
    Ok(Explanation {
        namespace: cluster.namespace().unwrap_or_default(),
        name: cluster.name_any(),
        phase: EtcdClusterMachine::phase(from).to_owned(),
        step: word(from),
        since: since.map(|since| since.to_string()),
        lasted: since.map(|since| span(since, observed.now)),
        facts: settled.facts.iter().map(|&fact| word(fact)).collect(),
        holds: settled.held.iter().map(|&reason| word(reason)).collect(),
        conditions: said(&status),
        ways: ways::<EtcdClusterMachine>(from, observed, &table),
        looks_again_seconds: Cluster::look_again(observed, &settled).as_secs_f64(),
        would: would(&settled),
    })
}

fn word(word: impl Into<&'static str>) -> String {
    word.into().to_owned()
}

fn said(status: &EtcdClusterStatus) -> Vec<Said> {
    let said = status.conditions.iter().map(|at| Said {
        r#type: at.type_.clone(),
        status: at.status.clone(),
        reason: at.reason.clone(),
        message: at.message.clone(),
    });
    said.collect()
}

fn would(settled: &Settled<EtcdClusterMachine>) -> Would {
    let moves = settled.path.iter().map(|at| format!("{} -> {} ({})", at.from, at.to, at.fact));
    Would {
        moves: moves.collect(),
        records: settled.records.iter().map(name).collect(),
        actions: settled.actions.iter().map(name).collect(),
    }
}

impl Explanation {
    fn text(&self, paint: Paint) -> String {
        let mut out = String::new();
        // Writing into a String cannot fail.
        let _ = self.write(&mut out, paint);
        out
    }

    fn write(&self, out: &mut String, paint: Paint) -> std::fmt::Result {
        let lasted = self.lasted.as_deref().map(|lasted| format!(", for {lasted}"));
        let step = format!("{}/{}", self.phase, self.step);
        let lasted = lasted.unwrap_or_default();
        writeln!(
            out,
            "{} {}/{}: {step}{lasted}\n",
            paint.bold("EtcdCluster"),
            self.namespace,
            self.name
        )?;
        for said in &self.conditions {
            writeln!(out, "  {:12} {:8} {}", said.r#type, said.status, said.message)?;
        }
        let holds =
            if self.holds.is_empty() { "nothing".to_owned() } else { self.holds.join(", ") };
        writeln!(out, "\n{}  {holds}", paint.bold("waits for"))?;
        writeln!(out, "{}      {}", paint.bold("facts"), self.facts.join(", "))?;
        let Would { moves, records, actions } = &self.would;
        let next: Vec<String> = [moves, records, actions].into_iter().flatten().cloned().collect();
        let next = if next.is_empty() { "changes nothing".to_owned() } else { next.join(", ") };
        writeln!(out, "{}  {next}", paint.bold("next turn"))?;
        writeln!(
            out,
            "{}  in at most {} s, and whenever something changes\n",
            paint.bold("looks again"),
            self.looks_again_seconds
        )?;
        writeln!(out, "{}", paint.bold("ways out of this step"))?;
        for way in &self.ways {
            tell_way(out, way, paint)?;
        }
        Ok(())
    }
}

fn tell_way(out: &mut String, way: &Way, paint: Paint) -> std::fmt::Result {
    let so = if way.so { paint.good("is so") } else { paint.dim("is not so") };
    writeln!(out, "  -> {}  when {} ({so})", way.to, way.fact)?;
    for check in &way.checks {
        let verdict = if check.pass { paint.good("PASS") } else { paint.bad("FAIL") };
        let guard = if check.needs { check.guard.clone() } else { format!("not {}", check.guard) };
        writeln!(out, "       {verdict} {guard:26} {}", paint.dim(&check.saw))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::service::etcd_cluster::Step;
    use crate::service::etcd_cluster::scenarios::{healthy, provisioned};

    fn of(step: Step, seen: &Observed) -> Explanation {
        let mut cluster = EtcdCluster::new("a", serde_json::from_str("{}").unwrap());
        cluster.status.get_or_insert_default().step = Some(word(step));
        explain(&cluster, seen).unwrap()
    }

    #[test]
    fn a_cluster_at_rest_waits_for_nothing_and_names_what_would_move_it() {
        let text = of(Step::Steady, &healthy(3)).text(Paint::none());
        assert!(text.contains("Running/Steady"), "{text}");
        assert!(text.contains("waits for  nothing") && text.contains("changes nothing"), "{text}");
        assert!(text.contains("-> Failed/QuorumLost  when QuorumLost (is not so)"), "{text}");
    }

    #[test]
    fn a_waiting_birth_names_the_guard_and_what_it_saw() {
        let seen = provisioned(3).with(|seen| {
            seen.pods.get_mut(&2).unwrap().waiting = Some("no node has room".to_owned());
        });
        let explanation = of(Step::AwaitQuorum, &seen);
        assert_eq!(explanation.holds, ["MemberPending"]);
        let text = explanation.text(Paint::none());
        assert!(text.contains("FAIL EveryMemberHealthy"), "{text}");
        assert!(text.contains("0 of 3 follow one leader"), "{text}");
        let json = serde_json::to_value(&explanation).unwrap();
        assert_eq!(json["phase"], "Creating");
        assert!(json["ways"][0]["checks"].is_array());
    }
}
