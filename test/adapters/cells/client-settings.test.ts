import { expect, it } from 'vitest'
import { patientSettings } from '../../../adapters/cells/client-settings.ts'
import { functions } from '../../../lambdas/manifest.ts'

it('a call to a service that does not respond is aborted before its function times out', () => {
  const { maxAttempts, requestHandler } = patientSettings({})
  // The SDK pauses for a second or two between its tries.
  const longestCall = maxAttempts * (requestHandler.connectionTimeout + requestHandler.requestTimeout) + 4000
  const asking = functions.filter(({ uses }) => uses.some((capability) => /^(runtime|storage):/.test(capability)))
  expect(asking.length).toBeGreaterThan(4)
  for (const { name, timeout } of asking) {
    expect([name, longestCall < timeout * 1000]).toEqual([name, true])
  }
})
