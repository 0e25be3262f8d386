import { type Config, defineConfig } from '../../../core/config/config.ts'
import { offerSchema } from '../../../lambdas/offers/offer.ts'
import config from '../../../sitewright.config.ts'

/** A stage that no operator edits, with two cells, and everything else as it ships. */
export const testConfig: Config = defineConfig({
  ...config,
  stages: {
    test: {
      region: 'eu-central-1',
      availabilityZones: ['eu-central-1a', 'eu-central-1b'],
      console: { hostname: 'try.example.com', hostedZone: { id: 'Z00000000000000000001', name: 'example.com' } },
      sites: { domain: 'example.net', hostedZone: { id: 'Z00000000000000000002', name: 'example.net' } },
      mailFrom: 'no-reply@try.example.com',
      alarmContact: 'operations@example.com',
      network: '10.0.0.0/20',
      cells: [
        { name: 'a', cidr: '10.1.0.0/17' },
        { name: 'b', cidr: '10.2.0.0/17' },
      ],
      maxLive: 1000,
      quotas: { roles: 5000, spotVcpus: 1000 },
      router: { cpu: 1, memoryMiB: 2048, min: 2, max: 20, requestsPerMinute: 60_000 },
    },
  },
})

const stage = testConfig.stages['test']!

/** The same stage with a third zone and hostnames of offers, which change different stacks. */
export const widerConfig: Config = {
  ...testConfig,
  offers: [
    offerSchema.parse({ id: 'schools', hostnames: ['schools.example.org', 'learn.example.com'] }),
    offerSchema.parse({ id: 'clubs', paths: ['/clubs'], hostnames: ['clubs.example.com'] }),
  ],
  stages: {
    test: {
      ...stage,
      availabilityZones: [...stage.availabilityZones, 'eu-central-1c'],
      console: {
        ...stage.console,
        offerHostnames: [
          { hostname: 'schools.example.org', hostedZone: { id: 'Z00000000000000000003', name: 'example.org' } },
          { hostname: 'learn.example.com' },
        ],
      },
    },
  },
}
