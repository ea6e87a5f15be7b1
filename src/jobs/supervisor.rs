//! Keeps background jobs running. A job that panics is logged with the cause, counted, and starts
//! again after a pause that grows while it goes on to panic. How the jobs are doing is shown by
//! `/readyz` ([`JobHealth`]).

use std::{
    any::Any,
    collections::BTreeMap,
    fmt,
    panic::AssertUnwindSafe,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use domain::Causes;
use futures::FutureExt;
use tokio::{
    sync::watch,
    task::JoinSet,
    time::{self, Instant, MissedTickBehavior},
};

use crate::metrics;

/// The pauses before a job starts again: the first, and the longest.
const MIN_PAUSE: Duration = Duration::from_secs(1);
const MAX_PAUSE: Duration = Duration::from_secs(60);
/// The pause after a job that runs all the time has failed.
const RETRY_INTERVAL: Duration = Duration::from_secs(5);
/// How long the runs under way may take to end when the server stops.
const STOP_TIMEOUT: Duration = Duration::from_secs(15);
/// A run that takes longer than this is shown: every wait inside of it has a shorter limit.
const MAX_RUN: Duration = Duration::from_secs(5 * 60);

/// The running jobs. Dropping them ends them at once.
pub struct Jobs {
    tasks: JoinSet<()>,
    is_stopping: watch::Sender<bool>,
    health: JobHealth,
}

impl Jobs {
    /// No jobs yet.
    pub fn new(health: JobHealth) -> Self {
        Self { tasks: JoinSet::new(), is_stopping: watch::Sender::new(false), health }
    }

    /// Runs `work` now and every so many seconds. When the server stops, the run under way ends
    /// first.
    pub fn run_every<W, F, E>(&mut self, name: &'static str, seconds: u64, work: W)
    where
        W: Fn() -> F + Send + Sync + 'static,
        F: Future<Output = Result<(), E>> + Send + 'static,
        E: std::error::Error + Send + 'static,
    {
        let (health, stop, work) = (self.health.clone(), self.is_stopping.clone(), Arc::new(work));
        self.supervise(name, move || {
            let (health, work, mut stop) = (health.clone(), Arc::clone(&work), stop.subscribe());
            async move {
                let mut interval = time::interval(Duration::from_secs(seconds));
                interval.set_missed_tick_behavior(MissedTickBehavior::Delay);
                loop {
                    tokio::select! {
                        biased;
                        _ = stop.wait_for(|is_stopping| *is_stopping) => return,
                        _ = interval.tick() => {}
                    }
                    health.began(name);
                    report(name, work().await);
                    health.ended(name);
                }
            }
        });
    }

    /// Runs `work` all the time, and again after it has failed. It ends at once when the server
    /// stops.
    pub fn run_always<W, F, E>(&mut self, name: &'static str, work: W)
    where
        W: Fn() -> F + Send + Sync + 'static,
        F: Future<Output = Result<(), E>> + Send + 'static,
        E: std::error::Error + Send + 'static,
    {
        let (stop, work) = (self.is_stopping.clone(), Arc::new(work));
        self.supervise(name, move || {
            let (work, mut stop) = (Arc::clone(&work), stop.subscribe());
            async move {
                let always = async {
                    loop {
                        report(name, work().await);
                        time::sleep(RETRY_INTERVAL).await;
                    }
                };
                tokio::select! {
                    _ = stop.wait_for(|is_stopping| *is_stopping) => {}
                    () = always => {}
                }
            }
        });
    }

    /// Runs `work` once. It ends at once when the server stops.
    pub fn run_once(&mut self, work: impl Future<Output = ()> + Send + 'static) {
        let mut stop = self.is_stopping.subscribe();
        self.tasks.spawn(async move {
            tokio::select! {
                _ = stop.wait_for(|is_stopping| *is_stopping) => {}
                () = work => {}
            }
        });
    }

    /// Starts no run any more and waits for those under way. What does not end in time is ended.
    pub async fn stop(mut self) {
        self.is_stopping.send_replace(true);
        let ended = async { while self.tasks.join_next().await.is_some() {} };
        if time::timeout(STOP_TIMEOUT, ended).await.is_err() {
            tracing::warn!(event = "job.unfinished", "a background job did not end in time");
        }
        self.tasks.shutdown().await;
    }

    fn supervise<F>(&mut self, name: &'static str, begin: impl Fn() -> F + Send + 'static)
    where
        F: Future<Output = ()> + Send + 'static,
    {
        let (health, mut stop) = (self.health.clone(), self.is_stopping.subscribe());
        health.add(name);
        self.tasks.spawn(async move {
            let mut pause = MIN_PAUSE;
            loop {
                let started = Instant::now();
                let Err(panic) = AssertUnwindSafe(begin()).catch_unwind().await else { return };
                if started.elapsed() > MAX_PAUSE {
                    pause = MIN_PAUSE;
                }
                tell_panic(name, &health, panic.as_ref());
                let stopping = stop.wait_for(|is_stopping| *is_stopping);
                if time::timeout(pause, stopping).await.is_ok() {
                    return;
                }
                health.started_again(name);
                pause = (pause * 2).min(MAX_PAUSE);
            }
        });
    }
}

fn tell_panic(job: &'static str, health: &JobHealth, panic: &(dyn Any + Send)) {
    let cause = panic_message(panic);
    health.panicked(job, cause);
    metrics::count_job_restart(job);
    tracing::error!(
        event = "job.panicked",
        job,
        error = ?cause,
        "a background job panicked and starts again"
    );
}

/// What a panic said.
pub fn panic_message(panic: &(dyn Any + Send)) -> &str {
    let text = panic.downcast_ref::<&str>().copied();
    text.or_else(|| panic.downcast_ref::<String>().map(String::as_str)).unwrap_or("no message")
}

fn report<E: std::error::Error + 'static>(job: &'static str, ended: Result<(), E>) {
    if let Err(error) = ended {
        tracing::error!(event = "job.failed", job, error = %Causes(&error), "background job failed");
    }
}

/// How the jobs of this process are doing. Clones share it.
#[derive(Clone, Default)]
pub struct JobHealth(Arc<Mutex<BTreeMap<&'static str, Job>>>);

#[derive(Default)]
struct Job {
    restarts: u64,
    /// What the last panic said.
    cause: String,
    /// It panicked and has not started again.
    is_down: bool,
    /// When the run under way began.
    running_since: Option<Instant>,
}

/// A job that is not doing well.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JobProblem {
    /// The name of the job.
    pub job: &'static str,
    /// Whether it does nothing at the moment.
    pub is_down: bool,
    /// What happened.
    words: String,
}

impl fmt::Display for JobProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the background job {} {}", self.job, self.words)
    }
}

