//! SHELL. The Kubernetes the cases run on: the one of KUBECONFIG, or else the project's own.

use anyhow::{Context, Result, bail, ensure};
use kube::config::KubeConfigOptions;
use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;
use tokio::io::AsyncWriteExt;
use tokio::process::Command;
use tokio::time::timeout;

/// How long one kubectl may take; `rollout status` waits two minutes by itself.
const KUBECTL: Duration = Duration::from_secs(150);

/// A Kubernetes.
pub struct Cluster {
    /// Its API, with all rights.
    pub api: kube::Client,
    /// The file that says how to reach it.
    pub kubeconfig: PathBuf,
    /// Where the project's own cluster keeps its state; absent for any other.
    pub state: Option<PathBuf>,
    kubectl: PathBuf,
}

/// A file of this project.
pub fn project(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

impl Cluster {
    /// The cluster of KUBECONFIG; without it the project's own, which is started if need be.
    pub async fn connect() -> Result<Self> {
        let mut kubectl = PathBuf::from("kubectl");
        let given = std::env::var_os("KUBECONFIG").filter(|path| !path.is_empty());
        let kubeconfig = if let Some(path) = given {
            PathBuf::from(path)
        } else {
            eprintln!("KUBECONFIG is not set: starting the local cluster");
            let lines = run(Command::new(project("tests/cluster/up")), None).await?;
            if let Some(path) = exported(&lines, "PATH=$PATH:") {
                kubectl = Path::new(path).join("kubectl");
            }
            exported(&lines, "KUBECONFIG=").context("`up` names no KUBECONFIG")?.into()
        };
        let config = kube::config::Kubeconfig::read_from(&kubeconfig)
            .with_context(|| format!("failed to read {}", kubeconfig.display()))?;
        let config =
            kube::Config::from_custom_kubeconfig(config, &KubeConfigOptions::default()).await?;
        let state = kubeconfig.parent().filter(|dir| dir.join("run/complete").exists());
        Ok(Self {
            api: config.try_into()?,
            state: state.map(Path::to_owned),
            kubeconfig: kubeconfig.clone(),
            kubectl,
        })
    }

    /// The state folder of the local cluster.
    pub fn state(&self) -> Result<&Path> {
        self.state.as_deref().context("this needs the local cluster")
    }

    /// Runs kubectl; its answer on standard output.
    pub async fn kubectl<S: AsRef<OsStr>>(&self, args: &[S]) -> Result<String> {
        timeout(KUBECTL, run(self.command(args), None)).await.context("kubectl hung")?
    }

    /// Runs kubectl with a text on its standard input.
    pub async fn kubectl_with<S: AsRef<OsStr>>(&self, args: &[S], text: &str) -> Result<String> {
        timeout(KUBECTL, run(self.command(args), Some(text))).await.context("kubectl hung")?
    }

    fn command<S: AsRef<OsStr>>(&self, args: &[S]) -> Command {
        let mut command = Command::new(&self.kubectl);
        command.args(args).env("KUBECONFIG", &self.kubeconfig);
        command
    }

    /// Runs a script of the local cluster.
    pub async fn script<S: AsRef<OsStr>>(&self, name: &str, args: &[S]) -> Result<String> {
        let mut command = Command::new(project("tests/cluster").join(name));
        command.args(args).env("STATE", self.state()?);
        run(command, None).await
    }

    /// Breaks or mends something; see `tests/cluster/fault`.
    pub async fn fault(&self, args: &[&str]) -> Result<String> {
        self.script("fault", args).await
    }
}

/// Runs a shell line as root: volumes belong to the users of pods.
pub async fn as_root(line: &str) -> Result<String> {
    let is_root = run(program("id", &["-u"]), None).await?.trim() == "0";
    let command =
        if is_root { program("sh", &["-ec", line]) } else { program("sudo", &["sh", "-ec", line]) };
    run(command, None).await
}

fn program(name: &str, args: &[&str]) -> Command {
    let mut command = Command::new(name);
    command.args(args);
    command
}

fn exported<'a>(lines: &'a str, what: &str) -> Option<&'a str> {
    lines.lines().find_map(|line| line.strip_prefix("export ")?.strip_prefix(what))
}

/// Runs a program to its end; what it said if it failed is the error.
async fn run(mut command: Command, input: Option<&str>) -> Result<String> {
    command.stdin(if input.is_some() { Stdio::piped() } else { Stdio::null() });
    command.stdout(Stdio::piped()).stderr(Stdio::piped()).kill_on_drop(true);
    let what = format!("{:?}", command.as_std());
    let mut child = command.spawn().with_context(|| format!("failed to start {what}"))?;
    if let (Some(text), Some(mut stdin)) = (input, child.stdin.take()) {
        stdin.write_all(text.as_bytes()).await?;
    }
    let output = child.wait_with_output().await?;
    if !output.status.success() {
        bail!("{}", String::from_utf8_lossy(&output.stderr).trim());
    }
    let text = String::from_utf8(output.stdout);
    ensure!(text.is_ok(), "{what} answered with other than text");
    Ok(text.unwrap_or_default())
}
