//! PURE. The machine itself, and the words its handlers are written with.

use crate::engine;
use crate::service::etcd_cluster::decide::vocabulary::Step;
use statig::Outcome;

/// One turn of the machine.
pub type Turn<'a> = engine::Turn<'a, EtcdClusterMachine>;

/// What a handler answers.
pub type Next = Outcome<Step>;

/// The life of one etcd cluster.
#[derive(Debug, Default, Clone, PartialEq)]
pub struct EtcdClusterMachine;
