//! SHELL. The same calls to the real and to the simulated etcd, and the same answers. Without this,
//! what the simulated world shows of changes of the membership would be true of nothing else.

use crate::case::Bare;
use crate::cluster::project;
use crate::twin::{Hosts, RealLab, SimLab, Walk, own_network, played, stories, walks};
use anyhow::{Context, Result, ensure};
use futures::{StreamExt, TryStreamExt, stream};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use tokio::process::Command;
use tokio::time::Instant;

/// How many clusters run at a time: they wait far more than they compute.
const LANES: usize = 20;
/// The same when what differed is played again, so that nothing is late by load bare.
const LANES_AGAIN: usize = 6;
/// How many walks are played again: if more differ, load is not why.
const AGAIN_MAX: usize = 40;

/// One walk, of one version of etcd.
#[derive(Clone)]
struct Job {
    program: PathBuf,
    version: &'static str,
    walk: Walk,
}

/// Where both sides part.
struct Difference {
    before: Vec<String>,
    /// What the real and what the simulated one answered.
    answers: (String, String),
}

pub async fn run(bare: &Bare<'_>) -> Result<()> {
    let programs = match &bare.options.etcd_programs {
        Some(folder) => folder.clone(),
        None => build().await?.join("bin"),
    };
    let all = [("etcd36", "3.6"), ("etcd35", "3.5")];
    let (depth, versions) = if bare.options.smoke { (1, 1) } else { (3, all.len()) };
    let depth = bare.options.depth.unwrap_or(depth);
    let (network, _held) = own_network()?;
    let (mut all_told, mut failed, mut of) = (String::new(), 0, 0);
    for (program, version) in all.into_iter().take(versions) {
        let began = Instant::now();
        let jobs = plan(&programs.join(program), version, depth).await?;
        say!("  etcd {version}: {} walks, planned in {:.1} s", jobs.len(), seconds(began));
        let count = jobs.len();
        let (answers, differ) = compare(jobs, network, LANES).await?;
        let once = differ.len();
        let differ = if differ.len() > AGAIN_MAX { differ } else { again(differ, network).await? };
        let name = |what: &str| format!("conformance_etcd{}_{what}", version.replace('.', ""));
        bare.figure(&name("walks"), count);
        bare.figure(&name("answers"), answers);
        bare.figure(&name("differed_once"), once.saturating_sub(differ.len()));
        bare.figure(&name("seconds"), format!("{:.1}", seconds(began)));
        let differ: Vec<Difference> = differ.into_iter().map(|(_, differs)| differs).collect();
        all_told += &told(version, &differ);
        (failed, of) = (failed + differ.len(), of + count);
    }
    ensure!(failed == 0, "{failed} of {of} walks differ:{all_told}");
    Ok(())
}

/// Plays walks that differed once more: only what differs again is told.
async fn again(differ: Vec<(Job, Difference)>, network: u8) -> Result<Vec<(Job, Difference)>> {
    if !differ.is_empty() {
        say!("  {} walks are played again", differ.len());
    }
    let jobs = differ.into_iter().map(|(job, _)| job).collect();
    Ok(compare(jobs, network, LANES_AGAIN).await?.1)
}

/// Every walk of clusters of one to three members, and every story.
async fn plan(program: &Path, version: &'static str, depth: usize) -> Result<Vec<Job>> {
    let mut planned = stories();
    for size in 1..=3 {
        planned.extend(walks(size, depth, version).await?);
    }
    let job = |walk| Job { program: program.to_owned(), version, walk };
    Ok(planned.into_iter().map(job).collect())
}

/// Plays walks on both sides: how many answers there were, and which walks differ, and where.
async fn compare(
    jobs: Vec<Job>,
    network: u8,
    lanes: usize,
) -> Result<(usize, Vec<(Job, Difference)>)> {
    let plays = jobs.into_iter().enumerate().map(async |(number, job)| {
        let lane = u8::try_from(number % 250)?;
        let hosts = Hosts { network, lane };
        let name = format!("{}-{lane}", job.version);
        let real = played(RealLab::new(&job.program, &name)?, hosts, &job.walk).await;
        let simulated = played(SimLab::new(job.version), hosts, &job.walk).await?;
        let real = real.unwrap_or_else(|error| vec![format!("failed: {error:#}")]);
        let differs = difference(&real, &simulated);
        Ok::<_, anyhow::Error>((real.len(), differs.map(|differs| (job, differs))))
    });
    let played: Vec<_> = stream::iter(plays).buffer_unordered(lanes).try_collect().await?;
    let answers = played.iter().map(|(answers, _)| answers).sum();
    Ok((answers, played.into_iter().filter_map(|(_, differs)| differs).collect()))
}

/// The first answer that differs, and what led to it.
fn difference(real: &[String], simulated: &[String]) -> Option<Difference> {
    if real == simulated {
        return None;
    }
    let same = real.iter().zip(simulated).take_while(|(real, simulated)| real == simulated).count();
    let before = real.iter().take(same).filter(|line| !line.starts_with("try "));
    let at = |lines: &[String]| lines.get(same).cloned().unwrap_or_else(|| "(nothing)".to_owned());
    Some(Difference { before: before.cloned().collect(), answers: (at(real), at(simulated)) })
}

/// What differs, each kind told once: one walk that comes to it, and how many do.
fn told(version: &str, differ: &[Difference]) -> String {
    let mut kinds: BTreeMap<_, Vec<_>> = BTreeMap::new();
    for one in differ {
        kinds.entry(&one.answers).or_default().push(&one.before);
    }
    let kinds = kinds.into_iter().map(|((real, simulated), all)| {
        let before = all.first().map(|before| before.join("\n    ")).unwrap_or_default();
        let count = all.len();
        format!("\n  etcd {version}, {count} walks:\n    {before}\n  real      {real}\n  simulated {simulated}")
    });
    kinds.collect::<Vec<_>>().concat()
}

/// The folder with etcd's programs, which are built if they are not there.
async fn build() -> Result<PathBuf> {
    let output = Command::new(project("tests/cluster/build")).output().await?;
    ensure!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let lines = String::from_utf8_lossy(&output.stdout).into_owned();
    let folder = lines.lines().last().context("`build` names no folder")?;
    Ok(Path::new(folder).to_owned())
}

fn seconds(began: Instant) -> f64 {
    began.elapsed().as_secs_f64()
}
