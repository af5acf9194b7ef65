//! SHELL. What was found: a table for people, figures for scripts.

use std::time::Duration;

/// How one case ended.
pub struct Row {
    /// The case.
    pub name: &'static str,
    /// How it ended.
    pub result: Outcome,
    /// How long it took.
    pub took: Duration,
    /// Writes etcd acknowledged.
    pub acknowledged: usize,
    /// Acknowledged writes that were not there in the end.
    pub lost: usize,
}

/// How a case ended.
#[derive(PartialEq, Eq)]
pub enum Outcome {
    /// As it should.
    Passed,
    /// Not so; the first line of why.
    Failed(String),
    /// It was not run; why.
    Skipped(String),
}

/// Prints the table, the figures, and the closing line: what the cases took together, and what passed
/// meanwhile. Whether nothing failed.
pub fn print(rows: &[Row], figures: &[(String, String)], took: Duration) -> bool {
    let width = rows.iter().map(|row| row.name.len()).max().unwrap_or(4).max(4);
    if !rows.is_empty() {
        println!("\n{:width$}  result   seconds  acknowledged  lost", "case");
    }
    for row in rows {
        let (result, note) = match &row.result {
            Outcome::Passed => ("passed", ""),
            Outcome::Failed(why) => ("FAILED", why.get(..100).unwrap_or(why)),
            Outcome::Skipped(why) => ("skipped", why.as_str()),
        };
        let line = format!(
            "{:width$}  {result:7}  {:7.1}  {:12}  {:4}  {note}",
            row.name,
            row.took.as_secs_f64(),
            row.acknowledged,
            row.lost,
        );
        println!("{}", line.trim_end());
    }
    let count = |is: fn(&Outcome) -> bool| rows.iter().filter(|row| is(&row.result)).count();
    let passed = count(|result| *result == Outcome::Passed);
    let failed = count(|result| matches!(result, Outcome::Failed(_)));
    let skipped = count(|result| matches!(result, Outcome::Skipped(_)));
    println!();
    for (name, value) in figures {
        println!("{name}={value}");
    }
    if !rows.is_empty() {
        println!("e2e_acknowledged={}", rows.iter().map(|row| row.acknowledged).sum::<usize>());
        println!("e2e_lost={}", rows.iter().map(|row| row.lost).sum::<usize>());
        println!("e2e_skipped={skipped}");
        println!("e2e_cases_s={:.1}", rows.iter().map(|row| row.took.as_secs_f64()).sum::<f64>());
        println!("e2e_s={:.1}", took.as_secs_f64());
    }
    println!("{passed} passed, {failed} failed");
    failed == 0
}
