//! SHELL. The operator under test: on the local cluster a process of this machine, so that it can
//! be killed and started at once; on any other the Deployment of `manifests/install.yaml`.

use crate::case::Env;
use crate::cluster::{Cluster, project};
use crate::wait::until;
use anyhow::{Context, Result, bail, ensure};
use etcd_operator::resource::install::ALLOCATOR;
use sha2::{Digest, Sha256};
use std::fs::{self, File};
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU8, Ordering};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::process::{Child, Command};

/// Where the operator of `install.yaml` lives.
pub const NAMESPACE: &str = "etcd-operator-system";
/// As whom the process talks to the API server.
pub const USER: &str = "etcd-operator";

/// What an operator watches, and where its lease is.
#[derive(Clone)]
pub enum Scope {
    /// All namespaces, as users install it.
    Everywhere,
    /// One namespace, its lease in it: operators of other namespaces neither wait for it nor act there.
    Namespace(String),
}

/// One operator process.
pub struct Operator {
    binary: PathBuf,
    image: String,
    kubeconfig: PathBuf,
    identity: String,
    log: PathBuf,
    /// An address of this machine that no other operator of this session has.
    host: Ipv4Addr,
    listen: SocketAddr,
    child: Option<Child>,
    extra: Vec<String>,
    /// What it watches.
    pub scope: Scope,
    /// Where it keeps the turns that decided something.
    pub journal: Option<PathBuf>,
}

/// How many operators there were in this session.
static OPERATORS: AtomicU8 = AtomicU8::new(0);

/// The folder of the journals of this session's operators.
pub fn journals() -> PathBuf {
    project("target/e2e/journal")
}

/// Makes the image of `binary` known to the local cluster's nodes. Gives its name.
pub async fn load_image(cluster: &Cluster, binary: &Path) -> Result<String> {
    let bytes = fs::read(binary)
        .with_context(|| format!("failed to read {}: `just build` makes it", binary.display()))?;
    let digest = Sha256::digest(&bytes);
    let hash = format!("{:x}", u64::from_le_bytes(*digest.first_chunk().context("no digest")?));
    let image = format!("registry.local/etcd-operator:e2e-{hash}");
    let loaded = cluster.state()?.join(format!("run/image-{hash}"));
    if !loaded.exists() {
        let archive = std::env::temp_dir().join(format!("etcd-operator-{hash}.tar"));
        let path = archive.display().to_string();
        cluster.script("image-operator", &[&binary.display().to_string(), &image, &path]).await?;
        cluster.script("load", &[&path]).await?;
        fs::remove_file(&archive)?;
        fs::write(&loaded, "")?;
    }
    Ok(image)
}

/// `install.yaml`, with or without the Deployment, and with this image in it.
pub fn manifest(image: &str, deployment: bool) -> Result<String> {
    let text = fs::read_to_string(project("manifests/install.yaml"))?;
    let is_kept =
        |document: &&str| deployment || !document.lines().any(|line| line == "kind: Deployment");
    let kept: Vec<&str> = text.split("\n---\n").filter(is_kept).collect();
    let text = kept.join("\n---\n");
    let named = text.lines().find_map(|line| line.trim().strip_prefix("image: "));
    Ok(named.map_or_else(|| text.clone(), |named| text.replace(named, image)))
}

