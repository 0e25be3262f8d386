import { describe, expect, it } from 'vitest'
import { defineConfig } from '../../../core/config/config.ts'
import { capacityUseOf } from '../../../core/config/quotas.ts'
import type { Stage } from '../../../core/config/stage.ts'
import config from '../../../sitewright.config.ts'

const [name = '', stage] = Object.entries(config.stages)[0] ?? []
/** The stage that ships, in an account whose quotas were raised. */
const quotas = {
  roles: 5000,
  networkInterfaces: 5000,
  services: 5000,
  spotVcpus: 1000,
  lambdaConcurrency: 1000,
  serviceChanges: 5,
}
const production: Stage = { ...stage!, maxLive: undefined, quotas }

const problemsOf = (changed: Partial<Stage>, trials = config.trials, plans = config.plans): string => {
  try {
    defineConfig({ ...config, trials, plans, stages: { [name]: { ...production, ...changed } } })
    return ''
  } catch (error) {
    return String(error)
  }
}

describe('the quotas of a stage', () => {
  it('admit the trials of the configuration, and those of a new account the stage that ships', () => {
    expect(problemsOf({})).toBe('')
    expect(stage?.quotas).toMatchObject({ roles: 1000, spotVcpus: 6 })
    expect(problemsOf(stage!)).toBe('')
    expect(problemsOf({ ...stage!, maxLive: stage!.maxLive! + 1 })).toContain('Spot vCPUs')
  })

  it.each([
    ['roles', { roles: 1102 }, 'need 1103 IAM roles (quotas.roles), and it has 1102'],
    ['Spot vCPUs', { spotVcpus: 551 }, 'need 552 Spot vCPUs (quotas.spotVcpus), and it has 551'],
    [
      'network interfaces',
      { networkInterfaces: 1062 },
      'need 1063 network interfaces (quotas.networkInterfaces), and it has 1062',
    ],
  ])('that admit too few %s fail with what to do', (_what, lower, sentence) => {
    const problems = problemsOf({ quotas: { ...quotas, ...lower } })
    expect(problems).toContain(`stages.${name}.quotas: 1000 live trials (maxLive) and 3 sites of the pool ${sentence}`)
    expect(problems).toContain('lower maxLive of the stage')
    expect(problems.split('\n')).toHaveLength(2)
  })

  it('admit as many more trials as need no place of their own, since most are dormant', () => {
    const many = { ...config.trials, maxLive: 20_000 }
    expect(problemsOf({}, many)).toContain(
      '20000 live trials (maxLive) and 3 sites of the pool need 20003 sites in its cells',
    )
    expect(problemsOf({ placesPerTrial: 0.05 }, many)).toBe('')
    expect(problemsOf({ placesPerTrial: 0.0501, quotas: { ...quotas, roles: 1104 } }, many)).toContain(
      'need 1105 IAM roles (quotas.roles), and it has 1104',
    )
  })

  it('are never shared by trials that do not sleep', () => {
    const plans = config.plans.map((plan) => ({ ...plan, sleepAfterMinutes: undefined }))
    expect(problemsOf({}, config.trials, plans)).toBe('')
    expect(problemsOf({ placesPerTrial: 0.5 }, config.trials, plans)).toContain(
      `stages.${name}.placesPerTrial: must be 1: trials of the plan 'trial' never sleep`,
    )
  })

  it.each([0, 1.1])('refuse %s places for a trial', (placesPerTrial) => {
    expect(problemsOf({ placesPerTrial })).toContain(`stages.${name}.placesPerTrial`)
  })

  it('admit no more trials than its cells have room for', () => {
    const cells = [{ ...production.cells[0]!, sites: 1002 }]
    expect(problemsOf({ cells })).toContain('need 1003 sites in its cells (cells.sites), and it has 1002')
    expect(problemsOf({ cells }, { ...config.trials, maxLive: 999 })).toBe('')
  })
})

it('what sites use of quotas is counted for the account, and for each cell', () => {
  const cells = [
    { name: 'a', cidr: '10.1.0.0/17', sites: 4000 },
    { name: 'b', cidr: '10.2.0.0/20', sites: 1000 },
  ]
  const used = capacityUseOf({ ...production, cells }, [
    { cell: 'a', sites: 300, ready: { welcome: 3 } },
    { cell: 'b', sites: 500, ready: {} },
  ])
  expect(used).toEqual([
    { kind: 'roles', used: 900, limit: 5000 },
    { kind: 'network-interfaces', used: 860, limit: 5000 },
    { kind: 'cells', used: 800, limit: 5000 },
    { kind: 'services', cell: 'a', used: 300, limit: 5000 },
    { kind: 'addresses', cell: 'a', used: 300, limit: 8182 },
    { kind: 'services', cell: 'b', used: 500, limit: 5000 },
    { kind: 'addresses', cell: 'b', used: 500, limit: 1014 },
  ])
})
