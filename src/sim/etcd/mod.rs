//! SHELL. etcd, in process.
