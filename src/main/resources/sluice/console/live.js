// Asks again and again, but never more than it must: not while the tab is hidden, and ever more rarely while it fails.

const LONGEST = 60_000;

/** Runs a task now, and so many milliseconds after each end of it; returns what stops it. */
export function repeat(task, every) {
  let timer = null;
  let running = false;
  let again = false;
  let stopped = false;
  let failures = 0;

  const later = () => {
    clearTimeout(timer);
    if (!stopped && every > 0 && !document.hidden) {
      timer = setTimeout(run, Math.min(LONGEST, every * 2 ** Math.min(failures, 10)));
    }
  };
  const run = async () => {
    clearTimeout(timer);
    again = running;
    if (running || stopped) {
      return;
    }
    running = true;
    const worked = await task();
    running = false;
    failures = worked ? 0 : failures + 1;
    again ? run() : later();
  };
  const seen = () => (document.hidden ? clearTimeout(timer) : every > 0 && run());

  document.addEventListener('visibilitychange', seen);
  run();
  return {
    now: run,
    stop() {
      stopped = true;
      clearTimeout(timer);
      document.removeEventListener('visibilitychange', seen);
    },
  };
}
