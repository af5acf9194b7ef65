//! SHELL. `explain`: where an object stands, what it waits for, and every way out with its guards.

use super::kinds::{Subject, kind, of_kind};
use super::look::{block_on, live_world, look};
use super::output::{Named, Paint, answer, span};
use crate::engine::{self, Exploration, Machine, Settled, Way, name, resume, settle, ways};
use crate::service::inspect::{Heard, Inspect, ObservedOf, ReasonOf};
use clap::Args;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::Condition;
use kube::ResourceExt;
use serde::Serialize;
use statig::blocking::{IntoStateMachine, Superstate};
use std::fmt::Write;

/// Say where a cluster or service stands, what it waits for and what would move it
///
/// Looks at it as the operator does: at Kubernetes, and at each etcd member's own address. Where
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
    kind: &'static str,
    namespace: String,
    name: String,
    phase: String,
    step: String,
    since: Option<String>,
    /// What is so, most urgent first.
    facts: Vec<String>,
    /// Why it waits, most urgent first.
    holds: Vec<String>,
    /// The same with what each means and what to do.
    waits: Vec<Wait>,
    /// The guards this turn asks, with their answers and what they looked at.
    guards: Vec<engine::Asked>,
    conditions: Vec<Said>,
    #[serde(skip_serializing_if = "Option::is_none")]
    members: Option<Vec<Asked>>,
    ways: Vec<Way>,
    would: Would,
    looks_again_seconds: f64,
    #[serde(skip)]
    lasted: Option<String>,
}

/// One reason to wait, in the words of the conditions.
#[derive(Debug, Serialize)]
struct Wait {
    reason: String,
    message: String,
}

/// One member that was asked, from where this runs.
#[derive(Debug, Serialize)]
struct Asked {
    name: String,
    answered: bool,
    /// Why it did not.
    why: Option<String>,
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
    /// The object cannot be read.
    pub fn run(&self) -> anyhow::Result<()> {
        let (subject, name) = Subject::named(&self.named.name)?;
        let explanation = of_kind!(subject, looked(&self.named, name))?;
        answer(self.named.output, &explanation, |paint| explanation.text(paint))
    }
}

fn looked<K: Inspect>(named: &Named, name: &str) -> anyhow::Result<Explanation>
where
    for<'s> <K::Machine as IntoStateMachine>::Superstate<'s>: Superstate<K::Machine>,
{
    block_on(async {
        let looked = look::<K>(named, name).await?;
        let world = live_world(&looked).await?;
        let observed = K::gather(&world, &looked.object).await;
        explain::<K>(&looked.object, &observed)
    })
}

fn explain<K: Inspect>(object: &K::Object, observed: &ObservedOf<K>) -> anyhow::Result<Explanation>
where
    for<'s> <K::Machine as IntoStateMachine>::Superstate<'s>: Superstate<K::Machine>,
{
    let from = resume::<K::Machine>(K::recorded(object), observed);
    let settled = settle::<K::Machine>(from, observed)?;
    let status = K::next_status(object, observed, &settled);
    let table = Exploration::<K::Machine>::read(K::EDGES)?;
    let since = K::since(observed);
    let heard = K::heard(observed);
    Ok(Explanation {
        kind: kind::<K>(),
        namespace: object.namespace().unwrap_or_default(),
        name: object.name_any(),
        phase: K::Machine::phase(from).to_owned(),
        step: word(from),
        since: since.map(|since| since.to_string()),
        lasted: since.map(|since| span(since, K::now(observed))),
        facts: settled.facts.iter().map(|&fact| word(fact)).collect(),
        holds: settled.held.iter().map(|&reason| word(reason)).collect(),
        waits: settled.held.iter().map(|&reason| wait::<K>(reason, observed)).collect(),
        guards: settled.asked(observed),
        conditions: said(K::conditions(&status)),
        members: heard.map(|heard| heard.into_iter().map(asked).collect()),
        ways: ways::<K::Machine>(from, observed, &table),
        looks_again_seconds: K::look_again(observed, &settled).as_secs_f64(),
        would: would(&settled),
    })
}

fn word(word: impl Into<&'static str>) -> String {
    word.into().to_owned()
}

fn wait<K: Inspect>(reason: ReasonOf<K>, observed: &ObservedOf<K>) -> Wait {
    Wait { reason: word(reason), message: K::hold(reason, observed) }
}

fn asked((name, why): Heard) -> Asked {
    Asked { name, answered: why.is_none(), why }
}

fn said(conditions: &[Condition]) -> Vec<Said> {
    let said = conditions.iter().map(|at| Said {
        r#type: at.type_.clone(),
        status: at.status.clone(),
        reason: at.reason.clone(),
        message: at.message.clone(),
    });
    said.collect()
}

