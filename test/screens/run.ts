/**
 * Starts a host, fills it with ninety days of companies, and writes how its pages look to `docs/screens/`. It takes some minutes, and
 * needs `img2webp` (package `webp`) and the font Inter (package `fonts-inter`). A page that does not show what it should ends the run.
 *
 *   npm run screens
 */
import { mkdtempDisposable } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import * as z from 'zod'
import { messageOf, runCommand } from '../../bin/command-line/read-options.ts'
import { endWithCommand, unlessEnding } from '../../bin/command-line/run-to-end.ts'
import { openReceiver } from '../acceptance/market/receiver.ts'
import { useHost } from '../acceptance/start-host.ts'
import { launchBrowser } from '../support/browser.ts'
import { temporaryHome } from '../support/temporary-home/temporary-home.ts'
import { fonts, openCamera } from './camera.ts'
import { operatorScreens, salesScreens } from './operator-screens.ts'
import { customerScreens, stoppedScreens, trialScreens } from './owner-screens.ts'
import { startPastHost } from './past-host.ts'
import { relocationScreens } from './relocation-screens.ts'
import { seed, writeRelease } from './seed.ts'
import type { Stage } from './stage.ts'
import { mailScreens, newcomerScreens, strangerScreens } from './visitor-screens.ts'

const pictures = resolve(import.meta.dirname, '../../docs/screens')

const takeAll = async (stage: Stage): Promise<void> => {
  const newcomer = await newcomerScreens(stage)
  await trialScreens(stage, newcomer)
  await customerScreens(stage)
  await stoppedScreens(stage)
  await relocationScreens(stage)
  await operatorScreens(stage)
  await salesScreens(stage)
  await mailScreens(stage)
  await strangerScreens(stage)
}

const main = async (signal: AbortSignal): Promise<void> => {
  await using temporary = await mkdtempDisposable(join(tmpdir(), 'sitewright-releases-'))
  await using home = await temporaryHome('screens', 'processes')
  await using crm = await openReceiver()
  await writeRelease(temporary.path, 1)
  const environment = {
    SITEWRIGHT_RUNTIME: 'processes',
    SITEWRIGHT_ROUTERS: '1',
    // People who sign up see how their site is built.
    SITEWRIGHT_POOL_SIZE: '0',
    SITEWRIGHT_BLUEPRINTS: temporary.path,
    SITEWRIGHT_WEBHOOK_HOSTS: new URL(crm.url).host,
    STRIPE_SECRET_KEY: undefined,
  }
  const program = 'test/screens/host.ts'
  const options = { home: home.directory, program, environment, signal, hasOwnProcessGroup: true }
  const host = await startPastHost(90, { ...options, directory: temporary.path })
  await useHost(host, signal, async () => {
    const customers = await seed({ host, directory: temporary.path, crm, print: console.log })
    process.env['FONTCONFIG_FILE'] = fonts
    await using browser = await launchBrowser()
    await using camera = await openCamera()
    endWithCommand(() => browser.close())
    await unlessEnding(signal, takeAll({ browser, camera, url: host.url, customers }))
    await camera.write(pictures)
  })
  console.log(`written: ${pictures}`)
}

await runCommand(
  z.strictObject({}),
  'Writes how the pages look to docs/screens: npm run screens\n',
  (_, signal) => main(signal),
  { explain: (error) => `The screens could not be made. ${messageOf(error)}`, cleansUp: true },
)
