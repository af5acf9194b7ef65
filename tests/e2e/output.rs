//! SHELL. What a case says. Beside others it is kept until the case ends, and then printed whole.

use std::cell::RefCell;
use std::fmt::Write as _;

tokio::task_local! {
    static SAID: RefCell<String>;
}

/// Says a line, as `println!` does.
macro_rules! say {
    ($($text:tt)*) => { $crate::output::line(&format!($($text)*)) };
}

/// Prints a line, or keeps it for the end of the case.
pub fn line(text: &str) {
    let kept = SAID.try_with(|said| {
        // Writing to a text never fails.
        writeln!(said.borrow_mut(), "{text}").ok();
    });
    if kept.is_err() {
        println!("{text}");
    }
}

/// Does the work of a case, and prints at its end what it said.
pub async fn kept<T>(work: impl Future<Output = T>) -> T {
    let (done, said) = SAID
        .scope(RefCell::default(), async {
            let done = work.await;
            (done, SAID.with(RefCell::take))
        })
        .await;
    print!("{said}");
    done
}
