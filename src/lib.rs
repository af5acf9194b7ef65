//! An etcd operator whose behaviour is one explicit, typed state machine per kind of object.
//!
//! | layer | what it does | may name |
//! |---|---|---|
//! | [`engine`] | the machine, pure and generic | nothing of ours |
//! | [`crd`] | the API types and their rules | engine |
//! | [`client`] | the outside world: Kubernetes and etcd | engine |
//! | [`resource`] | the Kubernetes objects a cluster is made of | crd, client |
//! | [`service`] | the decisions, one folder per kind | all of those |
//! | [`controller`] | the loop: load, decide, persist, perform | all but resource |
//! | [`sim`] | a world to run all of it in, and break it | all of those |
//!
//! `tests/architecture.rs` enforces the table.

pub mod client;
pub mod cmd;
pub mod controller;
pub mod crd;
pub mod engine;
pub mod mutants;
pub mod resource;
pub mod service;
pub mod sim;
pub mod telemetry;
