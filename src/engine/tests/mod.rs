//! PURE. The engine, proved on machines made for it.

mod diagram;
mod edge;
mod explain;
mod explore;
mod fixture;
mod known;
mod settle;
mod step;
pub(crate) mod toy;
mod transcript;
mod wreck;
