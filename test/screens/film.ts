/**
 * Films a sign-up at a host with a full pool, and writes the moving picture of the README. Needs `img2webp` (package `webp`) and
 * the font Inter (package `fonts-inter`).
 *
 *   node test/screens/film.ts
 */
import { execFile } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { promisify } from 'node:util'
import type { Locator, Page } from 'playwright-core'
import { codeFromMailbox } from '../acceptance/find-code.ts'
import { spawnHost } from '../acceptance/start-host.ts'
import { launchBrowser } from '../support/browser.ts'
import { awaitPool, temporaryHome } from '../support/temporary-home/temporary-home.ts'
import { fonts } from './camera.ts'

const film = resolve(import.meta.dirname, '../../docs/screens/sign-up.webp')
const email = 'ada@harbour-tools.example'

/** Frames with how long each is shown, in milliseconds. */
const camera = (page: Page, folder: string) => {
  const shown: string[] = []
  const shot = async (milliseconds: number): Promise<void> => {
    const path = join(folder, `${shown.length}.png`)
    await page.screenshot({ path })
    shown.push('-d', String(milliseconds), path)
  }
  return {
    shown,
    shot,
    /** Types as a person does, three letters a frame. */
    type: async (field: Locator, text: string): Promise<void> => {
      for (let length = 3; length < text.length + 3; length += 3) {
        await field.fill(text.slice(0, length))
        await shot(110)
      }
    },
  }
}

const folder = await mkdtemp(join(tmpdir(), 'sitewright-film-'))
await using home = await temporaryHome('film', 'processes')
const environment = { SITEWRIGHT_RUNTIME: 'processes', SITEWRIGHT_ROUTERS: '1', SITEWRIGHT_POOL_SIZE: '1' }
const host = await spawnHost({ home: home.directory, environment })
try {
  await awaitPool(host.url, 60_000)
  process.env['FONTCONFIG_FILE'] = fonts
  await using browser = await launchBrowser()
  const page = await browser.newPage({ viewport: { width: 1200, height: 720 }, locale: 'en-GB' })
  await page.emulateMedia({ colorScheme: 'light', reducedMotion: 'reduce' })
  const { shown, shot, type } = camera(page, folder)
  await page.goto(host.url)
  await shot(900)
  await type(page.getByLabel('E-mail address'), email)
  await page.getByRole('button', { name: 'Send me a code' }).click()
  await page.getByRole('link', { name: 'read the code in the local mailbox' }).waitFor()
  await shot(1200)
  await page.getByLabel('Code', { exact: true }).fill(await codeFromMailbox(host.url, email))
  await page.getByText('harbour-tools.localhost is free.').waitFor()
  await shot(1500)
  await page.getByRole('button', { name: 'Create my site' }).click()
  await page.waitForURL(/harbour-tools\.localhost/)
  await page.waitForLoadState('networkidle')
  await shot(1500)
  const note = page.getByRole('textbox').first()
  await type(note, 'Opening hours: 9 to 5')
  await page.getByRole('button', { name: 'Save' }).click()
  await page.getByRole('listitem').filter({ hasText: 'Opening hours: 9 to 5' }).waitFor()
  await shot(2500)
  await promisify(execFile)('img2webp', ['-loop', '0', '-lossless', ...shown, '-o', film])
} finally {
  await host.stop()
  await rm(folder, { recursive: true, force: true })
}
console.log(`written: ${film}`)