/// Installs all but the Deployment, and gives the process's user the rights that has, and those over
/// its lease in every namespace.
pub async fn install_rights(cluster: &Cluster, image: &str) -> Result<()> {
    cluster
        .kubectl_with(
            &["apply", "--server-side", "--force-conflicts", "-f", "-"],
            &manifest(image, false)?,
        )
        .await?;
    let rights = format!(
        r"
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRoleBinding
metadata: {{name: etcd-operator-e2e}}
roleRef: {{apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: etcd-operator}}
subjects: [{{kind: User, name: {USER}, apiGroup: rbac.authorization.k8s.io}}]
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata: {{name: etcd-operator-e2e-lease}}
rules:
- {{apiGroups: [coordination.k8s.io], resources: [leases], verbs: [get, create, update, patch]}}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRoleBinding
metadata: {{name: etcd-operator-e2e-lease}}
roleRef: {{apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: etcd-operator-e2e-lease}}
subjects: [{{kind: User, name: {USER}, apiGroup: rbac.authorization.k8s.io}}]
"
    );
    cluster.kubectl_with(&["apply", "-f", "-"], &rights).await?;
    // An operator that a demo left would lead, and be tested instead.
    let left = ["-n", NAMESPACE, "delete", "deployment", "etcd-operator", "--ignore-not-found"];
    cluster.kubectl(&left).await?;
    let gone = ["-n", NAMESPACE, "wait", "--for=delete", "pod", "--all", "--timeout=60s"];
    cluster.kubectl(&gone).await?;
    cluster
        .kubectl(&[
            "wait",
            "--for=condition=Established",
            "crd/etcdclusters.etcd.etcd.io",
            "crd/services.apps.etcd.io",
            "--timeout=30s",
        ])
        .await?;
    Ok(())
}

/// Installs all, with the operator as a Deployment, and waits for it.
pub async fn deploy(cluster: &Cluster, image: &str) -> Result<()> {
    let text = manifest(image, true)?;
    cluster
        .kubectl_with(&["apply", "--server-side", "--force-conflicts", "-f", "-"], &text)
        .await?;
    let wait = ["-n", NAMESPACE, "rollout", "status", "deploy/etcd-operator", "--timeout=120s"];
    cluster.kubectl(&wait).await?;
    Ok(())
}

impl Operator {
    /// An operator that does not run yet. Each has its own identity in the lease.
    pub fn new(env: &Env, identity: &str, scope: Scope) -> Result<Self> {
        let folder = project("target/e2e");
        fs::create_dir_all(&folder)?;
        let log = folder.join(format!("{identity}.log"));
        // What one of another session logged is no witness.
        fs::write(&log, "")?;
        let host = Ipv4Addr::new(127, 77, OPERATORS.fetch_add(1, Ordering::Relaxed), 1);
        Ok(Self {
            binary: env.binary.clone(),
            image: env.image.clone(),
            kubeconfig: env.cluster.state()?.join("operator.kubeconfig"),
            identity: identity.to_owned(),
            log,
            host,
            listen: SocketAddr::from((host, 0)),
            child: None,
            extra: vec![],
            scope,
            // What is measured does nothing beside its work.
            journal: env.options.bench.is_empty().then(journals),
        })
    }

    /// Starts it with `extra` arguments, without waiting for anything.
    pub fn start(&mut self, extra: &[&str]) -> Result<()> {
        ensure!(self.child.is_none(), "the operator runs already");
        // Nobody else asks for ports of this address between this moment and the next.
        self.listen = TcpListener::bind((self.host, 0))?.local_addr()?;
        let log = File::options().create(true).append(true).open(&self.log)?;
        let mut command = Command::new(&self.binary);
        match &self.scope {
            Scope::Everywhere => command.args(["run", "--lease-namespace", NAMESPACE]),
            Scope::Namespace(of) => {
                command.args(["run", "--lease-namespace", of, "--namespace", of])
            }
        };
        command
            .args(["--image", &self.image])
            .args(["--identity", &self.identity, "--listen", &self.listen.to_string()])
            .args(extra)
            .env("KUBECONFIG", &self.kubeconfig)
            .envs(ALLOCATOR)
            // The lease it held before it was killed is its own, so it need not wait for it.
            .env("POD_UID", format!("e2e-{}", self.identity))
            .stdout(log.try_clone()?)
            .stderr(log)
            .kill_on_drop(true);
        if let Some(journal) = &self.journal {
            command.arg("--journal").arg(journal);
        }
        self.child = Some(command.spawn().context("failed to start the operator")?);
        self.extra = extra.iter().map(|&text| text.to_owned()).collect();
        Ok(())
    }