fn would<M: Machine>(settled: &Settled<M>) -> Would {
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
            paint.bold(self.kind),
            self.namespace,
            self.name
        )?;
        for said in &self.conditions {
            writeln!(out, "  {:12} {:8} {}", said.r#type, said.status, said.message)?;
        }
        self.tell_members(out, paint)?;
        self.tell_waits(out, paint)?;
        for asked in self.guards.iter().filter(|asked| !asked.answer) {
            writeln!(
                out,
                "           {} {:26} {}",
                paint.bad("FAIL"),
                asked.guard,
                paint.dim(&asked.saw)
            )?;
        }
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

impl Explanation {
    /// Who answered. What is decided below rests on it, and not everybody can reach a pod.
    fn tell_members(&self, out: &mut String, paint: Paint) -> std::fmt::Result {
        writeln!(out)?;
        let Some(members) = &self.members else { return Ok(()) };
        let mut head = paint.bold("members");
        for Asked { name, why, .. } in members {
            let said = why.as_ref().map(|why| paint.bad(&format!("does not answer here: {why}")));
            writeln!(out, "{head}    {name} {}", said.unwrap_or_else(|| "answers".to_owned()))?;
            head = " ".repeat("members".len());
        }
        if members.is_empty() {
            return writeln!(out, "{head}    none has an address yet");
        }
        if members.iter().any(|member| member.answered) {
            return Ok(());
        }
        let Self { namespace, name, .. } = self;
        writeln!(
            out,
            "           Nobody answered. From outside the cluster that is to be expected, and the\n           \
             operator may see and decide otherwise. To look as it does, run\n           \
             kubectl -n etcd-operator-system exec deploy/etcd-operator -- \
             /etcd-operator explain {name} -n {namespace}"
        )
    }

    fn tell_waits(&self, out: &mut String, paint: Paint) -> std::fmt::Result {
        let mut head = paint.bold("waits for");
        if self.waits.is_empty() {
            return writeln!(out, "{head}  nothing");
        }
        for Wait { reason, message } in &self.waits {
            writeln!(out, "{head}  {reason}: {message}")?;
            head = " ".repeat("waits for".len());
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
    use crate::crd::EtcdCluster;
    use crate::service::etcd_cluster::Cluster;
    use crate::service::etcd_cluster::decide::vocabulary::Step;
    use crate::service::etcd_cluster::observe::observed::Child;
    use crate::service::etcd_cluster::observe::observed::Observed;
    use crate::service::etcd_cluster::worlds::bases::{fresh, healthy};

    fn of(step: Step, seen: &Observed) -> Explanation {
        let mut cluster = EtcdCluster::new("a", serde_json::from_str("{}").unwrap());
        cluster.status.get_or_insert_default().step = Some(word(step));
        explain::<Cluster>(&cluster, seen).unwrap()
    }

    #[test]
    fn a_cluster_at_rest_waits_for_nothing_and_names_what_would_move_it() {
        let text = of(Step::Steady, &healthy(3)).text(Paint::none());
        assert!(text.contains("Running/Steady"), "{text}");
        assert!(text.contains("waits for  nothing") && text.contains("changes nothing"), "{text}");
        assert!(text.contains("-> Failed/QuorumLost  when QuorumLost (is not so)"), "{text}");
    }

    #[test]
    fn a_look_that_reaches_nobody_says_that_the_operator_may_see_otherwise() {
        let seen = healthy(3).with_unseen(&[0, 1, 2]);
        let explanation = of(Step::Steady, &seen);
        let text = explanation.text(Paint::none());
        assert!(text.contains("members    a-0 does not answer here: timeout"), "{text}");
        assert!(text.contains("-- /etcd-operator explain a -n "), "{text}");
        let json = serde_json::to_value(&explanation).unwrap();
        assert_eq!(json["members"][2]["answered"], false);
        let one = of(Step::Steady, &healthy(3).with_unseen(&[0, 1])).text(Paint::none());
        assert!(one.contains("a-2 answers") && !one.contains("kubectl -n etcd-operator"), "{one}");
        let none = of(Step::Provision, &fresh(3)).text(Paint::none());
        assert!(none.contains("none has an address yet"), "{none}");
    }

    #[test]
    fn each_reason_to_wait_comes_with_what_it_means() {
        let seen = healthy(3).with_down(&[2]).with(|seen| {
            seen.objects.client_service = Child::Foreign { owner: "nobody".to_owned() };
        });
        let explanation = of(Step::Steady, &seen);
        let reasons: Vec<_> = explanation.waits.iter().map(|wait| wait.reason.clone()).collect();
        assert_eq!(reasons, ["ForeignObject", "MemberDown"]);
        assert_eq!(reasons, explanation.holds);
        let text = explanation.text(Paint::none());
        assert!(text.contains("waits for  ForeignObject: Service a-client belongs to"), "{text}");
        assert!(text.contains("\n           MemberDown: 2 of 3 members serve."), "{text}");
    }
}
