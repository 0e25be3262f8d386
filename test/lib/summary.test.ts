import { expect, it } from 'vitest'
import { summaryOf } from './support/summary.ts'
import { synthesise } from './support/synthesise.ts'

const all = await synthesise()

// The stack of the second cell differs in names and addresses only; test/lib/cell.test.ts says so.
it.each(['data', 'certificate', 'edge', 'cell-a', 'control', 'api', 'watch', 'front'])(
  'the %s stack has the resources and privileges of its summary',
  async (stack) => {
    await expect(summaryOf(all.template(stack))).toMatchFileSnapshot(`summaries/${stack}.txt`)
  },
)
