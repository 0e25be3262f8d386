import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { waitFor } from '../../support/wait-for.ts'
import { call } from '../../e2e/call.ts'
import { probeBlueprint } from '../support/probe-blueprint.ts'
import type { Installation } from './installation.ts'
import { openInstallation, siteIdOf } from './installation.ts'

vi.mock('../../../cloud/parts/waiting.ts', () => import('../support/hasty-waiting.ts'))

let installation: Installation
beforeAll(async () => {
  installation = await openInstallation(probeBlueprint({ name: 'welcome', health: 'well' }))
})
afterAll(() => installation.close())

it('goes', async () => {
  const t0 = performance.now()
  const say = (x: unknown) => process.stderr.write(`${Math.round(performance.now() - t0)} ${JSON.stringify(x)}\n`)
  const owner = await installation.signIn('ada@acme.example')
  say(owner)
  const made = await installation.createSite(owner, 'acme')
  say(made.json)
  const siteId = siteIdOf(made.json)
  await installation.world.settled()
  say(await installation.siteOf(owner, siteId))
  say((await installation.visit('acme', '/instance')).text)
  say((await installation.visit('acme', '/environment')).text)
  say((await installation.visit('acme', '/file?path=/proc/self/status')).text)
  say(installation.asked('ecs.RegisterTaskDefinition'))
  say(installation.asked('ecs.CreateService'))
  await new Promise((r) => setTimeout(r, 500))
  say(installation.mailTo(owner.email))
  say(installation.events.deliveredTo('mail-owner'))
  say(installation.events.deliveredTo('fill-pool'))
  say(installation.events.deliveredTo('follow-task'))
  say(installation.events.failures())
})
