import { readdirSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import type { Workflows } from '../../../core/ports/workflows.ts'
import type { OperationKind } from '../../../core/site/operation.ts'
import { retryOperation } from '../../../core/site/operation-changes.ts'
import { startOperation, startOperationSoon } from '../../../core/site/start-operation.ts'
import { fixedContext, recordingLog } from '../../support/fixed-ports.ts'
import { siteSamples } from '../../support/site-samples.ts'
import { active, archived, operations, suspended, under } from './kept-sites.ts'

const recording = (outage?: Error) => {
  const started: unknown[][] = []
  const workflows: Workflows = {
    start: async (...call) => {
      if (outage !== undefined) throw outage
      started.push(call)
    },
    status: async () => 'unknown',
  }
  return { started, workflows }
}

const sites = {
  suspend: under(active(), 'suspend'),
  archive: under(suspended(), 'archive'),
  restore: under(archived(), 'restore'),
  purge: under(archived(), 'purge'),
  copy: under(active(), 'copy'),
  resize: under(active(), 'resize'),
} satisfies { [Kind in OperationKind]: object }
const kinds = Object.keys(operations) as OperationKind[]

describe('starting an operation', () => {
  it.each(kinds)('%s: starts the state machine of that name, which has its file', async (kind) => {
    const { started, workflows } = recording()
    const { id } = sites[kind]
    await startOperation(workflows, sites[kind])
    expect(started).toEqual([
      [
        `${kind}-site`,
        'an-operation-1',
        { siteId: id, operationId: 'an-operation', fence: 1 },
        { isAwaited: ['restore', 'copy', 'resize'].includes(kind) },
      ],
    ])
    expect(readdirSync(new URL('../../../statemachines/', import.meta.url))).toContain(`${kind}-site.asl.json`)
  })

  it('starts each attempt under a name of its own', async () => {
    const { started, workflows } = recording()
    await startOperation(workflows, retryOperation(sites.purge, fixedContext()).after)
    expect(started).toMatchObject([['purge-site', 'an-operation-2', { fence: 2 }, {}]])
  })

  it('starts nothing where nothing is, or a build, which has its own way', async () => {
    const { started, workflows } = recording()
    for (const site of [active(), siteSamples.building, siteSamples.ready, siteSamples.purged]) {
      await startOperation(workflows, site)
    }
    expect(started).toEqual([])
  })

  it('is left to a sweep where it cannot be started now', async () => {
    const log = recordingLog()
    const { workflows } = recording(new Error('away'))
    await startOperationSoon({ workflows, log }, sites.restore)
    expect(log.lines).toMatchObject([{ level: 'warn', fields: { siteId: sites.restore.id } }])
    await expect(startOperation(workflows, sites.restore)).rejects.toThrow('away')
  })
})
