//! SHELL. A pod's worth of folders for the member gate, and a way to start its container.

use std::collections::BTreeMap;
use std::fs::{self, Permissions};
use std::io;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

/// etcd's part: prints its flags, one a line, and leaves a write-ahead log.
const ETCD: &str = r#"
for flag in "$@"; do
    echo "$flag"
    case "$flag" in --data-dir=*)
        mkdir -p "${flag#*=}/member/wal" && echo log > "${flag#*=}/member/wal/0.wal";;
    esac
done"#;

/// What the operator says to a cluster that is being born.
pub const DIRECTIVE: &str = r#"{"clusterUid":"uid","incarnation":1,"mode":"New",
    "initialCluster":"demo-0=http://demo-0:2380,demo-1=http://demo-1:2380"}"#;

/// A user who is nobody here. The superuser may write to what is read-only, which hides faults.
const USER: u32 = 65_532;

/// A pod with its volume, under the system's folder for temporary files. Removed at the end.
pub struct World {
    root: PathBuf,
}

/// How a start of the container ended.
pub struct Start {
    /// The exit code of the gate, or of what it became.
    pub code: i32,
    /// What etcd printed: its flags.
    pub flags: Vec<String>,
    /// The container's log.
    pub stderr: String,
}

impl World {
    /// A pod whose volume is fresh and whose directive says New.
    pub fn new(name: &str) -> io::Result<Self> {
        let root = std::env::temp_dir().join(format!("etcd-gate-{}-{name}", std::process::id()));
        let world = Self { root };
        for folder in [world.root(), &world.root.join("pod"), &world.volume()] {
            fs::create_dir_all(folder)?;
            fs::set_permissions(folder, Permissions::from_mode(0o777))?;
        }
        world.direct(DIRECTIVE)?;
        world.install()?;
        Ok(world)
    }

    pub fn root(&self) -> &Path {
        &self.root
    }

    pub fn volume(&self) -> PathBuf {
        self.root.join("volume")
    }

    pub fn marker(&self) -> PathBuf {
        self.root.join("pod/born")
    }

    pub fn program(&self) -> PathBuf {
        self.root.join("pod/etcd-operator")
    }

    pub fn directive_file(&self) -> PathBuf {
        self.root.join("directive")
    }

    pub fn termination_log(&self) -> PathBuf {
        self.root.join("termination-log")
    }

    pub fn direct(&self, directive: &str) -> io::Result<()> {
        fs::write(self.directive_file(), directive)
    }

    /// What the init container does.
    pub fn install(&self) -> io::Result<()> {
        let mut install = Command::new(env!("CARGO_BIN_EXE_etcd-operator"));
        let status = install.args(["member", "install"]).arg(self.program()).status()?;
        assert!(status.success());
        Ok(())
    }

    pub fn start(&self) -> io::Result<Start> {
        self.start_as(&["/bin/sh", "-c", ETCD, "etcd", "--name=demo-0"])
    }

    /// Starts the container with `etcd` as etcd's command line.
    pub fn start_as(&self, etcd: &[&str]) -> io::Result<Start> {
        Self::end(self.begin(0, etcd)?)
    }

    /// The same, and does not wait for its end. The gate waits so many seconds for a directive.
    pub fn begin(&self, patience: u32, etcd: &[&str]) -> io::Result<Child> {
        let mut gate = Command::new(self.program());
        gate.args(["member", "run", "--name", "demo-0"]);
        gate.arg(format!("--patience={patience}"));
        gate.arg("--directive").arg(self.directive_file());
        gate.arg("--data").arg(self.volume());
        gate.arg("--marker").arg(self.marker());
        gate.arg("--termination-log").arg(self.termination_log());
        gate.arg("--").args(etcd);
        gate.env("ETCD_CONFIG_FILE", "/etc/etcd.yaml").env("GATE_TEST", "1");
        if fs::metadata("/proc/self")?.uid() == 0 {
            gate.uid(USER).gid(USER);
        }
        gate.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn()
    }

    /// Whether it is past its first look, and waits: it heeds being told to stop, which is the first
    /// thing it does then.
    pub fn waits(container: &Child) -> io::Result<bool> {
        let status = fs::read_to_string(format!("/proc/{}/status", container.id()))?;
        let caught = status.lines().find_map(|line| line.strip_prefix("SigCgt:"));
        let caught = caught.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok());
        Ok(caught.unwrap_or(0) & (1 << 14) != 0)
    }

    /// How it ends.
    pub fn end(container: Child) -> io::Result<Start> {
        let output = container.wait_with_output()?;
        let stdout = String::from_utf8_lossy(&output.stdout);
        Ok(Start {
            code: output.status.code().unwrap_or(-1),
            flags: stdout.lines().map(str::to_owned).collect(),
            stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
        })
    }

    /// The last words of the container.
    pub fn verdict(&self) -> io::Result<String> {
        Ok(fs::read_to_string(self.termination_log())?.trim_end().to_owned())
    }

    /// Starts the container and checks that it is refused, in one line that names the verdict and
    /// a log that explains it, twice, and that the volume is the same to the byte.
    pub fn refused(&self, code: i32, verdict: &str) -> io::Result<()> {
        let before = self.listing()?;
        for _ in 0..2 {
            let start = self.start()?;
            assert_eq!(start.code, code, "{}", start.stderr);
            assert!(start.flags.is_empty(), "etcd ran: {:?}", start.flags);
            assert!(start.stderr.contains("etcd is not started"), "{}", start.stderr);
            let line = self.verdict()?;
            assert!(line.starts_with(&format!(r#"{{"gate":"{verdict}","detail":""#)), "{line}");
            assert_eq!(line.lines().count(), 1);
            assert!(line.len() < 4096);
            assert_eq!(self.listing()?, before);
        }
        Ok(())
    }

    pub fn wipe_volume(&self) -> io::Result<()> {
        for entry in fs::read_dir(self.volume())? {
            let path = entry?.path();
            if path.is_dir() { fs::remove_dir_all(path)? } else { fs::remove_file(path)? }
        }
        Ok(())
    }

    pub fn set_volume_mode(&self, mode: u32) -> io::Result<()> {
        fs::set_permissions(self.volume(), Permissions::from_mode(mode))
    }

    /// Everything on the volume: path, kind and mode, and contents or target.
    pub fn listing(&self) -> io::Result<BTreeMap<PathBuf, (u32, Vec<u8>)>> {
        let mut listing = BTreeMap::new();
        let mut folders = vec![self.volume()];
        while let Some(folder) = folders.pop() {
            for entry in fs::read_dir(folder)? {
                let path = entry?.path();
                let metadata = fs::symlink_metadata(&path)?;
                let contents = if metadata.is_dir() {
                    folders.push(path.clone());
                    Vec::new()
                } else if metadata.is_symlink() {
                    fs::read_link(&path)?.into_os_string().into_encoded_bytes()
                } else {
                    fs::read(&path)?
                };
                listing.insert(path, (metadata.mode(), contents));
            }
        }
        Ok(listing)
    }
}

impl Drop for World {
    fn drop(&mut self) {
        let _ = self.set_volume_mode(0o777);
        let _ = fs::remove_dir_all(&self.root);
    }
}
