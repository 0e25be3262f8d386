import { test } from 'vitest'
import { billingScenarios } from '../support/faults/billing/billing-scenarios.ts'
import { sweepBilling } from '../support/faults/billing/billing-sweep.ts'
import { secondScenarios } from '../support/faults/billing/second-scenarios.ts'
import { upkeepScenarios } from '../support/faults/billing/upkeep-scenarios.ts'
import { expectSwept } from '../support/faults/expect-swept.ts'
import { askedExtent } from '../support/faults/extent.ts'

const extent = askedExtent(1)

test.each([...billingScenarios, ...upkeepScenarios, ...secondScenarios])(
  '$name bears every fault at every call of billing, each request to Stripe among them',
  { timeout: 3_600_000 },
  async (scenario) => {
    expectSwept(scenario.name, scenario.musts, await sweepBilling(scenario, extent))
  },
)
