//! PURE. How a kind's facts are drawn from two tables, in order of urgency.

use crate::mutants;

/// What makes a fact so, beside the fact.
pub type Row<O, F> = (fn(&O) -> bool, F);

/// The facts of this turn, most urgent first. Beside one of `alone` nothing else counts.
pub fn drawn<O, F>(alone: &[Row<O, F>], order: &[Row<O, F>], seen: &O) -> Vec<F>
where
    F: Copy + Into<&'static str>,
{
    let is_so =
        |&(is_so, fact): &Row<O, F>| (is_so(seen) && !mutants::hidden(fact.into())).then_some(fact);
    match alone.iter().find_map(is_so) {
        Some(alone) => vec![alone],
        None => order.iter().filter_map(is_so).collect(),
    }
}
