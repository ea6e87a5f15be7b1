import { writeFileSync } from 'node:fs';
import { relative } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import type { Reporter, TestCase, TestError, TestResult } from '@playwright/test/reporter';

/** How many of the slowest tests are listed. */
const MAX_SLOWEST = 10;

/** The duration of a test. */
interface Timing {
  project: string;
  name: string;
  seconds: number;
}

/** The first lines of an error joined to one, with its location. */
function inShort({ message = '', location }: TestError): string {
  const lines = stripVTControlCharacters(message).split('\n').map(line => line.trim()).filter(Boolean);
  const where = location ? `${relative('', location.file)}:${location.line}` : 'outside of a test';
  return `  ${where}: ${lines.slice(0, 8).join(' | ')}`;
}

const inSeconds = (seconds: number) => `${seconds.toFixed(1).padStart(8)} s`;

/** A line for each project: the number of its tests, and the sum of their durations. */
function totals(timings: Timing[]): string[] {
  const projects = new Set(timings.map(({ project }) => project));
  return [...projects].map(project => {
    const tests = timings.filter(test => test.project === project);
    const seconds = tests.reduce((sum, test) => sum + test.seconds, 0);
    return `${inSeconds(seconds)}  ${project.padEnd(14)}${String(tests.length).padStart(4)} tests`;
  });
}

/** A line for each of the slowest tests. */
function slowest(timings: Timing[]): string[] {
  return timings
    .toSorted((one, other) => other.seconds - one.seconds)
    .slice(0, MAX_SLOWEST)
    .map(({ project, name, seconds }) => `${inSeconds(seconds)}  ${project.padEnd(14)} ${name}`);
}

/**
 * Prints at the end of a run how long its projects took, and its slowest tests. Writes the
 * result for scripts/test-browser to the file that TALLY_BROWSER names: how many tests passed
 * and failed, and then which failed and why.
 */
export default class Tally implements Reporter {
  private passed = 0;
  private failed = 0;
  private reasons: string[] = [];
  private timings: Timing[] = [];

  onTestEnd(test: TestCase, { status, errors, duration }: TestResult): void {
    if (status === 'skipped') return;
    const [, project = '', ...names] = test.titlePath();
    this.timings.push({ project, name: names.filter(Boolean).join(' › '), seconds: duration / 1000 });
    if (status === test.expectedStatus) {
      this.passed += 1;
      return;
    }
    this.failed += 1;
    this.reasons.push(test.titlePath().filter(Boolean).join(' › '), ...errors.map(inShort));
  }

  onError(error: TestError): void {
    this.failed += 1;
    this.reasons.push(inShort(error));
  }

  onEnd(): void {
    if (this.timings.length > 0) {
      const report = ['', 'Time of the tests, summed up by project:', ...totals(this.timings)];
      console.log([...report, 'The slowest tests:', ...slowest(this.timings)].join('\n'));
    }
    const { TALLY_BROWSER } = process.env;
    if (TALLY_BROWSER) writeFileSync(TALLY_BROWSER, [`${this.passed} ${this.failed}`, ...this.reasons, ''].join('\n'));
  }
}
