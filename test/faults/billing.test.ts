import { expect, test } from 'vitest'
import { billingScenarios } from '../support/faults/billing/billing-scenarios.ts'
import { sweepBilling } from '../support/faults/billing/billing-sweep.ts'
import { secondScenarios } from '../support/faults/billing/second-scenarios.ts'
import { upkeepScenarios } from '../support/faults/billing/upkeep-scenarios.ts'
import { askedExtent } from '../support/faults/extent.ts'

const extent = askedExtent(5)

test.each([...billingScenarios, ...upkeepScenarios, ...secondScenarios])(
  '$name bears every fault at every call of billing, each request to Stripe among them',
  { timeout: 3_600_000 },
  async (scenario) => {
    const { calls, points, unreached, failures } = await sweepBilling(scenario, extent)
    process.stdout.write(
      `faults: ${scenario.name}: ${calls.length} calls, ${points.length} call × fault points, ${unreached.length} not reached\n`,
    )
    expect(failures.join('\n\n')).toBe('')
    expect(calls.map((call) => call.replace(/#\d+$/, ''))).toEqual(expect.arrayContaining([...scenario.musts]))
    expect(points.length).toBeGreaterThan(0)
    expect(unreached.filter(({ call }) => call.endsWith('#1'))).toEqual([])
  },
)
