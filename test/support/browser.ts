import { existsSync } from 'node:fs'
import type { Browser } from 'playwright-core'
import { chromium } from 'playwright-core'

const executablePath = '/usr/bin/chromium'

/** False where there is no browser to test with, which is said once; in CI there has to be one. */
export const hasBrowser = (): boolean => {
  if (existsSync(executablePath) || process.env['CI'] === 'true') return true
  process.stderr.write(
    `The page is not tested in a browser: there is no ${executablePath} (Debian: apt-get install chromium).\n`,
  )
  return false
}

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