impl JobHealth {
    /// The jobs that are not doing well, or were not since the start.
    pub fn problems(&self) -> Vec<JobProblem> {
        self.jobs().iter().filter_map(|(name, job)| job.problem(name)).collect()
    }

    fn add(&self, name: &'static str) {
        self.jobs().entry(name).or_default();
        metrics::describe_job(name);
    }

    fn began(&self, name: &'static str) {
        self.jobs().entry(name).or_default().running_since = Some(Instant::now());
    }

    fn ended(&self, name: &'static str) {
        self.jobs().entry(name).or_default().running_since = None;
    }

    fn panicked(&self, name: &'static str, cause: &str) {
        let mut jobs = self.jobs();
        let job = jobs.entry(name).or_default();
        job.is_down = true;
        job.running_since = None;
        job.restarts += 1;
        cause.clone_into(&mut job.cause);
    }

    fn started_again(&self, name: &'static str) {
        self.jobs().entry(name).or_default().is_down = false;
    }

    fn jobs(&self) -> MutexGuard<'_, BTreeMap<&'static str, Job>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Job {
    fn problem(&self, job: &'static str) -> Option<JobProblem> {
        let overdue = self.running_since.map(|since| since.elapsed()).filter(|run| *run > MAX_RUN);
        let words = match (self.is_down, overdue, self.restarts) {
            (true, ..) => format!("panicked and waits to start again: {:?}", self.cause),
            (false, Some(run), _) => format!("has not ended its run for {} s", run.as_secs()),
            (false, None, 0) => return None,
            (false, None, times) => {
                format!("was started again {times} times; the last panic said {:?}", self.cause)
            }
        };
        Some(JobProblem { job, is_down: self.is_down || overdue.is_some(), words })
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use test_support::secret_scan::{SecretScan, lines_since, log_len};
    use tokio::sync::Notify;

    use super::*;

    type Ended = Result<(), shop::Error>;

    #[tokio::test(start_paused = true)]
    async fn x173_a_job_that_panics_is_logged_counted_shown_and_restarted() {
        let (_log, metrics) = (SecretScan::start(Vec::new), crate::metrics::Metrics::install());
        let mark = log_len();
        let health = JobHealth::default();
        let mut jobs = Jobs::new(health.clone());
        let runs = Arc::new(AtomicUsize::new(0));
        let count = Arc::clone(&runs);
        jobs.run_every("test.panics_twice", 5, move || {
            let run = count.fetch_add(1, Ordering::SeqCst);
            async move {
                assert!(run >= 2, "row {run} cannot be read");
                Ended::Ok(())
            }
        });
        assert_eq!(health.problems(), []);
        time::sleep(Duration::from_millis(500)).await;
        let shown = health.problems().pop().unwrap();
        assert!(shown.is_down && shown.to_string().contains("row 0 cannot be read"), "{shown}");
        time::sleep(Duration::from_secs(10)).await;
        let shown = health.problems().pop().unwrap();
        assert!(!shown.is_down && shown.to_string().contains("started again 2 times"), "{shown}");
        assert!(runs.load(Ordering::SeqCst) >= 4, "it runs on");
        let logged = lines_since(mark).into_iter();
        let logged = logged.filter(|line| line.contains("job.panicked")).collect::<Vec<_>>();
        assert!(logged.len() == 2 && logged[1].contains("row 1 cannot be read"), "{logged:?}");
        assert!(metrics.render().contains("{job=\"test.panics_twice\"} 2"), "{}", metrics.render());
    }

    #[tokio::test(start_paused = true)]
    async fn a_job_that_always_panics_waits_longer_each_time() {
        let mut jobs = Jobs::new(JobHealth::default());
        let runs = Arc::new(AtomicUsize::new(0));
        let count = Arc::clone(&runs);
        jobs.run_always("test.always_panics", move || {
            count.fetch_add(1, Ordering::SeqCst);
            async { if std::hint::black_box(true) { panic!("on purpose") } else { Ended::Ok(()) } }
        });
        time::sleep(Duration::from_secs(600)).await;
        // After 0, 1, 3, 7, 15, 31, 63 seconds, and then every minute.
        assert_eq!(runs.load(Ordering::SeqCst), 15);
    }

    #[tokio::test(start_paused = true)]
    async fn a_failed_run_is_logged_with_its_causes_and_repeated() {
        let _log = SecretScan::start(Vec::new);
        let mark = log_len();
        let mut jobs = Jobs::new(JobHealth::default());
        jobs.run_every("test.disk_is_full", 5, || async {
            let (what, source) = ("the store failed", "the disk is full".into());
            Ended::Err(shop::Fault::Outside { what, source }.into())
        });
        time::sleep(Duration::from_secs(11)).await;
        let logged = lines_since(mark).into_iter();
        let logged = logged.filter(|line| line.contains("test.disk_is_full")).collect::<Vec<_>>();
        assert_eq!(logged.len(), 3, "{logged:?}");
        assert!(logged[0].contains("the store failed: the disk is full"), "{logged:?}");
    }

    #[tokio::test(start_paused = true)]
    async fn stopping_waits_for_the_run_under_way_and_begins_no_other() {
        let mut jobs = Jobs::new(JobHealth::default());
        let (begun, runs) = (Arc::new(Notify::new()), Arc::new(AtomicUsize::new(0)));
        let (tell, count) = (Arc::clone(&begun), Arc::clone(&runs));
        jobs.run_every("test.slow", 1, move || {
            let (tell, count) = (Arc::clone(&tell), Arc::clone(&count));
            async move {
                tell.notify_one();
                time::sleep(Duration::from_secs(7)).await;
                count.fetch_add(1, Ordering::SeqCst);
                Ended::Ok(())
            }
        });
        jobs.run_always("test.endless", std::future::pending::<Ended>);
        begun.notified().await;
        jobs.stop().await;
        assert_eq!(runs.load(Ordering::SeqCst), 1);
    }

    #[tokio::test(start_paused = true)]
    async fn a_run_that_never_ends_is_shown_after_five_minutes() {
        let health = JobHealth::default();
        let mut jobs = Jobs::new(health.clone());
        jobs.run_every("test.hangs", 1, std::future::pending::<Ended>);
        time::sleep(Duration::from_secs(299)).await;
        assert_eq!(health.problems(), []);
        time::sleep(Duration::from_secs(10)).await;
        assert!(health.problems().pop().unwrap().is_down);
        jobs.stop().await;
    }
}
