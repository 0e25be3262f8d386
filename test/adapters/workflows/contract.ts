import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Workflows } from '../../../core/ports/workflows.ts'
import { waitFor } from '../../support/wait-for.ts'

export interface OpenedWorkflows {
  readonly workflows: Workflows
  /** The inputs of all executions of this name that were started. */
  readonly inputs: (name: string) => Promise<readonly unknown[]>
  /** Ends the execution of this name, which runs until then. */
  readonly end: (name: string, outcome: 'succeeded' | 'failed') => Promise<void>
  readonly close: () => Promise<void>
}

/** The contract of every implementation. Executions are of `provision-site` and run until the test ends them. */
export const workflowsContract = (name: string, open: () => Promise<OpenedWorkflows>): void => {
  describe(`${name}, as all workflows`, () => {
    let opened: OpenedWorkflows
    let workflows: Workflows
    const start = (execution: string, input: object) => workflows.start('provision-site', execution, input)
    const status = (execution: string) => workflows.status('provision-site', execution)

    beforeEach(async () => {
      opened = await open()
      workflows = opened.workflows
    })
    afterEach(() => opened.close())

    it('run an execution with the input that it is started with', async () => {
      await start('build-1', { siteId: 'site_1', fence: 3 })
      expect(await waitFor(async () => (await status('build-1')) === 'running')).toBe(true)
      const inputs = await waitFor(async () => {
        const seen = await opened.inputs('build-1')
        return seen.length > 0 && seen
      })
      expect(inputs).toEqual([{ siteId: 'site_1', fence: 3 }])
    })

    it.each(['succeeded', 'failed'] as const)('tell of one that has %s', async (outcome) => {
      await start('build-1', { siteId: 'site_1' })
      await opened.end('build-1', outcome)
      expect(
        await waitFor(async () => {
          const seen = await status('build-1')
          return seen !== 'running' && seen
        }),
      ).toBe(outcome)
    })

    it('take a name once, while its execution runs and after it has ended', async () => {
      await start('build-1', { attempt: 'first' })
      await start('build-1', { attempt: 'first' })
      await start('build-1', { attempt: 'second' })
      await opened.end('build-1', 'succeeded')
      await waitFor(async () => (await status('build-1')) === 'succeeded')
      await start('build-1', { attempt: 'third' })
      expect(await status('build-1')).toBe('succeeded')
      expect(await opened.inputs('build-1')).toEqual([{ attempt: 'first' }])
    })

    it('have the names of each machine for themselves', async () => {
      await start('build-1', {})
      expect(await workflows.status('anonymise-copy', 'build-1')).toBe('unknown')
    })

    it('do not know what was never started', async () => {
      await start('build-1', {})
      expect(await status('build-2')).toBe('unknown')
    })
  })
}
