import type { Instant } from '../../instant.ts'
import type { BuildStep, Site } from '../site.ts'
import { buildSteps } from '../site.ts'

export interface ProgressStep {
  readonly name: BuildStep
  readonly status: 'pending' | 'running' | 'done' | 'failed'
  /** When it was completed or failed; null before. */
  readonly at: Instant | null
}

export interface Progress {
  /** 0 to 100. */
  readonly percent: number
  readonly steps: readonly ProgressStep[]
}

/** How far the build of a site is, from its completed steps. */
export const progressOf = (site: Site): Progress => {
  const doneAt = new Map(site.completedSteps.map(({ name, at }) => [name, at]))
  const firstOpen = buildSteps.find((step) => !doneAt.has(step))
  const steps = buildSteps.map((name): ProgressStep => {
    const at = doneAt.get(name)
    if (at !== undefined) return { name, status: 'done', at }
    if (site.status === 'failed' && name === site.failure.step) return { name, status: 'failed', at: site.failure.at }
    return { name, status: site.status === 'building' && name === firstOpen ? 'running' : 'pending', at: null }
  })
  return { percent: Math.round((doneAt.size / buildSteps.length) * 100), steps }
}
