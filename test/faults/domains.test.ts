import { test } from 'vitest'
import { domainScenarios } from '../support/faults/domains/domain-scenarios.ts'
import { sweepDomains } from '../support/faults/domains/domain-sweep.ts'
import { expectSwept } from '../support/faults/expect-swept.ts'
import { askedExtent } from '../support/faults/extent.ts'

const extent = askedExtent(5)

test.each(domainScenarios)(
  '$name bears every fault at every call, each request to CloudFront among them',
  { timeout: 3_600_000 },
  async (scenario) => {
    expectSwept(scenario.name, scenario.musts, await sweepDomains(scenario, extent))
  },
)
