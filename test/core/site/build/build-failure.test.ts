import { describe, expect, it } from 'vitest'
import { errorKinds } from '../../../../core/errors.ts'
import { buildFailure } from '../../../../core/site/build/build-changes.ts'
import { siteSamples, unownedBuilding } from '../../../support/site-samples.ts'

describe('why a build failed', () => {
  it('is told with the first step that was not completed', () => {
    expect(buildFailure(unownedBuilding, 'LaunchFailed').step).toBe('storage')
    expect(buildFailure(siteSamples.building, 'LaunchFailed').step).toBe('open')
  })

  it('tells a site that could not be started from one that did not come up', () => {
    const reasonAfter = (...steps: readonly ('storage' | 'start')[]) => {
      const completedSteps = steps.map((name) => ({ name, at: unownedBuilding.createdAt }))
      return buildFailure({ ...unownedBuilding, completedSteps }, 'LaunchFailed').reason
    }
    expect(reasonAfter('storage')).toMatch(/could not be started/)
    expect(reasonAfter('storage', 'start')).toMatch(/did not come up/)
  })

  it.each([...errorKinds, 'States.Timeout', 'States.TaskFailed', 'TypeError', 'toString'])(
    'is a sentence for the owner when the error was %s, and does not name it',
    (name) => {
      const { reason } = buildFailure(unownedBuilding, name)
      expect(reason).toMatch(/^[A-Z][^\n]+\.$/)
      expect(reason).not.toContain(name)
    },
  )
})
