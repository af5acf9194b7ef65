//! SHELL. An order of events: what somebody does, breaks or goes wrong, one after the other, anywhere
//! in a scope. Drawn by chance, played again, and shrunk.

use super::explore::runtime;
use super::log::Entry;
use super::moment::{Deeds, Moment};
use super::operator::fault::Fault;
use super::oracle::Violation;
use super::run::{Outcome, Plan, Run};
use super::scope::{self, Event, Scope};
use super::story::{Deed, End, When};
use std::fmt;
use std::str::FromStr;

/// An event, and when it happens.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Happening {
    /// After how many steps of the run. One ends whenever an operator has written something, and when
    /// all is at rest.
    pub step: usize,
    /// The event.
    pub event: Event,
}

/// What led to a broken law, and which.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Broken {
    /// The scope it was found in.
    pub scope: &'static Scope,
    /// What happened.
    pub order: Vec<Happening>,
    /// What was broken.
    pub violations: Vec<Violation>,
}

/// What is done at the end, so that nothing but the operator keeps the cluster from what is asked.
const ENDS: Deeds = &[
    (When::Rest, Deed::Edit(r#"{"paused": false}"#)),
    (When::Now, Deed::Accept),
    (When::Now, Deed::ForeignServiceGone),
];

impl Happening {
    /// Its event's number among all that may happen.
    fn number(&self) -> usize {
        scope::events().position(|event| event == self.event).unwrap_or_default()
    }
}

impl fmt::Display for Happening {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}:{}", self.step, self.number())
    }
}

impl FromStr for Happening {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let numbers = text
            .split_once(':')
            .and_then(|(step, number)| Some((step.parse().ok()?, number.parse::<usize>().ok()?)));
        let (step, number) = numbers.ok_or_else(|| format!("{text:?} is not STEP:NUMBER"))?;
        let event = scope::events().nth(number);
        let event = event.ok_or_else(|| format!("there is no event {number}"))?;
        Ok(Self { step, event })
    }
}

impl fmt::Display for Broken {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "etcd-operator simulate --scope {}", self.scope.name)?;
        self.order.iter().try_for_each(|happening| write!(out, " --event {happening}"))?;
        writeln!(out)?;
        for Happening { step, event } in &self.order {
            writeln!(out, "  after step {step}: {event:?}")?;
        }
        self.violations.iter().try_for_each(|violation| writeln!(out, "  {violation}"))
    }
}

impl Broken {
    /// The same with as little happening as still breaks one of the same laws.
    ///
    /// # Errors
    /// A runtime cannot be made.
    pub fn shrunk(self) -> std::io::Result<Self> {
        for at in 0..self.order.len() {
            let mut order = self.order.clone();
            order.remove(at);
            let violations = replay(self.scope, &order, false)?.0.violations;
            let same = |one: &Violation| self.violations.iter().any(|at| at.law == one.law);
            if violations.iter().any(same) {
                return Self { order, violations, ..self }.shrunk();
            }
        }
        Ok(self)
    }
}

/// One and the same order of events for the same seed, as many as `depth`.
///
/// # Errors
/// A runtime cannot be made.
pub fn drawn(scope: &'static Scope, depth: usize, seed: u64) -> std::io::Result<Option<Broken>> {
    let mut random = fastrand::Rng::with_seed(seed);
    let events: Vec<Event> = scope::events().collect();
    runtime()?.block_on(async {
        let (mut run, mut order, mut step) = (begun(scope, false).await, vec![], 0);
        loop {
            let due = order.len() < depth && run.may_fork() && random.u8(..4) == 0;
            if let Some(&event) = random.choice(&events).filter(|_| due) {
                order.push(Happening { step, event });
                run = happens(&run.moment(), event, false);
            }
            let rests = on(&mut run).await;
            step += 1;
            // A fault that has not struck by now never does.
            let over = rests && (order.len() >= depth || !run.may_fork());
            if over || !run.violations().is_empty() {
                let violations = ended(&run, false).await.violations;
                let broken = Broken { scope, order, violations };
                return Ok(Some(broken).filter(|broken| !broken.violations.is_empty()));
            }
        }
    })
}

/// Plays an order of events, and keeps a log if asked to. Tells as well which of them happened, each
/// after how many steps: one waits while an operator is suspended, and none is left for after the end.
///
/// # Errors
/// A runtime cannot be made.
pub fn replay(
    scope: &Scope,
    order: &[Happening],
    logging: bool,
) -> std::io::Result<(Outcome, Vec<Happening>)> {
    runtime()?.block_on(async {
        let (mut run, mut log) = (begun(scope, logging).await, vec![]);
        let (mut happened, mut spared) = (vec![], vec![]);
        let mut ahead = order.iter().peekable();
        for step in 0.. {
            let is_due = |run: &Run, next: &Happening| next.step <= step && run.may_fork();
            while let Some(next) = ahead.next_if(|next| is_due(&run, next)) {
                log.extend(run.log());
                spared.extend(run.spared());
                run = happens(&run.moment(), next.event, logging);
                happened.push(Happening { step, ..*next });
            }
            let rests = on(&mut run).await;
            let over = rests && (ahead.peek().is_none() || !run.may_fork());
            if over || !run.violations().is_empty() {
                break;
            }
        }
        spared.extend(run.spared());
        let outcome = ended(&run, logging).await;
        let log: Vec<Entry> = [log, run.log(), outcome.log].concat();
        Ok((Outcome { spared, log, ..outcome }, happened))
    })
}

/// A run at the beginning of a scope.
pub(super) async fn begun(scope: &Scope, logging: bool) -> Run {
    let begin = Moment::first(0).then(scope.before);
    let mut run = Run::begin(begin, &Plan::default(), false);
    run.play(|_| true).await;
    let mut run = Run::begin(run.moment().then(scope.deeds), &Plan::default(), logging);
    run.play(|_| false).await;
    run
}

/// The same world, in which this happens now.
pub(super) fn happens(moment: &Moment, event: Event, logging: bool) -> Run {
    match event {
        Event::Deed(deed) => Run::begin(moment.fork(), &Plan::default(), logging).after(deed),
        Event::Fault(fate, sight) => {
            let fault = Fault { write: moment.writes, fate, sight };
            Run::begin(moment.fork(), &Plan { faults: vec![fault], seed: 0 }, logging)
        }
    }
}

/// The end, once nothing but the operator stands in the way.
pub(super) async fn ended(run: &Run, logging: bool) -> Outcome {
    if !run.violations().is_empty() {
        return Outcome { log: vec![], ..run.end(None) };
    }
    let mut run = Run::begin(run.moment().then(ENDS), &Plan::default(), logging);
    run.play(|_| true).await;
    run.end(Some(End::Explained))
}

/// Plays a step. Says whether all is at rest.
async fn on(run: &mut Run) -> bool {
    let writes = run.writes();
    run.play(|run| run.writes() == writes).await
}
