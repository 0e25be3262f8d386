import { expect, it } from 'vitest'
import { failedStart } from '../../../bin/blueprint/try/failed-start.ts'

it('an image that the engine may not pull is to be pulled by hand', async () => {
  const diagnosis = { cause: 'image', detail: 'The image of web could not be pulled: denied.' } as const
  const start = { isHealthy: false, diagnosis, seen: undefined, endpoint: undefined } as const
  const { change } = await failedStart(start, false)
  expect(change).toContain('Pull it by hand after a login (`docker login`, `docker pull`)')
})
