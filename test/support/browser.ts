import { existsSync } from 'node:fs'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type Browser, type BrowserContext, chromium } from 'playwright-core'
import { canTest } from './can-test.ts'

const executablePath = process.env['CHROMIUM'] ?? '/usr/bin/chromium'

/** False where there is no browser to test with, which is said once; in CI there has to be one. */
export const hasBrowser = (): boolean =>
  canTest(
    existsSync(executablePath),
    `the page is not tested in a browser: there is no ${executablePath} (Debian: apt-get install chromium)`,
  )

const options = {
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
}

/** Chromium without a user interface, which pages take a third less processor time in. Debian has it beside the whole one. */
const shell = '/usr/lib/chromium/chromium-headless-shell'

export const launchBrowser = (): Promise<Browser> =>
  chromium.launch({ ...options, ...(existsSync(shell) && { executablePath: shell }) })

/** A browser that keeps pages that were left for the way back, as those of people do. Only the whole one does so. */
export const launchWithBackForwardCache = (): Promise<Browser> =>
  chromium.launch({ ...options, ignoreDefaultArgs: ['--disable-back-forward-cache'] })

/** A browser whose user blocks cookies, and with them the storages of pages. Only the whole one has such settings. */
export const launchBlocking = async (profile: string): Promise<BrowserContext> => {
  await mkdir(join(profile, 'Default'))
  const preferences = { profile: { default_content_setting_values: { cookies: 2 } } }
  await writeFile(join(profile, 'Default/Preferences'), JSON.stringify(preferences))
  return chromium.launchPersistentContext(profile, { ...options, locale: 'en-GB' })
}
