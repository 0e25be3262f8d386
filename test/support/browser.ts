import { existsSync } from 'node:fs'
import { type Browser, chromium } from 'playwright-core'
import { canTest } from './can-test.ts'

const executablePath = process.env['CHROMIUM'] ?? '/usr/bin/chromium'

/** False where there is no browser to test with, which is said once; in CI there has to be one. */
export const hasBrowser = (): boolean =>
  canTest(
    existsSync(executablePath),
    `the page is not tested in a browser: there is no ${executablePath} (Debian: apt-get install chromium)`,
  )

export const launchBrowser = (): Promise<Browser> =>
  chromium.launch({
    executablePath,
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  })
