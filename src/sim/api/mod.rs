//! SHELL. The API server, in process.
