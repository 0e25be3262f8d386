import { type Config, defineConfig } from '../../../core/config/config.ts'
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
      mostLive: 1000,
      quotas: { roles: 5000, spotVcpus: 1000 },
      router: { cpu: 1, memoryMiB: 2048, least: 2, most: 20, requestsPerMinute: 60_000 },
    },
  },
})
