import { describe, expect, it } from 'vitest'
import { blueprintSchema } from '../../../../core/blueprint/blueprint.ts'
import { SitewrightError } from '../../../../core/errors.ts'
import type { Launch, OneOff, OneOffState } from '../../../../core/ports/runtime.ts'
import { isPaused, shouldRun } from '../../../../core/site/site-facts.ts'
import { suspendSite } from '../../../../lambdas/endings/end-site.ts'
import { handOverByTask } from '../../../../lambdas/sites/hand-over/hand-over-by-task.ts'
import { handOverSite } from '../../../../lambdas/sites/hand-over/hand-over-site.ts'
import { plainSecrets } from '../../../support/plain-secrets.ts'
import { welcome } from '../../../support/provisioning.ts'
import { attemptAt } from '../../../support/reclaim-scene.ts'
import { handOverScene } from './hand-over-scene.ts'

const environment = {
  ADMIN_EMAIL: '${OWNER_EMAIL}',
  ADMIN_PASSWORD: '${ONE_TIME_PASSWORD}',
  ADMIN_TITLE: '${OWNER_NAME} of ${SITE_URL}',
}
const password = 'the-one-time-password'
const ofProduct = 'a-secret-of-the-product'

/** A site whose product has a command; `states` are the runtime's answers, the last one for ever. */
const scene = async (mode: 'exclusive' | 'shared', ...states: readonly OneOffState[]) => {
  const containers = welcome(7).containers.map((one) => ({ ...one, secrets: ['KEY'] }))
  const handOver = { task: { command: ['shop', 'create-admin'], environment, seconds: 90 } }
  const { reclaim, site, accounts } = await handOverScene(
    blueprintSchema.parse({ ...welcome(7), containers, data: { mode }, handOver, access: 'claimed' }),
  )
  const runs: (OneOff & { readonly launch: Launch })[] = []
  const ports = {
    ...reclaim.ports,
    ...plainSecrets(async (_, name) => (name === 'KEY' ? ofProduct : password)),
    accounts,
    runtime: {
      startBeside: async () => undefined,
      runOnce: async (launch: Launch, run: OneOff): Promise<OneOffState> => {
        runs.push({ ...run, launch })
        return states[Math.min(runs.length, states.length) - 1] ?? { state: 'running' }
      },
    },
    hooks: { call: async () => ({ failure: 'unknown' as const }) },
    routerMemoryMilliseconds: 0,
  }
  const record = () => reclaim.get(site.id, 'active')
  return { ...reclaim, ports, site, runs, record, run: async () => handOverByTask(ports, attemptAt(await record())) }
}

const notReady = expect.objectContaining({ name: 'SiteNotReady' })

describe('a site whose product has a command for its administrator', () => {
  it('is not told by a hook', async () => {
    const { ports, record, runs } = await scene('exclusive')
    expect(await handOverSite(ports, attemptAt(await record()))).toEqual({ runs: true })
    expect(runs).toEqual([])
    expect(await record()).toMatchObject({ handOver: { status: 'pending' } })
  })

  it('is paused while the command has its data, and opens once it succeeded', async () => {
    const { ports, run, runs, record } = await scene(
      'exclusive',
      { state: 'running' },
      { state: 'ended', exitCode: 0, lines: [] },
    )
    await expect(run()).rejects.toThrow(notReady)
    const paused = await record()
    expect([paused.endpoint, paused.down]).toEqual([undefined, undefined])
    expect([isPaused(paused), shouldRun(paused)]).toEqual([true, false])
    await run()
    const opened = await record()
    expect(opened).toMatchObject({ handOver: { status: 'done' } })
    expect(opened.operation).toBeUndefined()
    // So the end of the operation starts it again.
    expect([opened.endpoint, shouldRun(opened)]).toEqual([undefined, true])
    expect(opened.down).toEqual({ since: ports.clocks.wall() })
    expect(runs.map(({ key }) => key)).toEqual(['handover-site-1-1', 'handover-site-1-1'])
  })

  it('tells the owner by variables, and never on the command line', async () => {
    const { run, runs, site } = await scene('exclusive', { state: 'ended', exitCode: 0, lines: [] })
    await run()
    expect(runs[0]).toMatchObject({
      command: ['shop', 'create-admin'],
      seconds: 90,
      environment: {
        ADMIN_EMAIL: 'ada@example.com',
        ADMIN_PASSWORD: password,
        ADMIN_TITLE: `Ada of https://${site.ownership.hostname}`,
      },
    })
  })

  it('keeps running on shared data', async () => {
    const { run, record, site } = await scene('shared')
    await expect(run()).rejects.toThrow(notReady)
    expect((await record()).endpoint).toEqual(site.endpoint)
  })

  it.each([
    [{ exitCode: 3 }, 'ended with exit code 3'],
    [{}, 'was ended before it was done'],
  ])('stays closed after a command that failed: %j', async (end, words) => {
    const lines = ['no such table', `for ada@example.com with ${password} and ${ofProduct}`]
    const { run, record } = await scene('exclusive', { state: 'ended', ...end, lines })
    await run()
    const { handOver, operation } = await record()
    expect(handOver).toMatchObject({
      status: 'failed',
      reason: `The command that makes the administrator ${words}. Its last output: no such table\nfor … with … and …`,
    })
    expect(operation).toBeUndefined()
  })

  it('stays closed with a reason if its command cannot be started', async () => {
    const { ports, record } = await scene('exclusive')
    const runOnce = async () => {
      throw new SitewrightError('LaunchFailed', `There is no program 'shop' for ${password}.`)
    }
    await handOverByTask({ ...ports, runtime: { ...ports.runtime, runOnce } }, attemptAt(await record()))
    const { handOver, operation } = await record()
    const reason = 'The command that makes the administrator could not be started.'
    expect(handOver).toMatchObject({ status: 'failed', reason })
    const logged = { said: "There is no program 'shop' for …." }
    expect(ports.log.lines.map(({ fields }) => fields)).toContainEqual(expect.objectContaining(logged))
    expect(operation).toBeUndefined()
  })

  it('has its command ended if it was suspended just before the start', async () => {
    const { ports, runs, site, record, commit, context } = await scene('shared')
    const attempt = attemptAt(await record())
    const runOnce = async (launch: Launch, run: OneOff): Promise<OneOffState> => {
      if (runs.length === 0) await commit(suspendSite(await record(), { because: 'operator' }, context()))
      return ports.runtime.runOnce(launch, run)
    }
    const late = handOverByTask({ ...ports, runtime: { ...ports.runtime, runOnce } }, attempt)
    await expect(late).rejects.toThrow(expect.objectContaining({ name: 'OperationSuperseded' }))
    expect(runs.map(({ seconds }) => seconds)).toEqual([90, 0])
    expect(site.id).toBe(runs[0]?.launch.siteId)
  })
})
