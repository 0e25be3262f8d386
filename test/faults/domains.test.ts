import { expect, test } from 'vitest'
import { domainScenarios } from '../support/faults/domains/domain-scenarios.ts'
import { sweepDomains } from '../support/faults/domains/domain-sweep.ts'
import { askedExtent } from '../support/faults/extent.ts'

const extent = askedExtent(5)

test.each(domainScenarios)(
  '$name bears every fault at every call, each request to CloudFront among them',
  { timeout: 3_600_000 },
  async (scenario) => {
    const { calls, points, unreached, failures } = await sweepDomains(scenario, extent)
    process.stdout.write(
      `faults: ${scenario.name}: ${calls.length} calls, ${points.length} call × fault points, ${unreached.length} not reached\n`,
    )
    expect(failures.join('\n\n')).toBe('')
    expect(calls.map((call) => call.replace(/#\d+$/, ''))).toEqual(expect.arrayContaining([...scenario.musts]))
    expect(points.length).toBeGreaterThan(0)
    expect(unreached.filter(({ call }) => call.endsWith('#1'))).toEqual([])
  },
)
