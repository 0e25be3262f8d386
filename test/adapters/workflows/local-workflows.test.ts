import { SitewrightError } from '../../../core/errors.ts'
import { createWorkflows } from '../../../local/workflows.ts'
import { workflowsContract } from './contract.ts'

const log = { info: () => undefined, warn: () => undefined, error: () => undefined }
const otherStates = ['StartSite', 'AwaitSite', 'OpenSite', 'FailSite', 'RemoveFailedSite'] as const

type Outcome = 'succeeded' | 'failed'

workflowsContract('the workflows of one machine', async () => {
  const inputs: unknown[] = []
  const { promise: ended, resolve: end } = Promise.withResolvers<Outcome>()
  const firstTask = async (call: unknown) => {
    inputs.push((call as { input: unknown }).input)
    if ((await ended) === 'failed') throw new SitewrightError('LaunchFailed', 'the test ends it so')
  }
  const workflows = await createWorkflows({
    tasks: new Map([
      [
        'provision-site',
        new Map([
          ['PrepareStorage', firstTask],
          ...otherStates.map((state) => [state, async () => undefined] as const),
        ]),
      ],
    ]),
    atOnce: 4,
    log,
    secondMilliseconds: 1,
  })
  return {
    workflows,
    inputs: async () => inputs,
    end: async (_name, outcome) => end(outcome),
    close: async () => {
      end('succeeded')
      await workflows.close()
    },
  }
})