    /// Starts it if it does not run as usual, and waits until it leads and has seen all there is.
    pub async fn ensure(&mut self) -> Result<()> {
        if !self.runs() || !self.extra.is_empty() {
            self.stop().await?;
            self.start(&[])?;
        }
        until("the operator leads", 40, async || {
            ensure!(self.runs(), "the operator ended: {}", self.tail(5));
            // A standby is ready, too, and one that begins to lead is not.
            let metrics = self.get("/metrics").await?;
            let leads = metrics.lines().any(|line| line == "etcd_operator_leader 1");
            ensure!(leads, "another leads, or the last one's lease still holds");
            Ok(())
        })
        .await?;
        self.ready().await
    }

    /// Waits until `/readyz` says so.
    pub async fn ready(&mut self) -> Result<()> {
        until("the operator is ready", 40, async || {
            ensure!(self.runs(), "the operator ended: {}", self.tail(5));
            self.get("/readyz").await.map(|_| ())
        })
        .await
    }

    /// Whether the process lives.
    pub fn runs(&mut self) -> bool {
        self.child.as_mut().is_some_and(|child| matches!(child.try_wait(), Ok(None)))
    }

    /// Ends it as `kill -9` does.
    pub async fn kill9(&mut self) -> Result<()> {
        if let Some(mut child) = self.child.take() {
            child.kill().await.context("failed to kill the operator")?;
        }
        Ok(())
    }

    /// Asks it to end, and waits for that.
    pub async fn stop(&mut self) -> Result<()> {
        if !self.runs() {
            self.child = None;
            return Ok(());
        }
        self.signal("TERM").await?;
        self.ended(20).await?;
        Ok(())
    }

    /// Waits until the process ended by itself. Whether it called that a success.
    pub async fn ended(&mut self, seconds: u64) -> Result<bool> {
        let mut child = self.child.take().context("the operator was not started")?;
        let limit = std::time::Duration::from_secs(seconds);
        let Ok(status) = tokio::time::timeout(limit, child.wait()).await else {
            child.kill().await?;
            bail!("the operator did not end within {seconds} s");
        };
        Ok(status?.success())
    }

    /// Sends a signal such as STOP.
    pub async fn signal(&self, signal: &str) -> Result<()> {
        let pid = self.pid().context("the operator does not run")?.to_string();
        let sent = Command::new("kill").args(["-s", signal, &pid]).status().await?;
        ensure!(sent.success(), "failed to send {signal} to the operator");
        Ok(())
    }

    /// Its process ID.
    pub fn pid(&self) -> Option<u32> {
        self.child.as_ref()?.id()
    }

    /// Its resident memory, in MiB.
    pub fn rss_mb(&self) -> Result<f64> {
        let pid = self.pid().context("the operator does not run")?;
        let status = fs::read_to_string(format!("/proc/{pid}/status"))?;
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
        let text = line.context("no VmRSS")?.trim().trim_end_matches(" kB");
        Ok(text.parse::<f64>()? / 1024.0)
    }

    /// The body of a GET that was answered with 200.
    pub async fn get(&self, path: &str) -> Result<String> {
        get(self.listen, path).await
    }

    /// How long its log is, for [`Self::log_since`].
    pub fn log_len(&self) -> u64 {
        fs::metadata(&self.log).map_or(0, |file| file.len())
    }

    /// What it logged after its log was `from` bytes long.
    pub fn log_since(&self, from: u64) -> String {
        let text = fs::read(&self.log).unwrap_or_default();
        let from = usize::try_from(from).unwrap_or(usize::MAX).min(text.len());
        String::from_utf8_lossy(text.get(from..).unwrap_or_default()).into_owned()
    }

    /// The last lines of its log.
    pub fn tail(&self, lines: usize) -> String {
        let text = self.log_since(0);
        let all: Vec<&str> = text.lines().collect();
        all.get(all.len().saturating_sub(lines)..).unwrap_or_default().join("\n")
    }
}

/// The body of a plain HTTP GET that was answered with 200.
pub async fn get(address: SocketAddr, path: &str) -> Result<String> {
    let mut stream = TcpStream::connect(address).await?;
    let request = format!("GET {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).await?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await?;
    let (head, body) = answer.split_once("\r\n\r\n").context("half an answer")?;
    ensure!(head.starts_with("HTTP/1.1 200"), "{path}: {}", head.lines().next().unwrap_or(""));
    Ok(body.to_owned())
}
