import { describe, expect, it, vi } from 'vitest'
import { SitewrightError } from '../../core/errors.ts'
import { toInstant } from '../../core/instant.ts'
import type { BlueprintStatus } from '../../lambdas/blueprints/blueprint-status.ts'
import { provideBlueprints } from '../../local/provide-blueprints.ts'
import { recordingLog } from '../support/fixed-ports.ts'
import { welcome } from '../support/provisioning.ts'

const wall = () => toInstant(new Date())

const stageOf = (provideImages: () => Promise<void>) => {
  const statuses = new Map<string, BlueprintStatus>()
  const log = recordingLog()
  const ports = {
    blueprints: {
      status: async (name: string) => statuses.get(name),
      saveStatus: async (status: BlueprintStatus) => {
        statuses.set(status.name, status)
        return true
      },
    },
    clocks: { wall, domain: wall },
    log,
    provideImages,
  }
  const waits: { readonly milliseconds: number; readonly end: () => void }[] = []
  const wait = (milliseconds: number): Promise<void> =>
    new Promise((end) => void waits.push({ milliseconds, end: () => end() }))
  const pass = (milliseconds: number) => waits.find((one) => one.milliseconds === milliseconds)?.end()
  return { ports: { ...ports, wait }, log, pass, imageFailure: () => statuses.get('welcome')?.imageFailure }
}

const missing = new SitewrightError('BlueprintUnavailable', 'dial tcp: no such host')

describe('providing the images of blueprints', () => {
  it('continues without an image that is missing, says so in one line, and has it once the registry is back', async () => {
    let isBack = false
    const stage = stageOf(async () => {
      if (!isBack) throw missing
    })
    const providing = await provideBlueprints(stage.ports, [welcome(1)])
    await vi.waitFor(() => expect(stage.imageFailure()).toMatchObject({ version: 1, cause: 'registry-unreachable' }))
    expect(stage.log.lines).toMatchObject([
      { level: 'error', fields: { event: 'blueprint-unavailable', blueprint: 'welcome', reason: missing.message } },
    ])
    isBack = true
    stage.pass(15_000)
    await vi.waitFor(() => expect(stage.imageFailure()).toBeUndefined())
    expect(stage.log.lines.at(-1)).toMatchObject({ fields: { event: 'blueprint-available' } })
    providing.close()
  })

  it('waits five seconds at most, so that no request waits too long for the host', async () => {
    const stage = stageOf(() => new Promise(() => undefined))
    const start = provideBlueprints(stage.ports, [welcome(1)])
    stage.pass(5000)
    ;(await start).close()
  })

  it('only logs what is no fault of an image', async () => {
    const stage = stageOf(() => Promise.reject(new Error('the engine went away')))
    const providing = await provideBlueprints(stage.ports, [welcome(1)])
    await vi.waitFor(() => expect(stage.log.lines).toMatchObject([{ fields: { event: 'image-unavailable' } }]))
    expect(stage.imageFailure()).toBeUndefined()
    providing.close()
  })
})
