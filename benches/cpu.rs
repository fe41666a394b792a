//! CPU time by thread: what a figure costs, whatever else the machine does meanwhile.

use std::collections::BTreeMap;
use std::fs;
use std::time::Duration;

/// What threads that ended meanwhile are listed as: helpers of the writer, above all.
pub const ENDED: &str = "ended threads";

/// CPU time of this process so far, by the names of its threads.
pub fn by_thread() -> BTreeMap<String, Duration> {
    let mut spent = living();
    let all = whole().saturating_sub(spent.values().sum());
    spent.insert(ENDED.to_owned(), all);
    spent
}

/// Of the whole process, ended threads included; counted in hundredths of a second.
fn whole() -> Duration {
    let stat = fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let fields = stat.rsplit_once(')').map_or("", |(_, fields)| fields);
    let ticks = fields.split_whitespace().skip(11).take(2);
    let ticks: u64 = ticks.filter_map(|text| text.parse::<u64>().ok()).sum();
    Duration::from_millis(ticks * 10)
}

fn living() -> BTreeMap<String, Duration> {
    let mut spent = BTreeMap::new();
    let tasks = fs::read_dir("/proc/self/task").into_iter().flatten();
    for task in tasks.flatten() {
        let read = |name| fs::read_to_string(task.path().join(name)).unwrap_or_default();
        let name = read("comm").trim().to_owned();
        // The first field of schedstat: nanoseconds on a processor.
        let nanos = read("schedstat");
        let nanos = nanos
            .split_whitespace()
            .next()
            .and_then(|text| text.parse().ok());
        *spent.entry(name).or_insert(Duration::ZERO) += Duration::from_nanos(nanos.unwrap_or(0));
    }
    spent
}

/// What each thread spent between two readings, the greatest first.
pub fn between(
    before: &BTreeMap<String, Duration>,
    after: &BTreeMap<String, Duration>,
) -> Vec<(String, Duration)> {
    let mut spent: Vec<_> = after
        .iter()
        .map(|(name, now)| {
            let earlier = before.get(name).copied().unwrap_or_default();
            (name.clone(), now.saturating_sub(earlier))
        })
        .filter(|(_, spent)| !spent.is_zero())
        .collect();
    spent.sort_by_key(|(_, spent)| std::cmp::Reverse(*spent));
    spent
}
