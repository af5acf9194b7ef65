//! PURE. The words of stories.

/// One story.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Story {
    /// By what it is chosen.
    pub name: &'static str,
    /// What happens, in a sentence.
    pub about: &'static str,
    /// What is done, in order, each when its time has come.
    pub deeds: &'static [(When, Deed)],
    /// How it must end.
    pub end: End,
}

/// When a deed is done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum When {
    /// At once.
    Now,
    /// Once the cluster is in this step, or came to rest without it.
    Step(&'static str),
    /// Once etcd has a leader, before any operator hears of it.
    Led,
    /// Once nothing happens by itself any more.
    Rest,
}

/// What somebody does. The cluster is `default/a`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Deed {
    /// Creates the cluster with this spec, in JSON.
    Create(&'static str),
    /// Merges this into its spec.
    Edit(&'static str),
    /// Deletes it.
    Delete,
    /// Takes its status away.
    LoseStatus,
    /// Writes another step into its status.
    WriteStep(&'static str),
    /// Puts a finalizer of somebody else on it.
    Hold,
    /// Takes that one off.
    LetGo,
    /// Deletes pods, by ordinal.
    DeletePods(&'static [u32]),
    /// Kills etcd in pods, by ordinal.
    Kill(&'static [u32]),
    /// Takes a member out of etcd by hand, by ordinal.
    TakeOut(u32),
    /// Lets a member lead, by ordinal.
    Crown(u32),
    /// Takes the data off volumes and kills etcd on them, by ordinal.
    Wipe(&'static [u32]),
    /// Flips a bit, each time another, in the databases of members, by ordinal, and has etcd's own
    /// check find that they differ.
    Corrupt(&'static [u32]),
    /// Deletes volume claims, by ordinal.
    DeleteVolumes(&'static [u32]),
    /// Deletes the `StatefulSet` and its pods.
    DeleteSet,
    /// Deletes the `StatefulSet` and leaves its pods.
    OrphanSet,
    /// Deletes the Services and the `PodDisruptionBudget`.
    DeleteOthers,
    /// The database of the first member is full.
    Fill,
    /// Changes what is ours: the `StatefulSet`, the client Service's selector and ports, and our
    /// finalizer.
    Meddle,
    /// No node has room for pods, by ordinal.
    NoRoom(&'static [u32]),
    /// A member's node is down: its pod is made anew, and its volume is not to be had elsewhere.
    NodeDown(u32),
    /// That node is gone for good.
    NodeGone(u32),
    /// There is room again, and whoever waits is placed.
    Room,
    /// The operators reach no member any more, and everybody else does.
    Blind,
    /// The API server refuses whatever an operator writes.
    Refuse,
    /// It takes it again.
    Accept,
    /// A client writes past the client Service, to a member's own address.
    WriteDirectly,
    /// Somebody else makes a Service of the client Service's name.
    ForeignService,
    /// That one goes away.
    ForeignServiceGone,
    /// Lets this many seconds pass.
    Wait(u32),
    /// Something is done to a service and what it is made of.
    App(AppDeed),
}

/// What somebody does to a service. It is `default/a`, and so is all it is made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AppDeed {
    /// Creates it with this spec, in JSON.
    Create(&'static str),
    /// Puts these fields into its spec; null takes one out.
    Edit(&'static str),
    /// Has it hold the oldest revision that is kept.
    PinOldest,
    /// Deletes it.
    Delete,
    /// Takes its status away.
    LoseStatus,
    /// Writes another step into its status.
    WriteStep(&'static str),
    /// Changes what is ours: the Deployment's image, the Service's selector and port, the Ingress'
    /// host and the files.
    Meddle,
    /// Deletes Service, Ingress and `ConfigMap`.
    DeleteOthers,
    /// Deletes the Deployment, and its pods with it.
    DeleteDeployment,
    /// Deletes one pod.
    DeletePod,
    /// An autoscaler writes how many pods the Deployment is to have.
    Autoscale(i32),
    /// Somebody else makes a Service of its name.
    ForeignService,
    /// Somebody else makes a Deployment of its name.
    ForeignDeployment,
    /// What somebody else made of its name goes away.
    ForeignGone,
}

/// How a story must end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum End {
    /// The cluster serves, and nothing is wrong.
    Healthy,
    /// It stands in this step, and a condition says this reason.
    Waits {
        /// The step.
        step: &'static str,
        /// A reason among its conditions.
        reason: &'static str,
    },
    /// It serves and nothing is wrong, or it waits for what only a person can do, or it is gone.
    Explained,
    /// The object is gone, and nothing but these kinds of it is left.
    Gone {
        /// Whether the volumes stay.
        volumes: bool,
    },
}

/// What it is called.
pub const NAME: &str = "a";

/// Where every story's cluster is.
pub const NAMESPACE: &str = "default";

impl Story {
    /// Whether it is about a service, and not about a cluster.
    pub fn is_of_service(&self) -> bool {
        self.deeds.iter().any(|(_, deed)| matches!(deed, Deed::App(_)))
    }
}
