import { writeFileSync } from 'node:fs';
import { relative } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import type { Reporter, TestCase, TestError, TestResult } from '@playwright/test/reporter';

/** The first words of an error, on one line, with where it was raised. */
function inShort({ message = '', location }: TestError): string {
  const lines = stripVTControlCharacters(message).split('\n').map(line => line.trim()).filter(Boolean);
  const where = location ? `${relative('', location.file)}:${location.line}` : 'outside of a test';
  return `  ${where}: ${lines.slice(0, 8).join(' | ')}`;
}

/**
 * Writes down for scripts/test-browser how a run went, in the file that TALLY_BROWSER names:
 * how many tests passed and failed, and then, a line each, which failed and why.
 */
export default class Tally implements Reporter {
  private passed = 0;
  private failed = 0;
  private reasons: string[] = [];

  onTestEnd(test: TestCase, { status, errors }: TestResult): void {
    if (status === 'skipped') return;
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
    const { TALLY_BROWSER } = process.env;
    if (TALLY_BROWSER) writeFileSync(TALLY_BROWSER, [`${this.passed} ${this.failed}`, ...this.reasons, ''].join('\n'));
  }
}
