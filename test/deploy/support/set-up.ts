import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestProject } from 'vitest/node'
import { publishBlueprint } from './assets.ts'
import { bootstrap, deploy } from './deploy.ts'
import { createZone } from './emulator.ts'
import { openFront } from './front.ts'
import { copyRelease } from './release.ts'

declare module 'vitest' {
  export interface ProvidedContext {
    /** Where visitors come in. */
    readonly port: number
    /** The release that is deployed. */
    readonly release: string
  }
}

/** Deploys a release as docs/deploy.md says, and publishes its blueprint. The tests share it. */
export default async function setUp(project: TestProject): Promise<() => Promise<void>> {
  Object.assign(process.env, project.config.env)
  const directory = await mkdtemp(join(tmpdir(), 'sitewright-deploy-'))
  const front = await openFront({ sites: 'example.net', console: 'try.example.com' })
  const release = await copyRelease(join(directory, 'release'))
  await release.edit(
    ['Z00000000000000000001', await createZone('example.com')],
    ['Z00000000000000000002', await createZone('example.net')],
    // As in the demo of sleep.
    ['sleepAfterMinutes: 30', 'sleepAfterMinutes: 1'],
    // Functions look at each five hours of them.
    ['trialDays: 14', 'trialDays: 4'],
    ['reminderDaysBefore: [7, 3, 1]', 'reminderDaysBefore: [3, 1]'],
    ['graceDays: 21', 'graceDays: 4'],
    ['deletionDays: 7', 'deletionDays: 2'],
  )
  await bootstrap()
  const { resources, leftOut, seconds } = await deploy(release, front)
  process.stdout.write(`Deployed ${resources - leftOut} of ${resources} resources in ${seconds.toFixed(1)} s.\n`)
  await publishBlueprint(release, 'blueprints/welcome.yaml')
  project.provide('port', front.port)
  project.provide('release', release.directory)
  return async () => {
    await front.close()
    await rm(directory, { recursive: true, force: true })
  }
}
